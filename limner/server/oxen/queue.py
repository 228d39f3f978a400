"""`/api/ai/queue` and `/api/ai/generations`: pictures that are drawn later, whatever becomes of the process, and what became of them."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request

from limner.engine.resolve import check_prompt
from limner.errors import InvalidField
from limner.schema.oxen import (
    DEFAULT_PAGE,
    MAX_NAME_CHARS,
    MAX_PAGE,
    CancelledGeneration,
    Enqueued,
    EnqueuedList,
    FoundGeneration,
    GenerationList,
    GenerationObject,
    GenerationOrigin,
    History,
    HistoryItem,
    MediaType,
    QueueBody,
    QueueStatus,
)
from limner.server.auth import CallerOf, ServicesOf
from limner.server.documents import OXEN_QUEUE
from limner.server.errors import shorten
from limner.server.forms import read_json
from limner.server.oxen.orders import check_words, find_model
from limner.server.routes.answers import base_url
from limner.server.services import Services
from limner.store.work.generations import OPEN, Choice, GenerationDraft, StoredGeneration

router = APIRouter(prefix="/api/ai", tags=["Oxen"])
MAX_PAGES = 100_000
MAX_DEPTH = 32  # of a parameter; pydantic writes no more than 255
SURROGATE = re.compile("[\ud800-\udfff]")  # half a character, which JSON can name and UTF-8 cannot write
NEVER = ()  # statuses of what there is none of
Name = Annotated[str | None, Query(max_length=MAX_NAME_CHARS, pattern="^[ -~]+$")]


@router.post("/queue", openapi_extra=OXEN_QUEUE)
async def enqueue(request: Request, caller: CallerOf, services: ServicesOf) -> EnqueuedList:
    """Enqueue generations. Parameters beside the model and the prompt are looked at when a generation runs: a bad one fails it."""
    body = await read_json(request, QueueBody)
    await to_thread.run_sync(find_model, services.directory, caller.project_id, body.model)
    check_words(body.prompt)
    check_prompt(body.prompt)
    targets = {name: getattr(body, name) for name in ("target_namespace", "target_repo", "target_directory")}
    parameters = {name: value for name, value in (body.model_extra or {}).items() if value is not None}
    for name, value in parameters.items():
        _check_written(name, value)
    draft = GenerationDraft(model_name=body.model, prompt=body.prompt, parameters=parameters, targets=targets)
    ids = await services.generations.enqueue(caller.project_id, draft, body.num_generations or 1)
    return EnqueuedList(generations=[Enqueued(generation_id=generation_id) for generation_id in ids])


def _check_written(name: str, value: Any) -> None:
    """Refuse what could be kept and not be told again: whatever is in a generation stands in every list of them.

    Raises:
        InvalidField: it is nested too deeply, or holds text that UTF-8 cannot write.
    """
    level = [name, value]
    for _ in range(MAX_DEPTH):
        if any(SURROGATE.search(part) for part in level if isinstance(part, str)):
            raise InvalidField(shorten(name), f"{shorten(name)!r} holds text that is not legal Unicode; write it in UTF-8")
        lists = [part for part in level if isinstance(part, list)]
        objects = [part for part in level if isinstance(part, dict)]
        level = [inner for part in lists for inner in part] + [inner for part in objects for pair in part.items() for inner in pair]
    if level:
        raise InvalidField(shorten(name), f"{shorten(name)!r} has values inside each other more than {MAX_DEPTH} deep; write it flatter")


def _choose(
    namespace: Name = None,
    model: Name = None,
    media_type: MediaType | None = None,
    status: QueueStatus | None = None,
    repo: Name = None,
    folder: Name = None,
) -> Choice:
    statuses: tuple[str, ...] | None = NEVER if media_type == "video" else None if status is None else (status,)
    return Choice(statuses=statuses, model_name=model, target_namespace=namespace, target_repo=repo, target_directory=folder)


ChoiceOf = Annotated[Choice, Depends(_choose)]


@router.get("/queue")
async def list_queue(request: Request, caller: CallerOf, services: ServicesOf, choice: ChoiceOf) -> GenerationList:
    """List what waits and what is drawn, the newest first, or what has the `status` that is asked for; at most a thousand."""
    statuses = OPEN if choice.statuses is None else choice.statuses
    read = partial(services.generations.store.list, offset=0, limit=MAX_PAGE)
    chosen = Choice(**{**vars(choice), "statuses": statuses})
    found, _ = await to_thread.run_sync(read, caller.project_id, chosen)
    items = [GenerationObject.model_validate(_write(generation, request, services)) for generation in found]
    return GenerationList(count=len(items), generations=items)


@router.get("/queue/{generation_id}")
async def get_queued(generation_id: str, request: Request, caller: CallerOf, services: ServicesOf) -> GenerationObject:
    """Describe a generation, with a new link to its result if it has one."""
    found = await to_thread.run_sync(services.generations.store.get, caller.project_id, generation_id)
    return GenerationObject.model_validate(_write(found, request, services))


@router.delete("/queue/{generation_id}")
async def cancel(generation_id: str, caller: CallerOf, services: ServicesOf) -> CancelledGeneration:
    """Cancel a generation; one that has ended stays as it is."""
    await services.generations.cancel(caller.project_id, generation_id)
    return CancelledGeneration(generation_id=generation_id)


@router.get("/generations")
async def list_history(
    request: Request,
    caller: CallerOf,
    services: ServicesOf,
    choice: ChoiceOf,
    page: Annotated[int, Query(ge=1, le=MAX_PAGES)] = 1,
    page_size: Annotated[int, Query(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE,
) -> History:
    """List every generation of the project that is kept, the newest first, a page at a time."""
    read = partial(services.generations.store.list, offset=(page - 1) * page_size, limit=page_size)
    found, num_all = await to_thread.run_sync(read, caller.project_id, choice)
    items = [_write_item(generation, request, services) for generation in found]
    num_pages = -(-num_all // page_size)
    return History(count=len(items), generations=items, page_number=page, page_size=page_size, total_pages=num_pages, total_entries=num_all)


@router.get("/generations/{generation_id}")
async def get_generation(generation_id: str, request: Request, caller: CallerOf, services: ServicesOf) -> FoundGeneration:
    """Describe a generation of the history."""
    found = await to_thread.run_sync(services.generations.store.get, caller.project_id, generation_id)
    return FoundGeneration(generation=_write_item(found, request, services))


def _write_item(generation: StoredGeneration, request: Request, services: Services) -> HistoryItem:
    return HistoryItem.model_validate(_write(generation, request, services) | {"user_id": generation.project_id})


def _write(generation: StoredGeneration, request: Request, services: Services) -> dict[str, Any]:
    """Return the object, with the submitted parameters beside its own fields."""
    names = ("generation_id", "model_name", "prompt", "status", "enqueued_at", "started_at", "completed_at", "error_message", "picture_id")
    targets = ("target_namespace", "target_repo", "target_directory")
    known = {name: getattr(generation, name) for name in (*names, *targets)}
    result_url = services.generations.links.make(generation, base_url(request, services))
    drawn = {"media_type": "image", "result_url": result_url, "limner": _write_origin(generation)}
    return {**generation.parameters, **known, **drawn}


def _write_origin(generation: StoredGeneration) -> GenerationOrigin | None:
    picture = generation.picture if generation.status == "succeeded" else None
    if picture is None:
        return None
    return GenerationOrigin(
        picture_id=picture.picture_id, seed=picture.seed, snapshot=picture.snapshot, parent=picture.parent_id, alt_text=picture.alt_text
    )
