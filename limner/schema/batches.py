"""OpenAI's Batch API on the wire. What upstream does not have stands last in each object.

Source: contracts of `POST /v1/batches` and its like in OpenAI's published OpenAPI document.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from limner.schema.files import ExpiresAfter
from limner.schema.pages import Listed, ListPage

MAX_PAGE, DEFAULT_PAGE = 100, 20
MAX_PAIRS, MAX_KEY_CHARS, MAX_VALUE_CHARS = 16, 64, 512
Key = Annotated[str, Field(max_length=MAX_KEY_CHARS)]
Value = Annotated[str, Field(max_length=MAX_VALUE_CHARS)]
Metadata = Annotated[dict[Key, Value], Field(max_length=MAX_PAIRS)]


class BatchBody(BaseModel):
    """Body of `POST /v1/batches`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input_file_id: Annotated[str, Field(min_length=1, max_length=256)]
    endpoint: Annotated[str, Field(max_length=64)]
    completion_window: Literal["24h"]
    metadata: Metadata | None = None
    output_expires_after: ExpiresAfter | None = None


class BatchLine(BaseModel):
    """One line of the input file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    custom_id: Annotated[str, Field(min_length=1, max_length=512)]
    method: Literal["POST"]
    url: str
    body: dict[str, Any]


class BatchError(BaseModel):
    """What is wrong with a line of the input file, counted from 1, or with all of it."""

    code: str
    message: str
    param: str | None
    line: int | None


class BatchErrors(BaseModel):
    """What is wrong with the input file."""

    object: Literal["list"] = "list"
    data: list[BatchError]


class RequestCounts(BaseModel):
    """How many lines there are, and how many have an answer by now. When a batch ends, lines that have none count as failed."""

    total: int
    completed: int
    failed: int


class CachedTokens(BaseModel):
    """Input tokens by kind."""

    cached_tokens: int = 0


class ReasoningTokens(BaseModel):
    """Output tokens by kind."""

    reasoning_tokens: int = 0


class BatchUsage(BaseModel):
    """What the answered lines used. `hosted_cost_usd` is what the hosted service would have charged: half its list price."""

    input_tokens: int
    input_tokens_details: CachedTokens = CachedTokens()
    output_tokens: int
    output_tokens_details: ReasoningTokens = ReasoningTokens()
    total_tokens: int
    hosted_cost_usd: float


class BatchObject(Listed):
    """A batch."""

    object: Literal["batch"] = "batch"
    endpoint: str
    model: str | None
    errors: BatchErrors | None
    input_file_id: str
    completion_window: str
    status: Literal["validating", "failed", "in_progress", "finalizing", "completed", "expired", "cancelling", "cancelled"]
    output_file_id: str | None
    error_file_id: str | None
    created_at: int
    in_progress_at: int | None
    expires_at: int
    finalizing_at: int | None
    completed_at: int | None
    failed_at: int | None
    expired_at: int | None
    cancelling_at: int | None
    cancelled_at: int | None
    request_counts: RequestCounts
    usage: BatchUsage
    metadata: dict[str, str] | None


class BatchList(ListPage[BatchObject]):
    """One page of batches."""
