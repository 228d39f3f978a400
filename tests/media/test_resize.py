"""Fitting pictures to sizes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.media.alpha import premultiply, straighten
from limner.media.resize import cut_out, enlarge, fit, fit_opaque, fit_pixels, reduce_pixels
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


@pytest.mark.parametrize("size", [Size(48, 48), Size(200, 120), Size(64, 64), Size(20, 30)])
def test_what_is_opaque_is_fitted_as_everything_else_is(size):
    opaque = np.random.default_rng(0).integers(80, 176, (64, 64, 4), np.uint8)  # where Lanczos overshoots, bytes are clipped twice
    opaque[..., 3] = 255

    fitted = fit_opaque(opaque[..., :3], size)

    wanted = fit_pixels(opaque, size)[..., :3]
    assert (fitted.shape, fitted.dtype) == (wanted.shape, np.uint8)
    assert np.abs(fitted.astype(int) - wanted).max() <= 1


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
    across, down = ((large[size.height // 2, :, 3] > 0.5).sum(), (large[:, size.width // 2, 3] > 0.5).sum())
    assert across == pytest.approx(min(diameter, size.width), abs=scale)
    assert down == pytest.approx(min(diameter, size.height), abs=scale)


def test_a_plain_picture_stays_plain_to_its_edges():
    plain = premultiply(np.full((20, 30, 4), (10, 120, 230, 255), np.uint8))

    large = straighten(fit(plain, Size(256, 400)))

    assert (large == (10, 120, 230, 255)).all()


def test_straight_pixels_at_their_own_size_keep_every_byte_even_under_alpha_0():
    source = np.random.default_rng(0).integers(0, 256, (20, 30, 4), np.uint8)

    np.testing.assert_array_equal(fit_pixels(source, Size(30, 20)), source)


@pytest.mark.parametrize("size", [Size(256, 128), Size(20, 64), Size(31, 33)])
def test_straight_pixels_are_fitted_as_premultiplied_ones_are(size):
    source = np.random.default_rng(0).integers(0, 256, (64, 64, 4), np.uint8)

    np.testing.assert_array_equal(fit_pixels(source, size), straighten(fit(premultiply(source), size)))


@pytest.mark.parametrize(("shape", "expected"), [((50, 100), (50, 100)), ((2000, 1000), (100, 50)), ((3, 3000), (1, 100))])
def test_a_reduced_picture_has_no_side_over_the_limit_and_a_small_one_is_left_alone(shape, expected):
    source = np.full((*shape, 4), 200, np.uint8)

    reduced = reduce_pixels(source, 100)

    assert reduced.shape == (*expected, 4)
    assert abs(reduced.astype(int) - 200).max() <= 1


def test_a_cut_of_the_footprint_alone_takes_no_colour_from_beside_it():
    source = np.full((64, 64, 4), (0, 0, 255, 255), np.uint8)
    source[:, :32] = (255, 0, 0, 255)

    cut = straighten(cut_out(source, (0, 0, 64, 64), Size(16, 16), footprint_only=True))

    assert (cut[:, :8] == (255, 0, 0, 255)).all()
    assert (cut[:, 8:] == (0, 0, 255, 255)).all()


@pytest.mark.parametrize("alpha", [255, 128])
def test_what_shrinks_in_bytes_is_what_shrinks_in_floats_to_a_byte(alpha: int):
    down, across = np.mgrid[0:300, 0:240]
    source = np.stack([down * 255 // 299, across * 255 // 239, (down + across) * 255 // 538, np.full_like(down, alpha)], axis=-1).astype(
        np.uint8
    )
    part, size = (10.5, 0.0, 230.0, 290.25), Size(32, 40)

    for footprint_only in (False, True):
        exact = cut_out(source, part, size, footprint_only=footprint_only)
        quick = cut_out(source, part, size, footprint_only=footprint_only, in_bytes=True)

        assert np.abs(quick - exact).max() <= 1.6 / 255


def test_in_bytes_too_the_footprint_takes_no_colour_from_beside_it():
    source = np.full((64, 64, 4), (0, 0, 255, 255), np.uint8)
    source[:, :32] = (255, 0, 0, 255)

    cut = straighten(cut_out(source, (0, 0, 64, 64), Size(16, 16), footprint_only=True, in_bytes=True))

    assert (cut[:, :8] == (255, 0, 0, 255)).all()
    assert (cut[:, 8:] == (0, 0, 255, 255)).all()


def test_what_grows_is_not_made_in_bytes():
    source = disc(40)

    np.testing.assert_array_equal(*(cut_out(source, (0, 0, 40, 40), Size(80, 80), in_bytes=quick) for quick in (False, True)))


def test_a_part_of_whole_pixels_that_keeps_its_size_is_them():
    source = premultiply(disc(40))

    np.testing.assert_array_equal(enlarge(source, (4.0, 8.0, 24.0, 38.0), Size(20, 30)), source[8:38, 4:24])
    assert enlarge(source, (4.5, 8.0, 24.5, 38.0), Size(20, 30)).shape == (30, 20, 4)
