"""Training of the eyes: pictures of the corpus, patch by patch beside the names of what is there, into a folder of their own.

examples -> pictures: what is drawn, and of an edit also its source -> cross-entropy over the things of the corpus, by their words
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from limner.data import recipes as corpora
from limner.data.corpus import Example
from limner.data.sight import GROUND
from limner.errors import InvalidField
from limner.model.export import export_eyes, write_eyes
from limner.model.eyes import Eyes, EyesConfig
from limner.train.batches import Examples
from limner.train.names import GROUND_NAME, write_names
from limner.train.objective import to_channels
from limner.train.optim import lr_scale
from limner.train.recipes import Lesson
from limner.train.text import FrozenText

HELD_BACK = 10**9  # examples from here on are not shown, but looked at in the end


@dataclass(frozen=True, kw_only=True)
class EyesRun:
    """How eyes are trained: until `budget_s` or `max_steps` is spent. `ground_weight` is what a patch without a thing counts."""

    network: EyesConfig = field(default_factory=EyesConfig)
    lesson: Lesson = field(default_factory=lambda: Lesson(corpus=corpora.everyday(seed=3), size_px=128, share_edit=0.35))
    num_pictures: int = 32
    rate: float = 2e-3
    ground_weight: float = 0.25
    ema_decay: float = 0.998
    budget_s: float = 35 * 60
    max_steps: int = 10**9
    num_held_back: int = 400
    log_every: int = 20
    seed: int = 0


@dataclass(frozen=True)
class Progress:
    """What has been done so far; `loss` is the mean since the last report."""

    step: int
    trained_s: float
    pictures: int
    loss: float


@dataclass(frozen=True)
class Looks:
    """Pictures to look at (B, S, S, 4) uint8 straight RGBA, where each shows something (B, S, S), and what is where (B, rows, columns)."""

    pixels: Tensor
    shown: Tensor
    sights: Tensor

    def channels(self) -> Tensor:
        """Return the pictures as eyes take them, (B, 5, S, S)."""
        shown_B1SS = self.shown[:, None]
        return torch.cat([to_channels(self.pixels) * shown_B1SS, shown_B1SS], dim=1)


def iterate_looks(examples: Examples, count: int, first: int = 0) -> Iterator[Looks]:
    """Yield batches of `count` pictures or one more, of the examples from number `first` on, for ever."""
    number = first
    while True:
        found: list[tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_], npt.NDArray[np.int64]]] = []
        while len(found) < count:
            found += _pictures(examples.example(number))
            number += 1
        yield Looks(*(torch.from_numpy(np.stack(part)) for part in zip(*found, strict=True)))


def _pictures(example: Example) -> Iterator[tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_], npt.NDArray[np.int64]]]:
    everywhere = np.ones(example.pixels.shape[:2], np.bool_)
    if example.sight is not None:
        yield example.pixels, everywhere, example.sight
    if example.source is not None and example.source_sight is not None:
        yield example.source, everywhere if example.shown is None else example.shown, example.source_sight


def measure_loss(named_BRCE: Tensor, names_NE: Tensor, sights_BRC: Tensor, ground_weight: float) -> Tensor:
    """Return the mean cross-entropy over the patches that are told."""
    told = sights_BRC >= GROUND
    weights = told * torch.where(sights_BRC == GROUND, ground_weight, 1.0)
    entropy = F.cross_entropy((named_BRCE.float() @ names_NE.T).flatten(0, 2), sights_BRC.clamp(min=GROUND).flatten(), reduction="none")
    return (entropy * weights.flatten()).sum() / weights.sum().clamp(min=1e-6)


def train_eyes(eyes: Eyes, examples: Examples, names: Tensor, run: EyesRun, report: Callable[[Progress], None]) -> Eyes:
    """Train to the end of the budget and return the average of the weights; `names` (things + 1, E), the ground first."""
    average = copy.deepcopy(eyes).requires_grad_(requires_grad=False)
    optimizer = torch.optim.AdamW(eyes.parameters(), lr=run.rate, betas=(0.9, 0.99), weight_decay=0.02)
    begun, losses, pictures = time.monotonic(), list[Tensor](), 0
    for step, looks in enumerate(iterate_looks(examples, run.num_pictures), start=1):
        trained_s = time.monotonic() - begun
        share = max(trained_s / run.budget_s, (step - 1) / run.max_steps)
        if share >= 1:
            break
        optimizer.param_groups[0]["lr"] = run.rate * lr_scale(share)
        losses.append(_step(eyes, optimizer, looks, names, run))
        _follow(average, eyes, min(run.ema_decay, (1 + step) / (10 + step)))
        pictures += len(looks.pixels)
        if step % run.log_every == 0:
            report(Progress(step, trained_s, pictures, torch.stack(losses).mean().item()))
            losses.clear()
    return average.eval()


def _step(eyes: Eyes, optimizer: torch.optim.Optimizer, looks: Looks, names: Tensor, run: EyesRun) -> Tensor:
    pictures = looks.channels().to(names.device).contiguous(memory_format=torch.channels_last)
    loss = measure_loss(eyes.name(eyes(pictures)), names, looks.sights.to(names.device), run.ground_weight)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(eyes.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss.detach()


@torch.no_grad()
def _follow(average: Eyes, eyes: Eyes, decay: float) -> None:
    torch._foreach_lerp_(list(average.parameters()), list(eyes.parameters()), 1 - decay)
    for kept, seen in zip(average.buffers(), eyes.buffers(), strict=True):
        kept.copy_(seen)


@torch.no_grad()
def measure_right(eyes: Eyes, examples: Examples, names: Tensor, run: EyesRun) -> float:
    """Return the share of patches with a thing that are named right, in pictures that were not shown."""
    right = total = 0
    batches = iterate_looks(examples, run.num_pictures, HELD_BACK)
    for looks in islice(batches, -(-run.num_held_back // run.num_pictures)):
        sights_BRC = looks.sights.to(names.device)
        named_BRCE = eyes.name(eyes(looks.channels().to(names.device)))
        is_thing = sights_BRC > GROUND
        right += int((((named_BRCE @ names.T).argmax(-1) == sights_BRC) & is_thing).sum())
        total += int(is_thing.sum())
    return right / max(1, total)


def make_eyes(
    name: str,
    parts_dir: Path,
    cache_dir: Path,
    weights_dir: Path,
    run: EyesRun,
    device: torch.device,
    *,
    report: Callable[[Progress], None],
) -> tuple[str, float]:
    """Train eyes into a folder of their own beside the snapshots, and write their names; return their digest and what `measure_right` says.

    Drawings are rasterised into `cache_dir` where they are not there yet.

    Raises:
        InvalidField: the weights folder has something of this name already.
        DamagedFile: the parts or the text encoder cannot be read.
    """
    folder = weights_dir / name
    if folder.exists():
        raise InvalidField("name", f"{name!r} is in the weights folder already; weights never change, choose a new name")
    text = FrozenText(weights_dir, device)
    examples = run.lesson.open(parts_dir, cache_dir)
    names, common = text.name([GROUND_NAME, *examples.things])
    torch.manual_seed(run.seed)
    eyes = Eyes(replace(run.network, text_width=names.shape[1])).to(device)
    eyes.common.copy_(common)
    progress = Progress(0, 0.0, 0, 0.0)

    def note(done: Progress) -> None:
        nonlocal progress
        progress = done
        report(done)

    average = train_eyes(eyes, examples, names, run, note)
    right = measure_right(average, examples, names, run)
    training = {"step": progress.step, "pictures": progress.pictures, "trained_s": round(progress.trained_s, 1), "seed": run.seed}
    facts = {
        "name": name,
        "text_encoder": text.digest,
        "corpus": {"recipe": examples.recipe.name, "digest": examples.digest},
        "training": {**training, "named_right": round(right, 4)},
        "licence": "Apache-2.0",
    }
    digest = write_eyes(folder, average.cpu(), export_eyes(average.config), facts)
    write_names(weights_dir, name, examples.things, text)
    return digest, right
