"""Fitting pictures to sizes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from limner.media.alpha import premultiply, straighten
from limner.media.resize import PARTS, Stretch, cut_out, enlarge, enlarge_opaque, fit, fit_opaque, fit_pixels, reduce_pixels, weigh
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


@st.composite
def stretches(draw: st.DrawFn, num_old: int) -> Stretch:
    """A part of a line, fractions allowed, and how many pixels it becomes: as many or more."""
    start, end = sorted(draw(st.tuples(*[st.floats(0, num_old, width=16)] * 2)))
    if end - start < 0.5:
        start, end = 0, num_old
    fewest = int(np.ceil(end - start))
    return start, end, draw(st.integers(fewest, fewest + 70))


@settings(deadline=None, max_examples=60)
@given(st.data(), st.integers(1, 60), st.integers(1, 60))
def test_any_part_that_grows_to_any_size_is_what_pillow_makes_of_it(data: st.DataObject, height: int, width: int):
    (left, right, new_width), (top, bottom, new_height) = data.draw(stretches(width)), data.draw(stretches(height))
    random = np.random.default_rng(height * 100 + width)
    floats = random.uniform((0.4, 0.4, 0.4, 0.85), (0.6, 0.6, 0.6, 0.95), (height, width, 4)).astype(np.float32)
    colours = random.integers(80, 176, (height, width, 3), np.uint8)  # what overshoots is clipped between passes, whichever is first

    def by_pillow(values: np.ndarray) -> np.ndarray:
        box = left, top, right, bottom
        return np.asarray(Image.fromarray(values).resize((new_width, new_height), Image.Resampling.LANCZOS, box=box))

    part, size = (left, top, right, bottom), Size(new_width, new_height)
    wanted = np.stack([by_pillow(np.ascontiguousarray(floats[..., channel])) for channel in range(4)], axis=-1)
    np.testing.assert_allclose(enlarge(floats, part, size), wanted, atol=5e-4)
    assert np.abs(enlarge_opaque(colours, part, size).astype(int) - by_pillow(colours)).max() <= 2  # either rounds twice


@settings(deadline=None)
@given(st.data(), st.integers(1, 60))
def test_weights_add_up_to_one_and_what_bytes_add_up_to_is_exact_in_float32(data: st.DataObject, num_old: int):
    _, weights = weigh(num_old, data.draw(stretches(num_old)))

    assert (weights.sum(axis=-1) == 1).all()
    np.testing.assert_array_equal(weights * PARTS, np.rint(weights * PARTS))
    assert 255 * PARTS * np.abs(weights).sum(axis=-1).max() < 2**24


@pytest.mark.parametrize("new_side", [21, 40, 333])
def test_every_level_that_is_plain_stays_plain_and_all_of_alpha_is_all_of_it(new_side: int):
    levels = np.broadcast_to(np.arange(256, dtype=np.uint8), (20, 20, 256))

    assert (enlarge_opaque(levels, (0, 0, 20, 20), Size(new_side, new_side)) == np.arange(256)).all()
    assert (enlarge(np.ones((20, 20, 4), np.float32), (0, 0, 20, 20), Size(new_side, new_side)) == 1).all()


def test_bands_of_an_opaque_picture_fit_together_to_the_byte():
    colours = np.random.default_rng(0).integers(0, 256, (64, 48, 3), np.uint8)

    bands = [enlarge_opaque(colours, (0, top, 48, top + 10), Size(96, 20)) for top in range(0, 60, 10)]

    np.testing.assert_array_equal(np.concatenate(bands), enlarge_opaque(colours, (0, 0, 48, 60), Size(96, 120)))
