"""What surrounds every route: one shape for every failure, and silence for those who left."""

from __future__ import annotations

import logging
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message

from limner.server.app import surround

pytestmark = pytest.mark.anyio


@pytest.fixture
def app() -> ASGIApp:
    """An application whose routes fail, surrounded as the real one is."""
    inner = FastAPI()

    @inner.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError("the secret inside")

    @inner.get("/left")
    async def left() -> None:
        raise ClientDisconnect

    return surround(inner)


async def test_an_error_of_a_route_that_nobody_foresaw_is_answered_with_the_error_object(app: ASGIApp, caplog: pytest.LogCaptureFixture):
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://limner.test") as client:
        answer = await client.get("/broken")

    error = answer.json()["error"]
    assert answer.status_code == 500
    assert (error["type"], error["param"], error["code"]) == ("server_error", None, None)
    assert answer.headers["x-request-id"] in error["message"]
    assert "secret" not in answer.text
    assert [record.name for record in caplog.records if record.exc_info] == ["limner.server"]


async def test_a_client_that_left_is_told_nothing_and_is_no_failure_of_the_server(app: ASGIApp, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    sent: list[Message] = []
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/left", "raw_path": b"/left", "query_string": b"", "headers": []}

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)

    assert sent == []
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []
    assert " 499 " in caplog.text
