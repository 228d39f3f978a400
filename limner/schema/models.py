"""OpenAI's Models API on the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class ModelObject(BaseModel):
    """A name that requests may give as `model`."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "limner"
    shutdown_date: str | None = None
    snapshot: str


class ModelList(BaseModel):
    """Every name."""

    object: Literal["list"] = "list"
    data: list[ModelObject]
