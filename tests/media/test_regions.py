"""Regions in words: what is read, what is drawn, what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.errors import InvalidField
from limner.media.regions import draw_region, is_region, parse_region


def drawn(text: str, width: int, height: int) -> list[str]:
    return ["".join("#" if inside else "." for inside in row) for row in draw_region(parse_region(text), width, height)]


def refusal(text: str, width: int = 100, height: int = 100) -> str:
    with pytest.raises(InvalidField) as caught:
        draw_region(parse_region(text), width, height)
    assert caught.value.param == "region"
    return caught.value.message


@pytest.mark.parametrize("text", ["box:1,1,3,2", "box: 1, 1, 3, 2", "Box:1,1,3,2", "box:20%,25%,60%,50%", "box:1.0,1,60%,2"])
def test_a_box_covers_its_pixels_however_it_is_written(text):
    assert drawn(text, 5, 4) == [".....", ".###.", ".###.", "....."]


def test_a_pixel_that_a_box_covers_in_part_is_kept():
    assert drawn("box:0.5,0,3,2.9", 5, 3) == [".##..", ".##..", "....."]


def test_what_reaches_beyond_the_picture_is_cut_off():
    assert drawn("box:-2,1,4,100", 4, 3) == ["....", "##..", "##.."]


@given(st.integers(1, 60), st.integers(1, 60))
def test_all_of_a_picture_in_percentages_is_all_of_it(width, height):
    assert draw_region(parse_region("box:0%,0%,100%,100%"), width, height).all()
    assert draw_region(parse_region("polygon:0,0 100%,0 100%,100% 0,100%"), width, height).all()


def test_thirds_meet_without_a_gap_and_without_an_overlap():
    left = draw_region(parse_region("polygon:0,0 33.3%,0 33.3%,1 0,1"), 100, 1)
    right = draw_region(parse_region("polygon:33.3%,0 100%,0 100%,1 33.3%,1"), 100, 1)

    np.testing.assert_array_equal(left, ~right)


def test_a_polygon_holds_the_pixels_whose_centres_it_holds():
    assert drawn("polygon:4,-0.2 8.2,4 4,8.2 -0.2,4", 8, 8) == [
        "...##...",
        "..####..",
        ".######.",
        "########",
        "########",
        ".######.",
        "..####..",
        "...##...",
    ]


def test_the_order_of_corners_does_not_matter_to_its_direction():
    np.testing.assert_array_equal(drawn("polygon:1,1 9,2 5,9", 10, 10), drawn("polygon:5,9 9,2 1,1", 10, 10))


def test_what_lies_between_two_crossings_of_a_polygon_is_outside():
    rings = drawn("polygon:0,0 6,0 6,6 0,6 0,0 2,2 4,2 4,4 2,4 2,2", 6, 6)

    assert rings[0] == "######"
    assert rings[3] == "##..##"


def test_words_are_kept_for_the_model():
    region = parse_region("words:  the  cat on the left ")

    assert (region.kind, region.words) == ("words", "the cat on the left")
    assert "only the model finds those" in refusal("words:the cat")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "region '' is not understood; use box:LEFT,TOP,WIDTH,HEIGHT, polygon:X,Y X,Y X,Y ... or words:WHAT IT IS"),
        ("circle:1,2,3", "region 'circle:1,2,3' is not understood"),
        ("10,10,20,20", "is not understood; use box:"),
        ("box:1,2,3", "has 3 numbers and a box has 4"),
        ("box:1,2,3,ten", "has 'ten' where a number should be; write box:LEFT,TOP,WIDTH,HEIGHT"),
        ("box:1,2,nan,3", "has 'nan' where a number should be"),
        ("box:1,2,0,3", "has no area; its width and height must be above 0"),
        ("box:1,2,3,-4", "has no area"),
        ("box:100,0,10,10", "marks nothing of the image of 100x100; move it inside, or make it larger"),
        ("box:5.2,5,0.5,9", "marks nothing of the image"),
        ("polygon:1,1 2,2", "with at least 3 corners"),
        ("polygon:1,1 2,2 3", "write polygon:X,Y X,Y X,Y ..."),
        ("polygon:1,1 2,2 x,3", "has 'x' where a number should be; write polygon:"),
        ("polygon:1,1 50,50 99,99", "marks nothing of the image"),
        ("polygon:" + "1,1 " * 1001, "has 1,001 corners; at most 1,000 are drawn"),
        ("words: ", "region 'words: ' names nothing; write words:WHAT IT IS, such as 'words:the cat'"),
        ("words:" + "x" * 401, "has 401 characters; name the thing in at most 400"),
        ("words:\ud800", "is not legal Unicode"),
        ("box:" + "1" * 30_000, "has 30,004 characters; at most 20,000 are read"),
    ],
)
def test_what_is_no_region_is_refused_with_the_way_to_write_one(text, message):
    said = refusal(text)

    assert message in said
    assert len(said) < 300


@given(st.text() | st.from_regex(r"(box|polygon):[-0-9., %]*", fullmatch=True))
def test_any_text_is_a_mask_of_the_size_or_the_one_error(text):
    try:
        shape = draw_region(parse_region(text), 9, 7).shape
    except InvalidField:
        shape = None

    assert shape in ((7, 9), None)


def test_a_region_is_told_from_a_file():
    assert is_region("box:1,2,3,4")
    assert is_region(" Words:the cat")
    assert not is_region("box.png")
    assert not is_region("C:/masks/cat.png")
    assert not is_region("words")
