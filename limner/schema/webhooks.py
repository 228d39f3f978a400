"""Webhooks on the wire: OpenAI's endpoints and events, and what became of deliveries, which is our own.

Source: OpenAI's API reference, as `openai` 3.54 for Python reads it, and https://www.standardwebhooks.com for the headers.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from limner.schema.pages import Listed, ListPage

MAX_NAME_CHARS, MAX_URL_CHARS = 100, 2048
MAX_PAGE, DEFAULT_PAGE = 100, 20

EventType = Literal[
    "response.completed",
    "response.failed",
    "response.incomplete",
    "response.cancelled",
    "batch.completed",
    "batch.failed",
    "batch.expired",
    "batch.cancelled",
]
EventTypes = Annotated[list[EventType], Field(min_length=1, max_length=8)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
Url = Annotated[str, Field(min_length=1, max_length=MAX_URL_CHARS, description="Where events are posted to.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WebhookBody(_Body):
    """Body of `POST /v1/webhook_endpoints`."""

    name: Name
    url: Url
    event_types: EventTypes


class WebhookChange(_Body):
    """Body of `POST /v1/webhook_endpoints/{webhook_endpoint_id}`; what is absent stays."""

    name: Name | None = None
    url: Url | None = None
    event_types: EventTypes | None = None


class RotationBody(_Body):
    """Body of `.../rotate_secret`."""

    keep_old_secret_active_for_24_hours: bool | None = None


class WebhookTestBody(_Body):
    """Body of `.../test`."""

    event_type: EventType


class WebhookEndpoint(Listed):
    """Where events of a project are posted to. `gone_at` is when the receiver answered that it is gone for good."""

    object: Literal["webhook_endpoint"] = "webhook_endpoint"
    created_at: int
    updated_at: int
    name: str
    url: str
    event_types: list[EventType]
    signing_secret_hint: str
    gone_at: int | None = None


class WebhookEndpointWithSecret(WebhookEndpoint):
    """The same with the secret that signs what is posted, shown this once."""

    signing_secret: str


class WebhookEndpointList(ListPage[WebhookEndpoint]):
    """One page of endpoints, the newest first."""


class DeletedWebhookEndpoint(BaseModel):
    """An endpoint that is gone."""

    id: str
    object: Literal["webhook_endpoint.deleted"] = "webhook_endpoint.deleted"
    deleted: Literal[True] = True


class WebhookTest(BaseModel):
    """What a receiver answered to a sample event."""

    object: Literal["webhook_endpoint.test"] = "webhook_endpoint.test"
    webhook_endpoint_id: str
    event_type: EventType
    status_code: int
    success: Literal[True] = True


class EventTypeList(BaseModel):
    """Every event that an endpoint can hear of."""

    object: Literal["list"] = "list"
    data: list[EventType]


class WebhookEventData(BaseModel):
    """What an event is about."""

    id: str


class WebhookEvent(BaseModel):
    """What is posted."""

    id: str
    object: Literal["event"] = "event"
    created_at: int
    type: EventType
    data: WebhookEventData


class DeliveryObject(Listed):
    """One event on its way to one endpoint; its id is the header `webhook-id`. `last_answer` is a status, or why there was none."""

    object: Literal["webhook_delivery"] = "webhook_delivery"
    event_id: str
    event_type: EventType
    object_id: str
    status: Literal["waiting", "delivered", "failed"]
    attempts: int
    last_answer: str | None
    created_at: int
    ended_at: int | None


class DeliveryList(BaseModel):
    """The newest deliveries to an endpoint."""

    object: Literal["list"] = "list"
    data: list[DeliveryObject]
