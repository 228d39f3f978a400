"""Adjustments: each does what its name says, and alpha stays or comes along."""

from __future__ import annotations

import numpy as np
import pytest

from limner.media.filters.tone import GRADUAL, TONES, Tone, adjust


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (24, 32, 4)).astype(np.uint8)


def spread(pixels: np.ndarray) -> float:
    return float(np.ptp(pixels[..., :3].astype(int), axis=-1).mean())


@pytest.mark.parametrize("tone", TONES)
def test_every_tone_changes_the_colours_and_never_the_shape(tone: Tone, picture: np.ndarray):
    adjusted = adjust(picture, tone)

    assert adjusted.shape == picture.shape
    assert adjusted.dtype == np.uint8
    assert not np.array_equal(adjusted[..., :3], picture[..., :3])
    if tone not in ("mirrored", "upside down", "blurred"):
        assert np.array_equal(adjusted[..., 3], picture[..., 3])


def test_tones_do_what_they_say(picture: np.ndarray):
    light = {tone: adjust(picture, tone)[..., :3].mean() for tone in TONES}
    colour = {tone: spread(adjust(picture, tone)) for tone in TONES}
    warm, cool = (adjust(picture, tone)[..., :3].mean((0, 1)) for tone in ("warmer", "cooler"))

    assert light["darker"] < picture[..., :3].mean() < light["brighter"]
    assert colour["grey"] == 0
    assert colour["less colourful"] < spread(picture) < colour["more colourful"]
    assert adjust(picture, "less contrast").std() < picture.std()
    assert warm[0] - warm[2] > cool[0] - cool[2]


@pytest.mark.parametrize("tone", ["mirrored", "upside down", "negative"])
def test_what_is_done_twice_is_undone(tone: Tone, picture: np.ndarray):
    assert np.array_equal(adjust(adjust(picture, tone), tone), picture)


def test_what_nothing_covers_lends_no_colour_to_a_blur():
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[20:44, 20:44] = (250, 10, 10, 255)
    picture[..., 1][picture[..., 3] == 0] = 255

    blurred = adjust(picture, "blurred")

    assert (blurred[blurred[..., 3] > 20][:, 1] < 40).all()


@pytest.mark.parametrize("tone", sorted(GRADUAL))
def test_more_of_a_tone_changes_more(tone: Tone, picture: np.ndarray):
    apart = [np.abs(adjust(picture, tone, amount)[..., :3].astype(int) - picture[..., :3]).mean() for amount in (0.5, 1.0, 1.8)]

    assert 0 < apart[0] < apart[1] < apart[2]
