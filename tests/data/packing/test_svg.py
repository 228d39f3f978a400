"""Whole SVG files become bodies that draw the same."""

from __future__ import annotations

import pytest

from limner.data.packing.svg import SvgDrawing, read_svg

HEAD = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'


def read(attributes: str, inside: str) -> SvgDrawing | None:
    return read_svg(f"<svg {HEAD} {attributes}>{inside}</svg>".encode())


def test_metadata_and_foreign_names_are_dropped_and_links_and_the_roots_look_are_kept() -> None:
    inside = '<title>x</title><inkscape:grid/><use xlink:href="#a" inkscape:label="b"/>'

    drawing = read('viewBox="1 2 30 40" fill="none" id="root"', inside)

    assert drawing == SvgDrawing(1, 2, 30, 40, b'<g fill="none"><use xlink:href="#a" /></g>')


@pytest.mark.parametrize(("width", "expected"), [("96", 96), ("96px", 96), ("1in", 96), ("72pt", 96), ("2.54cm", 96)])
def test_a_size_in_any_unit_stands_in_for_the_view_box(width: str, expected: float) -> None:
    drawing = read(f'width="{width}" height="10"', "<path/>")

    assert drawing is not None
    assert drawing.width == pytest.approx(expected, rel=0.001)


@pytest.mark.parametrize(
    ("attributes", "inside"),
    [
        ("", "<path/>"),
        ('viewBox="0 0 9 9"', "<text>letters</text>"),
        ('viewBox="0 0 9 9"', '<image xlink:href="data:"/>'),
        ('viewBox="0 0 9 9"', ""),
        ('width="100%" height="9"', "<path/>"),
        ('viewBox="0 0 9 9"', "<broken"),
    ],
)
def test_what_tells_no_size_or_is_no_vector_gives_none(attributes: str, inside: str) -> None:
    assert read(attributes, inside) is None


def test_empty_text_is_no_lettering() -> None:
    assert read('viewBox="0 0 9 9"', "<text> </text><path/>") is not None
