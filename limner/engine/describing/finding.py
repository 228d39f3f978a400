"""From chances of patches to things: which are there for sure, how many of each, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from limner.engine.protocol import Mask
from limner.engine.seeing.seen import GROUND, Seen
from limner.engine.weights import Floats
from limner.media.boxes import Box
from limner.model.layout import PATCH_PX

MIN_CHANCE = 0.4  # of the best patch, over both sizes, for a thing to be considered
HELD_CHANCE = 0.25  # of a patch that counts as part of a thing
REACH_CHANCE = 0.06
LEARNT_SIDE = 8  # patches a side of the pictures that the surety was fitted on
BIAS, OF_ODDS, OF_SHARE, OF_PATCHES = -5.2, 0.44, 13.4, -2.0  # fitted by benchmarks/describing.py
MIN_INSTANCE_SHARE = 0.3  # of the largest of a kind; what is smaller is a piece of one
MIN_INSTANCE_PX = 24

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Found:
    """A thing by its number among the names, where it is (H, W), and the `box` of each one of it, the largest first."""

    number: int
    where: Mask
    boxes: tuple[Box, ...]


def find_numbers(seen: Seen) -> list[int]:
    """Return the numbers of the things that are there for sure, by their rows among the chances."""
    best = np.mean([chances.max((0, 1)) for chances in seen.chances], axis=0)
    return [int(number) for number in np.flatnonzero(best > MIN_CHANCE) if number != GROUND and measure_surety(seen, int(number)) > 0]


def measure_surety(seen: Seen, number: int) -> float:
    """Return how sure a thing is, above 0 if it should be said.

    What tells known things from strange ones is not how likely the best patch is, but whether the patches around it agree.
    """
    chance = float(np.clip(np.mean([chances[..., number].max() for chances in seen.chances]), 1e-4, 0.999))
    share = float(np.mean([_agreement(chances, number) for chances in seen.chances]))
    patches = float(np.mean([chances[..., number].sum() * (LEARNT_SIDE / max(chances.shape[:2])) ** 2 for chances in seen.chances]))
    return BIAS + OF_ODDS * float(np.log(chance / (1 - chance))) + OF_SHARE * share + OF_PATCHES * float(np.log(patches + 1e-3))


def _agreement(chances: Floats, number: int) -> float:
    """Return how much of what is seen around a thing is that thing."""
    of_thing = chances[..., number]
    held = of_thing > HELD_CHANCE
    around = widen(held if held.any() else of_thing == of_thing.max())
    return float(of_thing[around].sum() / max(1e-6, (1 - chances[..., GROUND])[around].sum()))


def tell_apart(seen: Seen, numbers: Sequence[int], standing: Mask | None) -> list[Found]:
    """Return where each of the things is, the largest first; what stands before the ground, (H, W), tells one from the next."""
    if not numbers:
        return []
    chances = seen.chances[-1][..., list(numbers)]
    reach = np.stack([_reach(chances[..., place]) for place in range(len(numbers))], axis=-1)
    nearest = np.where(reach.max(-1) > REACH_CHANCE, reach.argmax(-1), -1)
    found = []
    for place, number in enumerate(numbers):
        held = (nearest == place) if standing is not None else (nearest == place) & (chances[..., place] > HELD_CHANCE)
        where = np.kron(held, np.ones((PATCH_PX, PATCH_PX), np.bool_))
        if standing is not None:
            where &= _open(standing)
        boxes = tuple(_instances(where))
        if boxes:
            found.append(Found(number, where, boxes))
    return sorted(found, key=lambda thing: -int(thing.where.sum()))


def _reach(of_thing: Floats) -> Floats:
    """Let a thing reach into the patches beside it, which its edges touch."""
    padded = np.pad(of_thing, 1)
    rows, columns = of_thing.shape
    shifted = [padded[1 + down : 1 + down + rows, 1 + across : 1 + across + columns] for down in (-1, 0, 1) for across in (-1, 0, 1)]
    reach: Floats = np.maximum(of_thing, 0.3 * np.max(shifted, axis=0))
    return reach


def widen(mask: Mask) -> Mask:
    """Return a mask with all that touches it, corners too."""
    padded = np.pad(mask, 1)
    rows, columns = mask.shape
    shifted = [padded[1 + down : 1 + down + rows, 1 + across : 1 + across + columns] for down in (-1, 0, 1) for across in (-1, 0, 1)]
    wide: Mask = np.logical_or.reduce(shifted)
    return wide


def _open(mask: Mask) -> Mask:
    """Drop lines of a pixel or two."""
    return widen(~widen(~mask)) & mask


def _instances(where: Mask) -> Iterator[Box]:
    """Yield the box of each piece that is large enough beside the largest."""
    labels = label(widen(where))
    sizes = np.bincount(labels[where], minlength=1) if where.any() else np.zeros(1, np.int64)
    largest = int(sizes.max())
    for piece in np.argsort(-sizes, kind="stable"):
        if sizes[piece] < max(MIN_INSTANCE_PX, MIN_INSTANCE_SHARE * largest):
            return
        rows, columns = np.nonzero((labels == piece) & where)
        left, top = int(columns.min()), int(rows.min())
        yield Box(left, top, int(columns.max()) + 1 - left, int(rows.max()) + 1 - top)


def label(mask: Mask) -> Counts:
    """Return a number for each pixel of a mask, the same for those that touch; what it is elsewhere says nothing."""
    numbers = np.where(mask, np.arange(mask.size).reshape(mask.shape), mask.size)
    while True:
        before = numbers
        padded = np.pad(numbers, 1, constant_values=mask.size)
        beside = np.minimum.reduce([padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]])
        numbers = np.where(mask, np.minimum(numbers, beside), mask.size)
        numbers = np.where(mask, np.append(numbers.ravel(), mask.size)[numbers], mask.size)  # jump to what that one found
        if np.array_equal(numbers, before):
            return numbers
