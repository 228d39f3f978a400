"""Pixels to the bytes of a file: PNG, WebP and JPEG, the same bytes for the same pixels and record."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any, Literal, get_args

import numpy as np
from isal import isal_zlib
from PIL import Image

from limner.errors import IncompatibleFields, InvalidField
from limner.media.alpha import Pixels, lay_on_white
from limner.media.metadata import PictureRecord, jpeg_packet, png_text, xmp_packet

OutputFormat = Literal["png", "webp", "jpeg"]
OUTPUT_FORMATS: tuple[OutputFormat, ...] = get_args(OutputFormat)
FORMAT_OF_ENDING: dict[str, OutputFormat] = {".png": "png", ".webp": "webp", ".jpg": "jpeg", ".jpeg": "jpeg"}
BEST_COMPRESSION = 100  # the least loss: lossless in WebP, finest in JPEG; 0 is the smallest file
PNG_SIGNATURE, PNG_LEVEL = b"\x89PNG\r\n\x1a\n", 1
PNG_COLOUR_TYPES = {3: 2, 4: 6}  # by the number of channels
UP_FILTER = 2

SMALL_PX, SMALL_QUALITY = 384, 82


def parse_format(name: str) -> OutputFormat:
    """Read a format's name; `jpg` is JPEG too.

    Raises:
        InvalidField: no such format.
    """
    found = FORMAT_OF_ENDING.get(f".{name.lower()}")
    if found is None:
        raise InvalidField("output_format", f"format {name!r} is not known; use {', '.join(OUTPUT_FORMATS)}")
    return found


def media_type(output_format: OutputFormat) -> str:
    """Return the media type of a format."""
    return f"image/{output_format}"


def check_output(output_format: OutputFormat, compression: int | None, background: str) -> None:
    """Refuse, before anything is drawn, what a format cannot hold; `background` is `auto`, `transparent` or `opaque`.

    Raises:
        InvalidField: the compression is outside 0 to 100.
        IncompatibleFields: transparency in JPEG, or compression of a PNG.
    """
    if compression is not None and not 0 <= compression <= BEST_COMPRESSION:
        raise InvalidField("output_compression", f"compression {compression!r} is out of range; use 0 (smallest) to 100 (best)")
    if compression is not None and output_format == "png":
        raise IncompatibleFields(
            "output_compression", "png loses nothing and takes no compression; use format webp or jpeg, or leave it out"
        )
    if background == "transparent" and output_format == "jpeg":
        raise IncompatibleFields("background", "jpeg has no transparency; use format png or webp, or background opaque")


def encode(
    pixels: Pixels,
    output_format: OutputFormat,
    *,
    compression: int | None = None,
    record: PictureRecord | None = None,
    icc_profile: bytes | None = None,
) -> bytes:
    """Return the file of straight-alpha pixels, uint8 (height, width, 4), or (height, width, 3) when opaque.

    `icc_profile` says what the numbers mean as colours; without one they are sRGB.

    Raises:
        InvalidField, IncompatibleFields: as `check_output`.
    """
    check_output(output_format, compression, "transparent" if pixels.shape[-1] == 4 else "opaque")
    if output_format == "png":
        return b"".join(_png_parts(pixels, record, icc_profile))
    settings = {"webp": _webp_settings, "jpeg": _jpeg_settings}[output_format]
    file = io.BytesIO()
    quality = BEST_COMPRESSION if compression is None else compression
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, output_format, icc_profile=icc_profile, **settings(quality, record))
    return file.getvalue()


def encode_again(png: bytes, output_format: OutputFormat) -> bytes:
    """Return a PNG that `encode` made in another format, with the least loss: the same pixels, what it says of itself, and its colours."""
    if output_format == "png":
        return png
    kept = Image.open(io.BytesIO(png))
    said, icc_profile = kept.info.get("xmp"), kept.info.get("icc_profile")
    settings: dict[str, Any] = {"webp": _webp_settings, "jpeg": _jpeg_settings}[output_format](BEST_COMPRESSION, None)
    shown = Image.fromarray(lay_on_white(np.asarray(kept.convert("RGBA")))) if output_format == "jpeg" else kept
    file = io.BytesIO()
    shown.save(file, output_format, icc_profile=icc_profile, **settings, **({"xmp": said} if said else {}))
    return file.getvalue()


def encode_small(png: bytes) -> bytes:
    """Return a small WebP, at most `SMALL_PX` pixels a side, of a PNG that `encode` made; it is for looking at alone."""
    small = Image.open(io.BytesIO(png)).convert("RGBA")
    small.thumbnail((SMALL_PX, SMALL_PX), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    small.save(file, "webp", quality=SMALL_QUALITY, method=2)
    return file.getvalue()


def _png_parts(pixels: Pixels, record: PictureRecord | None, icc_profile: bytes | None) -> Iterator[bytes]:
    """Yield the parts of a PNG, each row as its difference from the one above: a quarter of the time of choosing filters, 8 % more bytes.

    Source: Portable Network Graphics, third edition, W3C, sections 5, 9.2 and 11.
    """
    height, width, channels = pixels.shape
    yield PNG_SIGNATURE
    yield _png_chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, PNG_COLOUR_TYPES[channels], 0, 0, 0))
    if icc_profile is not None:
        yield _png_chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(icc_profile))
    for kind, content, *_ in png_text(record).chunks if record else ():
        yield _png_chunk(kind, content)
    rows = pixels.reshape(height, width * channels)
    filtered = np.empty((height, 1 + width * channels), np.uint8)
    filtered[:, 0] = UP_FILTER
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    yield _png_chunk(b"IDAT", isal_zlib.compress(filtered, PNG_LEVEL))
    yield _png_chunk(b"IEND", b"")


def _png_chunk(kind: bytes, content: bytes | bytearray) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))


def _webp_settings(quality: int, record: PictureRecord | None) -> dict[str, Any]:
    xmp = {"xmp": xmp_packet(record)} if record else {}
    if quality == BEST_COMPRESSION:
        return {"lossless": True, "exact": True, "quality": 50, "method": 2, **xmp}
    return {"quality": quality, "method": 4, **xmp}


def _jpeg_settings(quality: int, record: PictureRecord | None) -> dict[str, Any]:
    xmp = {"xmp": jpeg_packet(record)} if record else {}
    return {"quality": quality, "subsampling": "4:4:4" if quality >= 90 else "4:2:0", **xmp}
