"""`/limner/v1/pictures`: pictures that requests asked to keep, the turns that made them, and the way back to each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from limner.schema.pictures import DEFAULT_PAGE, MAX_PAGE, DeletedPicture, PictureList, PictureObject, TurnSettings
from limner.server.auth import CallerOf, ServicesOf
from limner.store.identifiers import PICTURE_ID
from limner.store.pictures import PicturePage, StoredPicture

router = APIRouter(prefix="/limner/v1/pictures", tags=["Pictures"])
PNG: dict[int | str, dict[str, Any]] = {
    200: {"description": "A PNG picture.", "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("")
async def list_pictures(
    caller: CallerOf,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE,
    order: Literal["asc", "desc"] = "desc",
    after: Annotated[str | None, Query(max_length=256, json_schema_extra={"pattern": f"^{PICTURE_ID.pattern}$"})] = None,
) -> PictureList:
    """List the project's kept pictures, a page at a time."""

    def read() -> PictureList:
        return _write_page(services.pictures.page(caller.project_id, limit=limit, order=order, after=after))

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
    chunks: Iterator[bytes] = await to_thread.run_sync(services.pictures.iterate, caller.project_id, picture_id)
    headers = {"content-length": str(picture.size_bytes), "content-disposition": "inline", "content-security-policy": "sandbox"}
    return StreamingResponse(chunks, media_type="image/png", headers=headers)


@router.get("/{picture_id}/lineage")
async def get_lineage(picture_id: str, caller: CallerOf, services: ServicesOf) -> PictureList:
    """List the turns that led to a kept picture, from the first to the picture itself."""

    def read() -> PictureList:
        return _write_page(services.pictures.lineage(caller.project_id, picture_id))

    return await to_thread.run_sync(read)


def _write_page(page: PicturePage) -> PictureList:
    data = [_write(picture) for picture in page.pictures]
    return PictureList(data=data, first_id=data[0].id if data else None, last_id=data[-1].id if data else None, has_more=page.has_more)


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
        }
    )
