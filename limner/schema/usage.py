"""Usage on the wire: what a project used, day by day."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

MAX_DAYS, DEFAULT_DAYS = 366, 30


class UsageCounts(BaseModel):
    """Requests that were answered with pictures, those pictures, their tokens, and requests that were refused or failed.

    `batch_` counts are those of batches among them. `hosted_cost_usd` is what the hosted service would have charged, at its list prices.
    """

    requests: int
    pictures: int
    input_tokens: int
    output_tokens: int
    refused: int
    batch_requests: int
    batch_pictures: int
    hosted_cost_usd: float


class UsageDay(UsageCounts):
    """One UTC day."""

    date: str


class UsageReport(BaseModel):
    """The days that were asked for, the oldest first and today last, and all of them together."""

    object: Literal["usage"] = "usage"
    days: list[UsageDay]
    total: UsageCounts
