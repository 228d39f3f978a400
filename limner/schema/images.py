"""OpenAI's Images API on the wire: the bodies that come in, the answers and events that go out.

Source: contracts of `POST /v1/images/generations`, `/edits` and `/variations` in OpenAI's published OpenAPI document. A field that is
null counts as absent. Fields that upstream does not have stand last in each body.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

MAX_DATA_URL_CHARS = 20_971_520
MAX_INPUT_IMAGES = 16
MAX_REGION_CHARS = 20_000
MAX_CANVAS_CHARS = 128
MAX_WORD_CHARS = 64  # of what is written as one word, such as a size
MAX_DEPTH = 8  # objects in objects; no body that is taken is deeper

QualityWord = Literal["auto", "low", "medium", "high", "standard", "hd"]
BackgroundWord = Literal["auto", "transparent", "opaque"]
FormatWord = Literal["png", "jpeg", "webp"]
ModerationWord = Literal["auto", "low"]
MaskMode = Literal["alpha", "luma"]
Count = Annotated[int, Field(ge=1, le=10)]
Percent = Annotated[int, Field(ge=0, le=100)]
PartialCount = Annotated[int, Field(ge=0, le=3)]
Prompt = Annotated[str, WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 32_000, "pattern": r"\S"})]
SizeWord = Annotated[
    str,
    Field(
        max_length=MAX_WORD_CHARS,
        description="auto, or WIDTHxHEIGHT in multiples of 16 from 256 to 2048, ratio up to 3:1.",
        json_schema_extra={"pattern": "^(auto|square|portrait|landscape|[1-9][0-9]{0,4}x[1-9][0-9]{0,4})$"},
    ),
]
CanvasWord = Annotated[
    str,
    Field(
        max_length=MAX_CANVAS_CHARS,
        description="WIDTHxHEIGHT+LEFT+TOP: extend the picture to that size, with its old top left corner there. "
        "WIDTHxHEIGHT: in the middle. left=128,right=25% or all=20%: by so much on each side.",
        json_schema_extra={
            "pattern": r"^\s*([0-9]{1,5}x[0-9]{1,5}((\+[0-9]{1,5}|\+?-[0-9]{1,5}){2})?\s*|(left|top|right|bottom|all)\s*=.*)$"
        },
    ),
]
PartialEventName = Literal["image_generation.partial_image", "image_edit.partial_image"]
CompletedEventName = Literal["image_generation.completed", "image_edit.completed"]
RegionWord = Annotated[
    str,
    Field(
        max_length=MAX_REGION_CHARS,
        description="What may change: box:LEFT,TOP,WIDTH,HEIGHT or polygon:X,Y X,Y X,Y in pixels or percentages, or words:THE THING.",
        json_schema_extra={"pattern": r"^\s*([Bb][Oo][Xx]|[Pp][Oo][Ll][Yy][Gg][Oo][Nn]|[Ww][Oo][Rr][Dd][Ss])\s*:"},
    ),
]
Keep = Annotated[bool, Field(description="Keep the exact pixels, to begin later edits with; the answer names them by `picture_id`.")]
AltText = Annotated[bool, Field(description="Say in `limner.alt_text` and in the file what is seen in each picture, in one sentence.")]
Seed = Annotated[int, Field(ge=0, le=2**53 - 1, description="The same seed and request draw the same bytes; picture i has seed + i.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _PictureFields(_Body):
    """What generations and edits have in common."""

    prompt: Prompt
    model: str | None = None
    n: Count | None = None
    size: SizeWord | None = None
    quality: QualityWord | None = None
    background: BackgroundWord | None = None
    moderation: ModerationWord | None = None
    output_format: FormatWord | None = None
    output_compression: Percent | None = None
    partial_images: PartialCount | None = None
    stream: bool | None = None
    response_format: Literal["url", "b64_json"] | None = None
    user: str | None = None
    safety_identifier: Annotated[str, Field(max_length=128)] | None = None
    seed: Seed | None = None
    keep: Keep | None = None
    alt_text: AltText | None = None


class GenerationBody(_PictureFields):
    """Body of `POST /v1/images/generations`."""

    style: Literal["vivid", "natural"] | None = None


class ImageReference(_Body):
    """A picture that is named, not sent: exactly one of the two. A `file_id` is of a file, or of a kept picture."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [name], "properties": {name: {"type": "string"}}} for name in ("image_url", "file_id")]}
    )

    image_url: Annotated[str, Field(min_length=1, max_length=MAX_DATA_URL_CHARS)] | None = None
    file_id: Annotated[str, Field(min_length=1, max_length=256)] | None = None

    @model_validator(mode="after")
    def _names_one(self) -> ImageReference:
        if (self.image_url is None) == (self.file_id is None):
            raise ValueError("needs exactly one of image_url and file_id")
        return self


class EditFields(_PictureFields):
    """The text parts of a multipart body of `POST /v1/images/edits`."""

    input_fidelity: Literal["low", "high"] | None = None
    canvas: CanvasWord | None = None
    region: RegionWord | None = None
    mask_mode: MaskMode | None = Field(
        None, description="alpha: transparent pixels of the mask are drawn anew. luma: white ones are, and the mask needs no alpha channel."
    )


class EditBody(EditFields):
    """A JSON body of `POST /v1/images/edits`."""

    images: Annotated[list[ImageReference], Field(min_length=1, max_length=MAX_INPUT_IMAGES)]
    mask: ImageReference | None = None


class VariationFields(_Body):
    """The text parts of `POST /v1/images/variations`."""

    model: str | None = None
    n: Count | None = None
    size: SizeWord | None = None
    response_format: Literal["url", "b64_json"] | None = None
    user: str | None = None
    seed: Seed | None = None
    keep: Keep | None = None


class PictureOrigin(BaseModel):
    """How to draw this picture again, and, if it was kept, how to go on with it; `parent` is the kept picture that it began with.

    `deployment` is there if the request named one; `snapshot` is what that stood for when the request came. `alt_text` is there if it
    was asked for: what is seen in the picture.
    """

    picture_id: str | None
    seed: int
    snapshot: str
    parent: str | None
    deployment: str | None = None
    alt_text: str | None = None


class ImageItem(BaseModel):
    """One picture of an answer."""

    b64_json: str | None = None
    url: str | None = None
    revised_prompt: str | None = None
    limner: PictureOrigin | None = None


class InputTokens(BaseModel):
    """Input tokens by kind."""

    text_tokens: int
    image_tokens: int


class OutputTokens(BaseModel):
    """Output tokens by kind."""

    image_tokens: int
    text_tokens: int


class ImageUsage(BaseModel):
    """What a request cost."""

    input_tokens: int
    input_tokens_details: InputTokens
    output_tokens: int
    output_tokens_details: OutputTokens
    total_tokens: int


class ImagesResponse(BaseModel):
    """The answer to all three routes. Every value is what was drawn, never `auto`."""

    created: int
    data: list[ImageItem]
    background: Literal["transparent", "opaque"]
    output_format: FormatWord
    quality: Literal["low", "medium", "high"]
    size: str
    usage: ImageUsage
    safety_identifier: str | None = None


class PartialImageEvent(BaseModel):
    """A picture on its way, in a stream."""

    type: PartialEventName
    b64_json: str
    created_at: int
    size: str
    quality: str
    background: str
    output_format: str
    partial_image_index: int


class CompletedImageEvent(BaseModel):
    """The finished picture, the last event of a stream."""

    type: CompletedEventName
    b64_json: str
    created_at: int
    size: str
    quality: str
    background: str
    output_format: str
    usage: ImageUsage
    safety_identifier: str | None = None
    limner: PictureOrigin | None = None
