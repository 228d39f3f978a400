"""From noise to one picture. Everything that changes belongs to the one generator that draws it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from limner.engine.drawing.noise import image_noise
from limner.engine.drawing.runtime import WITHOUT_PROMPT, Condition, Runtime, Shown
from limner.engine.protocol import Background, Mask
from limner.engine.weights import Sampling
from limner.model import flow
from limner.model.layout import Grid, grid_positions

BACKGROUND_IDS: dict[Background, int] = {"transparent": 0, "opaque": 1}
Channels = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """What a picture is drawn on and over.

    `content`, (4, height, width) of the grid, lies under the noise at `start_time`; None is nothing, from time 0 on. Where
    `is_known` (height, width) is True the content is imposed at every step. `source` (6, height, width) is what the network
    reads of the source.
    """

    grid: Grid
    content: Channels | None = None
    start_time: float = 0.0
    is_known: Mask | None = None
    source: Channels | None = None


@dataclass(frozen=True, eq=False)
class Guess:
    """A guess of the finished picture: `clean` (4, height, width) in [-1, 1], and what share of the source each pixel keeps, if told."""

    clean: Channels
    keep: Channels | None = None


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """What one picture is drawn from."""

    condition: Condition
    sampling: Sampling
    background: Background
    seed: int
    ground: Ground

    @property
    def is_guided(self) -> bool:
        """Whether any guess is led away from what no prompt would give."""
        return self.sampling.guidance_scale != 1 and self.condition.text != WITHOUT_PROMPT


def denoise(runtime: Runtime, sitting: Sitting) -> Iterator[Guess]:
    """Take the steps of one picture; after each yield the guess of the finished picture.

    All steps of the quality are taken, however late they start; the last guess is the picture.
    """
    ground = sitting.ground
    shown = Shown(
        background=BACKGROUND_IDS[sitting.background],
        positions=grid_positions(ground.grid),
        source=ground.source,
        seen=runtime.look(ground.source, sitting.condition, is_guided=sitting.is_guided),
    )
    noise = image_noise(sitting.seed, ground.grid.size.height, ground.grid.size.width)
    noisy = noise if ground.content is None else flow.mix(ground.content, noise, np.float32(ground.start_time))
    sampling, before = sitting.sampling, None
    for time, next_time in pairwise(flow.times(sampling.num_steps, ground.start_time, sampling.late)):
        guess = _guess(runtime, sitting, noisy, (time, next_time), shown)
        clean = _impose(ground, guess.clean)
        yield Guess(_settle(clean, sitting), guess.keep)
        aim = clean
        if sampling.order == 2 and before is not None:
            last_time, last_clean = before
            aim = _impose(ground, flow.clamp_pixels(flow.look_ahead(clean, last_clean, (last_time, time, next_time))))
        noisy, before = flow.step(aim, noisy, time, next_time).astype(np.float32, copy=False), (time, clean)


def _settle(clean: Channels, sitting: Sitting) -> Channels:
    """Clear the haze of few steps; what was known is not asked."""
    margin = sitting.sampling.alpha_margin
    return _impose(sitting.ground, flow.settle_alpha(clean, margin)) if margin else clean


def _impose(ground: Ground, guess: Channels) -> Channels:
    """Put what is known in the place of what was guessed of it.

    The line from the picture's noise to the known pixels is thereby never left: what the network sees of them at each time is
    them, mixed with the picture's own noise.
    """
    if ground.content is None or ground.is_known is None:
        return guess
    return np.where(ground.is_known, ground.content, guess)


def _guess(runtime: Runtime, sitting: Sitting, noisy: Channels, way: tuple[float, float], shown: Shown) -> Guess:
    """Guess once with the prompt, and where guidance acts also without it, in the same pass; `way` is from which time to which."""
    time, next_time = way
    is_guided = sitting.is_guided and flow.is_guided(time, sitting.sampling.guided_until)
    prefix = sitting.condition.guided if is_guided else sitting.condition.prompted
    clean, keep = runtime.guess(noisy, time, next_time - time, shown, prefix)
    guided = flow.guide(clean[0], clean[1], sitting.sampling.guidance_scale) if is_guided else clean[0]
    return Guess(flow.clamp_pixels(guided), None if keep is None else keep[0])


def partial_steps(num_steps: int, num_partials: int) -> tuple[int, ...]:
    """Return after which steps, counted from 1, a partial picture is due: evenly spread, never after the last step."""
    wanted = min(num_partials, num_steps - 1)
    return tuple(round(part * num_steps / (wanted + 1)) for part in range(1, wanted + 1))
