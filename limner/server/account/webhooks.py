"""`/v1/webhook_endpoints`: where a project hears of what has ended, managed by its admins; and what became of deliveries."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, get_args

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response

from limner.schema.webhooks import (
    DEFAULT_PAGE,
    MAX_PAGE,
    DeletedWebhookEndpoint,
    DeliveryList,
    DeliveryObject,
    EventType,
    EventTypeList,
    RotationBody,
    WebhookBody,
    WebhookChange,
    WebhookEndpoint,
    WebhookEndpointList,
    WebhookEndpointWithSecret,
    WebhookTest,
    WebhookTestBody,
)
from limner.server.auth import CallerOf, ServicesOf, require_admin
from limner.server.documents import WEBHOOK_CHANGES, WEBHOOK_ROTATIONS, WEBHOOK_TESTS, WEBHOOKS
from limner.server.forms import read_json
from limner.server.routes.lists import after_query
from limner.store.identifiers import ENDPOINT_ID
from limner.store.work.deliveries import Delivery
from limner.store.work.endpoints import Endpoint

router = APIRouter(tags=["Webhooks"])
ENDPOINTS = "/v1/webhook_endpoints"
ENDPOINT = f"{ENDPOINTS}/{{webhook_endpoint_id}}"


@router.get("/v1/webhook_event_types")
async def list_event_types(_: CallerOf) -> EventTypeList:
    """List every event that an endpoint can hear of."""
    return EventTypeList(data=list(get_args(EventType)))


@router.post(ENDPOINTS, openapi_extra=WEBHOOKS)
async def create_endpoint(request: Request, response: Response, caller: CallerOf, services: ServicesOf) -> WebhookEndpointWithSecret:
    """Let an address hear of events; the secret that they are signed with is shown this once."""
    require_admin(caller)
    body = await read_json(request, WebhookBody)
    services.webhooks.sender.check(body.url)
    add = partial(services.webhooks.endpoints.add, name=body.name, url=body.url, event_types=_once(body.event_types))
    response.headers["cache-control"] = "no-store"
    return _write_with_secret(await to_thread.run_sync(add, caller.project_id))


@router.get(ENDPOINTS)
async def list_endpoints(
    caller: CallerOf,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE,
    after: Annotated[str | None, after_query(ENDPOINT_ID)] = None,
) -> WebhookEndpointList:
    """List the project's endpoints, the newest first."""
    require_admin(caller)
    page = await to_thread.run_sync(partial(services.webhooks.endpoints.page, caller.project_id, limit=limit, after=after))
    return WebhookEndpointList.of(map(_write, page.items), has_more=page.has_more)


@router.get(ENDPOINT)
async def get_endpoint(webhook_endpoint_id: str, caller: CallerOf, services: ServicesOf) -> WebhookEndpoint:
    """Describe an endpoint."""
    require_admin(caller)
    return _write(await to_thread.run_sync(services.webhooks.endpoints.get, caller.project_id, webhook_endpoint_id))


@router.post(ENDPOINT, openapi_extra=WEBHOOK_CHANGES)
async def change_endpoint(webhook_endpoint_id: str, request: Request, caller: CallerOf, services: ServicesOf) -> WebhookEndpoint:
    """Change an endpoint; one whose receiver was gone is tried again."""
    require_admin(caller)
    body = await read_json(request, WebhookChange)
    if body.url is not None:
        services.webhooks.sender.check(body.url)
    events = None if body.event_types is None else _once(body.event_types)
    change = partial(services.webhooks.endpoints.change, name=body.name, url=body.url, event_types=events)
    return _write(await to_thread.run_sync(change, caller.project_id, webhook_endpoint_id))


@router.delete(ENDPOINT)
async def delete_endpoint(webhook_endpoint_id: str, caller: CallerOf, services: ServicesOf) -> DeletedWebhookEndpoint:
    """Delete an endpoint, and what is on its way to it."""
    require_admin(caller)
    await to_thread.run_sync(services.webhooks.endpoints.delete, caller.project_id, webhook_endpoint_id)
    return DeletedWebhookEndpoint(id=webhook_endpoint_id)


@router.post(f"{ENDPOINT}/rotate_secret", openapi_extra=WEBHOOK_ROTATIONS)
async def rotate_secret(
    webhook_endpoint_id: str, request: Request, response: Response, caller: CallerOf, services: ServicesOf
) -> WebhookEndpointWithSecret:
    """Give an endpoint a new secret, shown this once; the old one signs for a day more if it is asked to."""
    require_admin(caller)
    body = await read_json(request, RotationBody)
    rotate = partial(services.webhooks.endpoints.rotate, keeps_old=body.keep_old_secret_active_for_24_hours or False)
    response.headers["cache-control"] = "no-store"
    return _write_with_secret(await to_thread.run_sync(rotate, caller.project_id, webhook_endpoint_id))


@router.post(f"{ENDPOINT}/test", openapi_extra=WEBHOOK_TESTS)
async def send_sample(webhook_endpoint_id: str, request: Request, caller: CallerOf, services: ServicesOf) -> WebhookTest:
    """Post a sample event now, once, and tell what was answered."""
    require_admin(caller)
    body = await read_json(request, WebhookTestBody)
    endpoint = await to_thread.run_sync(services.webhooks.endpoints.get, caller.project_id, webhook_endpoint_id)
    status_code = await services.webhooks.send_sample(endpoint, body.event_type)
    return WebhookTest(webhook_endpoint_id=webhook_endpoint_id, event_type=body.event_type, status_code=status_code)


@router.get("/limner/v1/webhooks/{webhook_endpoint_id}/deliveries")
async def list_deliveries(webhook_endpoint_id: str, caller: CallerOf, services: ServicesOf) -> DeliveryList:
    """List the newest hundred deliveries to an endpoint, the newest first."""
    require_admin(caller)
    await to_thread.run_sync(services.webhooks.endpoints.get, caller.project_id, webhook_endpoint_id)
    found = await to_thread.run_sync(services.webhooks.deliveries.newest, caller.project_id, webhook_endpoint_id)
    return DeliveryList(data=[_write_delivery(delivery) for delivery in found])


def _once(event_types: list[EventType]) -> list[EventType]:
    return list(dict.fromkeys(event_types))


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    names = ("name", "url", "event_types", "created_at", "updated_at", "gone_at")
    return {name: getattr(endpoint, name) for name in names} | {"id": endpoint.endpoint_id, "signing_secret_hint": endpoint.hint}


def _write(endpoint: Endpoint) -> WebhookEndpoint:
    return WebhookEndpoint.model_validate(_fields(endpoint))


def _write_with_secret(endpoint: Endpoint) -> WebhookEndpointWithSecret:
    return WebhookEndpointWithSecret.model_validate(_fields(endpoint) | {"signing_secret": endpoint.secret})


def _write_delivery(delivery: Delivery) -> DeliveryObject:
    names = ("event_id", "event_type", "object_id", "status", "attempts", "last_answer", "created_at", "ended_at")
    return DeliveryObject.model_validate({name: getattr(delivery, name) for name in names} | {"id": delivery.delivery_id})
