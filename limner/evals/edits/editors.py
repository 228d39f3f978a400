"""Who edits: the model through the public library, or one of two bad editors that must score near zero."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from limner.engine.library import draw, find_editor, shared_engine
from limner.engine.protocol import Pixels
from limner.engine.resolve_edit import EditOptions, resolve_composition, resolve_edit
from limner.evals.edits.tasks import EditOrder, EditTask
from limner.evals.generators import GeneratorName, ModelGenerator, Setting, choose
from limner.model.layout import parse_size


class Editor(Protocol):
    """Draws one edit of a task."""

    def key(self, order: EditOrder, seed: int) -> str:
        """Return a name for everything that the picture depends on."""

    def edit(self, order: EditOrder, seed: int) -> Pixels:
        """Return (H, W, 4) with straight alpha, or (H, W, 3) when opaque."""


class ModelEditor:
    """Edits with the snapshot that edits for a model, on the engine of this process; a snapshot named itself edits with its own weights."""

    def __init__(self, setting: Setting) -> None:
        """Settle the snapshot.

        Raises:
            RequestError: a value of the setting cannot be drawn.
            DamagedFile: the catalogue cannot be read.
        """
        self._setting = replace(setting, model=find_editor(setting.model))
        model = ModelGenerator(self._setting)
        self.snapshot, self.digest = model.snapshot, model.digest

    def key(self, order: EditOrder, seed: int) -> str:
        """Return a name for snapshot, setting, seed, words and every picture that is sent."""
        parts = (self.digest, self._setting.size, self._setting.quality, seed, order.background, order.prompt, order.has_source)
        return _name(parts, [*order.images, *([] if order.mask is None else [order.mask])])

    def edit(self, order: EditOrder, seed: int) -> Pixels:
        """Draw one edit.

        Raises:
            RequestError, EngineError, DamagedFile: as `limner.engine.library.draw`.
        """
        setting = self._setting
        options = EditOptions(model=self.snapshot, size=setting.size, seed=seed, quality=setting.quality, background=order.background)
        if order.has_source:
            request = resolve_edit(order.prompt, options, order.images, order.mask, find_snapshot=find_editor)
        else:
            request = resolve_composition(order.prompt, options, order.images, find_snapshot=find_editor)
        return draw(request, shared_engine(), lambda event: None)[0].pixels


class ShuffledEditor:
    """Does to each source what another task asks for."""

    def __init__(self, model: ModelEditor, tasks: Sequence[EditTask]) -> None:
        self._model = model
        prompts = list(dict.fromkeys(order.prompt for task in tasks for order in task.orders))
        half = max(1, len(prompts) // 2)
        self._others = {prompt: prompts[(place + half) % len(prompts)] for place, prompt in enumerate(prompts)}

    def key(self, order: EditOrder, seed: int) -> str:
        """Return the name of the picture that is shown."""
        return self._model.key(self._wrong(order), seed)

    def edit(self, order: EditOrder, seed: int) -> Pixels:
        """Draw what another task asks for."""
        return self._model.edit(self._wrong(order), seed)

    def _wrong(self, order: EditOrder) -> EditOrder:
        return replace(order, prompt=self._others[order.prompt])


class NoiseEditor:
    """Fills what may change with noise."""

    def __init__(self, setting: Setting) -> None:
        self._size = parse_size(setting.size)

    def key(self, order: EditOrder, seed: int) -> str:
        """Return a name for the seed and the pictures that are sent."""
        return _name(("noise", seed), [*order.images, *([] if order.mask is None else [order.mask])])

    def edit(self, order: EditOrder, seed: int) -> Pixels:
        """Return the source, noise where it may change."""
        shape = order.images[0].shape if order.has_source else (self._size.height, self._size.width, 4)
        noise = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
        if order.background == "opaque":
            noise[..., 3] = 255
        return noise if order.mask is None else np.where(order.mask[..., None], noise, order.images[0])


def open_editor(name: str, setting: Setting, tasks: Sequence[EditTask]) -> Editor:
    """Return an editor by the name of a generator.

    Raises:
        InvalidField: no generator has this name.
        RequestError: a value of the setting cannot be drawn.
    """
    model = ModelEditor(setting)
    noise, shuffled = NoiseEditor(setting), ShuffledEditor(model, tasks)
    known: Mapping[GeneratorName, Editor] = {"model": model, "shuffled": shuffled, "noise": noise}
    return choose(name, known)


def _name(parts: tuple[object, ...], arrays: Sequence[np.ndarray]) -> str:
    digest = hashlib.sha256(repr(parts).encode())
    for array in arrays:
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:24]
