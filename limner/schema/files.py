"""OpenAI's Files API on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from limner.schema.pages import Listed, ListPage

Purpose = Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]
MIN_LIFETIME_S, MAX_LIFETIME_S = 3_600, 2_592_000
MAX_PAGE, DEFAULT_PAGE = 10_000, 10_000


class ExpiresAfter(BaseModel):
    """When a file goes away by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    anchor: Literal["created_at"]
    seconds: Annotated[int, Field(ge=MIN_LIFETIME_S, le=MAX_LIFETIME_S)]


class FileFields(BaseModel):
    """The text parts of `POST /v1/files`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purpose: Purpose
    expires_after: ExpiresAfter | None = None


class FileObject(Listed):
    """A stored file."""

    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    expires_at: int | None = None
    filename: str
    purpose: str
    status: Literal["uploaded", "processed", "error"] = "processed"
    status_details: str | None = None


class FileList(ListPage[FileObject]):
    """One page of files."""


class DeletedFile(BaseModel):
    """A file that is gone."""

    id: str
    object: Literal["file"] = "file"
    deleted: Literal[True] = True
