"""OpenAI's Moderations API on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_INPUTS = 32
MAX_INPUT_CHARS = 100_000
Text = Annotated[str, Field(max_length=MAX_INPUT_CHARS)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextPart(_Part):
    """Text among other inputs."""

    type: Literal["text"]
    text: Text


class ImageUrl(_Part):
    """An https or data URL."""

    url: Annotated[str, Field(min_length=1, max_length=20_971_520)]


class ImagePart(_Part):
    """An image among other inputs."""

    type: Literal["image_url"]
    image_url: ImageUrl


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class ModerationBody(_Part):
    """Body of `POST /v1/moderations`."""

    input: (
        Text
        | Annotated[list[Text], Field(min_length=1, max_length=MAX_INPUTS)]
        | Annotated[list[Part], Field(min_length=1, max_length=MAX_INPUTS)]
    )
    model: Annotated[str, Field(max_length=256)] | None = None


class ModerationResult(BaseModel):
    """What was found in one input. `evidence` names what spoke for each flagged category."""

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[str]]
    evidence: dict[str, list[str]]


class ModerationResponse(BaseModel):
    """The answer: one result for each text, or one for all parts together."""

    id: str
    model: str
    results: list[ModerationResult]
