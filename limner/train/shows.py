"""Showing each drawn picture several times, so that a quick device does not wait for the processes that draw.

Batches are composed on the device: one part is fresh, the others were shown `GAP`, `2 * GAP`, ... steps before and are moved by a few
pixels; each time brings new noise at a new time. Data echoing (Choi et al. 2019, arXiv 1907.05550), with fixed places in time
instead of chance, so that a step's pictures depend on its number alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from limner.train.objective import PICTURES, Batch

GAP = 16  # steps between two shows of a picture
MOVED_SHARE = 1 / 32  # of the side, at most


def lead(shows: int) -> int:
    """Return how many fresh parts a step needs beside its own."""
    return (shows - 1) * GAP


def show_again(fresh: Iterator[Batch], shows: int, device: torch.device, *, step: int) -> Iterator[Batch]:
    """Yield the batches from `step` on, on the device, each of `shows` fresh parts of like size; `fresh` begins with part `step`."""
    held: deque[Batch] = deque(maxlen=lead(shows) + 1)
    for part in fresh:
        held.append(part.to(device))
        if len(held) == held.maxlen:
            yield held[-1] if shows == 1 else Batch.join([_moved(held[-1 - place * GAP], step, place) for place in range(shows)])
            step += 1


def _moved(part: Batch, step: int, place: int) -> Batch:
    if place == 0:
        return part
    most = round(part.pixels.shape[1] * MOVED_SHARE)
    rng = np.random.Generator(np.random.Philox(key=np.array([step, place], np.uint64)))
    down, right = (int(by) for by in rng.integers(-most, most + 1, 2))
    return replace(part, **{name: _shift(_shift(getattr(part, name), down, 1), right, 2) for name in PICTURES})


def _shift(picture_BHWx: Tensor, by: int, axis: int) -> Tensor:
    """Return pictures, or masks of them, moved along an axis, their border repeated where they leave."""
    side = picture_BHWx.shape[axis]
    return picture_BHWx.index_select(axis, (torch.arange(side, device=picture_BHWx.device) - by).clamp(0, side - 1))
