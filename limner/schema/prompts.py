"""Saved prompts on the wire: words with variables and what they are drawn with, under a name, in versions."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer
from pydantic_core import PydanticCustomError

from limner.schema.images import (
    MAX_INPUT_IMAGES,
    BackgroundWord,
    CanvasWord,
    Count,
    FormatWord,
    ModerationWord,
    Percent,
    Prompt,
    QualityWord,
    RegionWord,
    Seed,
    SizeWord,
)
from limner.schema.pages import Listed, ListPage

MAX_PAGE, DEFAULT_PAGE = 100, 20
MAX_NOTE_CHARS, MAX_MODEL_CHARS = 2_000, 256
MAX_VERSION = 2**53 - 1
NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"
NAME_RULE = "use 1 to 64 small letters a to z, digits, dots, hyphens and underscores, beginning with a letter or a digit"


def _check_name(name: str) -> str:
    if not re.fullmatch(NAME_PATTERN, name):
        raise PydanticCustomError("prompt_name", NAME_RULE)
    return name


PromptName = Annotated[
    str,
    AfterValidator(_check_name),
    Field(description="Begins with a letter or a digit.", json_schema_extra={"pattern": NAME_PATTERN}),
]
PictureName = Annotated[str, Field(pattern=r"^pic_[0-9a-f]{45}$", description="The id of a kept picture of the project.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PromptSettings(_Body):
    """Fields of the Images routes that a picture depends on, as those take them; what is absent or null is not there."""

    model: Annotated[str, Field(max_length=MAX_MODEL_CHARS)] | None = None
    n: Count | None = None
    size: SizeWord | None = None
    quality: QualityWord | None = None
    style: Literal["vivid", "natural"] | None = None
    background: BackgroundWord | None = None
    moderation: ModerationWord | None = None
    output_format: FormatWord | None = None
    output_compression: Percent | None = None
    seed: Seed | None = None
    input_fidelity: Literal["low", "high"] | None = None
    canvas: CanvasWord | None = None
    region: RegionWord | None = None

    @model_serializer(mode="wrap")
    def _leave_out_nulls(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value is not None}


class PromptBody(_Body):
    """Body of `POST /limner/v1/prompts`. In the prompt `{product}` is a variable; `{{` and `}}` are braces."""

    name: PromptName
    prompt: Prompt
    settings: PromptSettings = PromptSettings()
    inputs: Annotated[list[PictureName], Field(max_length=MAX_INPUT_IMAGES)] = []
    chosen: PictureName | None = None
    note: Annotated[str, Field(max_length=MAX_NOTE_CHARS)] = ""


class PromptObject(Listed):
    """One version of a saved prompt. The pictures that it names do not expire while it is saved, but may have been deleted."""

    object: Literal["prompt"] = "prompt"
    name: str
    version: int
    created_at: int
    prompt: str
    variables: list[str]
    settings: PromptSettings
    inputs: list[str]
    chosen: str | None
    note: str


class PromptList(ListPage[PromptObject]):
    """One page of saved prompts."""


class DeletedPrompt(BaseModel):
    """A saved prompt that is gone, with all its versions."""

    object: Literal["prompt"] = "prompt"
    name: str
    deleted: Literal[True] = True
    versions: int
