"""The noise that a picture starts from."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from limner.engine.drawing.noise import image_noise
from limner.engine.protocol import MAX_SEED


@pytest.mark.parametrize(
    ("seed", "digest"),
    [
        (0, "417abf7ee06c7522"),
        (1, "ba6439cd53f08c76"),
        (MAX_SEED, "5d9328299286ff22"),
    ],
)
def test_noise_of_a_seed_is_the_same_bytes_for_ever(seed: int, digest: str) -> None:
    noise = image_noise(seed, 32, 48)

    assert hashlib.sha256(noise.tobytes()).hexdigest()[:16] == digest


def test_noise_depends_on_nothing_that_was_drawn_before() -> None:
    alone = image_noise(7, 16, 16)

    image_noise(8, 64, 64)
    np.random.default_rng(7).standard_normal(100)

    np.testing.assert_array_equal(image_noise(7, 16, 16), alone)


def test_noise_is_standard_normal_float32_and_neighbouring_seeds_are_unrelated() -> None:
    first, second = image_noise(41, 128, 128), image_noise(42, 128, 128)

    assert first.shape == (4, 128, 128)
    assert first.dtype == np.float32
    assert abs(first.mean()) < 0.02
    assert first.std() == pytest.approx(1, abs=0.02)
    assert (np.abs(first) > 3).mean() == pytest.approx(0.0027, abs=0.001)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.02
