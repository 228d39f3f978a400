"""`/limner/v1/results`: pictures behind unguessable addresses that expire, for clients that were promised a URL."""

from __future__ import annotations

from anyio import to_thread
from fastapi import APIRouter, Response

from limner.server.auth import ServicesOf

router = APIRouter(prefix="/limner/v1/results", tags=["Results"])


@router.get("/{token}", response_class=Response)
async def get_result(token: str, services: ServicesOf) -> Response:
    """Return a picture; the token is all that it takes."""
    content, media_type = await to_thread.run_sync(services.results.read, token)
    headers = {"cache-control": "private, max-age=3600", "content-disposition": "inline", "content-security-policy": "sandbox"}
    return Response(content, media_type=media_type, headers=headers)
