"""Named backgrounds: the same from the same seed, at any size, and in their light."""

from __future__ import annotations

import numpy as np
import pytest

from limner.data.scenes.backgrounds import draw_background
from limner.data.scenes.scene import BACKGROUNDS, LIGHTS, Background, BackgroundName, Light, LightName

PAINTED = tuple(name for name in BACKGROUNDS if name != "transparent")


@pytest.mark.parametrize("name", PAINTED)
@pytest.mark.parametrize("light", LIGHTS)
def test_every_background_is_drawn_in_every_light_at_any_size(name: BackgroundName, light: LightName):
    for size in ((48, 48), (96, 40), (33, 70)):
        image = draw_background(Background(name, seed=3), Light(light), size)

        assert image is not None
        assert image.size == size
        assert image.mode == "RGB"


@pytest.mark.parametrize("name", PAINTED)
def test_the_seed_decides(name: BackgroundName):
    first, again = (np.asarray(draw_background(Background(name, seed=1), Light("noon"), (64, 64))) for _ in range(2))
    others = [np.asarray(draw_background(Background(name, seed=seed), Light("noon"), (64, 64))) for seed in range(2, 8)]

    assert np.array_equal(first, again)
    assert name in {"plain", "gradient"} or any(not np.array_equal(first, other) for other in others)


def test_transparent_is_no_picture():
    assert draw_background(Background("transparent"), Light(), (32, 32)) is None


@pytest.mark.parametrize("name", ["hills", "city", "snow", "room", "forest"])
def test_the_moon_is_darker_than_noon(name: BackgroundName):
    noon, moon = (np.asarray(draw_background(Background(name, seed=5), Light(light), (64, 64))).mean() for light in ("noon", "moon"))

    assert moon < 0.75 * noon


def test_a_view_keeps_its_layout_at_another_size():
    small, large = (draw_background(Background("hills", seed=9), Light("noon"), (size, size)) for size in (64, 256))

    assert small is not None
    assert large is not None
    difference = np.abs(np.asarray(small, np.float32) - np.asarray(large.resize((64, 64), 4), np.float32))
    assert difference.mean() < 4
