"""What bytes look like, judged by the bytes alone: never by a file's name or by what a sender says about them."""

from __future__ import annotations

import re
from typing import Literal, get_args

InputFormat = Literal["png", "jpeg", "webp"]
INPUT_FORMATS: tuple[InputFormat, ...] = get_args(InputFormat)

LOOKED_AT_BYTES = 4096
SIGNATURES = (
    (b"GIF8", "a GIF"),
    (b"II*\0", "a TIFF"),
    (b"MM\0*", "a TIFF"),
    (b"II+\0", "a TIFF"),
    (b"MM\0+", "a TIFF"),
    (b"8BPS", "a Photoshop file"),
    (b"%!PS", "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file"),
    (b"%PDF", "a PDF"),
    (b"\0\0\1\0", "an icon (ICO)"),
    (b"\0\0\2\0", "a cursor (CUR)"),
    (b"icns", "an icon (ICNS)"),
    (b"BM", "a BMP"),
    (b"\xff\x0a", "a JPEG XL"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"data:", "a data URL; send what it encodes, or put the URL in a JSON body"),
    (b"iVBORw0KGgo", "base64 text of a PNG; decode it first"),
    (b"/9j/", "base64 text of a JPEG; decode it first"),
    (b"UklGR", "base64 text of a WebP; decode it first"),
)
MARKUP = (
    (re.compile(rb"<!doctype\s+html|<(?:html|head|body|title|script|meta)[\s>]"), "an HTML page"),
    (re.compile(rb"<(?:\w+:)?svg[\s>]|<!doctype\s+svg"), "an SVG"),
    (re.compile(rb"<\?xml|<!--|<\w"), "an XML file"),
)


def recognise(content: bytes) -> InputFormat | None:
    """Say which format that is read the bytes begin as; None when none."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "webp"
    return None


def describe(content: bytes) -> str:
    """Name in a few words, article included, what bytes look like that `recognise` does not know."""
    for signature, name in SIGNATURES:
        if content.startswith(signature):
            return name
    if content[4:8] == b"ftyp":
        return "a video or an AVIF or HEIC picture"
    start = content[:LOOKED_AT_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"<"):
        return next((name for pattern, name in MARKUP if pattern.search(start)), "text")
    return "text" if start and _is_text(start) else "no picture"


def is_web_page(content: bytes) -> bool:
    """Say whether the bytes are an HTML page, which is what a wrong address of a picture mostly gives."""
    return recognise(content) is None and describe(content) == "an HTML page"


def _is_text(start: bytes) -> bool:
    return all(byte >= 32 or byte in b"\t\n\r\f" for byte in start) and b"\x7f" not in start and start.isascii()
