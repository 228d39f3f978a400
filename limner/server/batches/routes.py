"""`/v1/batches`: many requests in one file, answered when nobody waits."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from limner.jobs.prices import in_dollars
from limner.schema.batches import (
    DEFAULT_PAGE,
    MAX_PAGE,
    BatchBody,
    BatchError,
    BatchErrors,
    BatchList,
    BatchObject,
    BatchUsage,
    RequestCounts,
)
from limner.server.auth import CallerOf, ServicesOf
from limner.server.documents import BATCHES
from limner.server.forms import read_json
from limner.server.routes.lists import after_query
from limner.store.identifiers import BATCH_ID
from limner.store.work.batches import STATES, Batch

TOLD_AS_KEPT = (
    "endpoint",
    "model",
    "input_file_id",
    "completion_window",
    "status",
    "output_file_id",
    "error_file_id",
    "created_at",
    "expires_at",
)
router = APIRouter(prefix="/v1/batches", tags=["Batches"])


@router.post("", openapi_extra=BATCHES)
async def create_batch(request: Request, caller: CallerOf, services: ServicesOf) -> BatchObject:
    """Take a file of requests, to be answered within a day."""
    body = await read_json(request, BatchBody)
    batch = await services.batches.create(
        caller.project_id,
        input_file_id=body.input_file_id,
        endpoint=body.endpoint,
        completion_window=body.completion_window,
        metadata=body.metadata,
        output_lifetime_s=body.output_expires_after.seconds if body.output_expires_after else None,
        base_url=str(request.base_url),
    )
    return write_batch(batch)


@router.get("")
async def list_batches(
    caller: CallerOf,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE,
    after: Annotated[str | None, after_query(BATCH_ID)] = None,
) -> BatchList:
    """List the project's batches, the newest first, a page at a time."""
    page = await services.batches.page(caller.project_id, limit=limit, after=after)
    return BatchList.of(map(write_batch, page.items), has_more=page.has_more)


@router.get("/{batch_id}")
async def get_batch(batch_id: str, caller: CallerOf, services: ServicesOf) -> BatchObject:
    """Describe one batch, and how far it is."""
    return write_batch(await services.batches.get(caller.project_id, batch_id))


@router.post("/{batch_id}/cancel")
async def cancel_batch(batch_id: str, caller: CallerOf, services: ServicesOf) -> BatchObject:
    """Ask no more lines of a batch; the answers that are there are kept."""
    return write_batch(await services.batches.cancel(caller.project_id, batch_id))


def write_batch(batch: Batch) -> BatchObject:
    """Return a batch as it is told."""
    told: dict[str, Any] = {name: getattr(batch, name) for name in TOLD_AS_KEPT}
    told |= {f"{state}_at": batch.times.get(state) for state in STATES}
    errors = [BatchError(**error) for error in batch.errors]
    usage = BatchUsage(
        input_tokens=batch.input_tokens,
        output_tokens=batch.output_tokens,
        total_tokens=batch.input_tokens + batch.output_tokens,
        hosted_cost_usd=in_dollars(batch.cost_nanousd),
    )
    return BatchObject(
        id=batch.batch_id,
        errors=BatchErrors(data=errors) if errors else None,
        request_counts=RequestCounts(total=batch.total, completed=batch.completed, failed=batch.failed),
        usage=usage,
        metadata=None if batch.metadata is None else dict(batch.metadata),
        **told,
    )
