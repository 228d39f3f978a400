"""OpenAI's error object, the body of every answer that is not a success."""

from __future__ import annotations

from pydantic import BaseModel


class ModerationDetails(BaseModel):
    """Where moderation refused, and for what."""

    moderation_stage: str
    categories: list[str]


class ErrorObject(BaseModel):
    """What went wrong. All four fields are always there."""

    message: str
    type: str
    param: str | None
    code: str | None
    moderation_details: ModerationDetails | None = None


class ErrorBody(BaseModel):
    """The body itself."""

    error: ErrorObject
