"""Straight and premultiplied pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.media.alpha import BAND_ROWS, flatten, is_paintable, premultiply, recolour, straighten


@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3, st.integers(1, 255)), min_size=1, max_size=20))
def test_straight_pixels_survive_being_premultiplied(colours):
    pixels = np.array([colours], np.uint8)

    again = straighten(premultiply(pixels))

    np.testing.assert_array_equal(again, pixels)


def test_colour_under_nothing_becomes_zero():
    pixels = np.array([[[200, 100, 50, 0]]], np.uint8)

    assert straighten(premultiply(pixels)).tolist() == [[[0, 0, 0, 0]]]


def test_values_out_of_range_are_clipped_not_wrapped():
    wild = np.array([[[1.2, -0.1, 0.5, 1.1]]], np.float32)

    assert straighten(wild).tolist() == [[[255, 0, 116, 255]]]


@pytest.mark.parametrize(("colour", "expected"), [((255, 255, 255), [255, 127, 127, 255]), ((0, 0, 0), [128, 0, 0, 255])])
def test_flattening_shows_the_colour_behind_and_is_opaque(colour, expected):
    half_red = premultiply(np.array([[[255, 0, 0, 128]]], np.uint8))

    flat = straighten(flatten(half_red, colour))

    assert flat[0, 0].tolist() == expected


@pytest.mark.parametrize("is_by_channel", [False, True])
def test_every_row_is_straightened_whatever_the_height_and_the_order_in_memory(is_by_channel):
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (2 * BAND_ROWS + 5, 7, 4), np.uint8)
    premultiplied = premultiply(pixels)
    if is_by_channel:
        premultiplied = np.moveaxis(np.ascontiguousarray(np.moveaxis(premultiplied, -1, 0)), 0, -1)

    straight = straighten(premultiplied)

    for row in range(len(pixels)):
        np.testing.assert_array_equal(straight[row : row + 1], straighten(premultiplied[row : row + 1]))
    np.testing.assert_array_equal(straight[..., 3], pixels[..., 3])
    np.testing.assert_array_equal(straight[pixels[..., 3] == 255], pixels[pixels[..., 3] == 255])


def test_flattening_is_the_same_for_every_order_in_memory():
    premultiplied = premultiply(np.random.default_rng(1).integers(0, 256, (2, 9, 7, 4), np.uint8))

    flat = flatten(np.moveaxis(np.ascontiguousarray(np.moveaxis(premultiplied, -1, 0)), 0, -1), (10, 20, 30))

    np.testing.assert_array_equal(flat, flatten(premultiplied, (10, 20, 30)))
    np.testing.assert_array_equal(straighten(premultiplied, behind=(10, 20, 30)), straighten(flat))
    np.testing.assert_array_equal(flat, np.float32([10, 20, 30, 255]) / np.float32(255) * (1 - premultiplied[..., 3:]) + premultiplied)


# -------------------------------------------------------------------------------------------------------------------- paint

BLUE = (36, 104, 226)


def drawing() -> np.ndarray:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:30] = (200, 30, 40, 255)
    pixels[30:36] = (120, 120, 120, 255)
    pixels[36:, :20] = (30, 160, 60, 255)
    return pixels


def test_the_main_hue_is_painted_and_the_rest_stays():
    painted = recolour(drawing(), BLUE)

    assert np.abs(painted[:30, :, :3].astype(int) - BLUE).max() <= 6
    np.testing.assert_array_equal(painted[30:], drawing()[30:])
    np.testing.assert_array_equal(painted[..., 3], drawing()[..., 3])


def test_shades_stay_shades():
    pixels = drawing()
    pixels[:15, :, :3] = (140, 18, 26)

    painted = recolour(pixels, BLUE).astype(int)

    assert painted[0, 0, 2] < painted[20, 0, 2]
    assert painted[0, 0].argmax() in (2, 3)


def test_what_is_grey_cannot_be_painted():
    grey = np.full((40, 40, 4), 128, np.uint8)
    grey[..., 3] = 255

    assert is_paintable(drawing())
    assert not is_paintable(grey)
    np.testing.assert_array_equal(recolour(grey, BLUE), grey)
