"""Larger canvases in words."""

import pytest

from limner.engine.words.canvas import parse_canvas
from limner.errors import InvalidField
from limner.model.layout import Size

SOURCE = Size(200, 100)


@pytest.mark.parametrize(
    ("text", "size", "place"),
    [
        ("1024x768+128+0", Size(1024, 768), (128, 0)),
        ("100x77-10+5", Size(100, 77), (-10, 5)),
        ("100x77+-10+-5 ", Size(100, 77), (-10, -5)),
        ("300x200", Size(300, 200), (50, 50)),
        ("100x101", Size(100, 101), (-50, 0)),
        ("left=28", Size(228, 100), (28, 0)),
        ("left=28, right=25%", Size(278, 100), (28, 0)),
        ("top=10%,bottom=15", Size(200, 125), (0, 10)),
        ("all=20%", Size(280, 140), (40, 20)),
        ("all=16,top=0", Size(232, 116), (16, 0)),
    ],
)
def test_a_canvas_is_a_size_and_a_place(text, size, place):
    assert parse_canvas(text, SOURCE, largest_side=2048) == (size, place)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "use sides such as 'left=128,right=25%'"),
        ("100x100+1", "or WIDTHxHEIGHT+LEFT+TOP"),
        ("left", "is not understood"),
        ("left=", "is not understood"),
        ("left=-5", "is not understood"),
        ("left=5,left=6", "is not understood"),
        ("middle=5", "is not understood"),
        (7, "is not understood"),
        ("x" * 9000, "is not understood"),
        ("15x20+0+0", "which is 15x20, cannot be drawn; use sides from 16 to 2048 and a ratio up to 3:1"),
        ("2049x1024+0+0", "which is 2049x1024, cannot"),
        ("right=1849", "which is 2049x100, cannot"),
        ("400x100+0+0", "ratio up to 3:1"),
    ],
)
def test_what_is_no_canvas_is_refused_by_name_with_the_way_to_write_one(text, message):
    with pytest.raises(InvalidField) as caught:
        parse_canvas(text, SOURCE, largest_side=2048)

    assert caught.value.param == "canvas"
    assert message in caught.value.message
    assert len(caught.value.message) < 300
