"""Several images on one sheet."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.engine.drawing.references import lay_in_mask, lay_in_rows
from limner.model.layout import Size


def plain(level: int, height: int = 40, width: int = 40) -> np.ndarray:
    return np.full((height, width, 4), (level, level, level, 255), np.uint8)


shapes = st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300)), min_size=2, max_size=16)


@settings(deadline=None, max_examples=60)
@given(shapes, st.sampled_from([(128, 128), (96, 160), (176, 80)]))
def test_no_image_is_left_out_of_the_rows_or_covered_and_all_keep_their_order(sides, size):
    levels = [10 + 15 * number for number in range(len(sides))]
    images = [plain(level, *shape) for level, shape in zip(levels, sides, strict=True)]

    sheet = lay_in_rows(images, Size(*size))

    assert sheet.shape == (size[1], size[0], 4)
    seen = np.rint(sheet[..., 0] * 255).astype(int)
    places = [np.argwhere((seen == level) & (sheet[..., 3] == 1)) for level in levels]
    assert all(len(place) for place in places)
    corners = [tuple(place.min(axis=0)) for place in places]
    assert corners == sorted(corners)


def test_one_image_covers_the_sheet_and_two_squares_stand_side_by_side():
    one = lay_in_rows([plain(200)], Size(128, 96))
    two = lay_in_rows([plain(100), plain(200)], Size(128, 128))

    assert (one[..., 3] == 1).all()
    np.testing.assert_allclose(two[32:96, :64, 0], 100 / 255, rtol=1e-5)
    np.testing.assert_allclose(two[32:96, 64:, 0], 200 / 255, rtol=1e-5)
    assert not two[:32].any()


def test_images_keep_their_ratio_in_rows():
    wide = np.zeros((50, 100, 4), np.uint8)
    wide[..., 3] = 255

    sheet = lay_in_rows([wide, wide], Size(128, 128))

    rows, columns = np.nonzero(sheet[..., 3])
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (128, 128)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 15), st.integers(0, 10_000), st.floats(0.02, 1))
def test_each_image_has_its_share_of_the_free_pixels_and_the_others_keep_the_ground(count, seed, density):
    random = np.random.default_rng(seed)
    free = random.random((24, 30)) < density
    free[random.integers(0, 24), random.integers(0, 30)] = True
    ground = np.full((24, 30, 4), 0.5, np.float32)
    levels = [15 * number for number in range(1, count + 1)]

    laid = lay_in_mask([plain(level) for level in levels], free, ground)

    np.testing.assert_array_equal(laid[~free], ground[~free])
    seen = np.rint(laid[free][:, 0] * 255).astype(int)
    assert set(seen) == set(levels) or free.sum() < count


def test_images_that_share_one_pixel_are_mixed_and_transparent_ones_let_the_ground_through():
    free = np.zeros((5, 5), np.bool_)
    free[2, 2] = True
    ground = np.full((5, 5, 4), 0.5, np.float32)
    clear = np.zeros((10, 10, 4), np.uint8)

    mixed = lay_in_mask([plain(100), plain(200)], free, ground)
    unchanged = lay_in_mask([clear], free, ground)

    assert mixed[2, 2, 0] * 255 == np.float32(150)
    np.testing.assert_array_equal(unchanged, ground)
