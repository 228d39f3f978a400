"""The files that pictures come in: read here as far as it takes to hand a decoder what makes pixels and nothing else.

Runs in the process that decodes, on bytes that nobody vouches for. Whatever is not foreseen here ends that process.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

MAX_PROFILE_BYTES = 1 << 20
MAX_PARTS = 100_000  # chunks or segments; a writer of 50 MB in the smallest usual ones needs fewer
PNG_HEADER_START, PNG_HEADER_BYTES, PNG_DEPTH_PLACE = b"\0\0\0\rIHDR", 33, 24
PNG_END = b"\0\0\0\0IEND\xae\x42\x60\x82"
PIXEL_CHUNKS = (b"PLTE", b"tRNS", b"IDAT")
MARKER, START_OF_SCAN, EXIF_SEGMENT, PROFILE_SEGMENT, COMMENT = 0xFF, 0xDA, 0xE1, 0xE2, 0xFE
JPEG_METADATA = {*range(0xE1, 0xEE), 0xEF, COMMENT}  # all but JFIF's and Adobe's, which say how colours are meant
ORIENTATION_TAG = 0x0112


class Refusal(Exception):
    """Why a picture is not decoded, as the end of a sentence that begins with the field's name."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A picture whose header is read, with what its metadata says that matters to the pixels."""

    image: Image.Image
    profile: bytes
    exif: bytes
    depth: int = 8


def open_png(content: bytes, limits: dict[str, int]) -> Opened:
    """Read the header of a PNG. Only the chunks that make its pixels reach the decoder."""
    if content[8:16] != PNG_HEADER_START:
        raise Refusal("is a PNG without a header; save it again as a plain PNG")
    kept: list[bytes | memoryview] = [content[:PNG_HEADER_BYTES]]
    profile = exif = b""
    for kind, body, whole in _walk_chunks(memoryview(content)):
        if kind in PIXEL_CHUNKS:
            kept.append(whole)
        elif kind == b"acTL" and int.from_bytes(body[:4], "big") > 1:
            raise Refusal("is animated; send one still picture")
        elif kind == b"eXIf":
            exif = bytes(body)
        elif kind == b"iCCP":
            profile = _unfold_profile(bytes(body))
        elif kind[0] & 0x20 == 0:  # a capital: what it says must not be skipped
            raise Refusal("is a PNG of a special kind; save it again as a plain PNG")
    image = PngImagePlugin.PngImageFile(io.BytesIO(b"".join([*kept, PNG_END])))
    _check_size(*image.size, limits)
    return Opened(image=image, profile=profile, exif=exif, depth=content[PNG_DEPTH_PLACE])


def _walk_chunks(content: memoryview) -> Iterator[tuple[bytes, memoryview, memoryview]]:
    """Yield kind, body and the whole of each chunk between the first and the last; what follows that is dropped."""
    place = PNG_HEADER_BYTES
    for _ in range(MAX_PARTS):
        length, kind = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        if end > len(content):
            raise Refusal("is cut off; send the whole file")
        if kind == b"IEND":
            return
        yield kind, content[place + 8 : end - 4], content[place:end]
        place = end
    raise Refusal(f"has over {MAX_PARTS:,} parts; save it again")


def _unfold_profile(body: bytes) -> bytes:
    _, _, packed = body.partition(b"\0")
    try:
        profile = zlib.decompressobj().decompress(packed[1:], MAX_PROFILE_BYTES + 1)
    except zlib.error:
        return b""
    return profile


def open_jpeg(content: bytes, limits: dict[str, int]) -> Opened:
    """Read the header of a JPEG; of several pictures in one file, the first. No metadata reaches the decoder."""
    kept: list[bytes | memoryview] = [content[:2]]
    profile: dict[int, bytes] = {}
    exif = b""
    for marker, body, whole in _walk_segments(memoryview(content)):
        if marker == EXIF_SEGMENT and bytes(body[:6]) == b"Exif\0\0":
            exif = exif or bytes(body)
        elif marker == PROFILE_SEGMENT and bytes(body[:12]) == b"ICC_PROFILE\0":
            profile[body[12]] = bytes(body[14:])
        elif marker not in JPEG_METADATA:
            kept.append(whole)
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(b"".join(kept)))
    _check_size(*image.size, limits)
    return Opened(image=image, profile=b"".join(part for _, part in sorted(profile.items())), exif=exif)


def _walk_segments(content: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Yield marker, body and the whole of each segment before the pixels, and then all the rest as one."""
    place = 2
    for _ in range(MAX_PARTS):
        if content[place] != MARKER or content[place + 1] == START_OF_SCAN:
            yield START_OF_SCAN, content[place:], content[place:]
            return
        marker = content[place + 1]
        if marker == MARKER:  # a filler
            place += 1
            continue
        (length,) = struct.unpack_from(">H", content, place + 2)
        end = place + 2 + length
        yield marker, content[place + 4 : end], content[place:end]
        place = end
    raise Refusal(f"has over {MAX_PARTS:,} parts; save it again")


def open_webp(content: bytes, limits: dict[str, int]) -> Opened:
    """Read the header of a WebP; its size before the decoder, which takes memory for it at once, sees it."""
    _check_size(*_webp_size(content[:30]), limits)
    image = WebPImagePlugin.WebPImageFile(io.BytesIO(content))
    if image.is_animated:
        raise Refusal("is animated; send one still picture")
    _check_size(*image.size, limits)
    return Opened(image=image, profile=image.info.get("icc_profile") or b"", exif=image.info.get("exif") or b"")


def _webp_size(start: bytes) -> tuple[int, int]:
    kind = start[12:16]
    if kind == b"VP8X":
        return int.from_bytes(start[24:27], "little") + 1, int.from_bytes(start[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(start[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", start, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise Refusal("is a WebP of an unknown kind; save it again")


def _check_size(width: int, height: int, limits: dict[str, int]) -> None:
    side, pixels = limits["side"], limits["pixels"]
    if max(width, height) > side or width * height > pixels:
        raise Refusal(f"is {width}x{height}; at most {pixels:,} pixels and {side:,} a side are read, so send a smaller one")


def read_orientation(exif: bytes) -> int:
    """Return how the camera was held, 1 to 8; 1, upright, when the metadata does not say or cannot be read."""
    data = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return 1
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    if start + 2 > len(data):
        return 1
    (count,) = struct.unpack_from(f"{order}H", data, start)
    for place in range(start + 2, min(start + 2 + 12 * count, len(data) - 11), 12):
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", data, place)
        if tag == ORIENTATION_TAG and kind == 3 and 1 <= value <= 8:
            return int(value)
    return 1


OPENERS = {"png": open_png, "jpeg": open_jpeg, "webp": open_webp}
