"""From noise to one picture. Everything that changes belongs to the one generator that draws it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from limner.engine.noise import image_noise
from limner.engine.protocol import Background, Pixels
from limner.engine.runtime import Condition, Runtime
from limner.engine.weights import Sampling
from limner.media.alpha import flatten, straighten
from limner.media.resize import fit
from limner.model import flow
from limner.model.layout import Size, grid_for, grid_positions

BACKGROUND_IDS: dict[Background, int] = {"transparent": 0, "opaque": 1}
Channels = npt.NDArray[np.float32]

nearest_grid = functools.lru_cache(maxsize=32)(grid_for)


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """What one picture is drawn from."""

    condition: Condition
    sampling: Sampling
    size: Size
    background: Background
    seed: int


def denoise(runtime: Runtime, sitting: Sitting) -> Iterator[Channels]:
    """Take the steps of one picture; after each yield the guess of the finished picture, (4, height, width) in [-1, 1].

    The grid has the ratio nearest to the size's, not the size itself; the last guess is the picture.
    """
    grid = nearest_grid(sitting.size, sitting.sampling.num_patches)
    positions = grid_positions(grid)
    noisy = image_noise(sitting.seed, grid.size.height, grid.size.width)
    for time, next_time in pairwise(flow.times(sitting.sampling.num_steps)):
        clean = _guess(runtime, sitting, noisy, time, positions)
        yield clean
        noisy = flow.step(clean, noisy, time, next_time).astype(np.float32, copy=False)


def _guess(runtime: Runtime, sitting: Sitting, noisy: Channels, time: float, positions: Channels) -> Channels:
    """Guess once with the prompt, and where guidance acts also without it, in the same pass."""
    scale = sitting.sampling.guidance_scale
    is_guided = scale != 1 and flow.is_guided(time)
    prefix = sitting.condition.guided if is_guided else sitting.condition.prompted
    clean = runtime.guess(noisy, time, background=BACKGROUND_IDS[sitting.background], positions=positions, prefix=prefix)
    if is_guided:
        return flow.clamp_pixels(flow.guide(clean[0], clean[1], scale))
    return flow.clamp_pixels(clean[0])


def develop(channels: Channels, size: Size, background: Background) -> Pixels:
    """Turn channels (4, height, width) into straight-alpha RGBA (height, width, 4) of exactly `size`; opaque means alpha 255."""
    premultiplied = fit(flow.to_premultiplied(channels), size)
    if background == "opaque":
        premultiplied = flatten(premultiplied)
    return np.ascontiguousarray(straighten(premultiplied))


def partial_steps(num_steps: int, num_partials: int) -> tuple[int, ...]:
    """Return after which steps, counted from 1, a partial picture is due: evenly spread, never after the last step."""
    wanted = min(num_partials, num_steps - 1)
    return tuple(round(part * num_steps / (wanted + 1)) for part in range(1, wanted + 1))
