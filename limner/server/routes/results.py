"""`/limner/v1/results` and the results of queued generations: pictures behind addresses that expire and need no key."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Response

from limner.media.encode import encode_again, media_type, parse_format
from limner.server.auth import ServicesOf

router = APIRouter(prefix="/limner/v1", tags=["Results"])
HEADERS = {"cache-control": "private, max-age=3600", "content-disposition": "inline", "content-security-policy": "sandbox"}
MAX_SIGNATURE_CHARS = 100


@router.get("/results/{token}", response_class=Response)
async def get_result(token: str, services: ServicesOf) -> Response:
    """Return a picture; the token is all that it takes."""
    content, kind = await to_thread.run_sync(services.results.read, token)
    return Response(content, media_type=kind, headers=HEADERS)


@router.get("/generations/{generation_id}/result", response_class=Response)
async def get_generated(
    generation_id: str,
    services: ServicesOf,
    expires: Annotated[str, Query(max_length=MAX_SIGNATURE_CHARS)] = "",
    signature: Annotated[str, Query(max_length=MAX_SIGNATURE_CHARS)] = "",
) -> Response:
    """Return what a queued generation has drawn, in the format that it asked for; the signature in the link is all that it takes."""

    def read() -> tuple[bytes, str]:
        found = services.generations.links.open(generation_id, expires, signature)
        output_format = parse_format(found.parameters.get("output_format", "png"))
        png = services.pictures.read(found.project_id, found.reserved_id)
        return encode_again(png, output_format), media_type(output_format)

    content, kind = await to_thread.run_sync(read)
    return Response(content, media_type=kind, headers=HEADERS)
