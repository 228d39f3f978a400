"""What bytes are called that are no picture, or not one that is read."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from limner.media.sniff import describe, is_web_page, recognise


def save(image: Image.Image, image_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG"),
        (b"\xef\xbb\xbf \n<?xml version='1.0'?><!-- a --><svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>", "an SVG"),
        (b"<!DOCTYPE html><html><body><svg></svg>", "an HTML page"),
        (b"<html><script>alert(1)</script>", "an HTML page"),
        (b"<?xml version='1.0'?><note/>", "an XML file"),
        (save(Image.new("RGB", (2, 2)), "GIF"), "a GIF"),
        (save(Image.new("RGB", (2, 2)), "TIFF"), "a TIFF"),
        (save(Image.new("RGB", (16, 16)), "ICO"), "an icon"),
        (save(Image.new("RGB", (2, 2)), "BMP"), "a BMP"),
        (save(Image.new("RGB", (2, 2)), "EPS"), "a PostScript"),
        (save(Image.new("RGB", (2, 2)), "AVIF"), "AVIF"),
        (b"8BPS\0\1", "Photoshop"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04", "a ZIP"),
        (b"iVBORw0KGgoAAAANSUhEUg", "base64"),
        (b"Example data", "text"),
        (b"\x89PNG\r\n\x1a", "no picture"),
        (b"\x00", "no picture"),
        (b"RIFF\0\0\0\0WAVE", "no picture"),
    ],
)
def test_what_is_not_read_is_named_whatever_it_is_called(content, named):
    assert recognise(content) is None
    assert named in describe(content)
    assert is_web_page(content) == (named == "an HTML page")


@pytest.mark.parametrize(("image_format", "name"), [("PNG", "png"), ("JPEG", "jpeg"), ("WEBP", "webp")])
def test_what_is_read_is_known_by_its_bytes(image_format, name):
    content = save(Image.new("RGB", (2, 2)), image_format)

    assert recognise(content) == name
    assert not is_web_page(content)


@given(st.binary(max_size=64))
def test_any_bytes_are_called_something(content):
    assert recognise(content) is not None or describe(content)
