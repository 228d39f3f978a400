"""Learning from other networks: to draw as one did before, and to draw in few steps as others do in many.

`Remembering` keeps what a snapshot draws from words alone while a network learns to edit: where there is no picture, it ought to guess what
the snapshot guesses, not what was shown (learning without forgetting, Li & Hoiem 2016, arXiv 1606.09282).

`Distillation` teaches few steps: a network learns where others' many guided steps lead, and asks for no guidance itself.

A snapshot teaches what is drawn from words alone; what is drawn from pictures another does, or the truth. Short steps, `TAUGHT_SPAN` of
the way at most, are learnt from one guided step of theirs; longer ones from two steps of half the length by the run's own average, as in
shortcut models (Frans et al. 2024, arXiv 2410.12557). Half the length, as everywhere here, means in the root of time, as `flow.times` runs.

Shape letters: B images, H and W pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from limner.model import flow
from limner.model.network import Network, Segment
from limner.model.text import encode_prompt, load_tokenizer, pad_prompts
from limner.train.objective import Batch, Floats, Objective, Read, Scene

NUM_STEPS = (16, 8, 4, 2, 1)  # of the solutions whose steps are learnt; the first are the teachers' own
SHARES = (0.3, 0.25, 0.25, 0.12, 0.08)
ANYWHERE = 0.25  # of the steps begin anywhere, since edits do not begin at time 0
TAUGHT_SPAN = 1.5 / NUM_STEPS[0]


@dataclass(frozen=True)
class Teacher:
    """A frozen network and the guidance that its snapshot draws with."""

    network: Network
    guidance_scale: float


@dataclass(frozen=True)
class Teachers:
    """Who teaches: `drawing` from words alone, `editing` from words and pictures; None leaves that to the truth."""

    drawing: Teacher
    editing: Teacher | None


class Remembering(Objective):
    """The loss of a network that learns to edit and keeps on drawing from words alone as `drawing` does."""

    def __init__(self, network: Network, drawing: Network) -> None:
        super().__init__(network)
        self._frozen = (drawing,)  # in a tuple, so that it is no part of what is trained

    @torch.no_grad()
    def wanted(self, batch: Batch, read: Read, noisy: Tensor, ways: Tensor, positions: Tensor) -> Tensor:
        """Return the images (B, 4, H, W) that were shown, and for drawings from words alone those that the older network guesses."""
        wanted = super().wanted(batch, read, noisy, ways, positions)
        rows = (~_is_edit(batch)).nonzero()[:, 0]
        if len(rows):
            part = batch.rows(rows)
            scene = Scene.of(self._frozen[0], part, read.rows(rows, part), positions)
            wanted[rows] = scene.guess(self._frozen[0], noisy[rows], ways[rows])[0].float()
        return wanted


class Distillation(Objective):
    """What a student minimises: the distance to where its teachers, or its average of late, would have led."""

    def __init__(self, network: Network, average: Network, teachers: Teachers, look: Callable[[Batch], Read], tokenizer: bytes) -> None:
        """`look` lets the frozen encoders read a batch."""
        super().__init__(network)
        self._frozen = average, teachers  # in a tuple, so that they are no part of what is trained
        self._look = look
        self._no_prompt = pad_prompts([encode_prompt("", load_tokenizer(tokenizer))])

    def draw_ways(self, rng: np.random.Generator, count: int) -> Floats:
        """Draw steps (count, 2) of solutions of 16 to 1 steps."""
        lengths = 1 / rng.choice(NUM_STEPS, count, p=SHARES)
        begins = np.floor(rng.random(count) / lengths) * lengths
        begins = np.where(rng.random(count) < ANYWHERE, rng.random(count) * (1 - lengths), begins)
        return np.stack([begins, (begins + lengths).clip(max=1)], axis=1).astype(np.float32) ** 2

    @torch.no_grad()
    def wanted(self, batch: Batch, read: Read, noisy: Tensor, ways: Tensor, positions: Tensor) -> Tensor:
        """Return the images (B, 4, H, W) towards which a step along `ways` ought to lead."""
        average, teachers = self._frozen
        begins, ends = ways.sqrt().unbind(1)
        is_short = ends - begins < TAUGHT_SPAN
        is_edit = _is_edit(batch)
        wanted = super().wanted(batch, read, noisy, ways, positions)
        guesses = [
            (is_short & ~is_edit, partial(self._taught, teachers.drawing)),
            (~is_short, partial(_two_steps, average)),
        ]
        if teachers.editing is not None:
            guesses.append((is_short & is_edit, partial(self._taught, teachers.editing)))
        for chosen, guess in guesses:
            rows = chosen.nonzero()[:, 0]
            if len(rows):
                part = batch.rows(rows)
                wanted[rows] = guess(part, read.rows(rows, part), noisy[rows], ways[rows], positions)
        return wanted

    def _taught(self, teacher: Teacher, batch: Batch, read: Read, noisy: Tensor, ways: Tensor, positions: Tensor) -> Tensor:
        """Return where a teacher leads, guided where it is when it draws."""
        still = ways[:, :1].expand(-1, 2)
        clean, _ = Scene.of(teacher.network, batch, read, positions).guess(teacher.network, noisy, still)
        unprompted = self._without_prompt(batch)
        plain, _ = Scene.of(teacher.network, unprompted, self._look(unprompted), positions).guess(teacher.network, noisy, still)
        is_guided = (ways[:, 0] < flow.GUIDED_UNTIL)[:, None, None, None]
        return clamp(torch.where(is_guided, flow.guide(clean, plain, teacher.guidance_scale), clean).float())

    def _without_prompt(self, batch: Batch) -> Batch:
        """Return a batch with no prompt in the place of each, as guidance leads away from: the sources stay."""
        count, device = len(batch.background), batch.pixels.device
        nothing = {
            name: torch.from_numpy(array).to(device).expand(count, *array.shape[1:]) for name, array in vars(self._no_prompt).items()
        }
        return replace(batch, **nothing)


def _is_edit(batch: Batch) -> Tensor:
    """Tell which examples (B,) show pictures beside their words."""
    return batch.shown.flatten(1).any(1) | (batch.patch_segments * batch.patch_mask >= Segment.SOURCE).any(1)


def _two_steps(network: Network, batch: Batch, read: Read, noisy: Tensor, ways: Tensor, positions: Tensor) -> Tensor:
    """Return the image towards which one step goes as far as two of half its length."""
    scene = Scene.of(network, batch, read, positions)
    middle = (ways.sqrt().mean(1)) ** 2
    at = noisy
    for way in (torch.stack([ways[:, 0], middle], dim=1), torch.stack([middle, ways[:, 1]], dim=1)):
        clean, _ = scene.guess(network, at, way)
        time, until = way[:, :, None, None, None].unbind(1)
        at = flow.step(clamp(clean.float()), at, time, until)
    time, until = ways[:, :, None, None, None].unbind(1)
    return clamp(noisy + (at - noisy) * (1 - time) / (until - time))


def clamp(channels: Tensor) -> Tensor:
    """Do `flow.clamp_pixels` on the device: alpha in its range, colour within plus or minus alpha; (B, 4, H, W)."""
    alpha = channels[:, 3:].clamp(-1, 1)
    bound = (alpha + 1) / 2
    return torch.cat([torch.minimum(torch.maximum(channels[:, :3], -bound), bound), alpha], dim=1)
