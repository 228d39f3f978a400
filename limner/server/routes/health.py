"""`/health`: whether this server takes work. Needs no key and tells nothing else."""

from __future__ import annotations

from fastapi import APIRouter

from limner.errors import Stopping
from limner.schema.health import Health
from limner.server.auth import ServicesOf

router = APIRouter(tags=["Health"])


@router.get("/health")
async def get_health(services: ServicesOf) -> Health:
    """Say `ok`, or answer 503 when the server is about to end."""
    if services.studio.is_stopping:
        raise Stopping("the server is about to end")
    return Health()
