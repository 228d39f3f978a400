"""`/v1/responses`: turns of text and pictures, in which the `image_generation` tool draws."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response

from limner.errors import IncompatibleFields
from limner.jobs.responses.desk import Sitting
from limner.jobs.responses.orders import ResponseOrder, read_order
from limner.schema.pages import Order
from limner.schema.responses.answers import DeletedResponse, InputTokens, ItemPage, ResponseObject
from limner.schema.responses.items import ItemId, MessageItem
from limner.schema.responses.requests import ResponseBody, TokensBody
from limner.server.auth import Caller, CallerOf, ServicesOf
from limner.server.bodies import JsonPieces
from limner.server.forms import read_json
from limner.server.responses.answers import write_item, write_list, write_response
from limner.server.responses.documents import RESPONSE_JSON, RESPONSES, TOKENS, json_of
from limner.server.responses.events import narrate, narrate_again
from limner.server.services import Services
from limner.server.sse import EventStream, until_gone
from limner.store.responses.responses import StoredResponse

router = APIRouter(prefix="/v1/responses", tags=["Responses"])
IMAGE_MODEL_HEADER = "x-ms-oai-image-generation-deployment"
SHOWN_IMAGES = "message.input_image.image_url"
MAX_PAGE, DEFAULT_PAGE = 100, 20
Included = Annotated[list[Annotated[str, Query(max_length=128)]] | None, Query(alias="include[]", max_length=32)]


@router.post("", response_model=None, openapi_extra=RESPONSES, responses=RESPONSE_JSON)
async def create_response(request: Request, caller: CallerOf, services: ServicesOf) -> Response:
    """Answer a turn: draw what was asked for, or say why not."""
    body = await read_json(request, ResponseBody)
    image_model = request.headers.get(IMAGE_MODEL_HEADER) or None
    image_models = await to_thread.run_sync(services.directory.names, caller.project_id)
    order = read_order(body, image_model=image_model, image_models=image_models, is_strict=services.settings.is_strict)
    order = replace(order, priority=caller.priority)
    mask = body.tools[0].input_image_mask if body.tools else None
    if order.is_background:
        response = await until_gone(request.receive, services.background.create(caller.project_id, order, body.input, mask))
        if order.is_streamed:
            return _follow(request, caller, services, response)
        return JsonPieces(write_response(response, {}))
    sitting = await until_gone(request.receive, services.responses.open(caller.project_id, order, body.input, mask))
    return await _serve(request, services, order, sitting)


@router.post("/input_tokens", openapi_extra=TOKENS)
async def count_input_tokens(request: Request, caller: CallerOf, services: ServicesOf) -> InputTokens:
    """Count the tokens of the text of an input. Pictures are not counted: what they take depends on how they are drawn from."""
    body = await read_json(request, TokensBody)
    texts = [body.instructions or ""]
    if isinstance(body.input, str):
        texts.append(body.input)
    for item in body.input if isinstance(body.input, list) else []:
        if isinstance(item, MessageItem):
            parts = item.content if isinstance(item.content, list) else []
            texts += [getattr(part, "text", None) or getattr(part, "refusal", None) or "" for part in parts]
            texts += [item.content] if isinstance(item.content, str) else []
    count = services.studio.count_tokens
    return InputTokens(input_tokens=await to_thread.run_sync(lambda: sum(count(text) for text in texts if text)))


@router.get("/{response_id}", response_model=None, responses=RESPONSE_JSON)
async def get_response(
    request: Request,
    response_id: str,
    caller: CallerOf,
    services: ServicesOf,
    stream: Annotated[bool, Query(description="Tell its events once more, and those that are still to come.")] = False,
    starting_after: Annotated[int | None, Query(ge=0, le=2**31 - 1, description="The number of the last event that is known.")] = None,
    include: Included = None,
) -> Response:
    """Return a stored response, or follow it."""
    if starting_after is not None and not stream:
        raise IncompatibleFields("starting_after", "starting_after says where a stream goes on; set stream=true, or leave it out")
    response = await to_thread.run_sync(services.responses.shelf.responses.get, caller.project_id, response_id)
    if stream:
        return _follow(request, caller, services, response, -1 if starting_after is None else starting_after)
    return await _answer(services, response)


@router.delete("/{response_id}")
async def delete_response(response_id: str, caller: CallerOf, services: ServicesOf) -> DeletedResponse:
    """Delete a response, the pictures that it drew, and what was sent with it."""
    await services.background.delete(caller.project_id, response_id)
    return DeletedResponse(id=response_id)


@router.post("/{response_id}/cancel", response_model=None, responses=json_of(ResponseObject))
async def cancel_response(response_id: str, caller: CallerOf, services: ServicesOf) -> Response:
    """Cancel a response that runs in the background; one that has ended stays as it is."""
    return await _answer(services, await services.background.cancel(caller.project_id, response_id))


@router.get("/{response_id}/input_items", response_model=None, responses=json_of(ItemPage))
async def list_input_items(
    response_id: str,
    caller: CallerOf,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE,
    order: Order = "desc",
    after: ItemId | None = None,
    include: Included = None,
) -> Response:
    """List what was sent, a page at a time; `include[]` `message.input_image.image_url` shows pictures that came in full."""
    store, is_shown = services.responses.shelf.responses, SHOWN_IMAGES in (include or ())

    def read() -> Any:
        return store.page_inputs(caller.project_id, response_id, limit=limit, order=order, after=after)

    shown = await services.conversations.show(caller.project_id, await to_thread.run_sync(read), is_image_shown=is_shown)
    items = [write_item(item, shown.contents, is_image_shown=is_shown) for item in shown.items]
    return JsonPieces(write_list(items, has_more=shown.has_more))


async def _serve(request: Request, services: Services, order: ResponseOrder, sitting: Sitting) -> Response:
    """Make a response whose caller waits: as a stream, or as one answer for which the client must stay."""
    if order.is_streamed:
        return EventStream(
            narrate(sitting),
            close=lambda: _close_soon(sitting),
            request_id=request.state.request_id,
            keep_alive_s=services.settings.keep_alive_s,
        )
    try:
        response = await until_gone(request.receive, sitting.finish())
        return JsonPieces(write_response(response, sitting.contents))
    finally:
        _close_soon(sitting)


async def _answer(services: Services, response: StoredResponse) -> Response:
    contents = await services.responses.read_results(response.project_id, response.outputs)
    return JsonPieces(write_response(response, contents))


def _follow(request: Request, caller: Caller, services: Services, response: StoredResponse, starting_after: int = -1) -> EventStream:
    steps = services.background.follow(caller.project_id, response.response_id)
    return EventStream(
        narrate_again(response, steps, starting_after=starting_after),
        close=lambda: None,  # it goes on without this reader
        request_id=request.state.request_id,
        keep_alive_s=services.settings.keep_alive_s,
    )


def _close_soon(sitting: Sitting) -> None:
    """Stop the drawing now, and let go of the rest without waiting for it."""
    sitting.stop()
    task = asyncio.create_task(sitting.close())
    CLOSING.add(task)
    task.add_done_callback(CLOSING.discard)


CLOSING: set[asyncio.Task[None]] = set()  # the loop alone would forget them
