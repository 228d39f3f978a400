"""`/api/events`: a project hears of its generations as they end, while it listens; nothing is kept for those who come later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from fastapi import APIRouter, Request

from limner.jobs.generations.events import Listener
from limner.schema.oxen import EVENT_NAME
from limner.server.auth import CallerOf, ServicesOf
from limner.server.documents import OXEN_EVENTS
from limner.server.routes.answers import base_url
from limner.server.services import Services
from limner.server.sse import EventStream
from limner.store.work.generations import StoredGeneration

router = APIRouter(prefix="/api", tags=["Oxen"])


@router.get("/events", response_model=None, openapi_extra=OXEN_EVENTS)
async def listen(request: Request, caller: CallerOf, services: ServicesOf) -> EventStream:
    """Send an event for each generation of the project that succeeds or fails from now on; none for what is cancelled."""
    hub = services.generations.events
    listener = hub.listen(caller.project_id)
    return EventStream(
        _events(listener, base_url(request, services), services),
        close=partial(hub.leave, listener),
        request_id=request.state.request_id,
        keep_alive_s=services.settings.keep_alive_s,
        channel=EVENT_NAME,
    )


async def _events(listener: Listener, base: str, services: Services) -> AsyncIterator[dict[str, Any]]:
    async for generation in listener.generations():
        yield _write(generation, services.generations.links.make(generation, base))


def _write(generation: StoredGeneration, url: str | None) -> dict[str, Any]:
    known = {"generation_id": generation.generation_id, "status": generation.status, "media_type": "image"}
    if generation.status == "failed":
        return known | {"error": generation.error_message}
    return known | {"model": generation.model_name, "url": url}
