"""A picture in the middle of a larger one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from limner.media.surround import surround
from limner.model.layout import Size

SIDES = st.integers(1, 40)


@given(SIDES, st.integers(0, 30), st.integers(0, 30), st.integers(0, 2**32 - 1))
def test_the_picture_lies_unchanged_in_the_middle_of_the_size(side: int, wider: int, higher: int, seed: int):
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 4), np.uint8)

    whole = surround(pixels, Size(side + wider, side + higher))

    assert whole.shape == (side + higher, side + wider, 4)
    assert np.array_equal(whole[higher // 2 : higher // 2 + side, wider // 2 : wider // 2 + side], pixels)


def test_the_ground_goes_on_around_it_whatever_stands_in_the_middle():
    pixels = np.full((50, 50, 4), (200, 220, 255, 255), np.uint8)
    pixels[10:40, 5:45] = (255, 0, 0, 255)

    whole = surround(pixels, Size(100, 50))

    assert (whole[:, :25] == (200, 220, 255, 255)).all()
    assert (whole[:, 75:] == (200, 220, 255, 255)).all()


def test_around_a_sticker_there_is_nothing():
    pixels = np.zeros((50, 50, 4), np.uint8)
    pixels[10:40, 5:45] = (255, 0, 0, 255)

    assert (surround(pixels, Size(50, 90))[:20, :, 3] == 0).all()
