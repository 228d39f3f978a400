"""Who draws: the model through the public library, or one of two bad draughtsmen that must score near zero."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar, get_args

import numpy as np

from limner.engine.library import draw, find_snapshot, open_catalogue, shared_engine
from limner.engine.resolve import GenerateOptions, resolve
from limner.errors import InvalidField
from limner.evals.tasks import Task
from limner.media.alpha import Pixels
from limner.model.layout import parse_size

GeneratorName = Literal["model", "shuffled", "noise"]
GENERATORS: tuple[GeneratorName, ...] = get_args(GeneratorName)
Maker = TypeVar("Maker")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How everything is drawn: `model` is a model, alias or snapshot, `size` WIDTHxHEIGHT; each picture's own seed is made from `seed`."""

    model: str = "limner"
    size: str = "256x256"
    quality: str = "medium"
    seed: int = 0


class Generator(Protocol):
    """Draws the picture of a task."""

    def key(self, task: Task) -> str:
        """Return a name for everything that the picture depends on."""

    def draw(self, task: Task) -> Pixels:
        """Return (H, W, 4) with straight alpha when transparent, (H, W, 3) when opaque."""


class ModelGenerator:
    """Draws with a snapshot, on the engine of this process."""

    def __init__(self, setting: Setting) -> None:
        """Settle the snapshot and refuse what cannot be drawn.

        Raises:
            RequestError: a value of the setting cannot be drawn.
            DamagedFile: the catalogue cannot be read.
        """
        self.snapshot = find_snapshot(setting.model)
        self.digest: str = open_catalogue().snapshots[self.snapshot]["digest"]
        self._setting = setting
        resolve("a test", self._options(setting.seed, "opaque"), find_snapshot=find_snapshot)

    def key(self, task: Task) -> str:
        """Return a name for snapshot, setting, seed, ground and prompt."""
        setting = self._setting
        parts = (self.digest, setting.size, setting.quality, task.seed(setting.seed), task.background, task.prompt)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]

    def draw(self, task: Task) -> Pixels:
        """Draw one picture.

        Raises:
            EngineError, DamagedFile: as `limner.engine.library.draw`.
        """
        options = self._options(task.seed(self._setting.seed), task.background)
        request = resolve(task.prompt, options, find_snapshot=find_snapshot)
        return draw(request, shared_engine(), lambda event: None)[0].pixels

    def _options(self, seed: int, background: str) -> GenerateOptions:
        setting = self._setting
        return GenerateOptions(model=self.snapshot, size=setting.size, seed=seed, quality=setting.quality, background=background)


class ShuffledGenerator:
    """Shows, for each task, what the model drew for another one."""

    def __init__(self, model: ModelGenerator, tasks: Sequence[Task]) -> None:
        self._model = model
        half = len(tasks) // 2
        self._others = {task.key: tasks[(place + half) % len(tasks)] for place, task in enumerate(tasks)}

    def key(self, task: Task) -> str:
        """Return the name of the other task's picture."""
        return self._model.key(self._others[task.key])

    def draw(self, task: Task) -> Pixels:
        """Draw the other task's picture."""
        return self._model.draw(self._others[task.key])


class NoiseGenerator:
    """Draws noise of the asked size, soft alpha and all."""

    def __init__(self, setting: Setting) -> None:
        self._size, self._seed = parse_size(setting.size), setting.seed

    def key(self, task: Task) -> str:
        """Return a name for the size and the seed."""
        return hashlib.sha256(repr(("noise", self._size, task.seed(self._seed), task.background)).encode()).hexdigest()[:24]

    def draw(self, task: Task) -> Pixels:
        """Return pixels of which each is as likely as any other."""
        shape = (self._size.height, self._size.width, 4 if task.background == "transparent" else 3)
        return np.random.default_rng(task.seed(self._seed)).integers(0, 256, shape, dtype=np.uint8)


def open_generator(name: str, setting: Setting, tasks: Sequence[Task]) -> Generator:
    """Return a generator by its name.

    Raises:
        InvalidField: no generator has this name.
        RequestError: a value of the setting cannot be drawn.
    """
    model = ModelGenerator(setting)
    noise, shuffled = NoiseGenerator(setting), ShuffledGenerator(model, tasks)
    known: Mapping[GeneratorName, Generator] = {"model": model, "shuffled": shuffled, "noise": noise}
    return choose(name, known)


def choose(name: str, makers: Mapping[GeneratorName, Maker]) -> Maker:
    """Return who makes pictures, by the name of a generator.

    Raises:
        InvalidField: no generator has this name.
    """
    for known, maker in makers.items():
        if name == known:
            return maker
    raise InvalidField("generator", f"generator {name!r} is not known; use {', '.join(makers)}")
