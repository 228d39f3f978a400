"""Webhook endpoints: where a project wants to hear of what, and the secret that tells the receiver who speaks."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import ColumnElement, RowMapping, and_, delete, func, insert, select, update

from limner.errors import InvalidField, UnknownWebhook
from limner.store.database import Database
from limner.store.identifiers import is_endpoint_id, new_sorted_id
from limner.store.pages import Page, PageReader
from limner.store.tables import deliveries, webhook_endpoints

MAX_PAGE_ENDPOINTS, MAX_OF_PROJECT = 100, 50
SECRET_PREFIX, NUM_SECRET_BYTES, NUM_HINT_CHARS = "whsec_", 32, 4
OLD_SECRET_S = 86_400
PLAIN = ("endpoint_id", "project_id", "secret", "old_secret", "old_secret_until", "created_at", "updated_at", "gone_at")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """What is known of an endpoint. Times are UTC unix seconds; an old secret signs too, until its time is over."""

    endpoint_id: str
    project_id: str
    name: str
    url: str
    event_types: Sequence[str]
    secret: str = field(repr=False)
    old_secret: str | None = field(default=None, repr=False)
    old_secret_until: int | None = None
    created_at: int
    updated_at: int
    gone_at: int | None = None

    @property
    def hint(self) -> str:
        """The end of the secret, so that a person can tell secrets apart."""
        return self.secret[-NUM_HINT_CHARS:]

    def secrets_at(self, now: float) -> list[str]:
        """Return what signs at a time."""
        is_old_good = self.old_secret is not None and self.old_secret_until is not None and self.old_secret_until > now
        return [self.secret, *([self.old_secret] if self.old_secret and is_old_good else [])]


class EndpointStore:
    """Rows of `webhook_endpoints`; nothing else writes them. A project sees its own alone. Safe from many threads."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        self._pages = PageReader(
            id_column=webhook_endpoints.c.endpoint_id, is_id=is_endpoint_id, from_row=read_endpoint, most=MAX_PAGE_ENDPOINTS
        )

    def add(self, project_id: str, *, name: str, url: str, event_types: Sequence[str]) -> Endpoint:
        """Keep a new endpoint with a new secret and return it.

        Raises:
            InvalidField: the project has too many.
        """
        now_us = int(self._clock() * 1_000_000)
        now = now_us // 1_000_000
        common = {"endpoint_id": new_sorted_id("we_", now_us), "project_id": project_id, "secret": _new_secret(), "created_at": now}
        counted = select(func.count()).select_from(webhook_endpoints).where(webhook_endpoints.c.project_id == project_id)
        with self._database.writing() as connection:
            if (connection.scalar(counted) or 0) >= MAX_OF_PROJECT:
                raise InvalidField("url", f"the project has {MAX_OF_PROJECT} webhook endpoints already; delete one first")
            details = _write_details(name, url, event_types)
            connection.execute(insert(webhook_endpoints).values(**common, updated_at=now, details=details))
        return self.get(project_id, str(common["endpoint_id"]))

    def get(self, project_id: str, endpoint_id: str) -> Endpoint:
        """Return an endpoint of the project.

        Raises:
            UnknownWebhook: the project has none with this id.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(webhook_endpoints).where(_is(project_id, endpoint_id))).mappings().first()
        if row is None:
            raise _unknown(endpoint_id)
        return read_endpoint(row)

    def page(self, project_id: str, *, limit: int, after: str | None) -> Page[Endpoint]:
        """List endpoints of the project, the newest first.

        Raises:
            InvalidField: as `PageReader.read`.
        """
        query = select(webhook_endpoints).where(webhook_endpoints.c.project_id == project_id)
        with self._database.reading() as connection:
            return self._pages.read(connection, query, limit=limit, order="desc", after=after)

    def change(
        self, project_id: str, endpoint_id: str, *, name: str | None, url: str | None, event_types: Sequence[str] | None
    ) -> Endpoint:
        """Change what is not None, and try a receiver again that had said that it is gone.

        Raises:
            UnknownWebhook: as `get`.
        """
        old = self.get(project_id, endpoint_id)
        new = replace(old, name=name or old.name, url=url or old.url, event_types=event_types or old.event_types)
        details = _write_details(new.name, new.url, new.event_types)
        return self._update(project_id, endpoint_id, details=details, gone_at=None, updated_at=int(self._clock()))

    def rotate(self, project_id: str, endpoint_id: str, *, keeps_old: bool) -> Endpoint:
        """Give an endpoint a new secret; the old one signs for a day more if it is kept.

        Raises:
            UnknownWebhook: as `get`.
        """
        old, now = self.get(project_id, endpoint_id), int(self._clock())
        kept = {"old_secret": old.secret, "old_secret_until": now + OLD_SECRET_S} if keeps_old else {"old_secret": None}
        return self._update(project_id, endpoint_id, secret=_new_secret(), updated_at=now, **kept)

    def note_gone(self, project_id: str, endpoint_id: str) -> None:
        """Send nothing more to an endpoint, whose receiver said that it is gone.

        Raises:
            UnknownWebhook: as `get`.
        """
        self._update(project_id, endpoint_id, gone_at=int(self._clock()))

    def delete(self, project_id: str, endpoint_id: str) -> None:
        """Delete an endpoint with everything that was or is on its way to it.

        Raises:
            UnknownWebhook: as `get`.
        """
        with self._database.writing() as connection:
            connection.execute(delete(deliveries).where(deliveries.c.endpoint_id == endpoint_id, deliveries.c.project_id == project_id))
            if connection.execute(delete(webhook_endpoints).where(_is(project_id, endpoint_id))).rowcount != 1:
                raise _unknown(endpoint_id)

    def _update(self, project_id: str, endpoint_id: str, **values: object) -> Endpoint:
        with self._database.writing() as connection:
            connection.execute(update(webhook_endpoints).where(_is(project_id, endpoint_id)).values(**values))
        return self.get(project_id, endpoint_id)


def read_endpoint(row: RowMapping) -> Endpoint:
    """Return the endpoint of a row."""
    return Endpoint(**json.loads(row["details"]), **{name: row[name] for name in PLAIN})


def _write_details(name: str, url: str, event_types: Sequence[str]) -> str:
    return json.dumps({"name": name, "url": url, "event_types": list(event_types)})


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(NUM_SECRET_BYTES)).decode()


def _is(project_id: str, endpoint_id: str) -> ColumnElement[bool]:
    known = endpoint_id if is_endpoint_id(endpoint_id) else ""
    return and_(webhook_endpoints.c.project_id == project_id, webhook_endpoints.c.endpoint_id == known)


def _unknown(endpoint_id: str) -> UnknownWebhook:
    return UnknownWebhook(f"no webhook endpoint has the id {endpoint_id[:100]!r}; GET /v1/webhook_endpoints lists those of this project")
