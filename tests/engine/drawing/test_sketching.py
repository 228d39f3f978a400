"""Of several beginnings, each sketched in one step, the best is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import Ground, Sitting, denoise
from limner.engine.drawing.sketching import choose_beginning
from limner.engine.seeing.choosing import rate
from limner.engine.weights import Sampling
from limner.model.layout import Grid

ONCE = Sampling(num_steps=4, num_patches=16, guidance_scale=1.0)
THRICE = replace(ONCE, num_sketches=3)


def sitting(
    runtime: Runtime, prompt: str = "a cat", *, seed: int = 0, sampling: Sampling = THRICE, ground: Ground | None = None
) -> Sitting:
    condition = runtime.encode(prompt)
    return Sitting(condition=condition, sampling=sampling, background="opaque", seed=seed, ground=ground or Ground(grid=Grid(4, 4)))


def begin(runtime: Runtime, asked: Sitting) -> Sitting:
    begun = choose_beginning(runtime, asked, lambda: True)
    assert begun is not None
    return begun


def test_the_beginning_whose_sketch_rates_highest_is_drawn(runtime: Runtime):
    numbers = runtime.chooser.read("a cat")
    chosen = set()
    for seed in range(6):
        asked = sitting(runtime, seed=seed)
        sketches = [next(denoise(runtime, replace(asked, sampling=replace(ONCE, num_steps=1), beginning=number))) for number in range(3)]
        ratings = [rate(runtime.name_things(sketch.clean), numbers) for sketch in sketches]

        begun = begin(runtime, asked)

        assert begun == replace(asked, beginning=int(np.argmax(ratings)))
        chosen.add(begun.beginning)
    assert len(chosen) > 1, "seeds 0 to 5 choose different beginnings"


def test_each_beginning_of_a_seed_is_another_picture_and_the_first_that_of_the_seed_alone(runtime: Runtime):
    alone, *others = (next(denoise(runtime, replace(sitting(runtime), beginning=number))).clean for number in range(3))

    assert np.array_equal(alone, next(denoise(runtime, sitting(runtime, sampling=ONCE))).clean)
    assert not any(np.array_equal(alone, other) for other in others)


@pytest.mark.parametrize(
    ("prompt", "sampling", "ground"),
    [
        ("a cat", ONCE, None),
        ("a zeppelin", THRICE, None),
        ("a cat", THRICE, Ground(grid=Grid(4, 4), source=np.zeros((6, 64, 64), np.float32))),
        ("a cat", THRICE, Ground(grid=Grid(4, 4), content=np.zeros((4, 64, 64), np.float32), start_time=0.5)),
    ],
)
def test_nothing_is_sketched_where_nothing_could_be_chosen(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, prompt: str, sampling: Sampling, ground: Ground | None
):
    asked = sitting(runtime, prompt, sampling=sampling, ground=ground)
    monkeypatch.setattr(Runtime, "guess", lambda *_: pytest.fail("something was sketched"))

    assert begin(runtime, asked) is asked


def test_sketching_ends_as_soon_as_nobody_wants_the_picture(runtime: Runtime):
    answers = iter((True, False))

    assert choose_beginning(runtime, sitting(runtime), lambda: next(answers)) is None
    assert next(answers, None) is None
