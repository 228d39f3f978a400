"""HTTP on the socket: uvicorn's protocol, with bounds on what comes before a body, and OpenAI's error object for what is not HTTP."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from limner.errors import BodyTooLarge, InvalidBody, LimnerError, UploadTooSlow
from limner.server.errors import answer
from limner.server.middleware import framing_headers

MAX_HEAD_BYTES = 2**16
HEAD_TIMEOUT_S = 30.0


class BoundedHttp(HttpToolsProtocol):
    """One connection. What comes before a body has `max_head_bytes` and must be there after `head_timeout_s`."""

    max_head_bytes, head_timeout_s = MAX_HEAD_BYTES, HEAD_TIMEOUT_S

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._num_head_bytes: int | None = None  # None between the end of a head and the beginning of the next
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a head, not for long."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._end_head()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Count from the first byte of a request."""
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        """Begin the request if its head is small enough."""
        self._end_head()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > self.max_head_bytes:
            self._num_head_bytes = self.max_head_bytes + 1
            raise ValueError("the head is too large")  # the parser hands it to send_400_response
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Take bytes, unless a head goes on for too long."""
        super().data_received(data)
        if self._num_head_bytes is not None and not self.transport.is_closing():
            self._num_head_bytes += len(data)
            if self._num_head_bytes > self.max_head_bytes:
                self.send_400_response("")

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, or has too large a head, and close."""
        if self._num_head_bytes is not None and self._num_head_bytes > self.max_head_bytes:
            self._refuse(BodyTooLarge(f"the headers are larger than {self.max_head_bytes:,} bytes; send less"))
        else:
            self._refuse(InvalidBody("this is not an HTTP/1.1 request that can be read; send it with an HTTP client"))

    def _expect_head(self) -> None:
        self._end_head()
        self._num_head_bytes = 0
        self._deadline = self.loop.call_later(self.head_timeout_s, self._give_up)

    def _end_head(self) -> None:
        self._num_head_bytes = None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self._refuse(UploadTooSlow(f"the headers did not arrive within {self.head_timeout_s:g} s; send the request again"))

    def _refuse(self, error: LimnerError) -> None:
        """Answer and close; where another answer is under way, only close."""
        if self.cycle is None or self.cycle.response_complete:
            request_id = f"req_{secrets.token_hex(16)}"
            told = answer(error, request_id)
            body = json.dumps(told.as_json()).encode()
            headers = {"content-type": "application/json", "content-length": str(len(body)), "connection": "close"}
            lines = "".join(f"{name}: {value}\r\n" for name, value in (headers | framing_headers(request_id, 0)).items())
            self.transport.write(STATUS_LINE[told.status] + lines.encode() + b"\r\n" + body)
        self.transport.close()
