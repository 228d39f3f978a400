"""`/limner/v1/prompts`: prompts as assets, saved under names with everything that they are drawn with, in versions."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request

from limner.jobs.prompts import find_variables
from limner.schema.pages import Order
from limner.schema.prompts import DEFAULT_PAGE, MAX_PAGE, MAX_VERSION, DeletedPrompt, PromptBody, PromptList, PromptObject
from limner.server.auth import CallerOf, ServicesOf
from limner.server.documents import PROMPTS
from limner.server.forms import read_json
from limner.server.routes.lists import after_query
from limner.store.identifiers import PROMPT_ID
from limner.store.pages import MAX_SEARCH_CHARS, Page
from limner.store.prompts import PromptDraft, StoredPrompt

router = APIRouter(prefix="/limner/v1/prompts", tags=["Prompts"])


@router.post("", openapi_extra=PROMPTS)
async def save_prompt(request: Request, caller: CallerOf, services: ServicesOf) -> PromptObject:
    """Save a prompt as the next version of its name."""
    body = await read_json(request, PromptBody)
    draft = PromptDraft(
        prompt=body.prompt, settings=body.settings.model_dump(), inputs=tuple(body.inputs), chosen=body.chosen, note=body.note
    )
    return _write(await to_thread.run_sync(services.prompt_book.save, caller.project_id, body.name, draft))


@router.get("")
async def list_prompts(
    caller: CallerOf,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE,
    order: Order = "desc",
    after: Annotated[str | None, after_query(PROMPT_ID)] = None,
    search: Annotated[str, Query(max_length=MAX_SEARCH_CHARS, description="Words of the name, the prompt or the note, in any case.")] = "",
) -> PromptList:
    """List the newest version of each saved prompt, a page at a time."""

    def read() -> PromptList:
        return _write_page(services.prompts.page(caller.project_id, search=search, limit=limit, order=order, after=after))

    return await to_thread.run_sync(read)


@router.get("/{name}")
async def get_prompt(name: str, caller: CallerOf, services: ServicesOf) -> PromptObject:
    """Return the newest version of a saved prompt."""
    return _write(await to_thread.run_sync(services.prompts.get, caller.project_id, name))


@router.delete("/{name}")
async def delete_prompt(name: str, caller: CallerOf, services: ServicesOf) -> DeletedPrompt:
    """Delete a saved prompt with all its versions; its pictures stay until their own time."""
    return DeletedPrompt(name=name, versions=await to_thread.run_sync(services.prompts.delete, caller.project_id, name))


@router.get("/{name}/versions")
async def list_versions(
    name: str,
    caller: CallerOf,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE,
    order: Order = "desc",
    after: Annotated[str | None, after_query(PROMPT_ID)] = None,
) -> PromptList:
    """List the versions of a saved prompt, a page at a time."""

    def read() -> PromptList:
        return _write_page(services.prompts.versions(caller.project_id, name, limit=limit, order=order, after=after))

    return await to_thread.run_sync(read)


@router.get("/{name}/versions/{version}")
async def get_version(
    name: str, version: Annotated[int, Path(ge=1, le=MAX_VERSION)], caller: CallerOf, services: ServicesOf
) -> PromptObject:
    """Return one version of a saved prompt."""
    return _write(await to_thread.run_sync(services.prompts.get, caller.project_id, name, version))


def _write_page(page: Page[StoredPrompt]) -> PromptList:
    return PromptList.of(map(_write, page.items), has_more=page.has_more)


def _write(stored: StoredPrompt) -> PromptObject:
    draft = stored.draft
    return PromptObject.model_validate(
        {
            "id": stored.prompt_id,
            "name": stored.name,
            "version": stored.version,
            "created_at": stored.created_at,
            "prompt": draft.prompt,
            "variables": find_variables(draft.prompt),
            "settings": draft.settings,
            "inputs": draft.inputs,
            "chosen": draft.chosen,
            "note": draft.note,
        }
    )
