"""Fitting pictures to sizes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.media.alpha import premultiply, straighten
from limner.media.resize import fit
from limner.model.layout import Size


def disc(side: int) -> np.ndarray:
    """A red disc on nothing; the hidden colour is green, to be seen if it ever bleeds."""
    y, x = np.mgrid[:side, :side]
    inside = (x - side / 2 + 0.5) ** 2 + (y - side / 2 + 0.5) ** 2 < (side * 0.4) ** 2
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[...] = (0, 255, 0, 0)
    pixels[inside] = (255, 0, 0, 255)
    return pixels


@settings(deadline=None, max_examples=25)
@given(st.integers(8, 90), st.integers(8, 90), st.integers(8, 200), st.integers(8, 200))
def test_every_size_comes_out_exact_and_in_range(height, width, new_height, new_width):
    source = np.random.default_rng(0).random((height, width, 4), np.float32)
    source[..., :3] *= source[..., 3:]

    fitted = fit(source, Size(new_width, new_height))

    assert fitted.shape == (new_height, new_width, 4)
    assert fitted.dtype == np.float32
    assert fitted.min() >= 0
    assert (fitted[..., :3] <= fitted[..., 3:]).all()
    assert fitted.max() <= 1


def test_the_same_size_changes_nothing():
    source = premultiply(disc(32))

    np.testing.assert_array_equal(fit(source, Size(32, 32)), source)


def test_colour_does_not_bleed_from_where_nothing_shows():
    large = straighten(fit(premultiply(disc(64)), Size(256, 256)))

    seen = large[large[..., 3] > 0]
    assert seen[:, 1].max() == 0
    assert seen[:, 0].min() > 250


@pytest.mark.parametrize("size", [Size(256, 128), Size(128, 256), Size(384, 256)])
def test_a_disc_stays_round_in_every_ratio(size):
    large = fit(premultiply(disc(64)), size)

    scale = max(size.width, size.height) / 64
    diameter = (disc(64)[32, :, 3] > 0).sum() * scale
    across, down = (large[size.height // 2, :, 3] > 0.5).sum(), (large[:, size.width // 2, 3] > 0.5).sum()
    assert across == pytest.approx(min(diameter, size.width), abs=scale)
    assert down == pytest.approx(min(diameter, size.height), abs=scale)


def test_a_plain_picture_stays_plain_to_its_edges():
    plain = premultiply(np.full((20, 30, 4), (10, 120, 230, 255), np.uint8))

    large = straighten(fit(plain, Size(256, 400)))

    assert (large == (10, 120, 230, 255)).all()
