"""The one way in for pictures that nobody vouches for: bounded in bytes, pixels and time, decoded in a process of their own."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from limner.errors import EngineError, UnsupportedImage, UnusableImage
from limner.media.alpha import Pixels
from limner.media.sniff import InputFormat, describe, recognise

READY = b"ready\n"
MAX_LINE_BYTES = 4096
MAX_PROFILE_BYTES = 1 << 20
PIPE_BYTES = 1 << 20
NOT_STARTED = "the process that decodes pictures did not start; try again"
log = logging.getLogger("limner.media")


@dataclass(frozen=True, kw_only=True)
class DecodeLimits:
    """What one picture, and one call, may take. `total_pixels` counts what is given back; `seconds` is the whole call."""

    image_bytes: int = 50 << 20
    pixels: int = 25_000_000
    side: int = 16_383  # as many as WebP can hold
    total_pixels: int = 100_000_000
    seconds: float = 30.0


@dataclass(frozen=True, kw_only=True, eq=False)
class DecodedImage:
    """A picture, upright and without its metadata.

    `pixels` are straight-alpha RGBA, colour under alpha 0 as it was in the file. `has_alpha` says whether the file could say what
    is transparent. `icc_profile` is what the colours mean when that is not sRGB. The source's sides are those before any reduction.
    """

    pixels: Pixels
    has_alpha: bool
    icc_profile: bytes | None
    format: InputFormat
    source_width: int
    source_height: int

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.pixels.shape[0])


DEFAULT_LIMITS = DecodeLimits()


def decode_images(
    contents: Sequence[bytes],
    params: Sequence[str],
    limits: DecodeLimits = DEFAULT_LIMITS,
    *,
    largest_sides: Sequence[int | None] | None = None,
) -> list[DecodedImage]:
    """Decode PNG, JPEG and WebP files in order; blocks for at most the limit's seconds.

    `params` name the fields that the files came in, for errors. `largest_sides` has, for each picture of which less is enough,
    the pixels to which its longer side is reduced. What follows the end of a picture in its file is dropped.

    Raises:
        UnsupportedImage: the bytes are something else, whatever they are called.
        UnusableImage: empty, damaged, animated, or over a limit.
        EngineError: the process could not be started.
    """
    formats = [_check_content(content, param, limits) for content, param in zip(contents, params, strict=True)]
    largest_sides = largest_sides or [None] * len(contents)
    decoded: list[DecodedImage] = []
    if not contents:
        return decoded
    with _started(limits) as session:
        for content, param, image_format, largest in zip(contents, params, formats, largest_sides, strict=True):
            decoded.append(session.decode(content, param, image_format, largest))
    return decoded


def _check_content(content: bytes, param: str, limits: DecodeLimits) -> InputFormat:
    if not content:
        raise UnusableImage(f"{param} is empty (0 bytes); send the bytes of a PNG, JPEG or WebP picture", param=param)
    if len(content) > limits.image_bytes:
        raise UnusableImage(
            f"{param} has {len(content):,} bytes; at most {limits.image_bytes:,} are read, so send a smaller file", param=param
        )
    image_format = recognise(content)
    if image_format is None:
        raise UnsupportedImage(f"{param} is not a PNG, JPEG or WebP picture, it looks like {describe(content)}", param=param)
    return image_format


class _Session:
    """One running process; the other end is not trusted to answer well, or at all."""

    def __init__(self, process: subprocess.Popen[bytes], limits: DecodeLimits) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._requests: IO[bytes] = process.stdin
        self._answers: IO[bytes] = process.stdout
        self._limits = limits
        self.is_over_time = threading.Event()

    def begin(self) -> None:
        """Send the limits and wait until they are in force."""
        limits = vars(self._limits)
        with suppress(BrokenPipeError):
            self._requests.write(json.dumps(limits).encode() + b"\n")
            self._requests.flush()
        if self._answers.readline(MAX_LINE_BYTES) != READY:
            raise EngineError(NOT_STARTED)

    def decode(self, content: bytes, param: str, image_format: InputFormat, largest_side: int | None) -> DecodedImage:
        order = {"format": image_format, "num_bytes": len(content), "largest_side": largest_side}
        try:
            self._requests.write(json.dumps(order).encode() + b"\n")
            self._requests.write(content)
            self._requests.flush()
            said = self._read_answer(param)
            profile = self._read_exactly(said["profile_bytes"])
            pixels = np.empty((said["height"], said["width"], 4), np.uint8)
            self._fill(pixels.data.cast("B"))
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise self._failure(param) from error
        return DecodedImage(
            pixels=pixels,
            has_alpha=said["has_alpha"],
            icc_profile=profile or None,
            format=image_format,
            source_width=said["source_width"],
            source_height=said["source_height"],
        )

    def _read_answer(self, param: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self._answers.readline(MAX_LINE_BYTES))
        if "refused" in said:
            raise UnusableImage(f"{param} {said['refused']}", param=param)
        sides = [said[name] for name in ("width", "height", "source_width", "source_height")]
        in_range = (
            all(type(side) is int and 0 < side <= self._limits.side for side in sides) and 0 <= said["profile_bytes"] <= MAX_PROFILE_BYTES
        )
        if not in_range or sides[0] * sides[1] > self._limits.pixels or type(said["has_alpha"]) is not bool:
            raise ValueError("the answer is out of its limits")
        return said

    def _read_exactly(self, count: int) -> bytes:
        buffer = bytearray(count)
        self._fill(memoryview(buffer))
        return bytes(buffer)

    def _fill(self, buffer: memoryview) -> None:
        """Read straight into where the bytes belong: no copy, and the interpreter's lock is free meanwhile."""
        place = 0
        while place < len(buffer):
            count = self._answers.readinto(buffer[place:])  # type: ignore[attr-defined]
            if not count:
                raise EOFError
            place += count

    def _failure(self, param: str) -> UnusableImage:
        if self.is_over_time.is_set():
            return UnusableImage(f"{param} was not decoded within {self._limits.seconds:g} s; send a smaller or simpler one", param=param)
        return UnusableImage(f"{param} is damaged and cannot be decoded; save it again and send the whole file", param=param)


@contextmanager
def _started(limits: DecodeLimits) -> Iterator[_Session]:
    """A process that knows no secrets and ends with the block, or when its time is up."""
    process = _start()
    session = _Session(process, limits)

    def end() -> None:
        session.is_over_time.set()
        process.kill()

    timer = threading.Timer(limits.seconds, end)
    timer.start()
    try:
        session.begin()
        yield session
    finally:
        timer.cancel()
        process.kill()
        code = process.wait()
        log.debug("a decoding process ended with %d", code)
        _close(process)


def _start() -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "limner.media.decode_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            pipesize=PIPE_BYTES,
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(NOT_STARTED) from error


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):  # what was still buffered for a process that is gone
            if pipe:
                pipe.close()
