"""`/v1/conversations`: items that responses are made in, one after the other."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response

from limner.schema.pages import Order
from limner.schema.responses.answers import ConversationObject, DeletedConversation, Item, ItemPage
from limner.schema.responses.items import ItemId
from limner.schema.responses.requests import ConversationBody, MetadataBody, NewItemsBody
from limner.server.auth import CallerOf, ServicesOf
from limner.server.bodies import JsonPieces
from limner.server.forms import read_json
from limner.server.responses.answers import write_conversation, write_item, write_list
from limner.server.responses.documents import CONVERSATION, ITEMS, METADATA, json_of
from limner.server.responses.routes import DEFAULT_PAGE, MAX_PAGE, SHOWN_IMAGES, Included
from limner.server.services import Services
from limner.store.pages import Page
from limner.store.responses.items import StoredItem

router = APIRouter(prefix="/v1/conversations", tags=["Conversations"])
PAGE, ITEM, OBJECT = json_of(ItemPage), json_of(Item), json_of(ConversationObject)


@router.post("", response_model=None, openapi_extra=CONVERSATION, responses=OBJECT)
async def create_conversation(request: Request, caller: CallerOf, services: ServicesOf) -> Response:
    """Begin a conversation."""
    body = await read_json(request, ConversationBody)
    conversation = await services.conversations.create(caller.project_id, body.metadata or {}, body.items or [])
    return JsonPieces(write_conversation(conversation))


@router.get("/{conversation_id}", response_model=None, responses=OBJECT)
async def get_conversation(conversation_id: str, caller: CallerOf, services: ServicesOf) -> Response:
    """Describe a conversation."""
    store = services.responses.shelf.conversations
    return JsonPieces(write_conversation(await to_thread.run_sync(store.get, caller.project_id, conversation_id)))


@router.post("/{conversation_id}", response_model=None, openapi_extra=METADATA, responses=OBJECT)
async def update_conversation(request: Request, conversation_id: str, caller: CallerOf, services: ServicesOf) -> Response:
    """Put other metadata in the place of a conversation's."""
    body = await read_json(request, MetadataBody)
    store = services.responses.shelf.conversations
    return JsonPieces(write_conversation(await to_thread.run_sync(store.set_metadata, caller.project_id, conversation_id, body.metadata)))


@router.delete("/{conversation_id}")
async def delete_conversation(conversation_id: str, caller: CallerOf, services: ServicesOf) -> DeletedConversation:
    """Delete a conversation, and what was sent to it; responses that were made in it stay."""
    await services.conversations.delete(caller.project_id, conversation_id)
    return DeletedConversation(id=conversation_id)


@router.post("/{conversation_id}/items", response_model=None, openapi_extra=ITEMS, responses=PAGE)
async def add_items(request: Request, conversation_id: str, caller: CallerOf, services: ServicesOf, include: Included = None) -> Response:
    """Put items behind a conversation's last."""
    body = await read_json(request, NewItemsBody)
    added = await services.conversations.add(caller.project_id, conversation_id, body.items)
    return await _show(services, caller.project_id, Page(items=added, has_more=False), include)


@router.get("/{conversation_id}/items", response_model=None, responses=PAGE)
async def list_items(
    conversation_id: str,
    caller: CallerOf,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE,
    order: Order = "desc",
    after: ItemId | None = None,
    include: Included = None,
) -> Response:
    """List the items of a conversation, a page at a time; a page that shows many megabytes of pictures is shorter."""

    def read() -> Any:
        return services.responses.shelf.conversations.page(caller.project_id, conversation_id, limit=limit, order=order, after=after)

    return await _show(services, caller.project_id, await to_thread.run_sync(read), include)


@router.get("/{conversation_id}/items/{item_id}", response_model=None, responses=ITEM)
async def get_item(conversation_id: str, item_id: str, caller: CallerOf, services: ServicesOf, include: Included = None) -> Response:
    """Return one item."""
    store, is_shown = services.responses.shelf.conversations, SHOWN_IMAGES in (include or ())
    item = await to_thread.run_sync(store.get_item, caller.project_id, conversation_id, item_id)
    shown = await services.conversations.show(caller.project_id, Page(items=(item,), has_more=False), is_image_shown=is_shown)
    return JsonPieces(write_item(item, shown.contents, is_image_shown=is_shown))


@router.delete("/{conversation_id}/items/{item_id}", response_model=None, responses=OBJECT)
async def delete_item(conversation_id: str, item_id: str, caller: CallerOf, services: ServicesOf) -> Response:
    """Delete one item, and return the conversation."""
    return JsonPieces(write_conversation(await services.conversations.delete_item(caller.project_id, conversation_id, item_id)))


async def _show(services: Services, project_id: str, page: Page[StoredItem], include: list[str] | None) -> Response:
    is_shown = SHOWN_IMAGES in (include or ())
    shown = await services.conversations.show(project_id, page, is_image_shown=is_shown)
    items = [write_item(item, shown.contents, is_image_shown=is_shown) for item in shown.items]
    return JsonPieces(write_list(items, has_more=shown.has_more))
