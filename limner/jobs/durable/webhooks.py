"""Telling webhook endpoints what has ended: each wanted event is posted until it was taken, or for many hours.

Source: https://www.standardwebhooks.com for headers, signature, and when a receiver is gone; OpenAI's webhook events for the body.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import get_args

from anyio import to_thread
from standardwebhooks import Webhook

from limner.errors import LimnerError, UnknownWebhook, WebhookNotDelivered
from limner.jobs.durable.queue import WorkQueue
from limner.jobs.durable.sending import Sender
from limner.schema.webhooks import EventType, WebhookEvent, WebhookEventData
from limner.store.identifiers import new_sorted_id
from limner.store.work.deliveries import Delivery, DeliveryStore
from limner.store.work.endpoints import Endpoint, EndpointStore

KIND = "delivery"
EVENT_TYPES: tuple[str, ...] = get_args(EventType)
RETRY_AFTER_S = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0)
GONE = 410
log = logging.getLogger("limner.jobs")


class Webhooks:
    """Announces events and delivers them. `retry_after_s` are the pauses after failed attempts; when there is none left, it is given up."""

    def __init__(
        self,
        *,
        endpoints: EndpointStore,
        deliveries: DeliveryStore,
        work: WorkQueue,
        sender: Sender,
        retry_after_s: Sequence[float] = RETRY_AFTER_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.endpoints, self.deliveries, self.sender = endpoints, deliveries, sender
        self._work, self._retry_after_s, self._clock = work, retry_after_s, clock
        work.add_handler(KIND, self.handle)

    async def announce(self, project_id: str, event_type: str, object_id: str) -> None:
        """Tell the project's endpoints that something has ended. Saying it again tells nobody twice.

        What cannot be kept is logged: it must not harm what it tells of.
        """
        assert event_type in EVENT_TYPES, "endpoints can only hear of what they can choose"
        put = partial(self._work.put, project_id=project_id, priority="interactive")
        add = partial(self.deliveries.add, then=lambda connection, delivery_id: put(connection, KIND, delivery_id))
        try:
            num_wanting = await to_thread.run_sync(add, project_id, event_type, object_id)
        except LimnerError as error:
            log.warning("%s of %s is announced to nobody (%s)", event_type, object_id, error.message)
            return
        if num_wanting:
            self._work.wake()

    async def handle(self, delivery_id: str) -> float | None:
        """Try a delivery once, unless it has ended; return the seconds until it should be tried again."""
        found = await to_thread.run_sync(self.deliveries.find, delivery_id)
        if found is None or found[0].status != "waiting":
            return None
        delivery, endpoint = found
        if endpoint.gone_at is not None:
            await self._note(delivery, "the receiver is gone", "failed")
            return None
        status_code, answer = await self._try(delivery, endpoint)
        if 200 <= status_code < 300:
            await self._note(delivery, answer, "delivered")
            return None
        if status_code == GONE:
            await self._note_gone(endpoint)
        if status_code == GONE or delivery.attempts >= len(self._retry_after_s):
            log.warning("delivery %s is given up after %d attempts (%s)", delivery_id, delivery.attempts + 1, answer)
            await self._note(delivery, answer, "failed")
            return None
        await self._note(delivery, answer, "waiting")
        return self._retry_after_s[delivery.attempts]

    async def send_sample(self, endpoint: Endpoint, event_type: EventType) -> int:
        """Post an event of nothing to an endpoint now, and return the status of the answer.

        Raises:
            WebhookNotDelivered: there was none.
        """
        now_us = int(self._clock() * 1_000_000)
        sample = {"project_id": endpoint.project_id, "object_id": f"{event_type.partition('.')[0]}_test", "status": "waiting"}
        delivery = Delivery(
            delivery_id=new_sorted_id("wh_", now_us),
            event_id=new_sorted_id("evt_", now_us),
            event_type=event_type,
            attempts=0,
            last_answer=None,
            created_at=now_us // 1_000_000,
            ended_at=None,
            **sample,
        )
        return await self._post(delivery, endpoint)

    async def _try(self, delivery: Delivery, endpoint: Endpoint) -> tuple[int, str]:
        """Return the status of the answer, 0 if there was none, and what to note of it."""
        try:
            status_code = await self._post(delivery, endpoint)
        except WebhookNotDelivered as error:
            return 0, error.message[:64]
        return status_code, str(status_code)

    async def _post(self, delivery: Delivery, endpoint: Endpoint) -> int:
        event = WebhookEvent.model_validate(
            {
                "id": delivery.event_id,
                "created_at": delivery.created_at,
                "type": delivery.event_type,
                "data": WebhookEventData(id=delivery.object_id),
            }
        )
        text, now = json.dumps(event.model_dump(), separators=(",", ":")), datetime.fromtimestamp(int(self._clock()), UTC)
        signatures = [Webhook(secret).sign(delivery.delivery_id, now, text) for secret in endpoint.secrets_at(now.timestamp())]
        headers = {
            "content-type": "application/json",
            "user-agent": f"limner/{version('limner')}",
            "webhook-id": delivery.delivery_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
        return await self.sender.post(endpoint.url, text.encode(), headers)

    async def _note(self, delivery: Delivery, answer: str, status: str) -> None:
        await to_thread.run_sync(partial(self.deliveries.note, delivery.delivery_id, answer, status=status))

    async def _note_gone(self, endpoint: Endpoint) -> None:
        try:
            await to_thread.run_sync(self.endpoints.note_gone, endpoint.project_id, endpoint.endpoint_id)
        except UnknownWebhook:  # deleted meanwhile
            return
