"""Who calls, and what the server takes: told by the rules themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import httpx2
import pytest

from limner.schema.images import EditBody, FormatWord, GenerationBody
from limner.server.app import create_app
from limner.server.assembly import Opened

pytestmark = pytest.mark.anyio
SESSION = "/limner/v1/session"


def bounds(schema: type[Any], name: str) -> dict[str, Any]:
    described = schema.model_json_schema()["properties"][name]
    kinds: list[dict[str, Any]] = described.get("anyOf", [described])
    return kinds[0]


async def test_a_session_tells_its_project_and_its_key_but_no_secret(client: httpx2.AsyncClient, opened: Opened):
    answer = await client.get(SESSION)

    session, secret = answer.json(), str(opened.first_secret)
    key = session["key"]
    assert (session["object"], session["is_dev"]) == ("session", False)
    assert session["project_id"].startswith("proj-")
    assert (key["name"], key["role"], key["hint"], key["is_current"]) == ("first", "admin", secret[-4:], True)
    assert (key["expires_at"], key["revoked_at"]) == (None, None)
    assert secret not in answer.text


async def test_in_dev_mode_a_session_needs_no_key_and_has_none(open_server: Callable[..., Opened]):
    transport = httpx2.ASGITransport(create_app(open_server(is_dev=True).services))

    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        session = (await client.get(SESSION)).json()

    assert (session["is_dev"], session["key"], session["project_id"]) == (True, None, "dev")


async def test_the_limits_that_are_told_are_those_that_the_schemas_hold(client: httpx2.AsyncClient):
    limits = (await client.get(SESSION)).json()["limits"]

    assert bounds(GenerationBody, "prompt")["maxLength"] == limits["max_prompt_chars"]
    assert bounds(GenerationBody, "n")["maximum"] == limits["max_n"]
    assert bounds(GenerationBody, "partial_images")["maximum"] == limits["max_partial_images"]
    assert bounds(EditBody, "images")["maxItems"] == limits["max_images"]
    assert set(limits["formats"]) == set(get_args(FormatWord))
    assert limits["sizes"] == {"min": 256, "max": 2048, "multiple_of": 16, "max_ratio": 3}


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("prompt", lambda limits: "x" * limits["max_prompt_chars"], lambda limits: "x" * (limits["max_prompt_chars"] + 1)),
        ("n", lambda limits: limits["max_n"], lambda limits: limits["max_n"] + 1),
        ("size", lambda limits: "{min}x{min}".format(**limits["sizes"]), lambda limits: f"256x{limits['sizes']['max'] + 16}"),
    ],
)
async def test_what_is_within_a_limit_is_drawn_and_what_is_over_it_is_refused(
    client: httpx2.AsyncClient, field: str, good: Callable[..., Any], bad: Callable[..., Any]
):
    limits = (await client.get(SESSION)).json()["limits"]
    body = {"prompt": "a ball", "size": "256x256", "quality": "low"}

    within = await client.post("/v1/images/generations", json=body | {field: good(limits)})
    over = await client.post("/v1/images/generations", json=body | {field: bad(limits)})

    assert within.status_code == 200, within.text
    assert (over.status_code, over.json()["error"]["param"]) == (400, field)


@pytest.mark.parametrize(("moderation", "told"), [("off", "off"), ("local", "local"), ("http://127.0.0.1:9/v1", "remote")])
async def test_where_is_judged_is_not_told(open_server: Callable[..., Opened], moderation: str, told: str):
    opened = open_server(moderation=moderation, retention_days=7)
    headers = {"authorization": f"Bearer {opened.first_secret}"}

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(opened.services)), base_url="http://limner.test") as client:
        answer = await client.get(SESSION, headers=headers)

    assert answer.json()["limits"]["moderation"] == told
    assert answer.json()["limits"]["retention_days"] == 7
    assert "127.0.0.1" not in answer.text
