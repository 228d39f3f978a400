"""One picture, from noise to pixels."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from limner.engine.runtime import Runtime
from limner.engine.sampler import Sitting, denoise, develop, partial_steps
from limner.engine.weights import Catalogue
from limner.model.layout import Size


@pytest.fixture(scope="session")
def runtime(tiny_weights: Path) -> Runtime:
    catalogue = Catalogue.open(tiny_weights)
    return Runtime(catalogue, catalogue.resolve(), threads=1)


def sitting(runtime: Runtime, prompt: str = "a red kite", **changes: object) -> Sitting:
    facts = {"size": Size(512, 512), "background": "transparent", "seed": 7, "sampling": runtime.sampling("low"), **changes}
    return Sitting(condition=runtime.encode(prompt), **facts)


def test_each_step_gives_a_guess_within_range_and_the_last_differs_from_the_first(runtime: Runtime) -> None:
    guesses = list(denoise(runtime, sitting(runtime)))

    assert len(guesses) == runtime.sampling("low").num_steps
    for guess in guesses:
        alpha = guess[3]
        assert guess.dtype == np.float32
        assert np.abs(alpha).max() <= 1
        assert (np.abs(guess[:3]) <= (alpha + 1) / 2 + 1e-6).all()
    assert not np.array_equal(guesses[0], guesses[-1])


def test_two_pictures_drawn_by_turns_are_those_drawn_one_after_the_other(runtime: Runtime) -> None:
    first, second = sitting(runtime), sitting(runtime, "a blue house", seed=8, background="opaque")
    alone = [list(denoise(runtime, one))[-1] for one in (first, second)]

    by_turns = list(zip(denoise(runtime, first), denoise(runtime, second), strict=True))[-1]

    for together, apart in zip(by_turns, alone, strict=True):
        np.testing.assert_array_equal(together, apart)


def test_seed_prompt_background_and_quality_each_change_the_picture(runtime: Runtime) -> None:
    sittings = [
        sitting(runtime),
        sitting(runtime, seed=8),
        sitting(runtime, "a blue house"),
        sitting(runtime, background="opaque"),
        sitting(runtime, sampling=runtime.sampling("medium")),
    ]

    pictures = [develop(list(denoise(runtime, one))[-1], one.size, "transparent").tobytes() for one in sittings]

    assert len(set(pictures)) == len(sittings)


def test_a_prompt_is_encoded_the_same_whether_or_not_it_is_remembered(runtime: Runtime) -> None:
    fresh = list(denoise(runtime, sitting(runtime, 'a sign "OPEN"')))[-1]
    for number in range(8):
        runtime.encode(f"prompt {number}")

    again = list(denoise(runtime, sitting(runtime, 'a sign "OPEN"')))[-1]

    np.testing.assert_array_equal(again, fresh)


@pytest.mark.parametrize("size", [Size(1024, 1024), Size(256, 256), Size(1536, 1024), Size(272, 800), Size(2048, 688)])
def test_a_picture_has_exactly_the_size_asked_for_whatever_the_grid(runtime: Runtime, size: Size) -> None:
    guess = list(denoise(runtime, sitting(runtime, size=size)))[-1]

    pixels = develop(guess, size, "transparent")

    assert pixels.shape == (size.height, size.width, 4)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous


def test_opaque_means_alpha_255_everywhere_and_transparent_keeps_real_alpha() -> None:
    channels = np.zeros((4, 32, 32), np.float32)
    channels[3] = np.linspace(-1, 1, 32)

    opaque = develop(channels, Size(256, 256), "opaque")
    transparent = develop(channels, Size(256, 256), "transparent")

    assert (opaque[..., 3] == 255).all()
    assert transparent[..., 3].min() == 0
    assert transparent[..., 3].max() == 255
    assert len(np.unique(transparent[..., 3])) > 200


def test_partials_are_spread_evenly_distinct_and_before_the_last_step() -> None:
    assert partial_steps(8, 3) == (2, 4, 6)
    assert partial_steps(8, 0) == ()
    assert partial_steps(2, 3) == (1,)
    assert partial_steps(1, 3) == ()
    for num_steps in range(1, 40):
        for num_partials in range(4):
            due = partial_steps(num_steps, num_partials)
            assert len(due) == min(num_partials, num_steps - 1)
            assert all(1 <= earlier < later < num_steps for earlier, later in pairwise((*due, num_steps - 1)) if later != earlier)
