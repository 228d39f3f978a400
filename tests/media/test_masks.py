"""What may change: rounding is in favour of what is kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from limner.errors import InvalidField, InvalidMask
from limner.media.alpha import Pixels
from limner.media.boxes import Box
from limner.media.masks import MASK_MODES, MaskMode, bounding_box, depth, find_border_band, fit_mask, parse_mask_mode, read_mask
from limner.model.layout import Size

masks = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=24))


@given(masks)
def test_the_bounding_box_is_the_smallest_that_holds_every_true_pixel(mask):
    box = bounding_box(mask)

    if box is None:
        assert not mask.any()
        return
    inside = mask[box.cut]
    assert inside.sum() == mask.sum()
    assert inside.shape == (box.height, box.width)
    assert all(edge.any() for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))


@settings(deadline=None)
@given(masks, st.integers(1, 40), st.integers(1, 40))
def test_a_fitted_mask_lets_a_pixel_change_only_if_all_that_it_covers_may(mask, height, width):
    fitted = fit_mask(mask, Size(width, height))

    scale = min(mask.shape[1] / width, mask.shape[0] / height)
    left, top = ((mask.shape[1] - width * scale) / 2, (mask.shape[0] - height * scale) / 2)
    assert fitted.shape == (height, width)
    for y, x in np.argwhere(fitted):
        rows = slice(int(top + y * scale + 1e-3), int(np.ceil(top + (y + 1) * scale - 1e-3)))
        columns = slice(int(left + x * scale + 1e-3), int(np.ceil(left + (x + 1) * scale - 1e-3)))
        assert mask[rows, columns].all()


def test_a_fitted_mask_keeps_its_place_and_an_equal_size_changes_nothing():
    mask = np.zeros((40, 60), np.bool_)
    mask[10:20, 30:50] = True

    halved, doubled = fit_mask(mask, Size(30, 20)), fit_mask(mask, Size(120, 80))

    assert bounding_box(halved) == Box(15, 5, 10, 5)
    assert bounding_box(doubled) == Box(60, 20, 40, 20)
    assert fit_mask(mask, Size(60, 40)) is mask


@given(masks, st.integers(1, 40), st.integers(1, 30))
def test_depth_counts_steps_to_the_nearest_kept_pixel_up_to_a_limit(mask, limit, band_rows):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("limner.media.masks.BAND_ROWS", band_rows)
        steps = depth(mask, limit)

    kept = np.argwhere(~mask)
    for y, x in np.ndindex(mask.shape):
        nearest = np.abs(kept - (y, x)).sum(axis=1).min() if len(kept) else limit
        assert steps[y, x] == min(nearest, limit)


def framed(left: int, top: int, width: int, height: int) -> np.ndarray:
    pixels = np.zeros((40, 50, 4), np.uint8)
    pixels[top : top + height, left : left + width] = (10, 20, 30, 255)
    return pixels


@pytest.mark.parametrize("place", [(5, 5, 20, 20), (0, 0, 50, 30), (0, 10, 30, 30)])
def test_a_transparent_band_around_a_rectangle_is_found_and_is_all_but_the_rectangle(place):
    pixels = framed(*place)

    band = find_border_band(pixels)

    assert band is not None
    np.testing.assert_array_equal(band, pixels[..., 3] == 0)


def test_a_whole_picture_a_hole_a_sticker_and_nothing_have_no_band():
    whole, hole, sticker, nothing = (framed(0, 0, 50, 40), framed(0, 0, 50, 40), framed(0, 0, 0, 0), framed(0, 0, 0, 0))
    hole[10:20, 10:20] = 0
    y, x = np.mgrid[:40, :50]
    sticker[(x - 25) ** 2 + (y - 20) ** 2 < 15**2] = 255

    assert [find_border_band(pixels) for pixels in (whole, hole, sticker, nothing)] == [None] * 4


def test_what_shows_inside_a_band_is_no_part_of_it_even_where_it_is_transparent():
    pixels = framed(5, 5, 20, 20)
    pixels[10:15, 10:15] = 0

    band = find_border_band(pixels)

    assert band is not None
    assert not band[10:15, 10:15].any()


SOURCE = Size(7, 300)
OPAQUE = np.array([0, 0, 0, 255], np.uint8)


def noise(height: int, width: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)


def mask_message(pixels: Pixels, mode: MaskMode, *, has_alpha: bool = True) -> str:
    with pytest.raises(InvalidMask) as refusal:
        read_mask(pixels, mode, SOURCE, has_alpha=has_alpha)
    assert refusal.value.param == "mask"
    return refusal.value.message


def test_where_a_mask_is_fully_transparent_may_change_and_nothing_else():
    pixels = noise(300, 7, seed=1)
    pixels[0, :4, 3] = (0, 1, 254, 255)

    allowed = read_mask(pixels, "alpha", SOURCE, has_alpha=True)

    assert allowed.dtype == np.bool_
    np.testing.assert_array_equal(allowed, pixels[..., 3] == 0)
    assert allowed[0, :4].tolist() == [True, False, False, False]


def test_a_white_and_black_mask_lets_the_white_change():
    pixels = np.zeros((300, 7, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[0, :, :3] = np.array([0, 127, 128, 200, 255, 255, 255])[:, None]
    pixels[0, 5:, 3] = (0, 128)
    pixels[299, 6] = 255

    allowed = read_mask(pixels, "luma", SOURCE, has_alpha=False)

    assert allowed[0].tolist() == [False, False, True, True, True, False, True]
    assert allowed[299, 6]
    assert allowed.sum() == 5


def test_green_is_brighter_than_blue_in_a_luma_mask():
    pixels = np.array([[[0, 255, 0, 255], [0, 0, 255, 255], [255, 0, 0, 255]]], np.uint8)

    assert read_mask(pixels, "luma", Size(3, 1), has_alpha=True).tolist() == [[True, False, False]]


def test_a_mask_without_an_alpha_channel_is_refused_with_the_way_out():
    message = mask_message(noise(300, 7) | OPAQUE, "alpha", has_alpha=False)

    assert "mask_mode luma" in message
    assert "transparent" in message


def test_a_mask_of_another_size_is_refused_with_both_sizes():
    for mode in MASK_MODES:
        message = mask_message(noise(7, 300), mode)
        assert "the mask is 300x7 and its image is 7x300" in message
        assert "scale the mask to 7x300" in message


def test_a_mask_that_lets_nothing_change_is_refused_and_says_why():
    opaque, veiled, black = noise(300, 7), noise(300, 7), np.zeros((300, 7, 4), np.uint8)
    opaque[..., 3] = 255
    veiled[..., 3] = 128

    assert "opaque everywhere" in mask_message(opaque, "alpha")
    assert "2,100 of its pixels are partly transparent" in mask_message(veiled, "alpha")
    assert "no white" in mask_message(black, "luma")


@pytest.mark.parametrize("has_alpha", [False, True])
def test_a_black_and_white_mask_is_recognised_and_the_refusal_says_how_to_convert_it(has_alpha):
    pixels = np.zeros((300, 7, 4), np.uint8) | OPAQUE
    pixels[100:, :, :3] = 250

    message = mask_message(pixels, "alpha", has_alpha=has_alpha)

    assert "black and white" in message
    assert "send mask_mode luma, or make white fully transparent" in message
    assert read_mask(pixels, "luma", SOURCE, has_alpha=has_alpha).sum() == 200 * 7


def test_an_unknown_mode_is_refused_by_name():
    with pytest.raises(InvalidField, match="mask_mode 'white' is not known; use alpha") as refusal:
        parse_mask_mode("white", has_mask=True)

    assert refusal.value.param == "mask_mode"
