"""Saving prompts: what could never be drawn is refused when it is saved, not when it is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from limner.engine.resolve import GenerateOptions, resolve
from limner.engine.words.canvas import parse_canvas
from limner.errors import IncompatibleFields, InvalidPrompt, RequestError
from limner.jobs.deployments.directory import Directory
from limner.jobs.orders import PictureOrder, check_order, settle_habits
from limner.media.regions import parse_region
from limner.model.layout import Size
from limner.store.pictures import PictureStore, StoredPicture
from limner.store.prompts import PromptDraft, PromptStore, StoredPrompt

PARTS = re.compile(r"\{\{|\}\}|\{(?P<variable>[a-z_][a-z0-9_]*)\}|(?P<alone>[{}])")


class PromptBook:
    """Checks prompts and saves them. Safe from many threads."""

    def __init__(self, prompts: PromptStore, pictures: PictureStore, directory: Directory) -> None:
        self._prompts, self._pictures, self._directory = prompts, pictures, directory

    def save(self, project_id: str, name: str, draft: PromptDraft) -> StoredPrompt:
        """Keep a draft as the next version of a name.

        Raises:
            InvalidPrompt: it is no prompt, or has a brace that is neither a variable's nor doubled.
            UnknownFile: a picture that it names is not a kept one of the project.
            RequestError: with these settings nothing could be drawn; `param` names the field.
        """
        find_variables(draft.prompt)
        inputs = []
        for index, picture_id in enumerate(draft.inputs):
            with _naming(f"inputs[{index}]"):
                inputs.append(self._pictures.get(project_id, picture_id))
        if draft.chosen is not None:
            with _naming("chosen"):
                self._pictures.get(project_id, draft.chosen)
        self._check_settings(project_id, draft, inputs)
        return self._prompts.save(project_id, name, draft)

    def _check_settings(self, project_id: str, draft: PromptDraft, inputs: list[StoredPicture]) -> None:
        """Settle everything that can be settled before pictures are loaded."""
        fields: dict[str, Any] = {("strictness" if name == "moderation" else name): value for name, value in draft.settings.items()}
        order = PictureOrder(prompt=draft.prompt, **fields)
        with _naming("settings.{}"):
            model = self._directory.find(order.model, project_id)
            order = settle_habits(order, model)
            check_order(order)
            largest = model.habits.largest_side_px
            settled: dict[str, Any] = {"size": order.size, "quality": order.quality, "background": order.background}
            resolve(order.prompt, GenerateOptions(model=model.snapshot, largest_side=largest, **settled), find_snapshot=str)
            if order.region is not None:
                parse_region(order.region)
            if order.canvas is not None and not inputs:
                raise IncompatibleFields("canvas", "canvas needs inputs, whose first it extends; name a kept picture, or leave canvas out")
            if order.canvas is not None:
                parse_canvas(order.canvas, Size(inputs[0].width, inputs[0].height), largest_side=largest)


def find_variables(prompt: str) -> list[str]:
    """Return the names of a prompt's variables, `{product}`, in the order in which they first come; `{{` and `}}` are braces.

    Raises:
        InvalidPrompt: a brace is neither.
    """
    names: dict[str, None] = {}
    for part in PARTS.finditer(prompt):
        if part["alone"]:
            near = prompt[part.start() : part.start() + 20]
            raise InvalidPrompt(f"the brace at {near!r} begins or ends no variable; write {{name}}, or {part['alone'] * 2} for a brace")
        if part["variable"]:
            names[part["variable"]] = None
    return [*names]


@contextmanager
def _naming(place: str) -> Iterator[None]:
    """Let errors name a field where it stands in the body; `{}` is the field's own name."""
    try:
        yield
    except RequestError as error:
        if error.param != "prompt":
            error.param = place.format(error.param)
        raise
