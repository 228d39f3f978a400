"""What the engine and its process say to each other: frames of two lengths, a JSON header and raw bytes.

    | header length, 4 bytes | payload length, 4 bytes | header, UTF-8 JSON object | payload |

Lengths are big-endian. Nothing is pickled; what is over the limits is refused before it is read.

    to the process     draw (an Order; payload: its images, then its mask, one byte a pixel), cancel
    from the process   started, step, partial*, then one of picture, failed, cancelled for each draw     (* with pixels, like picture)
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from limner.engine.protocol import Background, Fidelity, Mask, Pixels, Quality
from limner.errors import EngineDied

MAX_HEADER_BYTES = 2**20
MAX_PAYLOAD_BYTES = 2**28  # a source of 25 megapixels, its mask, and fifteen images of 1024 x 1024 beside it
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


@dataclass(frozen=True, eq=False)
class Message:
    """What becomes one frame: its kind, its plain values, and the parts of its payload."""

    kind: str
    fields: Mapping[str, Any]
    parts: tuple[memoryview, ...] = ()


@dataclass(frozen=True)
class Frame:
    """One frame that came: `kind` says which, `fields` its plain values, `payload` the pixels if it carries any."""

    kind: str
    fields: Mapping[str, Any]
    payload: memoryview


@dataclass(frozen=True, kw_only=True, eq=False)
class Order:
    """One picture to draw, what a `draw` frame carries; `seed` is the picture's own, the rest is a request's. It may be the last of one."""

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
    is_last: bool = True
    images: tuple[Pixels, ...] = ()
    mask: Mask | None = None
    fidelity: Fidelity = "low"
    place: tuple[int, int] | None = None
    words: str = ""
    has_source: bool = True

    def to_message(self) -> Message:
        """Return the order as a message; it shares the memory of the arrays."""
        arrays = [*self.images] if self.mask is None else [*self.images, self.mask]
        shapes = {"images": [image.shape for image in self.images], "mask": self.mask is not None}
        parts = tuple(np.ascontiguousarray(array).data.cast("B") for array in arrays)
        return Message("draw", vars(self) | shapes, parts)

    @classmethod
    def of_frame(cls, frame: Frame) -> Order:
        """Read the order of a `draw` frame; its arrays share the frame's memory."""
        images, start = [], 0
        for shape in frame.fields["images"]:
            count = math.prod(shape)
            images.append(np.frombuffer(frame.payload, np.uint8, count, start).reshape(shape))
            start += count
        mask = np.frombuffer(frame.payload, np.bool_, offset=start).reshape(images[0].shape[:2]) if frame.fields["mask"] else None
        place = frame.fields["place"]
        return cls(**{**frame.fields, "images": tuple(images), "mask": mask, "place": place and tuple(place)})


def write_frame(stream: Sink, kind: str, fields: Mapping[str, Any], *parts: memoryview | bytes) -> None:
    """Write one frame, whose payload is the parts in a row, and flush. One thread at a time may write to a stream."""
    header, payload_bytes = (json.dumps({"kind": kind, **fields}).encode(), sum(map(len, parts)))
    if len(header) > MAX_HEADER_BYTES or payload_bytes > MAX_PAYLOAD_BYTES:
        raise ValueError(f"a frame of {len(header)} + {payload_bytes} bytes is over the limit; send less at once")
    stream.write(_LENGTHS.pack(len(header), payload_bytes) + header)
    for part in parts:
        stream.write(part)
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
        fields = json.loads(bytes(header))
        return Frame(fields.pop("kind"), fields, payload)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise EngineDied("something came that is not a message; ask again") from error


def _read_up_to(stream: Source, count: int) -> memoryview:
    """Read `count` bytes, fewer only if the stream ends. The memory is not cleared first: for a large picture others would wait."""
    view = np.empty(count, np.uint8).data
    filled = 0
    while filled < count and (read := stream.readinto(view[filled:])):
        filled += read
    return view[:filled]


def _check_whole(content: memoryview, count: int) -> memoryview:
    if len(content) < count:
        raise EngineDied("a message stopped in the middle; ask again")
    return content
