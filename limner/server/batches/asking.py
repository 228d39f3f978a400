"""A line of a batch is asked as any other request is: through the application, from its first middleware to its error answers.

So a line is checked, drawn, refused and worded exactly as if its project had sent it, at every endpoint there is and will be.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message

from limner.jobs.batches.runner import Answer
from limner.jobs.tokens import Usage
from limner.server.auth import CALLER, Caller
from limner.server.large_json import parse_large_json
from limner.store.work.batches import Batch

BATCHED = ("/v1/images/generations", "/v1/images/edits", "/v1/responses")
PORTS = {"http": 80, "https": 443}


class InProcess:
    """Asks an application without a socket."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, batch: Batch, body: bytes) -> Answer:
        """Post a body to the batch's endpoint in the name of its project; when this is cancelled, so is the request."""
        exchange = _Exchange(body)
        asking = asyncio.ensure_future(self._app(_scope(batch, body), exchange.receive, exchange.send))
        try:
            await asyncio.wait({asking})
            asking.result()
        finally:
            asking.cancel()
        content = bytearray().join(exchange.chunks)
        usage = (
            await to_thread.run_sync(_read_usage, content) if exchange.status == 200 else Usage(input_text=0, input_image=0, output_image=0)
        )
        return Answer(status=exchange.status, request_id=exchange.headers["x-request-id"], body=bytes(content), usage=usage)


class _Exchange:
    """A client that sends one body, reads one answer, and stays."""

    def __init__(self, body: bytes) -> None:
        self._messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        self.status, self.headers = 0, Headers()
        self.chunks: list[bytes] = []

    async def receive(self) -> Message:
        """Give the body, then nothing for as long as it takes."""
        if not self._messages:
            await asyncio.Event().wait()
        return self._messages.pop()

    async def send(self, message: Message) -> None:
        """Take a part of the answer."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], Headers(raw=message["headers"])
        else:
            self.chunks.append(message.get("body", b""))


def _scope(batch: Batch, body: bytes) -> dict[str, Any]:
    address = urlsplit(batch.base_url)
    headers = {"host": address.netloc, "content-type": "application/json", "content-length": str(len(body))}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": address.scheme,
        "path": batch.endpoint,
        "raw_path": batch.endpoint.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": (address.hostname or "", address.port or PORTS.get(address.scheme, 0)),
        "client": None,
        CALLER: Caller(batch.project_id, is_admin=False, key=None, priority="batch"),
    }


def _read_usage(content: bytearray) -> Usage:
    """Return what an answer says that its pictures used: an images response in `usage`, a response in `tool_usage`."""
    parsed = parse_large_json(content, json.loads)
    told = (parsed.get("tool_usage") or {}).get("image_gen") if parsed.get("object") == "response" else parsed.get("usage")
    told = told or {}
    details: Mapping[str, int] = told.get("input_tokens_details") or {}
    return Usage(
        input_text=details.get("text_tokens", 0), input_image=details.get("image_tokens", 0), output_image=told.get("output_tokens", 0)
    )
