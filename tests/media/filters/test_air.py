"""What the air is full of: the same from a seed, in front of everything, and as much of it at any size."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from PIL import Image

from limner.media.filters.air import Air, fill_air

GREY = np.full((128, 128, 4), (90, 110, 90, 200), np.uint8)


@pytest.mark.parametrize("air", get_args(Air))
def test_a_seed_decides_and_transparency_stays(air: Air):
    first, again, other = (fill_air(GREY, air, seed) for seed in (1, 1, 2))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.array_equal(first[..., 3], GREY[..., 3])
    assert np.abs(first[..., :3].astype(int) - GREY[..., :3]).mean() > 2


@pytest.mark.parametrize("air", get_args(Air))
def test_the_air_is_the_same_at_another_size(air: Air):
    large = np.asarray(Image.fromarray(GREY).resize((512, 512)))

    small, reduced = fill_air(GREY, air, 4), Image.fromarray(fill_air(large, air, 4)).reduce(4)

    assert np.abs(small.astype(float) - np.asarray(reduced)).mean() < 4


def test_fireflies_glow_and_fog_is_pale():
    flies, fog = (fill_air(GREY, air, 4)[..., :3].astype(int) for air in ("fireflies", "fog"))

    assert flies.max(axis=(0, 1))[1] > 240
    assert flies.mean() < 110
    assert fog.mean() > GREY[..., :3].mean() + 25
