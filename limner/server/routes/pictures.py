"""`/limner/v1/pictures`: pictures that requests asked to keep, the turns that made them, and the way back to each."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from limner.media.encode import encode_small
from limner.schema.pages import Order
from limner.schema.pictures import DEFAULT_PAGE, MAX_PAGE, DeletedPicture, PictureList, PictureObject, TurnKind, TurnSettings
from limner.server.auth import CallerOf, ServicesOf
from limner.server.routes.lists import after_query, send_content
from limner.store.identifiers import PICTURE_ID
from limner.store.pages import MAX_SEARCH_CHARS, Page
from limner.store.pictures import StoredPicture

router = APIRouter(prefix="/limner/v1/pictures", tags=["Pictures"])
BYTES = {"schema": {"type": "string", "format": "binary"}}
PNG: dict[int | str, dict[str, Any]] = {200: {"description": "A PNG picture.", "content": {"image/png": BYTES}}}
WEBP: dict[int | str, dict[str, Any]] = {200: {"description": "A small WebP picture.", "content": {"image/webp": BYTES}}}


@router.get("")
async def list_pictures(
    caller: CallerOf,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE,
    order: Order = "desc",
    after: Annotated[str | None, after_query(PICTURE_ID)] = None,
    search: Annotated[str, Query(max_length=MAX_SEARCH_CHARS, description="Words that the instruction must hold, in any case.")] = "",
    kind: TurnKind | None = None,
    parent: Annotated[str | None, after_query(PICTURE_ID)] = None,
) -> PictureList:
    """List the project's kept pictures, a page at a time; of a kind, made of a parent, or asked for in certain words."""

    def read() -> PictureList:
        page = services.pictures.page(caller.project_id, search=search, kind=kind, parent_id=parent, limit=limit, order=order, after=after)
        return _write_page(page)

    return await to_thread.run_sync(read)


@router.get("/{picture_id}")
async def get_picture(picture_id: str, caller: CallerOf, services: ServicesOf) -> PictureObject:
    """Describe one kept picture and the turn that made it."""
    return _write(await to_thread.run_sync(services.pictures.get, caller.project_id, picture_id))


@router.delete("/{picture_id}")
async def delete_picture(picture_id: str, caller: CallerOf, services: ServicesOf) -> DeletedPicture:
    """Delete a kept picture; what was made of it stays, and still names it."""
    await to_thread.run_sync(services.pictures.delete, caller.project_id, picture_id)
    return DeletedPicture(id=picture_id)


@router.get("/{picture_id}/content", response_class=StreamingResponse, responses=PNG)
async def get_content(picture_id: str, caller: CallerOf, services: ServicesOf) -> StreamingResponse:
    """Return a kept picture as PNG: its exact pixels, the same bytes every time."""
    picture = await to_thread.run_sync(services.pictures.get, caller.project_id, picture_id)
    chunks = await to_thread.run_sync(services.pictures.iterate, caller.project_id, picture_id)
    return send_content(chunks, picture.size_bytes, "image/png", "inline")


@router.get("/{picture_id}/thumbnail", response_class=Response, responses=WEBP)
async def get_thumbnail(picture_id: str, caller: CallerOf, services: ServicesOf) -> Response:
    """Return a small copy of a kept picture as WebP, at most 384 pixels a side: for lists, not for going on from."""

    def make() -> bytes:
        return encode_small(services.pictures.read(caller.project_id, picture_id))

    small = await to_thread.run_sync(make)
    return Response(small, media_type="image/webp", headers={"content-disposition": "inline", "content-security-policy": "sandbox"})


@router.get("/{picture_id}/lineage")
async def get_lineage(picture_id: str, caller: CallerOf, services: ServicesOf) -> PictureList:
    """List the turns that led to a kept picture, from the first to the picture itself."""

    def read() -> PictureList:
        return _write_page(services.pictures.lineage(caller.project_id, picture_id))

    return await to_thread.run_sync(read)


def _write_page(page: Page[StoredPicture]) -> PictureList:
    return PictureList.of(map(_write, page.items), has_more=page.has_more)


def _write(picture: StoredPicture) -> PictureObject:
    turn = picture.turn
    return PictureObject.model_validate(
        {
            "id": picture.picture_id,
            "created_at": picture.created_at,
            "expires_at": picture.expires_at,
            "bytes": picture.size_bytes,
            "width": picture.width,
            "height": picture.height,
            "kind": turn.kind,
            "instruction": turn.instruction,
            "seed": picture.seed,
            "snapshot": turn.snapshot,
            "parent": turn.parent_id,
            "settings": TurnSettings.model_validate(turn.settings),
            "alt_text": picture.alt_text,
        }
    )
