"""Straight and premultiplied pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.media.alpha import flatten, premultiply, straighten


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
