"""Looks: each makes another picture of the same scene, the same from a seed, with its things where they were."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from limner.data.scenes.scene import MEDIA
from limner.media.filters.medium import LOOKS, apply_medium


def picture(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a red disc on a light blue ground, and where the disc is."""
    axis = (np.arange(side) + 0.5) / side
    disc = np.hypot(axis[None, :] - 0.62, axis[:, None] - 0.4) < 0.22
    pixels = np.empty((side, side, 4), np.uint8)
    pixels[:] = (168, 214, 250, 255)
    pixels[disc] = (222, 40, 48, 255)
    return pixels, disc


def test_there_is_a_look_for_every_medium_of_the_scene_language():
    assert set(LOOKS) == set(MEDIA) - {"none"}


@pytest.mark.parametrize("medium", LOOKS)
def test_a_seed_decides_and_the_source_stays_as_it_was(medium: str):
    pixels, mask = picture(96)
    before = pixels.copy()

    first, again, other = (apply_medium(pixels, mask, medium, seed) for seed in (1, 1, 2))

    assert first.shape == pixels.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert medium in {"pixel art", "art deco", "halftone", "neon"} or not np.array_equal(first, other)
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize("medium", LOOKS)
@pytest.mark.parametrize("size", [(33, 70), (96, 40)])
def test_any_size_works_and_transparency_stays(medium: str, size: tuple[int, int]):
    pixels = np.asarray(Image.fromarray(picture(64)[0]).resize(size)).copy()
    pixels[:5, :, 3] = 0
    mask = np.asarray(Image.fromarray(picture(64)[1]).resize(size))

    made = apply_medium(pixels, mask, medium, 3)

    assert np.array_equal(made[..., 3], pixels[..., 3])


@pytest.mark.parametrize("medium", LOOKS)
def test_the_look_is_the_same_at_another_size(medium: str):
    small, large = (apply_medium(*picture(side), medium, 5) for side in (128, 384))

    rough = [np.asarray(Image.fromarray(made[..., :3]).resize((16, 16), Image.Resampling.BOX), np.float32) for made in (small, large)]
    assert np.abs(rough[0] - rough[1]).mean() < 12


def test_every_look_is_another_one_and_keeps_the_thing_apart_from_its_ground():
    pixels, mask = picture(128)
    inside = np.hypot(*np.meshgrid((np.arange(128) + 0.5) / 128 - 0.62, (np.arange(128) + 0.5) / 128 - 0.4)) < 0.24
    made = {medium: apply_medium(pixels, mask, medium, 1)[..., :3].astype(float) for medium in LOOKS}

    names = list(made)
    for place, first in enumerate(names):
        assert np.abs(made[first] - pixels[..., :3]).mean() > 2, first
        assert max(np.abs(made[first][inside].mean(0) - made[first][~inside].mean(0))) > 8, first
        assert all(np.abs(made[first] - made[second]).mean() > 3 for second in names[place + 1 :]), first


@pytest.mark.parametrize("medium", ["oil", "watercolour", "paper cut", "stained glass", "pixel art"])
def test_looks_that_keep_colours_keep_the_hue(medium: str):
    pixels, mask = picture(128)

    red, green, blue = apply_medium(pixels, mask, medium, 1)[44:60, 70:88, :3].reshape(-1, 3).mean(0)

    assert red > 150
    assert red > 2 * max(green, blue)
