"""One training run: from a recipe and a time budget to averaged weights, surviving a kill at any moment.

A run's folder:

    state.json, state-<step>.safetensors     where to go on from: weights, average, optimizers (one file, replaced whole)
    metrics.jsonl                            one line every few steps
    sheets/<step>.png                        what the average draws for fixed prompts
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from limner.errors import InvalidField
from limner.model.layout import PATCH_PX, Grid, grid_positions
from limner.model.network import Network
from limner.train.batches import Examples, iterate_batches
from limner.train.distilling import Distillation, Remembering, Teachers
from limner.train.objective import Batch, Objective, Read, draw_noise
from limner.train.optim import OptimConfig, Optimizers, has_fast_bfloat16, lr_scale
from limner.train.seeing import FrozenEyes
from limner.train.shows import show_again
from limner.train.text import FrozenText

Course = Sequence[tuple[float, Examples]]  # from which share of the run on, which examples are shown


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How a run goes: until `budget_s` of training time or `max_steps` is spent, the schedule spread over the first of them.

    A call of `train` ends after `slice_s` at the latest, and the next goes on. `group_size` pictures of a batch are computed at a time,
    those with short captions together; 0 computes the batch at once. Each drawn picture is shown `shows` times, some steps apart
    (`train/shows.py`). `start` is the snapshot whose weights the run begins with, and `eyes` what looks at pictures for it, "" for none.
    `start` may be several with plus signs between them, whose mean it begins with. `remembers` names the snapshot that it goes on
    drawing as, where no picture is shown. `taught_by` names those that a student of few steps learns from: what draws, and what
    edits, "" for the truth.
    """

    batch_size: int
    optim: OptimConfig
    budget_s: float
    slice_s: float = math.inf
    max_steps: int = 10**9
    ema_decay: float = 0.999
    caption_dropout: float = 0.1
    seed: int = 0
    save_every_s: float = 120.0
    sheet_every_s: float = 600.0
    log_every: int = 20
    num_workers: int = 1
    group_size: int = 0
    shows: int = 1
    start: str = ""
    eyes: str = ""
    remembers: str = ""
    taught_by: tuple[str, str] | None = None
    is_compiled: bool = False
    precision: Literal["auto", "float32"] = "auto"


@dataclass(frozen=True)
class Place:
    """Where this process stands among those that train together, and on what."""

    rank: int
    world: int
    device: torch.device

    @classmethod
    def find(cls, device: str | None = None) -> Place:
        """Join the process group that `torchrun` announces, if any; `device` None takes a GPU where there is one.

        Raises:
            InvalidField: the device is neither cpu nor cuda, or there is no GPU.
        """
        world, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
        kind = device or ("cuda" if torch.cuda.is_available() else "cpu")
        if kind not in ("cpu", "cuda") or (kind == "cuda" and not torch.cuda.is_available()):
            raise InvalidField("device", f"device {kind!r} cannot be used here; use cpu, or cuda on a machine with an NVIDIA GPU")
        if world > 1 and not torch.distributed.is_initialized():
            torch.distributed.init_process_group("nccl" if kind == "cuda" else "gloo")
        if kind == "cpu":
            return cls(rank, world, torch.device("cpu"))
        found = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(found)
        return cls(rank, world, found)


@dataclass
class Progress:
    """What a run has done so far; saved with its state."""

    step: int = 0
    trained_s: float = 0.0
    pictures: int = 0

    def share(self, config: TrainConfig) -> float:
        """Return how much of the run is done, in [0, 1]."""
        return min(1.0, max(self.trained_s / config.budget_s, self.step / config.max_steps))


class Run:
    """A network in training. `train` goes on from the folder's state, if there is one."""

    def __init__(
        self,
        network: Network,
        text: FrozenText,
        eyes: FrozenEyes,
        course: Course,
        config: TrainConfig,
        folder: Path,
        place: Place,
        teachers: Teachers | Network | None = None,
    ) -> None:
        """`teachers` are those of a student, or the network that is remembered."""
        self.network = network.to(place.device)
        self.average = Network(network.config).to(place.device).requires_grad_(False)
        self.average.load_state_dict(network.state_dict())
        self.text, self.eyes, self.course, self.config, self.folder, self.place = text, eyes, course, config, folder, place
        if config.batch_size % (place.world * config.shows):
            raise ValueError(f"batches of {config.batch_size} cannot be shared by {place.world} processes and {config.shows} shows equally")
        self.is_narrow = config.precision == "auto" and has_fast_bfloat16(place.device)
        self.optimizers = Optimizers(self.network, config.optim, torch.bfloat16 if self.is_narrow else torch.float32)
        self.progress = Progress()
        objective = self._objective(teachers)
        self.draw_ways = objective.draw_ways
        self.shared = DistributedDataParallel(objective) if place.world > 1 else None
        self.objective = torch.compile(self.shared or objective) if config.is_compiled else self.shared or objective
        self.positions = {corpus.size_px: _positions(corpus.size_px).to(place.device) for _, corpus in course}
        folder.mkdir(parents=True, exist_ok=True)
        self._load()

    @property
    def identity(self) -> dict[str, Any]:
        """What a run must keep when it goes on: else step numbers would mean other examples, or the weights another network."""
        return {
            "corpus": _digest_course(self.course),
            "text_encoder": self.text.digest,
            "eyes": self.eyes.digest,
            "network": asdict(self.network.config),
            "batch_size": self.config.batch_size,
            "seed": self.config.seed,
            "shows": self.config.shows,
            "start": self.config.start,
            "remembers": self.config.remembers,
            "taught_by": list(self.config.taught_by or ()),
        }

    def _objective(self, teachers: Teachers | Network | None) -> Objective:
        if isinstance(teachers, Teachers):
            return Distillation(self.network, self.average, teachers, self.read, self.text.tokenizer_content)
        return Objective(self.network) if teachers is None else Remembering(self.network, teachers)

    def read(self, batch: Batch) -> Read:
        """Let the frozen encoders read a batch."""
        words = self.text.read(batch.token_ids, batch.token_mask)
        return Read(words, *self.eyes.look(batch, words))

    def train(self, on_step: Callable[[Progress, float], None], on_sheet: Callable[[Network, Path, int], None]) -> None:
        """Train to the end of the budget or of the slice.

        `on_step` gets the mean loss of the first process's pictures since it was last called; `on_sheet` draws the average
        at the size in pixels of the lesson.
        """
        losses: list[Tensor] = []
        begun = time.monotonic() - self.progress.trained_s
        saved_at = sheet_at = self.progress.trained_s
        slice_ends = self.progress.trained_s + self.config.slice_s
        for batch in self._batches():
            losses.append(self._step(batch))
            self.progress.trained_s = self._agreed(time.monotonic() - begun)
            is_last = self.progress.share(self.config) >= 1.0 or self.progress.trained_s >= slice_ends
            if self.progress.step % self.config.log_every == 0 or is_last:
                self._log(torch.stack(losses).mean().item(), on_step)
                losses.clear()
            if self.progress.trained_s - saved_at >= self.config.save_every_s or is_last:
                self._save()
                saved_at = self.progress.trained_s
            if self.place.rank == 0 and (self.progress.trained_s - sheet_at >= self.config.sheet_every_s or is_last):
                on_sheet(self.average, self.folder / "sheets" / f"{self.progress.step:06}.png", batch.pixels.shape[1])
                sheet_at = self.progress.trained_s
            if is_last:
                return

    def _batches(self) -> Iterator[Batch]:
        """Yield the batches of each lesson until the next begins; there is always a next batch while the run lasts."""
        ends = [begins for begins, _ in self.course[1:]] + [1.0]
        for (_, corpus), end in zip(self.course, ends, strict=True):
            if self.progress.share(self.config) >= end:
                continue
            for batch in self._lesson(corpus):
                yield batch
                if self.progress.share(self.config) >= end:
                    break

    def _lesson(self, corpus: Examples) -> Iterator[Batch]:
        config, place = self.config, self.place
        fresh = iterate_batches(
            corpus,
            self.text.tokenizer_content,
            batch_size=config.batch_size // config.shows,
            start=self.progress.step,
            num_workers=config.num_workers,
            rank=place.rank,
            world=place.world,
            caption_dropout=config.caption_dropout,
        )
        return show_again(fresh, config.shows, place.device, step=self.progress.step)

    def _step(self, batch: Batch) -> Tensor:
        """Take one optimizer step; return the loss, still on the device."""
        config, place, step = self.config, self.place, self.progress.step
        side_px = batch.pixels.shape[1]
        ways, noise = draw_noise(self.draw_ways, config.batch_size, side_px, seed=config.seed, step=step, device=place.device)
        mine = torch.arange(config.batch_size, device=place.device).view(config.shows, place.world, -1)[:, place.rank].flatten()
        loss = self._backward(batch, ways[mine], noise[mine])
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizers.step(lr_scale(self.progress.share(config)))
        self.progress.step += 1
        self.progress.pictures += config.batch_size
        decay = min(config.ema_decay, (1 + self.progress.step) / (10 + self.progress.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.network.parameters()), 1 - decay)
        return loss

    def _backward(self, batch: Batch, ways: Tensor, noise: Tensor) -> Tensor:
        """Add up the gradients of a batch, group by group where the recipe says so; return its mean loss."""
        config, device = self.config, self.place.device
        total = torch.zeros((), device=device)
        groups = batch.by_length(config.group_size or len(ways))
        for number, rows in enumerate(groups, start=1):
            part = batch.rows(rows)
            with self._shared_only_if(is_last=number == len(groups)):
                with torch.autocast(device.type, torch.bfloat16, enabled=self.is_narrow):
                    positions = self.positions[batch.pixels.shape[1]]
                    loss = self.objective(part, self.read(part), ways[rows], noise[rows], positions)
                    loss = loss * (len(rows) / len(ways))
                loss.backward()
            total += loss.detach()
        return total

    def _shared_only_if(self, *, is_last: bool) -> AbstractContextManager[None]:
        """Let processes exchange the gradients of a batch once, with its last group."""
        return nullcontext() if is_last or self.shared is None else self.shared.no_sync()

    def _agreed(self, trained_s: float) -> float:
        """Return the first process's clock, so that all end at the same step with the same rates."""
        if self.place.world == 1:
            return trained_s
        clock = torch.tensor(trained_s, device=self.place.device, dtype=torch.float64)
        torch.distributed.broadcast(clock, 0)
        return clock.item()

    def _log(self, loss: float, on_step: Callable[[Progress, float], None]) -> None:
        if self.place.rank == 0:
            line = {**asdict(self.progress), "loss": round(loss, 6), "lr_scale": round(lr_scale(self.progress.share(self.config)), 4)}
            with (self.folder / "metrics.jsonl").open("a", encoding="utf-8") as metrics:
                metrics.write(json.dumps(line) + "\n")
            on_step(self.progress, loss)

    def _save(self) -> None:
        """Write the state beside the old one, then point to it: a kill at any moment leaves one whole state."""
        if self.place.rank != 0:
            return
        tensors = {f"network.{name}": tensor for name, tensor in self.network.state_dict().items()}
        tensors |= {f"average.{name}": tensor for name, tensor in self.average.state_dict().items()}
        tensors |= {f"optim.{name}": tensor for name, tensor in self.optimizers.tensors().items()}
        file = f"state-{self.progress.step:07}.safetensors"
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, self.folder / file)
        pointer = self.folder / "state.json.new"
        said = {"file": file, "recipe": self.course[-1][1].recipe.name, "eyes": self.config.eyes, "identity": self.identity}
        pointer.write_text(json.dumps(said | asdict(self.progress)), encoding="utf-8")
        pointer.replace(self.folder / "state.json")
        for old in self.folder.glob("state-*.safetensors"):
            if old.name != file:
                old.unlink()

    def _load(self) -> None:
        """Go on from the folder's state.

        Raises:
            InvalidField: the state is that of another run.
        """
        pointer = self.folder / "state.json"
        if not pointer.exists():
            return
        said = json.loads(pointer.read_text(encoding="utf-8"))
        if changed := [name for name, value in self.identity.items() if said["identity"].get(name, value) != value]:
            raise InvalidField(
                "out", f"the run in {self.folder.name!r} has another {' and '.join(changed)}; choose another folder for this one"
            )
        tensors = load_file(self.folder / said["file"])
        self.network.load_state_dict(_under("network.", tensors))
        self.average.load_state_dict(_under("average.", tensors))
        self.optimizers.load_tensors(_under("optim.", tensors))
        self.progress = Progress(said["step"], said["trained_s"], said["pictures"])


def _positions(size_px: int) -> Tensor:
    return torch.from_numpy(grid_positions(Grid(size_px // PATCH_PX, size_px // PATCH_PX)))


def _digest_course(course: Course) -> str:
    digests = [corpus.digest for _, corpus in course]
    return digests[0] if len(digests) == 1 else f"sha256:{hashlib.sha256(' '.join(digests).encode()).hexdigest()}"


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
