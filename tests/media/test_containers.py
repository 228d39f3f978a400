"""What is read of a file before a decoder sees it: its size, how the camera was held, and nothing that could lie about them."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from limner.media.containers import OPENERS, Refusal, read_orientation
from limner.media.decode import DecodeLimits
from limner.media.sniff import recognise


def save(image: Image.Image, image_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG made by hand; `rows` begin with their filter's byte."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def exif(orientation: int) -> bytes:
    return b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def test_little_endian_and_broken_notes_on_the_camera_are_read_or_left_alone():
    little = b"II*\0" + struct.pack("<IHHHIHH", 8, 1, 0x0112, 3, 1, 6, 0)
    broken = [b"", b"II", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", little[:-3], exif(0), exif(9), b"XX" + little]

    read = [read_orientation(data) for data in (little, b"Exif\0\0" + little, *broken)]

    assert read == [6, 6] + [1] * len(broken)


@given(st.binary(max_size=200))
def test_no_notes_on_the_camera_end_in_an_error(data):
    assert 1 <= read_orientation(b"MM\0*" + data) <= 8


def test_no_metadata_of_a_jpeg_reaches_the_decoder():
    plain = save(Image.new("RGB", (8, 8)), "JPEG", comment=b"hush", xmp=b"<hush/>", exif=exif(6), dpi=(300, 300))
    photoshop = b"Photoshop 3.0\0" + b"8BIM" + bytes(20)
    content = plain[:2] + b"\xff\xed" + struct.pack(">H", len(photoshop) + 2) + photoshop + plain[2:]

    opened = OPENERS["jpeg"](content, vars(DecodeLimits()))

    assert set(opened.image.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
    assert read_orientation(opened.exif) == 6


def vp8x(width: int, height: int) -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def jpeg_of(width: int, height: int) -> bytes:
    content = bytearray(save(Image.new("RGB", (8, 8)), "JPEG"))
    place = content.index(b"\xff\xc0") + 5
    content[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        png(60_000, 60_000, 8, 6, b""),
        png(2**31 - 1, 2**31 - 1, 8, 6, b""),
        png(5001, 5000, 1, 0, b""),
        png(16_385, 1, 8, 0, b""),
        jpeg_of(60_000, 60_000),
        vp8x(16_384, 16_384),
        vp8x(2**24, 1),
        b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 16_383 | 16_383 << 14) + bytes(20),
        b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 16_383, 16_383) + bytes(20),
    ],
)
def test_a_picture_that_claims_too_many_pixels_is_refused_from_its_header(content):
    limits = vars(DecodeLimits())
    image_format = recognise(content)
    assert image_format is not None

    with pytest.raises(Refusal, match="25,000,000 pixels"):
        OPENERS[image_format](content, limits)
