"""Bodies of OpenAI's Responses and Conversations APIs. A field that is null counts as absent; fields of our own stand last.

Source: `CreateResponse` and `ImageGenTool` in OpenAI's published OpenAPI document, and openai-python's types.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from limner.schema.images import (
    MAX_DATA_URL_CHARS,
    AltText,
    BackgroundWord,
    CanvasWord,
    Count,
    FormatWord,
    MaskMode,
    ModerationWord,
    PartialCount,
    Percent,
    RegionWord,
    Seed,
    SizeWord,
)
from limner.schema.responses.items import AS_TEXT, Input, InputItems, ItemId

MAX_PAIRS, MAX_TOOLS, MAX_INCLUDED, MAX_NEW_ITEMS = 16, 16, 32, 20
MAX_INSTRUCTIONS_CHARS = 100_000
AS_OBJECT, AS_IMAGE, AS_ALLOWED = "as an object", "as an image tool", "as allowed tools"

Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]],
    Field(max_length=MAX_PAIRS, description="At most 16 pairs: keys of 64 characters, values of 512."),
]
Word = Annotated[str, Field(max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MaskReference(_Body):
    """A mask: exactly one of an https or data URL or bare base64, and the id of a file."""

    image_url: Annotated[str, Field(min_length=1, max_length=MAX_DATA_URL_CHARS)] | None = None
    file_id: Annotated[str, Field(min_length=1, max_length=256)] | None = None

    @property
    def written_url(self) -> str | None:
        """The URL; of bare base64, which has no colon, a data URL."""
        bare = self.image_url is not None and ":" not in self.image_url
        return f"data:;base64,{self.image_url}" if bare else self.image_url


class ImageTool(_Body):
    """The tool that draws. `n`, `seed`, `alt_text`, `canvas`, `mask_mode` and `region` are of our own."""

    type: Literal["image_generation"]
    action: Literal["auto", "generate", "edit"] | None = None
    model: Annotated[str, Field(max_length=256)] | None = None
    size: SizeWord | None = None
    quality: Literal["auto", "low", "medium", "high"] | None = None
    background: BackgroundWord | None = None
    output_format: FormatWord | None = None
    output_compression: Percent | None = None
    moderation: ModerationWord | None = None
    partial_images: PartialCount | None = None
    input_fidelity: Literal["low", "high"] | None = None
    input_image_mask: MaskReference | None = None
    n: Count | None = None
    seed: Seed | None = None
    alt_text: AltText | None = None
    canvas: CanvasWord | None = None
    mask_mode: MaskMode | None = None
    region: RegionWord | None = None


class NamedTool(_Body):
    """A tool that may, or must, be used."""

    type: Literal["image_generation"]


class AllowedTools(_Body):
    """The tools that may be used, or of which one must be."""

    type: Literal["allowed_tools"]
    mode: Literal["auto", "required"]
    tools: Annotated[list[NamedTool], Field(min_length=1, max_length=MAX_TOOLS)]


def _kind_of_choice(value: Any) -> str:
    if isinstance(value, str):
        return AS_TEXT
    kind = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return AS_ALLOWED if kind == "allowed_tools" else AS_IMAGE


ToolChoice = Annotated[
    Annotated[Literal["none", "auto", "required"], Tag(AS_TEXT)]
    | Annotated[NamedTool, Tag(AS_IMAGE)]
    | Annotated[AllowedTools, Tag(AS_ALLOWED)],
    Discriminator(_kind_of_choice),
]


class ConversationReference(_Body):
    """A conversation, by its id."""

    id: ItemId


ConversationParam = Annotated[
    Annotated[ItemId, Tag(AS_TEXT)] | Annotated[ConversationReference, Tag(AS_OBJECT)],
    Discriminator(lambda value: AS_TEXT if isinstance(value, str) else AS_OBJECT),
]


class TextFormat(_Body):
    """How texts come: plainly."""

    type: Literal["text"]


class TextOptions(_Body):
    """What is wished of texts."""

    format: TextFormat | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class Reasoning(_Body):
    """What is wished of reasoning models."""

    effort: Word | None = None
    summary: Word | None = None
    generate_summary: Word | None = None


class StreamOptions(_Body):
    """What is wished of a stream."""

    include_obfuscation: bool | None = None


class ResponseBody(_Body):
    """Body of `POST /v1/responses`."""

    model: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    input: Input
    tools: Annotated[list[ImageTool], Field(max_length=MAX_TOOLS)] | None = None
    tool_choice: ToolChoice | None = None
    instructions: Annotated[str, Field(max_length=MAX_INSTRUCTIONS_CHARS)] | None = None
    previous_response_id: ItemId | None = None
    conversation: ConversationParam | None = None
    store: bool | None = None
    background: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    include: Annotated[list[Annotated[str, Field(max_length=128)]], Field(max_length=MAX_INCLUDED)] | None = None
    metadata: Metadata | None = None
    max_tool_calls: Annotated[int, Field(ge=1, le=128)] | None = None
    max_output_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    parallel_tool_calls: bool | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    truncation: Literal["auto", "disabled"] | None = None
    text: TextOptions | None = None
    reasoning: Reasoning | None = None
    service_tier: Word | None = None
    prompt_cache_key: Annotated[str, Field(max_length=256)] | None = None
    user: Annotated[str, Field(max_length=256)] | None = None
    safety_identifier: Word | None = None


class TokensBody(_Body):
    """Body of `POST /v1/responses/input_tokens`."""

    model: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    input: Input | None = None
    instructions: Annotated[str, Field(max_length=MAX_INSTRUCTIONS_CHARS)] | None = None


class ConversationBody(_Body):
    """Body of `POST /v1/conversations`."""

    items: Annotated[InputItems, Field(max_length=MAX_NEW_ITEMS)] | None = None
    metadata: Metadata | None = None


class MetadataBody(_Body):
    """Body of `POST /v1/conversations/{conversation_id}`."""

    metadata: Metadata


class NewItemsBody(_Body):
    """Body of `POST /v1/conversations/{conversation_id}/items`."""

    items: Annotated[InputItems, Field(max_length=MAX_NEW_ITEMS)]
