"""Items of OpenAI's Responses and Conversations APIs on the wire: what a caller sends as input, part by part.

Source: `InputItem` and `InputContent` in OpenAI's published OpenAPI document. `type` of messages and references may be absent or null.
Items that an answer gave can be sent back as they came.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from limner.schema.images import MAX_DATA_URL_CHARS

MAX_TEXT_CHARS, MAX_ITEMS, MAX_PARTS, MAX_ITEM_ID_CHARS = 100_000, 400, 100, 64
MAX_RESULT_CHARS = MAX_DATA_URL_CHARS
MESSAGE, CALL, REFERENCE = "a message", "a call", "a reference"  # with a space, so that no error names them as fields
AS_TEXT, AS_LIST = "as text", "as a list"

ItemId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="1 to 64 letters, digits, _ and -.")]
Text = Annotated[str, Field(max_length=MAX_TEXT_CHARS)]
ItemStatus = Literal["in_progress", "generating", "completed", "incomplete", "failed"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputTextPart(_Part):
    """Text that was said to the model."""

    type: Literal["input_text"]
    text: Text


class InputImagePart(_Part):
    """A picture: exactly one of an https or data URL, and the id of a file or of a kept picture."""

    type: Literal["input_image"]
    image_url: Annotated[str, Field(min_length=1, max_length=MAX_DATA_URL_CHARS)] | None = None
    file_id: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    detail: Literal["auto", "low", "high", "original"] | None = None


class OutputTextPart(_Part):
    """Text that the model said in an earlier turn."""

    type: Literal["output_text"]
    text: Text
    annotations: Annotated[list[Any], Field(max_length=MAX_PARTS)] | None = None
    logprobs: Annotated[list[Any], Field(max_length=MAX_PARTS)] | None = None


class RefusalPart(_Part):
    """A refusal that the model said in an earlier turn."""

    type: Literal["refusal"]
    refusal: Text


def _kind_of_part(value: Any) -> str:
    kind = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return f"the part {kind}"


Part = Annotated[
    Annotated[InputTextPart, Tag("the part input_text")]
    | Annotated[InputImagePart, Tag("the part input_image")]
    | Annotated[OutputTextPart, Tag("the part output_text")]
    | Annotated[RefusalPart, Tag("the part refusal")],
    Discriminator(
        _kind_of_part,
        custom_error_type="unknown_part",
        custom_error_message="a part is an object whose type is 'input_text', 'input_image', 'output_text' or 'refusal'",
    ),
]


def _text_or_list(value: Any) -> str:
    return AS_TEXT if isinstance(value, str) else AS_LIST


Content = Annotated[
    Annotated[Text, Tag(AS_TEXT)] | Annotated[list[Part], Field(min_length=1, max_length=MAX_PARTS), Tag(AS_LIST)],
    Discriminator(_text_or_list),
]


class MessageItem(_Part):
    """What somebody said. Only users show pictures; assistants say `output_text` and `refusal`, everybody else `input_text`."""

    type: Literal["message"] | None = None
    role: Literal["user", "assistant", "system", "developer"]
    content: Content
    id: ItemId | None = None
    status: ItemStatus | None = None
    phase: Literal["commentary", "final_answer"] | None = None


class CallItem(_Part):
    """A picture that was drawn earlier: by its id alone, or in full with `result`, its base64. The other fields are as answered."""

    type: Literal["image_generation_call"]
    id: ItemId | None = None
    result: Annotated[str, Field(max_length=MAX_RESULT_CHARS)] | None = None
    status: ItemStatus | None = None
    action: Annotated[str, Field(max_length=64)] | None = None
    background: Annotated[str, Field(max_length=64)] | None = None
    output_format: Annotated[str, Field(max_length=64)] | None = None
    quality: Annotated[str, Field(max_length=64)] | None = None
    size: Annotated[str, Field(max_length=64)] | None = None
    revised_prompt: Text | None = None
    error: dict[str, Any] | None = None
    limner: dict[str, Any] | None = None


class ReferenceItem(_Part):
    """An item of a stored response or of a conversation, by its id."""

    type: Literal["item_reference"] | None = None
    id: ItemId


def _kind_of_item(value: Any) -> str:
    names = ("type", "role", "id")
    kind, role, item_id = (value.get(name) if isinstance(value, dict) else getattr(value, name, None) for name in names)
    if kind == "image_generation_call":
        return CALL
    if kind == "item_reference" or (kind is None and role is None and item_id is not None):
        return REFERENCE
    return MESSAGE


InputItem = Annotated[
    Annotated[MessageItem, Tag(MESSAGE)] | Annotated[CallItem, Tag(CALL)] | Annotated[ReferenceItem, Tag(REFERENCE)],
    Discriminator(_kind_of_item),
]
InputItems = Annotated[list[InputItem], Field(min_length=1, max_length=MAX_ITEMS)]
Input = Annotated[Annotated[Text, Tag(AS_TEXT)] | Annotated[InputItems, Tag(AS_LIST)], Discriminator(_text_or_list)]
