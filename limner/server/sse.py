"""Server-sent events, and the connections that they ride on: frames, keep-alive comments, and noticing that nobody listens any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from limner.server.bodies import encode_json, iterate
from limner.server.errors import ErrorAnswer, answer

HEADERS = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no"}
WRITE_TIMEOUT_S = 60.0
KEEP_ALIVE = b": keep-alive\n\n"
PADDING = b":" + b" " * 4096 + b"\n\n"
Event = dict[str, Any]
T = TypeVar("T")


class EventStream(Response):
    """An answer of events. Each event's `type` names its frame; an error becomes the last frame.

    On a `channel`, frames have that name instead, and a comment of 4 KB follows each: readers that take so much at a time, as Debian's
    awk does, hear of it now.

    Source: the HTML standard, section 9.2, and OpenAI's image streams: no `[DONE]`, a frame `error` with a nested error object.
    """

    def __init__(
        self,
        events: AsyncIterator[Event],
        *,
        close: Callable[[], None],
        request_id: str,
        keep_alive_s: float,
        channel: str | None = None,
    ) -> None:
        """`close` is called when the stream ends, however it ends, even if no event was ever taken."""
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._events, self._close, self._request_id, self._keep_alive_s = events, close, request_id, keep_alive_s
        self._channel = channel

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until they end or the client goes."""
        try:
            with suppress(ClientDisconnect):
                await until_gone(receive, self._send_all(scope, send))
        finally:
            self._close()

    async def _send_all(self, scope: Scope, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async for event in with_pauses(self._events, self._keep_alive_s):
                await _send_frame(send, event, self._channel)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - the top of a stream: whatever went wrong is its last frame
            write_error = scope.get("state", {}).get("write_error", ErrorAnswer.as_json)
            await _send_frame(send, {"type": "error", **write_error(answer(error, self._request_id))})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def until_gone(receive: Receive, work: Awaitable[T]) -> T:
    """Do the work, and stop it as soon as the client has gone.

    Raises:
        ClientDisconnect: the client went first.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_wait_for_disconnect(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await asyncio.gather(working, leaving, return_exceptions=True)


async def with_pauses(events: AsyncIterator[Event], pause_s: float) -> AsyncIterator[Event | None]:
    """Yield events, and None whenever `pause_s` seconds passed without one."""
    while True:
        coming = asyncio.ensure_future(anext(events, None))
        try:
            while not coming.done():
                await asyncio.wait({coming}, timeout=pause_s)
                if not coming.done():
                    yield None
            event = coming.result()
        finally:
            if not coming.done():
                coming.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await coming
        if event is None:
            return
        yield event


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_frame(send: Send, event: Event | None, channel: str | None = None) -> None:
    """Send a frame.

    Raises:
        ClientDisconnect: the client has stopped reading.
    """
    try:
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await _write_frame(send, event, channel)
    except TimeoutError as error:
        raise ClientDisconnect from error


async def _write_frame(send: Send, event: Event | None, channel: str | None) -> None:
    if event is None:
        await send({"type": "http.response.body", "body": KEEP_ALIVE, "more_body": True})
        return
    await send({"type": "http.response.body", "body": f"event: {channel or event['type']}\ndata: ".encode(), "more_body": True})
    for chunk in iterate(encode_json(event)):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"\n\n" + (PADDING if channel else b""), "more_body": True})
