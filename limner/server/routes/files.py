"""`/v1/files`: pictures and other files of a project."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile

from limner.errors import MissingField, UnknownField
from limner.schema.files import DEFAULT_PAGE, MAX_PAGE, DeletedFile, FileFields, FileList, FileObject
from limner.schema.pages import Order
from limner.server.auth import CallerOf, ServicesOf
from limner.server.documents import FILES
from limner.server.forms import reading_form
from limner.server.routes.lists import after_query, send_content
from limner.store.files import StoredFile
from limner.store.identifiers import FILE_ID

router = APIRouter(prefix="/v1/files", tags=["Files"])


@router.post("", openapi_extra=FILES)
async def upload_file(request: Request, caller: CallerOf, services: ServicesOf) -> FileObject:
    """Store a file; its id can stand for a picture in edits."""
    async with reading_form(request, FileFields, files=("file",)) as form:
        upload = _only(form.files.get("file", ()))
        fields: FileFields = form.fields
        lifetime_s = fields.expires_after.seconds if fields.expires_after else None

        def store() -> StoredFile:
            return services.files.add(
                caller.project_id,
                filename=upload.filename or "upload",
                purpose=fields.purpose,
                content=upload.file,
                expires_after_s=lifetime_s,
            )

        return _write(await to_thread.run_sync(store))


@router.get("")
async def list_files(
    caller: CallerOf,
    services: ServicesOf,
    purpose: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE,
    order: Order = "desc",
    after: Annotated[str | None, after_query(FILE_ID)] = None,
) -> FileList:
    """List the project's files, a page at a time."""

    def read() -> FileList:
        page = services.files.page(caller.project_id, purpose=purpose, limit=limit, order=order, after=after)
        return FileList.of(map(_write, page.items), has_more=page.has_more)

    return await to_thread.run_sync(read)


@router.get("/{file_id}")
async def get_file(file_id: str, caller: CallerOf, services: ServicesOf) -> FileObject:
    """Describe one file."""
    return _write(await to_thread.run_sync(services.files.get, caller.project_id, file_id))


@router.delete("/{file_id}")
async def delete_file(file_id: str, caller: CallerOf, services: ServicesOf) -> DeletedFile:
    """Delete a file and its content."""
    await to_thread.run_sync(services.files.delete, caller.project_id, file_id)
    return DeletedFile(id=file_id)


@router.get("/{file_id}/content", response_class=StreamingResponse)
async def get_content(file_id: str, caller: CallerOf, services: ServicesOf) -> StreamingResponse:
    """Return a file's bytes, as a download that no browser interprets."""
    file = await to_thread.run_sync(services.files.get, caller.project_id, file_id)
    chunks = await to_thread.run_sync(services.files.iterate, caller.project_id, file_id)
    return send_content(chunks, file.size_bytes, "application/octet-stream", "attachment")


def _only(uploads: tuple[UploadFile, ...]) -> UploadFile:
    if not uploads:
        raise MissingField("file", "Missing required parameter: 'file'. Send the file as a multipart part")
    if len(uploads) > 1:
        raise UnknownField("file[1]", f"{len(uploads)} files came as 'file'; send one at a time")
    return uploads[0]


def _write(file: StoredFile) -> FileObject:
    return FileObject(
        id=file.file_id,
        bytes=file.size_bytes,
        created_at=file.created_at,
        expires_at=file.expires_at,
        filename=file.filename,
        purpose=file.purpose,
    )
