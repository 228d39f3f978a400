"""Time, noise and pixels have one definition, and its parts agree with each other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from limner.model import flow
from limner.train.objective import to_channels

RGBA = hnp.arrays(np.uint8, (3, 5, 4))


@pytest.mark.parametrize("num_steps", [1, 2, 7, 40])
def test_a_perfect_guess_is_reached_in_any_number_of_steps(num_steps: int):
    image, noisy = np.full((4, 2, 2), 0.7, np.float32), np.random.default_rng(0).standard_normal((4, 2, 2)).astype(np.float32)

    times = flow.times(num_steps)
    for time, next_time in pairwise(times):
        noisy = flow.step(image, noisy, time, next_time)

    assert times[0] == 0
    assert times[-1] == 1
    assert np.allclose(noisy, image)


def test_a_step_follows_the_velocity():
    clean, noisy, time, next_time = 0.8, 0.1, 0.3, 0.4

    assert flow.step(clean, noisy, time, next_time) == pytest.approx(noisy + (next_time - time) * flow.velocity(clean, noisy, time))


def test_the_velocity_of_the_truth_is_image_minus_noise():
    image, noise, time = 0.5, -1.2, 0.6

    assert flow.velocity(image, flow.mix(image, noise, time), time) == pytest.approx(image - noise)


def test_training_times_lie_inside_and_mostly_on_the_noisy_side():
    times = flow.training_time(np.random.default_rng(0).standard_normal(10_000))

    assert 0 < times.min() < times.max() < 1
    assert 0.10 < np.median(times) < 0.14


@given(pixels=RGBA)
def test_pixels_survive_the_way_to_channels_and_back(pixels: np.ndarray):
    premultiplied = flow.to_premultiplied(flow.to_channels(pixels))

    expected = pixels.astype(np.float32) / 255
    expected[..., :3] *= expected[..., 3:]
    assert np.allclose(premultiplied, expected, atol=1e-5)


@given(pixels=RGBA)
def test_the_device_makes_the_same_channels(pixels: np.ndarray):
    assert np.allclose(to_channels(torch.from_numpy(pixels)[None])[0].numpy(), flow.to_channels(pixels), atol=1e-6)


@given(channels=hnp.arrays(np.float32, (4, 2, 2), elements=st.floats(-4, 4, width=32)))
def test_colour_never_exceeds_alpha(channels: np.ndarray):
    premultiplied = flow.to_premultiplied(channels)

    assert (premultiplied >= -1e-6).all()
    assert (premultiplied[..., :3] <= premultiplied[..., 3:] + 1e-6).all()
    assert (premultiplied[..., 3] <= 1 + 1e-6).all()


def test_a_late_start_spreads_as_many_steps_over_what_is_left():
    late = flow.times(8, 0.25)

    assert len(late) == 9
    assert (late[0], late[-1]) == (0.25, 1.0)
    assert late == sorted(set(late))
    assert flow.times(8, 0.0) == flow.times(8)


def test_premultiplied_pixels_become_the_channels_of_the_straight_ones():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 4), np.uint8)
    channels = flow.to_channels(pixels)

    np.testing.assert_allclose(flow.from_premultiplied(flow.to_premultiplied(channels)), channels, atol=1e-6)


@given(RGBA, st.floats(0.01, 0.49))
def test_settled_alpha_is_nothing_or_all_near_its_ends_and_colours_stay(rgba: np.ndarray, margin: float):
    before = flow.to_channels(rgba)

    after = flow.settle_alpha(before, margin)

    cover, settled = ((channels[3] + 1) / 2 for channels in (before, after))
    assert (settled[cover <= margin] == 0).all()
    assert (settled[cover >= 1 - margin] > 1 - 1e-5).all()
    assert (np.diff(settled.flat[np.argsort(cover, axis=None)]) >= 0).all()
    np.testing.assert_allclose(after[:3] * cover, before[:3] * settled, atol=1e-5)
    np.testing.assert_allclose(flow.clamp_pixels(after), after, atol=1e-5)


def test_looking_ahead_is_exact_where_the_guess_moves_evenly_in_the_root_of_time():
    before, now, middle = (0.3 + 2 * root for root in (0.2, 0.5, 0.6))

    assert flow.look_ahead(now, before, (0.2**2, 0.5**2, 0.7**2)) == pytest.approx(middle)


def test_late_times_are_the_last_steps_of_as_many_if_others_come_before_them():
    assert flow.times(4, late=(0.8, 0.9)) == pytest.approx([0, 0.25, 0.8, 0.9, 1])
    assert flow.times(4, 0.81, late=(0.8, 0.9)) == flow.times(4, 0.81)
    assert flow.times(2, late=(0.8, 0.9)) == flow.times(2)
    assert flow.times(1, late=(0.8, 0.9)) == [0, 1]
