"""A chat endpoint on a socket that answers what a test says, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

START_TIMEOUT_S = 20.0


@dataclass
class ChatServer:
    """`answers` are given in order, each a body, or a status and a body; `delay_s` comes before each."""

    url: str = ""
    answers: list[Any] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    delay_s: float = 0.0
    num_left: int = 0  # questions whose asker went away

    async def answer(self, request: Request) -> Response:
        """Take a question down, and give the next answer."""
        self.asked.append(await request.json())
        self.headers.append(dict(request.headers))
        end = time.monotonic() + self.delay_s
        while time.monotonic() < end:
            await asyncio.sleep(0.02)
            if await request.is_disconnected():
                self.num_left += 1
                return Response()
        status, body = given if isinstance(given := self.answers.pop(0), tuple) else (200, given)
        if status == 307:
            return RedirectResponse(body)
        return Response(body if isinstance(body, bytes) else json.dumps(body), status, media_type="application/json")


def say(text: str | None, *calls: dict[str, Any], finish: str = "stop", usage: tuple[int, int] | None = (7, 3)) -> dict[str, Any]:
    """Return the body of an answer."""
    message = {"role": "assistant", "content": text, **({"tool_calls": list(calls)} if calls else {})}
    counts = {} if usage is None else {"usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        **counts,
    }


def call(name: str = "image_generation", call_id: str | None = "call_a", **arguments: Any) -> dict[str, Any]:
    """Return a call of a function, as an answer holds it."""
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}


@pytest.fixture(scope="session")
def listening() -> Iterator[ChatServer]:
    """The endpoint, running."""
    server = ChatServer()
    app = Starlette(routes=[Route("/v1/chat/completions", server.answer, methods=["POST"])])
    running = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=running.run, name="chat")
    thread.start()
    deadline = time.monotonic() + START_TIMEOUT_S
    while not running.started and time.monotonic() < deadline:
        time.sleep(0.01)
    server.url = f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        running.should_exit = True
        thread.join()


@pytest.fixture
def chat(listening: ChatServer) -> Iterator[ChatServer]:
    """The endpoint, with nothing to say and nothing heard."""
    url = listening.url
    yield listening
    vars(listening).update(vars(ChatServer(url=url)))


@pytest.fixture
def saying() -> Any:
    """Makes the body of an answer."""
    return say


@pytest.fixture
def calling() -> Any:
    """Makes a call of a function."""
    return call
