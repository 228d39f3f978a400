"""Views: one thing on one ground, whatever ground the picture had."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from limner.evals.judging.views import GROUND, cut_view, reduce_picture, whole_view


def picture(ground: tuple[int, int, int, int], *, size: tuple[int, int] = (300, 200)) -> np.ndarray:
    image = Image.new("RGBA", size, ground)
    ImageDraw.Draw(image).rectangle((60, 50, 119, 79), fill=(200, 30, 40, 255))
    return np.asarray(image)


@pytest.mark.parametrize("ground", [(0, 0, 0, 0), (255, 255, 255, 255), (20, 30, 90, 255)])
def test_a_plain_ground_becomes_the_ground_of_views(ground: tuple[int, int, int, int]):
    view = whole_view(picture(ground))

    assert view.shape == (192, 192, 3)
    assert view[2, 2].tolist() == list(GROUND)
    assert abs(view[96, 96].astype(int) - (200, 30, 40)).max() <= 3


def test_a_thing_fills_its_view_and_keeps_its_shape():
    view = whole_view(picture((0, 0, 0, 0)))

    rows, columns = np.nonzero((view != GROUND).any(axis=-1))

    assert 168 <= np.ptp(columns) + 1 <= 175
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx(2, rel=0.08)


def test_pictures_of_any_size_are_brought_to_one():
    assert reduce_picture(picture((0, 0, 0, 0), size=(1024, 512))).shape == (128, 256, 4)


def test_an_empty_picture_is_an_empty_view():
    assert np.unique(cut_view(np.zeros((40, 40, 4), np.uint8)).reshape(-1, 3), axis=0).tolist() == [list(GROUND)]
