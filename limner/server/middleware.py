"""What surrounds every request, as plain ASGI: its id, its time, the bounds of its body, and an answer when nothing else gave one."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from asyncio import CancelledError
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from limner.errors import BodyTooLarge, QueueFull, Stopping, UploadTooSlow
from limner.schema.oxen import PATH_PREFIX as OXEN_PREFIX
from limner.server.azure.errors import write_azure_error
from limner.server.azure.paths import PREFIX as AZURE_PREFIX
from limner.server.azure.paths import asked_path, is_azure
from limner.server.bodies import JsonPieces
from limner.server.errors import ErrorAnswer, answer
from limner.server.oxen.errors import write_oxen_error

API_VERSION = "2020-10-01"
MAX_HELD_BYTES = 2**30  # of all bodies that are being read or worked on
UPLOAD_TIMEOUT_S = 120.0
DRAIN_TIMEOUT_S, DRAIN_BYTES = 2.0, 64 * 2**20
STOPPING = "the server is about to end and takes no new work; ask again in a moment"
WRITERS: tuple[tuple[str, Callable[[ErrorAnswer], dict[str, Any]]], ...] = (
    (AZURE_PREFIX, write_azure_error),
    (OXEN_PREFIX, write_oxen_error),
)
CLIENT_GONE = 499  # in the log, for requests whose client left before the answer
log = logging.getLogger("limner.access")
ANNOUNCED = re.compile(r"[0-9]{1,18}")


class RequestFrame:
    """Gives each request an id, sends it back with the time it took, and answers what nothing else answered.

    While `is_stopping` says so, every request is refused.
    """

    def __init__(self, app: ASGIApp, *, is_stopping: Callable[[], bool] = lambda: False) -> None:
        self._app, self._is_stopping = app, is_stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        request_id = f"req_{secrets.token_hex(16)}"
        scope.setdefault("state", {}).update(request_id=request_id, asked_path=scope["path"], write_error=_writer(scope["path"]))
        status, is_answered = 0, False

        async def receive_framed() -> Message:
            message = await receive()
            scope["state"]["is_body_read"] = not message.get("more_body", False)
            return message

        async def send_framed(message: Message) -> None:
            nonlocal status, is_answered
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(framing_headers(request_id, time.perf_counter() - begun))
                if is_azure(asked_path(scope)):
                    MutableHeaders(scope=message)["apim-request-id"] = request_id
            await send(message)
            is_answered = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            await self._run(scope, receive_framed, send_framed)
        except Exception as error:
            if not status:
                await refuse(error, request_id, scope, receive_framed, send_framed)
            elif not is_answered:
                raise
        finally:
            seconds = time.perf_counter() - begun
            refused = scope["state"].get("refused", "")
            log.info("%s %s %s %d %.3f s%s", request_id, scope["method"], _logged_path(scope), status or CLIENT_GONE, seconds, refused)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._is_stopping():
            raise Stopping(STOPPING)
        try:
            await self._app(scope, receive, send)
        except CancelledError as error:  # the server's last means to end
            raise Stopping(STOPPING) from error


class BodyLimits:
    """Bounds the bytes of a body and the time that it may take to arrive, before anything parses it.

    `limits` maps a path to bytes, `*` being any one part of it; `default` holds for the others. All bodies together are bounded too.
    """

    def __init__(self, app: ASGIApp, *, limits: Mapping[str, int], default: int, timeout_s: float = UPLOAD_TIMEOUT_S) -> None:
        self._app, self._limits, self._default, self._timeout_s = app, limits, default, timeout_s
        self._patterns = [(re.compile(re.escape(path).replace(r"\*", "[^/]+")), limit) for path, limit in limits.items() if "*" in path]
        self._num_held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        announced = Headers(scope=scope).get("content-length", "0")
        if not ANNOUNCED.fullmatch(announced) or int(announced) > limit:
            await refuse(too_large(limit), scope["state"]["request_id"], scope, receive, send)
            return
        deadline = asyncio.get_running_loop().time() + self._timeout_s
        received, is_complete = 0, False

        async def receive_bounded() -> Message:
            nonlocal received, is_complete
            if is_complete:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError as error:
                raise UploadTooSlow(f"the body did not arrive within {self._timeout_s:g} s; send it again") from error
            received += len(message.get("body", b""))
            self._num_held_bytes += len(message.get("body", b""))
            if self._num_held_bytes > MAX_HELD_BYTES:
                is_complete = True
                raise QueueFull("the bodies of open requests are as large as this server takes")
            is_complete = received > limit or not message.get("more_body", False)
            if received > limit:
                raise too_large(limit)
            return message

        try:
            await self._app(scope, receive_bounded, send)
        finally:
            self._num_held_bytes -= received

    def _limit_of(self, path: str) -> int:
        if path in self._limits:
            return self._limits[path]
        return next((limit for pattern, limit in self._patterns if pattern.fullmatch(path)), self._default)


def framing_headers(request_id: str, seconds: float) -> dict[str, str]:
    """Return the headers that every answer has."""
    return {
        "x-request-id": request_id,
        "openai-version": API_VERSION,
        "openai-processing-ms": str(round(seconds * 1000)),
        "x-content-type-options": "nosniff",
    }


def too_large(limit: int) -> BodyTooLarge:
    """Return the error of a body over `limit` bytes."""
    return BodyTooLarge(f"the body is larger than the {limit:,} bytes that this path takes; send less")


async def refuse(error: BaseException, request_id: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer an error. If it ends the connection, read on for a moment, so that a client that is still sending gets to read the answer."""
    told = answer(error, request_id)
    scope["state"]["refused"] = f" {told.body.error.code}" if told.body.error.code else ""
    is_last = isinstance(error, BodyTooLarge | UploadTooSlow | Stopping)
    response = JsonPieces(
        scope["state"].get("write_error", ErrorAnswer.as_json)(told),
        told.status,
        told.headers | ({"connection": "close"} if is_last else {}),
    )
    if not is_last:
        await response(scope, receive, send)
        return
    await response.send_all_but_the_end(send)
    if not scope["state"].get("is_body_read", False):
        with suppress(TimeoutError):
            await asyncio.wait_for(_drain(receive), DRAIN_TIMEOUT_S)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _writer(path: str) -> Callable[[ErrorAnswer], dict[str, Any]]:
    """Return what writes errors in the dialect of the path that was asked; OpenAI's, unless a prefix has another."""
    return next((writer for prefix, writer in WRITERS if path.startswith(prefix)), ErrorAnswer.as_json)


async def _drain(receive: Receive) -> None:
    drained = 0
    while drained < DRAIN_BYTES:
        message = await receive()
        drained += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


def _logged_path(scope: Scope) -> str:
    """The route's pattern, so that neither ids nor what a client made up gets into the log."""
    route = scope.get("route")
    return str(getattr(route, "path", "-"))
