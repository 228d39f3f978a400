"""Masks of training cover all that changes; damage spoils what is drawn and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from limner.data.editing.damage import damage
from limner.data.editing.pair import EditPair
from limner.data.editing.regions import bounds, grown, hole_in, region_over, window_in
from limner.data.editing.sheet import pair_sheet


def spot() -> np.ndarray:
    mask = np.zeros((64, 64), np.bool_)
    mask[20:30, 40:63] = True
    return mask


@pytest.mark.parametrize("seed", range(20))
def test_a_region_covers_all_that_changes(seed: int):
    region = region_over(spot(), np.random.default_rng(seed))

    assert region[spot()].all()
    assert region.mean() < 0.75


def test_some_regions_are_close_and_some_are_generous():
    areas = [region_over(spot(), np.random.default_rng(seed)).sum() / spot().sum() for seed in range(40)]

    assert min(areas) < 1.5
    assert max(areas) > 3


def test_a_margin_grows_on_every_side():
    assert bounds(spot()) == (40, 20, 63, 30)
    left, top, right, bottom = bounds(grown(spot(), 4))
    assert (left, right) == (pytest.approx(36, abs=2), 64)
    assert (top, bottom) == (pytest.approx(16, abs=2), pytest.approx(34, abs=2))


@pytest.mark.parametrize("seed", range(12))
def test_holes_and_windows_leave_a_part_to_go_by(seed: int):
    hole = hole_in(64, np.random.default_rng(seed))
    shown, side = window_in(64, np.random.default_rng(seed))

    assert 0.01 < hole.mean() < 0.6
    assert 0.2 < shown.mean() < 0.8
    hidden = {"left": shown[:, 0], "right": shown[:, -1], "top": shown[0], "bottom": shown[-1], "": shown[0]}[side]
    assert not hidden.any()


@pytest.mark.parametrize("seed", range(20))
def test_damage_leaves_coverage_and_empty_ground_alone(seed: int):
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[10:50, 10:50] = (200, 60, 60, 255)
    pixels[20:40, 20:40] = (60, 60, 200, 255)

    spoiled, order = damage(pixels, np.random.default_rng(seed))

    assert (spoiled != pixels).any()
    assert np.array_equal(spoiled[..., 3], pixels[..., 3])
    assert not spoiled[pixels[..., 3] == 0].any()
    assert order


def test_a_page_of_pairs_has_a_row_for_every_two():
    picture = np.full((64, 64, 4), 255, np.uint8)
    pair = EditPair(
        operation="add", instruction="add a cat", source=picture, free=spot(), shown=None, references=(picture,), reference_numbers=(2,),
        result=picture, background="opaque", changed=spot(), before=None, after=None,
    )  # fmt: skip

    one, three = pair_sheet([pair]), pair_sheet([pair] * 3)

    assert one.width == three.width
    assert three.height > 1.8 * one.height - 20
