"""Health on the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    """The server takes work."""

    status: Literal["ok"] = "ok"
