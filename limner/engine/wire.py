"""What the engine and its process say to each other: frames of two lengths, a JSON header and raw bytes.

    | header length, 4 bytes | payload length, 4 bytes | header, UTF-8 JSON object | payload |

Lengths are big-endian. Nothing is pickled; what is over the limits is refused before it is read.

    to the process     draw (an Order), cancel
    from the process   started, step, partial*, then one of picture, failed, cancelled for each draw     (* with pixels, like picture)
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from limner.engine.protocol import Background, Quality
from limner.errors import EngineDied

MAX_HEADER_BYTES = 2**20
MAX_PAYLOAD_BYTES = 2**26
_LENGTHS = struct.Struct(">II")


class Source(Protocol):
    """A binary stream to read from, buffered or not."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill some of the buffer; 0 at the end of the stream."""


class Sink(Protocol):
    """A buffered binary stream to write to."""

    def write(self, content: bytes | memoryview, /) -> int:
        """Write all of the content."""

    def flush(self) -> None:
        """Let the other side have it now."""


@dataclass(frozen=True)
class Frame:
    """One message: `kind` says which, `fields` its plain values, `payload` the pixels if it carries any."""

    kind: str
    fields: Mapping[str, Any]
    payload: bytearray


@dataclass(frozen=True, kw_only=True)
class Order:
    """One picture to draw, the fields of a `draw` frame; `seed` is the picture's own."""

    request_id: str
    index: int
    prompt: str
    snapshot: str
    width: int
    height: int
    quality: Quality
    background: Background
    seed: int
    num_partials: int


def write_frame(stream: Sink, kind: str, fields: Mapping[str, Any], payload: memoryview | bytes = b"") -> None:
    """Write one frame and flush. One thread at a time may write to a stream."""
    header = json.dumps({"kind": kind, **fields}).encode()
    if len(header) > MAX_HEADER_BYTES or len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"a frame of {len(header)} + {len(payload)} bytes is over the limit; send less at once")
    stream.write(_LENGTHS.pack(len(header), len(payload)) + header)
    if payload:
        stream.write(payload)
    stream.flush()


def read_frame(stream: Source) -> Frame | None:
    """Read one frame, or return None if the stream ends between frames.

    Raises:
        EngineDied: the stream ends inside a frame, or what came is not a frame.
    """
    lengths = _read_up_to(stream, _LENGTHS.size)
    if not lengths:
        return None
    _check_whole(lengths, _LENGTHS.size)
    header_bytes, payload_bytes = _LENGTHS.unpack(lengths)
    if header_bytes > MAX_HEADER_BYTES or payload_bytes > MAX_PAYLOAD_BYTES:
        raise EngineDied(f"a message of {header_bytes} + {payload_bytes} bytes came, which is over the limit; ask again")
    header = _check_whole(_read_up_to(stream, header_bytes), header_bytes)
    payload = _check_whole(_read_up_to(stream, payload_bytes), payload_bytes)
    try:
        fields = json.loads(header)
        return Frame(fields.pop("kind"), fields, payload)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise EngineDied("something came that is not a message; ask again") from error


def _read_up_to(stream: Source, count: int) -> bytearray:
    """Read `count` bytes, fewer only if the stream ends."""
    buffer = bytearray(count)
    filled = 0
    with memoryview(buffer) as view:
        while filled < count and (read := stream.readinto(view[filled:])):
            filled += read
    del buffer[filled:]
    return buffer


def _check_whole(content: bytearray, count: int) -> bytearray:
    if len(content) < count:
        raise EngineDied("a message stopped in the middle; ask again")
    return content
