"""Answers of OpenAI's Responses and Conversations APIs: what goes out, item by item.

Source: `Response`, `ResponseItem` and `Conversation` in OpenAI's published OpenAPI document. `limner` is of our own.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from limner.schema.images import ImageUsage

Status = Literal["completed", "failed", "in_progress", "cancelled", "queued", "incomplete"]


class CallError(BaseModel):
    """Why a picture is not there."""

    code: str | None
    message: str
    param: str | None
    type: str
    moderation_details: dict[str, Any] | None = None


class CallOrigin(BaseModel):
    """How to draw the picture again, and, if it was kept, how to go on with it; `parent` is the kept picture that it began with.

    `deployment` is there if the request named one, `alt_text` if it was asked for: what is seen in the picture.
    """

    picture_id: str | None
    seed: int
    snapshot: str
    parent: str | None
    deployment: str | None = None
    alt_text: str | None = None


class CallAnswer(BaseModel):
    """A picture. `result` is its base64, empty if it failed, null until it is there or once it is gone."""

    id: str
    type: Literal["image_generation_call"]
    status: str
    result: str | None
    action: str | None = None
    background: str | None = None
    output_format: str | None = None
    quality: str | None = None
    size: str | None = None
    revised_prompt: str | None = None
    error: CallError | None = None
    limner: CallOrigin | None = None


class MessageAnswer(BaseModel):
    """What somebody said. Pictures that came in full are null, unless `include[]` asks for them."""

    id: str
    type: Literal["message"]
    status: str
    role: str
    content: list[dict[str, Any]]


AnyItem = CallAnswer | MessageAnswer


class Item(BaseModel):
    """One item: a message, or a picture."""

    id: str
    type: Literal["message", "image_generation_call"]
    status: str


class ItemPage(BaseModel):
    """One page of items. `last_id` is the `after` of the next."""

    object: Literal["list"]
    data: list[AnyItem]
    first_id: str | None
    last_id: str | None
    has_more: bool


class TextTokens(BaseModel):
    """Tokens that a text model read and wrote; with the direct planner there is none."""

    input_tokens: int
    input_tokens_details: dict[str, int]
    output_tokens: int
    output_tokens_details: dict[str, int]
    total_tokens: int


class ToolUsage(BaseModel):
    """Tokens of the pictures."""

    image_gen: ImageUsage
    web_search: dict[str, int]


class ResponseError(BaseModel):
    """Why a response failed."""

    code: str
    message: str


class ResponseObject(BaseModel):
    """A response."""

    id: str
    object: Literal["response"]
    created_at: int
    status: Status
    background: bool
    completed_at: int | None
    conversation: dict[str, str] | None
    error: ResponseError | None
    incomplete_details: dict[str, Any] | None
    instructions: str | None
    max_output_tokens: int | None
    max_tool_calls: int | None
    metadata: dict[str, str]
    model: str
    output: list[AnyItem]
    parallel_tool_calls: bool
    previous_response_id: str | None
    prompt_cache_key: str | None
    reasoning: dict[str, str | None]
    safety_identifier: str | None
    service_tier: str
    store: bool
    temperature: float
    text: dict[str, Any]
    tool_choice: str | dict[str, Any]
    tool_usage: ToolUsage
    tools: list[dict[str, Any]]
    top_logprobs: int
    top_p: float
    truncation: str
    usage: TextTokens | None
    user: str | None


class ResponseEvent(BaseModel):
    """An event of a response; what else it holds depends on its type, as docs/responses.md lists."""

    type: str = Field(pattern=r"^(response\..+|error)$")
    sequence_number: int


class DeletedResponse(BaseModel):
    """A response that is gone."""

    id: str
    object: Literal["response"] = "response"
    deleted: Literal[True] = True


class InputTokens(BaseModel):
    """Tokens of an input's text."""

    object: Literal["response.input_tokens"] = "response.input_tokens"
    input_tokens: int


class ConversationObject(BaseModel):
    """A conversation."""

    id: str
    object: Literal["conversation"]
    created_at: int
    metadata: dict[str, str]


class DeletedConversation(BaseModel):
    """A conversation that is gone."""

    id: str
    object: Literal["conversation.deleted"] = "conversation.deleted"
    deleted: Literal[True] = True
