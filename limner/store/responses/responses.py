"""Responses: what was asked, what came of it, and how one follows another. Each ends exactly once, whoever tries to end it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, exists, insert, literal, select, update

from limner.errors import UnknownResponse
from limner.store.blobs import UNFINISHED_AFTER_S
from limner.store.contents import NUM_AT_ONCE
from limner.store.database import Database
from limner.store.identifiers import is_response_id
from limner.store.pages import Page
from limner.store.responses.items import StoredItem, append_to_conversation, find_items, insert_items, page_items, read_items
from limner.store.tables import attachments, items, pictures, responses

QUEUED, IN_PROGRESS, COMPLETED, FAILED, CANCELLED, INCOMPLETE = "queued", "in_progress", "completed", "failed", "cancelled", "incomplete"
UNENDED = (QUEUED, IN_PROGRESS)
MAX_CHAIN = 100


@dataclass(frozen=True, kw_only=True)
class StoredResponse:
    """A response. `asked` and `ended` are JSON, `ended` is None until it has ended. Times are UTC unix seconds."""

    response_id: str
    project_id: str
    previous_id: str | None
    conversation_id: str | None
    status: str
    is_background: bool
    asked: Mapping[str, Any]
    ended: Mapping[str, Any] | None
    created_at: int
    completed_at: int | None
    expires_at: int
    inputs: tuple[StoredItem, ...] = ()
    outputs: tuple[StoredItem, ...] = ()

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status not in UNENDED


@dataclass(frozen=True, kw_only=True)
class End:
    """How a response ended."""

    status: str
    ended: Mapping[str, Any]
    outputs: tuple[StoredItem, ...] = ()
    completed_at: int | None = None


@dataclass(frozen=True, kw_only=True)
class Chain:
    """The items of a response and of all that it followed, in order. `missing_id` is the response before the first one, if it is gone."""

    items: tuple[StoredItem, ...]
    missing_id: str | None


class ResponseStore:
    """Responses. A project sees its own alone. Safe from many threads."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def add(self, response: StoredResponse, *, then: Callable[[Connection], None] = lambda _: None) -> None:
        """Keep a response with its items; what was attached to it lives as long as it does from now on. `then` is of the same transaction.

        Raises:
            StoreFailed: it was not kept.
        """
        row = {name: value for name, value in vars(response).items() if name not in ("inputs", "outputs")}
        row |= {"asked": json.dumps(dict(response.asked)), "ended": None if response.ended is None else json.dumps(dict(response.ended))}
        with self._database.writing() as connection:
            connection.execute(insert(responses).values(**row))
            insert_items(connection, response.project_id, response.response_id, [*response.inputs, *response.outputs])
            owned = and_(attachments.c.owner_id == response.response_id, attachments.c.project_id == response.project_id)
            connection.execute(update(attachments).where(owned).values(expires_at=response.expires_at))
            if response.has_ended:
                self._tell_conversation(connection, response, response.outputs)
            then(connection)

    def get(self, project_id: str, response_id: str) -> StoredResponse:
        """Return a response of the project.

        Raises:
            UnknownResponse: the project has no such response, or it has expired.
        """
        found = self._read(response_id, responses.c.project_id == project_id)
        if found is None:
            raise unknown_response(response_id)
        return found

    def find(self, response_id: str) -> StoredResponse | None:
        """Return a response of any project, for work that is done on its behalf."""
        return self._read(response_id)

    def begin(self, response_id: str) -> StoredResponse | None:
        """Take a response of any project to work on, or return None if there is nothing to do: it has ended, or is gone."""
        with self._database.writing() as connection:
            connection.execute(update(responses).where(_is_open(response_id)).values(status=IN_PROGRESS))
        found = self._read(response_id)
        return None if found is None or found.has_ended else found

    def end(self, response_id: str, end: End) -> bool:
        """End a response, and say whether this did: only the first end of a response counts."""
        values = {"status": end.status, "ended": json.dumps(dict(end.ended)), "completed_at": end.completed_at}
        with self._database.writing() as connection:
            if connection.execute(update(responses).where(_is_open(response_id)).values(**values)).rowcount != 1:
                return False
            response = self._complete(connection, [_row_of(connection, response_id)])[0]
            insert_items(connection, response.project_id, response_id, end.outputs)
            self._tell_conversation(connection, response, end.outputs)
        return True

    def delete(self, project_id: str, response_id: str) -> None:
        """Delete a response with its items; those that a conversation has stay there.

        Raises:
            UnknownResponse: as `get`.
        """
        with self._database.writing() as connection:
            is_this = and_(responses.c.project_id == project_id, responses.c.response_id == _checked(response_id), self._is_fresh())
            if connection.execute(delete(responses).where(is_this)).rowcount != 1:
                raise unknown_response(response_id)
            connection.execute(delete(items).where(items.c.owner_id == response_id))

    def delete_expired(self, now: int) -> int:
        """Delete the responses of all projects whose time had come at `now`, UTC unix seconds, and return how many.

        Pictures whose response is gone, or was cancelled while they were kept, have had their time too: a kill can leave some behind.
        """
        num_deleted = 0
        while True:
            with self._database.writing() as connection:
                query = select(responses.c.response_id).where(responses.c.expires_at <= now).limit(NUM_AT_ONCE)
                expired = connection.execute(query).scalars().all()
                connection.execute(delete(items).where(items.c.owner_id.in_(expired)))
                connection.execute(delete(responses).where(responses.c.response_id.in_(expired)))
            num_deleted += len(expired)
            if not expired:
                self._let_go_of_pictures(now)
                return num_deleted

    def chain(self, project_id: str, response_id: str) -> Chain:
        """Return what was said and drawn up to a response and in it, of at most the last `MAX_CHAIN` responses.

        Raises:
            UnknownResponse: as `get`.
        """
        is_seen = and_(responses.c.project_id == project_id, self._is_fresh())
        link = select(responses.c.response_id, responses.c.previous_id, literal(0).label("distance"))
        chain = link.where(is_seen, responses.c.response_id == _checked(response_id)).cte("chain", recursive=True)
        before = select(responses.c.response_id, responses.c.previous_id, chain.c.distance + 1)
        chain = chain.union_all(before.where(is_seen, responses.c.response_id == chain.c.previous_id, chain.c.distance < MAX_CHAIN))
        with self._database.reading() as connection:
            links = connection.execute(select(chain).order_by(chain.c.distance.desc())).all()
            found = read_items(connection, project_id, [link.response_id for link in links])
        if not links:
            raise unknown_response(response_id)
        said = tuple(item for link in links for item in found[link.response_id])
        return Chain(items=said, missing_id=links[0].previous_id if len(links) <= MAX_CHAIN else None)

    def find_items(self, project_id: str, item_ids: Sequence[str]) -> dict[str, StoredItem]:
        """Return the items of the project's responses and conversations that have these ids."""
        with self._database.reading() as connection:
            return find_items(connection, project_id, item_ids)

    def page_inputs(self, project_id: str, response_id: str, *, limit: int, order: str, after: str | None) -> Page[StoredItem]:
        """List what a caller sent with a response.

        Raises:
            UnknownResponse: as `get`.
            InvalidField: `limit`, `order` or `after` cannot be used.
        """
        self.get(project_id, response_id)
        with self._database.reading() as connection:
            is_input = items.c.is_output.is_(False)
            return page_items(connection, project_id, response_id, is_input, limit=limit, order=order, after=after)

    def _let_go_of_pictures(self, now: int) -> None:
        owner = exists(responses).where(responses.c.response_id == pictures.c.owner_id, responses.c.status != CANCELLED)
        is_left = and_(pictures.c.owner_id.is_not(None), ~owner, pictures.c.expires_at > now)
        is_old = pictures.c.created_at < now - UNFINISHED_AFTER_S  # it may be of a response that is being made
        with self._database.writing() as connection:
            connection.execute(update(pictures).where(is_left, is_old).values(expires_at=now))

    def _read(self, response_id: str, *conditions: ColumnElement[bool]) -> StoredResponse | None:
        with self._database.reading() as connection:
            is_this = and_(responses.c.response_id == _checked(response_id), self._is_fresh(), *conditions)
            found = self._complete(connection, connection.execute(select(responses).where(is_this)).mappings().all())
        return found[0] if found else None

    def _complete(self, connection: Connection, rows: Sequence[RowMapping]) -> list[StoredResponse]:
        """Make responses of rows, with their items."""
        complete = []
        for row in rows:
            said = read_items(connection, row["project_id"], [row["response_id"]])[row["response_id"]]
            texts = {"asked": json.loads(row["asked"]), "ended": None if row["ended"] is None else json.loads(row["ended"])}
            inputs, outputs = (tuple(item for item in said if item.is_output is is_output) for is_output in (False, True))
            complete.append(StoredResponse(**{**row, **texts}, inputs=inputs, outputs=outputs))
        return complete

    def _tell_conversation(self, connection: Connection, response: StoredResponse, outputs: Sequence[StoredItem]) -> None:
        """Put what was asked and answered into the response's conversation; everything there lives as long as its newest response."""
        if response.conversation_id is not None:
            said = [*response.inputs, *outputs]
            append_to_conversation(connection, response.project_id, response.conversation_id, said, expires_at=response.expires_at)

    def _is_fresh(self) -> ColumnElement[bool]:
        return responses.c.expires_at > int(self._clock())


def unknown_response(response_id: str) -> UnknownResponse:
    """Return the error for an id of nothing."""
    return UnknownResponse(f"no response of this project has the id {response_id[:100]!r}; it was not stored, was deleted, or has expired")


def _checked(response_id: str) -> str:
    """Return an id; what has not its form is never shown to the database."""
    return response_id if is_response_id(response_id) else ""


def _is_open(response_id: str) -> ColumnElement[bool]:
    return and_(responses.c.response_id == _checked(response_id), responses.c.status.in_(UNENDED))


def _row_of(connection: Connection, response_id: str) -> RowMapping:
    return connection.execute(select(responses).where(responses.c.response_id == response_id)).mappings().one()
