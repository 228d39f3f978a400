"""Oxen's image API on the wire: what comes in under `/api/ai`, what goes out, and its form of an error.

Source: Oxen's hub documents and its OpenAPI document 0.243.1. Where the two differ both are taken. A field that is null counts as absent.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from limner.schema.images import (
    MAX_DATA_URL_CHARS,
    MAX_INPUT_IMAGES,
    AltText,
    BackgroundWord,
    Count,
    FormatWord,
    MaskMode,
    PictureOrigin,
    Prompt,
    Seed,
    SizeWord,
)

PATH_PREFIX = "/api/"
MAX_NAME_CHARS = 255
MAX_GENERATIONS = 12
MAX_PAGE, DEFAULT_PAGE = 1000, 50
EVENT_NAME = "media_generation_completed"

QueueStatus = Literal["queued", "processing", "succeeded", "failed", "cancelled"]
MediaType = Literal["image", "video"]
Picture = Annotated[
    str,
    Field(min_length=1, max_length=MAX_DATA_URL_CHARS, description="An https URL, a data URI, or the id of a file or of a kept picture."),
]
Label = Annotated[
    str, Field(min_length=1, max_length=MAX_NAME_CHARS, pattern="^[ -~]+$", description="Kept with a generation, for lists to choose by.")
]
AspectRatio = Annotated[str, Field(pattern="^[1-9][0-9]?:[1-9][0-9]?$", description="WIDTH:HEIGHT, up to 3:1; in place of size.")]
Unused = Annotated[
    str, Field(max_length=MAX_NAME_CHARS, description="Taken without effect: whatever is drawn belongs to the key's project.")
]


class OxenBody(BaseModel):
    """Body of `POST /api/ai/images/generate` and `/edit`, and the parameters of a queued generation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
    prompt: Prompt
    input_image: Picture | Annotated[list[Picture], Field(max_length=MAX_INPUT_IMAGES)] | None = None
    image: Picture | Annotated[list[Picture], Field(max_length=MAX_INPUT_IMAGES)] | None = None
    mask_url: Picture | None = None
    mask: Picture | None = None
    output_format: FormatWord | None = None
    size: SizeWord | None = None
    aspect_ratio: AspectRatio | None = None
    resolution: Literal["1K", "2K", "4K"] | None = Field(None, description="The longer side at an aspect ratio: 1024, 2048 or 3840 pixels.")
    n: Count | None = None
    seed: Seed | None = None
    response_format: Literal["url", "b64_json"] | None = None
    quality: Literal["auto", "low", "medium", "high"] | None = None
    background: BackgroundWord | None = None
    input_fidelity: Literal["low", "high"] | None = None
    target_namespace: Unused | None = None
    alt_text: AltText | None = None
    mask_mode: MaskMode | None = Field(
        None, description="luma, unless given: white pixels of the mask are drawn anew. alpha: transparent ones are."
    )


class OxenImage(BaseModel):
    """One picture of an answer; `revised_prompt` is the text that the model read."""

    url: str | None = None
    b64_json: str | None = None
    revised_prompt: str | None = None
    limner: PictureOrigin | None = None


class OxenImages(BaseModel):
    """The answer to generate and edit."""

    model: str
    created: int
    images: list[OxenImage]


class OxenErrorObject(BaseModel):
    """What went wrong; `message` is there for models alone, as upstream has it."""

    type: str
    title: str
    detail: str
    message: str | None = None
    param: str | None = None
    code: str | None = None


class OxenErrorBody(BaseModel):
    """The body of every answer that is not a success."""

    error: OxenErrorObject
    status: Literal["error"] = "error"
    status_message: str


class QueueBody(BaseModel):
    """Body of `POST /api/ai/queue`. What else is in it is looked at when the generation runs."""

    model_config = ConfigDict(extra="allow", frozen=True)

    model: Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS, pattern="^[ -~]+$")]
    prompt: Prompt
    num_generations: Annotated[int, Field(ge=1, le=MAX_GENERATIONS)] | None = None
    target_namespace: Label | None = None
    target_repo: Label | None = None
    target_directory: Label | None = None


class Enqueued(BaseModel):
    """One of the generations that a call enqueued."""

    generation_id: str
    status: Literal["queued"] = "queued"


class EnqueuedList(BaseModel):
    """The answer to `POST /api/ai/queue`: as many as were asked for."""

    generations: list[Enqueued]


class GenerationOrigin(BaseModel):
    """How the picture of a generation was drawn, and how to go on with it. `alt_text` is there if it was asked for."""

    picture_id: str
    seed: int
    snapshot: str
    parent: str | None
    alt_text: str | None = None


class GenerationObject(BaseModel):
    """A queued generation. The parameters that it was enqueued with stand beside these fields, data URIs cut off after their comma."""

    model_config = ConfigDict(extra="allow")

    generation_id: str
    model_name: str
    prompt: str
    media_type: Literal["image"] = "image"
    status: QueueStatus
    enqueued_at: int
    started_at: int | None
    completed_at: int | None
    result_url: str | None = Field(description="Good for an hour; asking again gives another.")
    error_message: str | None
    target_namespace: str | None
    target_repo: str | None
    target_directory: str | None
    picture_id: str | None = Field(None, description="The kept picture that was drawn.")
    limner: GenerationOrigin | None = Field(None, description="Of that picture, for as long as it is there.")


class GenerationList(BaseModel):
    """What waits and what is drawn."""

    count: int
    generations: list[GenerationObject]


class HistoryItem(GenerationObject):
    """A generation in the history. Nothing is charged, and whoever has a key of the project is its user."""

    cost: None = None
    user_id: str
    username: None = None
    user_image: None = None


class History(BaseModel):
    """One page of the history."""

    count: int
    generations: list[HistoryItem]
    page_number: int
    page_size: int
    total_pages: int
    total_entries: int
    total_cost: None = None


class FoundGeneration(BaseModel):
    """One generation of the history."""

    status: Literal["success"] = "success"
    status_message: Literal["resource_found"] = "resource_found"
    generation: HistoryItem


class CancelledGeneration(BaseModel):
    """The answer to a cancellation, also of what had ended before."""

    status: Literal["success"] = "success"
    generation_id: str


class Developer(BaseModel):
    """Who made a model."""

    name: str
    logo: str | None


class Capabilities(BaseModel):
    """What goes into a model and what comes out."""

    input: list[str]
    output: list[str]


class Pricing(BaseModel):
    """What a picture costs."""

    method: Literal["per_image"] = "per_image"
    cost_per_image: float = 0.0


class OxenModel(BaseModel):
    """A name that requests may give as `model`."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "limner"
    display_name: str
    description: str
    developer: Developer
    endpoint: str
    capabilities: Capabilities
    pricing: Pricing
    model_type: Literal["base"] = "base"
    deployments: list[Any]
    snapshot: str
    request_schema: dict[str, Any]
    json_request_schema: dict[str, Any]


class OxenModelList(BaseModel):
    """Names that requests may give."""

    object: Literal["list"] = "list"
    data: list[OxenModel]
