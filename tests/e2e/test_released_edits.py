"""Edits with the weights that ship: what only a network that has learnt something can show."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from limner.engine.library import find_snapshot, shared_engine
from limner.engine.protocol import EditRequest, Finished
from limner.engine.resolve import GenerateOptions, resolve
from limner.engine.resolve_edit import EditOptions, resolve_edit, resolve_variation


def draw(request: object) -> np.ndarray:
    last = list(shared_engine().events(request))[-1]
    assert isinstance(last, Finished), last
    return np.asarray(Image.fromarray(last.pictures[0].pixels).convert("RGBA"))


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.fixture(scope="module")
def apple() -> np.ndarray:
    return draw(resolve("a red apple", GenerateOptions(size="256x256", seed=1, quality="low"), find_snapshot=find_snapshot))


def edit(source: np.ndarray, mask: np.ndarray | None = None, **options: object) -> EditRequest:
    size = "auto" if mask is not None else "256x256"
    settled = EditOptions(**{"size": size, "seed": 3, "quality": "low", **options})
    return resolve_edit("a blue heart", settled, [source], mask, find_snapshot=find_snapshot)


def test_high_fidelity_stays_nearer_to_the_source_and_low_follows_the_prompt(apple: np.ndarray) -> None:
    low, high = (draw(edit(apple, input_fidelity=fidelity)) for fidelity in ("low", "high"))
    free = draw(resolve("a blue heart", GenerateOptions(size="256x256", seed=3, quality="low"), find_snapshot=find_snapshot))

    assert distance(high, apple) < distance(low, apple) < distance(free, apple)


def test_high_fidelity_stays_nearer_inside_a_mask_too_on_average(apple: np.ndarray) -> None:
    mask = np.zeros((256, 256), np.bool_)
    mask[120:220, 100:220] = True
    seeds = range(8)

    low, high = ([draw(edit(apple, mask, input_fidelity=fidelity, seed=seed)) for seed in seeds] for fidelity in ("low", "high"))

    far, near = (np.mean([distance(one[mask], apple[mask]) for one in drawn]) for drawn in (low, high))
    assert near < far
    for one in low:
        np.testing.assert_array_equal(one[~mask], apple[~mask])


def test_variations_are_like_their_picture_and_unlike_each_other(apple: np.ndarray) -> None:
    options = [GenerateOptions(size="256x256", seed=seed, quality="low") for seed in (1, 2)]

    first, second = (draw(resolve_variation(one, apple, find_snapshot=find_snapshot)) for one in options)

    blue = np.full_like(apple, (0, 0, 255, 255))
    assert distance(first, second) > 0
    assert max(distance(first, apple), distance(second, apple)) < distance(blue, apple) / 2
