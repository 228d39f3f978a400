"""Names of colours."""

from __future__ import annotations

import numpy as np
import pytest

from limner.data.colours import (
    COLOURS,
    HUES,
    RARE_COLOURS,
    clear_colour,
    colour_distance,
    contrast,
    main_colours,
    name_colour,
    name_finely,
    plain_hue,
    share_near,
)


def test_every_colour_of_the_table_has_its_own_name():
    assert [name_colour(colour) for colour in COLOURS.values()] == list(COLOURS)


def test_seldom_names_take_nothing_from_the_common_ones():
    both = COLOURS | RARE_COLOURS

    assert [name_finely(colour) for colour in both.values()] == list(both)
    assert all(plain_hue(name) in {*COLOURS} - set(HUES) for name in RARE_COLOURS)


def test_how_much_of_a_drawing_is_near_a_colour():
    sprite = np.full((32, 32, 4), 255, np.uint8)
    sprite[:, :8, :3] = RARE_COLOURS["crimson"]

    assert share_near(sprite, RARE_COLOURS["crimson"], 0.05) == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("rgb", "expected"), [((250, 10, 10), "red"), ((0, 0, 255), "blue"), ((10, 200, 40), "green"), ((255, 230, 0), "yellow")]
)
def test_pure_colours_have_plain_names(rgb: tuple[int, int, int], expected: str):
    assert plain_hue(name_colour(rgb)) == expected


def test_a_drawing_of_two_equal_halves_has_no_clear_colour():
    sprite = np.full((32, 32, 4), 255, np.uint8)
    sprite[:, :16, :3] = COLOURS["red"]
    sprite[:, 16:, :3] = COLOURS["blue"]

    assert clear_colour(sprite) == ""
    sprite[:, 8:, :3] = COLOURS["blue"]
    assert clear_colour(sprite) == "blue"


def test_the_main_colours_are_named_the_largest_first_and_spots_of_many_hues_are_no_black_and_white():
    sprite = np.full((40, 40, 4), 255, np.uint8)
    sprite[:24, :, :3] = COLOURS["blue"]
    assert main_colours(sprite) == ("blue", "white")

    sprite[..., :3] = COLOURS["black"]
    for row, name in enumerate(("red", "green", "orange", "purple")):
        sprite[row * 2 : row * 2 + 2, :, :3] = COLOURS[name]
    assert main_colours(sprite)[0] == "black"
    assert len(main_colours(sprite)) == 2


def test_black_and_white_are_one_apart():
    assert colour_distance((0, 0, 0), (255, 255, 255)) == pytest.approx(1, abs=0.01)


def test_contrast_is_that_of_wcag():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
    assert contrast((200, 30, 30), (200, 30, 30)) == 1
