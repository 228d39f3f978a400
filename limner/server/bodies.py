"""Bodies with pictures inside: JSON in pieces, so that no thread holds on to megabytes at once, and nothing is copied twice."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

CHUNK_BYTES = 3 * 2**18  # a multiple of 3, so that chunks of base64 join without padding
SMALL_BYTES = 2**16
MARK = secrets.token_hex(16)  # never leaves this process, so no caller's text holds it


@dataclass(frozen=True)
class Base64:
    """Stands in a JSON value for the base64 of some bytes, behind a prefix that JSON takes as it is."""

    content: bytes
    prefix: str = ""

    @property
    def size(self) -> int:
        """Characters of the base64."""
        return -(-len(self.content) // 3) * 4

    @property
    def text(self) -> str:
        """The base64 itself."""
        return base64.b64encode(self.content).decode()

    def pieces(self) -> Iterator[bytes]:
        """Yield the base64 in pieces."""
        view = memoryview(self.content)
        for start in range(0, len(view), CHUNK_BYTES):
            yield base64.b64encode(view[start : start + CHUNK_BYTES])


def encode_json(value: Any) -> list[bytes | Base64]:
    """Write a JSON value that may hold `Base64` leaves as compact pieces."""
    leaves: list[Base64] = []

    def mark(leaf: Any) -> str:
        if not isinstance(leaf, Base64):
            raise TypeError(f"{type(leaf).__name__} is not JSON")
        leaves.append(leaf)
        return leaf.prefix + MARK

    text = json.dumps(value, default=mark, separators=(",", ":"))
    parts = text.split(MARK)
    pieces: list[bytes | Base64] = [parts[0].encode()]
    for leaf, part in zip(leaves, parts[1:], strict=True):
        pieces += [leaf, part.encode()]
    return pieces


def iterate(pieces: list[bytes | Base64]) -> Iterator[bytes]:
    """Yield pieces as bytes, small ones together."""
    waiting = b""
    for piece in pieces:
        for chunk in piece.pieces() if isinstance(piece, Base64) else (piece,):
            if len(waiting) + len(chunk) <= SMALL_BYTES:
                waiting += chunk
                continue
            if waiting:
                yield waiting
            waiting = chunk
    if waiting:
        yield waiting


class JsonPieces(Response):
    """An answer of JSON pieces."""

    media_type = "application/json"

    def __init__(self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status_code=status, headers=headers)
        self._pieces = encode_json(value)
        self.headers["content-length"] = str(sum(piece.size if isinstance(piece, Base64) else len(piece) for piece in self._pieces))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        await self.send_all_but_the_end(send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def send_all_but_the_end(self, send: Send) -> None:
        """Send every byte, and leave it to the caller to say that it was the last."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for chunk in iterate(self._pieces):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
