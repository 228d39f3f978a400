"""What is on its way to webhook endpoints: one row for each event and each endpoint that wants it, until a while after it has ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, and_, delete, insert, select, update

from limner.store.database import Database
from limner.store.identifiers import new_sorted_id
from limner.store.tables import deliveries, webhook_endpoints
from limner.store.work.endpoints import Endpoint, read_endpoint

LIFETIME_S = 30 * 86_400
MAX_SHOWN = 100
PLAIN = (
    "delivery_id",
    "project_id",
    "event_id",
    "event_type",
    "object_id",
    "status",
    "attempts",
    "last_answer",
    "created_at",
    "ended_at",
)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """An event on its way to an endpoint: waiting, delivered or failed. Times are UTC unix seconds."""

    delivery_id: str
    project_id: str
    event_id: str
    event_type: str
    object_id: str
    status: str
    attempts: int
    last_answer: str | None
    created_at: int
    ended_at: int | None


class DeliveryStore:
    """Rows of `deliveries`; nothing else adds or changes them. Safe from many threads, and beside other processes."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def add(self, project_id: str, event_type: str, object_id: str, *, then: Callable[[Connection, str], None]) -> int:
        """Keep an event for each endpoint of the project that wants it and has not had it; return for how many.

        `then` is called with the id of each delivery, within the transaction.

        Raises:
            StoreFailed: nothing was kept.
        """
        now_us = int(self._clock() * 1_000_000)
        event_id, now, columns = new_sorted_id("evt_", now_us), now_us // 1_000_000, webhook_endpoints.c
        is_same = and_(
            deliveries.c.endpoint_id == columns.endpoint_id, deliveries.c.event_type == event_type, deliveries.c.object_id == object_id
        )
        open_ones = select(webhook_endpoints).outerjoin(deliveries, is_same)
        open_ones = open_ones.where(columns.project_id == project_id, columns.gone_at.is_(None), deliveries.c.delivery_id.is_(None))
        with self._database.writing() as connection:
            endpoints = [read_endpoint(row) for row in connection.execute(open_ones).mappings()]
            wanting = [endpoint for endpoint in endpoints if event_type in endpoint.event_types]
            for index, endpoint in enumerate(wanting):
                row = {
                    "delivery_id": new_sorted_id("wh_", now_us + index),
                    "endpoint_id": endpoint.endpoint_id,
                    "project_id": project_id,
                    "event_id": event_id,
                    "event_type": event_type,
                    "object_id": object_id,
                    "status": "waiting",
                    "attempts": 0,
                    "created_at": now,
                    "expires_at": now + LIFETIME_S,
                }
                connection.execute(insert(deliveries).values(row))
                then(connection, str(row["delivery_id"]))
        return len(wanting)

    def find(self, delivery_id: str) -> tuple[Delivery, Endpoint] | None:
        """Return a delivery and where it goes, None if it is gone."""
        is_its = deliveries.c.endpoint_id == webhook_endpoints.c.endpoint_id
        with self._database.reading() as connection:
            row = connection.execute(select(deliveries).where(deliveries.c.delivery_id == delivery_id)).mappings().first()
            goal = connection.execute(select(webhook_endpoints).where(is_its, deliveries.c.delivery_id == delivery_id)).mappings().first()
        return None if row is None or goal is None else (_from_row(row), read_endpoint(goal))

    def note(self, delivery_id: str, answer: str, *, status: str = "waiting") -> None:
        """Note an attempt: what came of it, and whether it was the last. What has ended stays as it is."""
        is_this = and_(deliveries.c.delivery_id == delivery_id, deliveries.c.status == "waiting")
        ended_at = None if status == "waiting" else int(self._clock())
        values = {"status": status, "last_answer": answer, "attempts": deliveries.c.attempts + 1, "ended_at": ended_at}
        with self._database.writing() as connection:
            connection.execute(update(deliveries).where(is_this).values(values))

    def newest(self, project_id: str, endpoint_id: str) -> Sequence[Delivery]:
        """Return the newest deliveries to an endpoint of the project, the newest first."""
        are_its = deliveries.c.project_id == project_id, deliveries.c.endpoint_id == endpoint_id
        query = select(deliveries).where(*are_its).order_by(deliveries.c.delivery_id.desc()).limit(MAX_SHOWN)
        with self._database.reading() as connection:
            return [_from_row(row) for row in connection.execute(query).mappings()]

    def delete_expired(self, now: int) -> int:
        """Delete what was kept for long enough at `now`, UTC unix seconds, and return how many.

        Raises:
            StoreFailed: they are left for the next call.
        """
        with self._database.writing() as connection:
            return connection.execute(delete(deliveries).where(deliveries.c.expires_at <= now)).rowcount


def _from_row(row: RowMapping) -> Delivery:
    return Delivery(**{name: row[name] for name in PLAIN})
