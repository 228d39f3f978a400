"""Of several beginnings, each sketched in a few steps, the best is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import Ground, Guess, Sitting, denoise
from limner.engine.drawing.sketching import SKETCH_STEPS, draw_best
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


def drawn(guesses: Iterator[Guess] | None) -> list[bytes]:
    assert guesses is not None
    return [guess.clean.tobytes() for guess in guesses]


def test_the_beginning_whose_sketch_rates_highest_is_drawn(runtime: Runtime):
    numbers = runtime.chooser.read("a cat")
    chosen = set()
    for seed in range(6):
        asked = sitting(runtime, seed=seed)
        beginnings = [replace(asked, beginning=number) for number in range(3)]
        sketches = [list(islice(denoise(runtime, beginning), SKETCH_STEPS))[-1] for beginning in beginnings]
        best = int(np.argmax([rate(runtime.name_things(sketch.clean), numbers) for sketch in sketches]))

        assert drawn(draw_best(runtime, asked, lambda: True)) == drawn(denoise(runtime, beginnings[best]))
        chosen.add(best)
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
    wanted = drawn(denoise(runtime, asked))
    monkeypatch.setattr(Runtime, "name_things", lambda *_: pytest.fail("something was sketched"))

    assert drawn(draw_best(runtime, asked, lambda: True)) == wanted


def test_sketching_ends_as_soon_as_nobody_wants_the_picture(runtime: Runtime):
    answers = iter((True, False))

    assert draw_best(runtime, sitting(runtime), lambda: next(answers)) is None
    assert next(answers, None) is None
