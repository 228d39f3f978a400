"""Two keys at one server, of which one asks for much: by the order in which pictures come, not by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any

import httpx2
import pytest

from limner.server.assembly import Opened
from limner.store.database import Database
from limner.store.keys import KeyStore

pytestmark = pytest.mark.anyio
FLOOD, NUM_ONES = 12, 4
MANY = {"prompt": "a red ball", "size": "1024x1024", "quality": "high"}
ONE = {"prompt": "a blue box", "size": "256x256", "quality": "low"}
Ask = Callable[[httpx2.AsyncClient, dict[str, str], dict[str, Any]], Awaitable[None]]


async def ask_plain(client: httpx2.AsyncClient, headers: dict[str, str], fields: dict[str, Any]) -> None:
    answer = await client.post("/v1/images/generations", json=fields, headers=headers)
    assert answer.status_code == 200, answer.text


async def ask_stream(client: httpx2.AsyncClient, headers: dict[str, str], fields: dict[str, Any]) -> None:
    answer = await client.post("/v1/images/generations", json={**fields, "stream": True, "partial_images": 1}, headers=headers)
    assert "event: image_generation.completed" in answer.text


@pytest.fixture
def another(opened: Opened) -> dict[str, str]:
    """What a second project's requests are made with."""
    with closing(Database.open(opened.services.settings.store.database)) as database:
        return {"authorization": f"Bearer {KeyStore(database).create('another')[1]}"}


@pytest.mark.parametrize("ask", [ask_plain, ask_stream])
@pytest.mark.parametrize("is_one_request", [True, False], ids=["n=10", "many requests"])
async def test_a_key_that_floods_holds_up_another_by_a_picture_and_no_more(
    client: httpx2.AsyncClient, another: dict[str, str], engine_log: Any, ask: Ask, is_one_request: bool
):
    async def flood(number: int) -> None:
        await ask_plain(client, {}, {**MANY, "seed": number, **({"n": 10} if is_one_request else {})})

    crowd = [asyncio.ensure_future(flood(number)) for number in range(2 if is_one_request else FLOOD)]
    await asyncio.sleep(0.2)  # the line stands
    for number in range(NUM_ONES):
        await ask(client, another, {**ONE, "seed": number})
    for task in crowd:
        task.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)

    waits = engine_log.waits(lambda request: request.prompt == ONE["prompt"], lambda request: request.prompt == MANY["prompt"])
    assert len(waits) == NUM_ONES
    assert max(waits) <= (0 if is_one_request else 2), "what was drawn, and what had ended when its word came"
    assert sum(waits) <= (0 if is_one_request else NUM_ONES + 2), "as many pictures of the other, each in its turn"


async def test_keys_that_flood_alike_are_served_alike(client: httpx2.AsyncClient, another: dict[str, str]):
    ended: list[str] = []

    async def ask(name: str, headers: dict[str, str], number: int) -> None:
        await ask_plain(client, headers, {**ONE, "quality": "high", "seed": number})
        ended.append(name)

    first = [asyncio.ensure_future(ask("first", {}, number)) for number in range(FLOOD)]
    await asyncio.sleep(0)
    second = [asyncio.ensure_future(ask("second", another, number)) for number in range(FLOOD)]
    await asyncio.gather(*first, *second)

    shares = [ended[:count].count("first") - ended[:count].count("second") for count in range(6, 2 * FLOOD)]
    assert max(map(abs, shares)) <= 5, ended
