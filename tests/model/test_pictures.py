"""Pictures as patches: whole, where they belong, under their numbers."""

from __future__ import annotations

import numpy as np

from limner.model import flow
from limner.model.layout import Grid, grid_positions
from limner.model.pictures import FIRST_REFERENCE_SEGMENT, NO_PICTURES, SOURCE_SEGMENT, PatchRun, overview, reference, source_channels


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)
    pixels[..., 3] = 255
    return pixels


def test_a_square_picture_of_the_same_side_is_cut_into_its_own_channels():
    pixels = picture(64, 64)

    run = reference(pixels, 2, 64)

    channels = flow.to_channels(pixels)
    assert np.allclose(run.patches[5].reshape(4, 16, 16), channels[:, 16:32, 16:32], atol=1e-6)
    assert set(run.segments) == {FIRST_REFERENCE_SEGMENT + 1}
    assert set(run.positions[:, 0]) == {2}
    np.testing.assert_array_equal(run.positions[:, 1:], grid_positions(Grid(4, 4)).reshape(-1, 3)[:, 1:])


def test_an_oblong_picture_is_shown_whole_in_the_middle_of_a_square():
    run = reference(picture(20, 80), 1, 64)

    alpha = run.patches.reshape(16, 4, 16, 16)[:, 3]
    assert (alpha[:4] == -1).all()
    assert (alpha[4:12].reshape(2, 4, 16, 16)[0][:, 8:] == 1).all()
    assert (alpha[12:] == -1).all()


def test_where_a_source_shows_nothing_its_overview_is_empty():
    shown = np.zeros((128, 128), np.bool_)
    shown[:, :64] = True

    run = overview(picture(128, 128), shown)

    alpha = run.patches.reshape(4, 4, 4, 16, 16)[:, :, 3]
    assert (alpha[:, 3] == -1).all()
    assert (alpha[:, 0] == 1).all()
    assert set(run.segments) == {SOURCE_SEGMENT}


def test_source_channels_tell_where_it_shows_and_where_it_must_stay():
    shown, kept = np.zeros((16, 16), np.bool_), np.zeros((16, 16), np.bool_)
    shown[:, :8], kept[:4] = True, True

    channels = source_channels(np.full((4, 16, 16), 0.5, np.float32), shown, kept)

    np.testing.assert_array_equal(channels[:4, :, 8:], 0)
    np.testing.assert_array_equal(channels[4], shown)
    np.testing.assert_array_equal(channels[5], kept)


def test_runs_are_joined_in_order_and_none_is_nothing():
    first, second = reference(picture(64, 64), 1, 64), reference(picture(64, 64), 2, 128)

    joined = PatchRun.join([first, second])

    assert len(joined.patches) == len(joined.positions) == len(joined.segments) == 16 + 64
    np.testing.assert_array_equal(joined.patches[16:], second.patches)
    assert len(PatchRun.join([]).patches) == len(NO_PICTURES.patches) == 0
