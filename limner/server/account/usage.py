"""`/limner/v1/usage`: what the caller's project used."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from limner.jobs.prices import in_dollars
from limner.schema.usage import DEFAULT_DAYS, MAX_DAYS, UsageCounts, UsageDay, UsageReport
from limner.server.auth import CallerOf, ServicesOf
from limner.store.usage import Counts

router = APIRouter(prefix="/limner/v1/usage", tags=["Usage"])


@router.get("")
async def get_usage(caller: CallerOf, services: ServicesOf, days: Annotated[int, Query(ge=1, le=MAX_DAYS)] = DEFAULT_DAYS) -> UsageReport:
    """Tell what the project used on each of the last days, today among them."""
    used = await services.ledger.days(caller.project_id, days)
    return UsageReport(
        days=[UsageDay(date=date, **_write(counts)) for date, counts in used.items()],
        total=UsageCounts(**_write(sum(used.values(), Counts()))),
    )


def _write(counts: Counts) -> dict[str, Any]:
    told: dict[str, Any] = asdict(counts)
    return told | {"hosted_cost_usd": in_dollars(told.pop("cost_nanousd"))}
