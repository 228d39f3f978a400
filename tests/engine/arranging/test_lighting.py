"""Pictures in another light: skies are found and exchanged, the rest is tinted, and what nobody knows the sky of stays calm."""

from __future__ import annotations

import numpy as np
import pytest

from limner.engine.arranging.lighting import find_sky, relight
from limner.evals.edits.cases import read_cases

CASES = {case.key: case for case in read_cases()}


def drawing(key: str) -> np.ndarray:
    source = CASES[key].source
    assert source is not None
    return source


@pytest.mark.parametrize(
    ("key", "light"), [("relight/03", "noon"), ("relight/06", "moon"), ("relight/10", "dusk"), ("relight/05", None), ("relight/07", None)]
)
def test_a_sky_tells_its_light_and_a_wall_is_none(key: str, light: str | None):
    sky = find_sky(drawing(key))

    assert (sky and sky.light) == light


def test_a_sky_ends_where_the_land_begins_and_takes_moon_and_stars():
    sky = find_sky(drawing("relight/06"))  # a flamingo before hills at night

    assert sky is not None
    height, width = sky.mask.shape
    assert sky.mask[: height // 4].mean() > 0.97
    assert not sky.mask[height * 3 // 4 :].any()
    assert not sky.mask[height // 2, width // 3]  # the bird


def test_day_follows_night_without_a_rim():
    night = drawing("relight/09")

    day = relight(night, "noon", 1)

    assert day[..., :3].mean() > 1.4 * night[..., :3].mean()
    top = day[: len(day) // 4, :, :3].astype(int)
    assert (top[..., 2] > 200).mean() > 0.98, "the sky is blue, where the stars and the moon were too"
    assert np.array_equal(day[..., 3], night[..., 3])


def test_at_night_there_are_stars_and_the_seed_decides_where():
    noon = drawing("relight/11")

    first, again, other = relight(noon, "moon", 1), relight(noon, "moon", 1), relight(noon, "moon", 2)

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first[..., :3].mean() < 0.6 * noon[..., :3].mean()


def test_a_room_is_tinted_and_keeps_its_walls():
    room = drawing("relight/07")  # in moonlight

    day = relight(room, "noon", 1)

    gain = day[..., :3].astype(float).mean((0, 1)) / room[..., :3].mean((0, 1))
    assert gain[0] > gain[2] > 1, "moonlight took most of the red"


def test_a_photograph_keeps_its_own_white():
    brown = np.clip(np.random.default_rng(0).normal((150, 110, 80), 25, (96, 96, 3)), 0, 255).astype(np.uint8)
    photograph = np.dstack([brown, np.full((96, 96), 255, np.uint8)])

    same, night = relight(photograph, "noon", 1), relight(photograph, "moon", 1)

    assert np.array_equal(same, photograph)
    assert night[..., :3].mean() < 0.75 * photograph[..., :3].mean()
    assert find_sky(photograph) is None


def test_a_thing_on_a_plain_ground_is_tinted_with_its_ground():
    picture = np.full((96, 96, 4), (116, 192, 241, 255), np.uint8)
    picture[30:60, 30:60, :3] = (200, 30, 30)

    night = relight(picture, "moon", 1, is_view=False)

    assert len(np.unique(night.reshape(-1, 4), axis=0)) == 2, "no stars"
    assert night[..., :3].mean() < 0.8 * picture[..., :3].mean()
