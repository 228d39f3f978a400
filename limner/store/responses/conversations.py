"""Conversations: items that go on growing, by hand or with each response that is made in one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from limner.errors import UnknownConversation, UnknownItem
from limner.store.contents import NUM_AT_ONCE
from limner.store.database import Database
from limner.store.identifiers import is_conversation_id, is_item_id
from limner.store.pages import Page
from limner.store.responses.items import StoredItem, append_to_conversation, find_items, insert_items, page_items, read_newest_items
from limner.store.tables import conversations, items


@dataclass(frozen=True, kw_only=True)
class StoredConversation:
    """A conversation. Times are UTC unix seconds."""

    conversation_id: str
    project_id: str
    metadata: Mapping[str, str]
    created_at: int
    expires_at: int


class ConversationStore:
    """Conversations. A project sees its own alone. Safe from many threads."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def add(self, conversation: StoredConversation, said: Sequence[StoredItem]) -> None:
        """Keep a new conversation with its first items.

        Raises:
            StoreFailed: it was not kept.
        """
        with self._database.writing() as connection:
            connection.execute(insert(conversations).values(**vars(conversation) | {"metadata": json.dumps(dict(conversation.metadata))}))
            insert_items(connection, conversation.project_id, conversation.conversation_id, said)

    def get(self, project_id: str, conversation_id: str) -> StoredConversation:
        """Return a conversation of the project.

        Raises:
            UnknownConversation: the project has no such conversation, or it has expired.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(conversations).where(self._is_this(project_id, conversation_id))).mappings().first()
        if row is None:
            raise unknown_conversation(conversation_id)
        return StoredConversation(**{**row, "metadata": json.loads(row["metadata"])})

    def set_metadata(self, project_id: str, conversation_id: str, metadata: Mapping[str, str]) -> StoredConversation:
        """Put other metadata in the place of what was there.

        Raises:
            UnknownConversation: as `get`.
        """
        with self._database.writing() as connection:
            is_this = self._is_this(project_id, conversation_id)
            connection.execute(update(conversations).where(is_this).values(metadata=json.dumps(dict(metadata))))
        return self.get(project_id, conversation_id)

    def delete(self, project_id: str, conversation_id: str) -> None:
        """Delete a conversation with its items; responses that were made in it stay.

        Raises:
            UnknownConversation: as `get`.
        """
        with self._database.writing() as connection:
            if connection.execute(delete(conversations).where(self._is_this(project_id, conversation_id))).rowcount != 1:
                raise unknown_conversation(conversation_id)
            connection.execute(delete(items).where(items.c.owner_id == conversation_id))

    def append(self, project_id: str, conversation_id: str, said: Sequence[StoredItem], *, expires_at: int) -> tuple[StoredItem, ...]:
        """Put items behind the last, and return them as they stand there; everything in the conversation lives until `expires_at` at least.

        Raises:
            UnknownConversation: as `get`.
        """
        self.get(project_id, conversation_id)
        with self._database.writing() as connection:
            return append_to_conversation(connection, project_id, conversation_id, said, expires_at=expires_at)

    def newest_items(self, project_id: str, conversation_id: str) -> list[StoredItem]:
        """Return what a turn reads of a conversation.

        Raises:
            UnknownConversation: as `get`.
        """
        self.get(project_id, conversation_id)
        with self._database.reading() as connection:
            return read_newest_items(connection, project_id, conversation_id)

    def page(self, project_id: str, conversation_id: str, *, limit: int, order: str, after: str | None) -> Page[StoredItem]:
        """List items.

        Raises:
            UnknownConversation: as `get`.
            InvalidField: `limit`, `order` or `after` cannot be used.
        """
        self.get(project_id, conversation_id)
        with self._database.reading() as connection:
            return page_items(connection, project_id, conversation_id, limit=limit, order=order, after=after)

    def get_item(self, project_id: str, conversation_id: str, item_id: str) -> StoredItem:
        """Return one item.

        Raises:
            UnknownConversation: as `get`.
            UnknownItem: the conversation has no such item.
        """
        self.get(project_id, conversation_id)
        with self._database.reading() as connection:
            found = find_items(connection, project_id, [item_id], owner_id=conversation_id)
        if item_id not in found:
            raise unknown_item(item_id)
        return found[item_id]

    def delete_item(self, project_id: str, conversation_id: str, item_id: str) -> None:
        """Delete one item.

        Raises:
            UnknownConversation, UnknownItem: as `get_item`.
        """
        self.get_item(project_id, conversation_id, item_id)
        with self._database.writing() as connection:
            is_this = and_(items.c.project_id == project_id, items.c.owner_id == conversation_id, items.c.item_id == item_id)
            connection.execute(delete(items).where(is_this))

    def delete_expired(self, now: int) -> int:
        """Delete the conversations of all projects whose time had come at `now`, UTC unix seconds, and return how many."""
        num_deleted = 0
        while True:
            with self._database.writing() as connection:
                query = select(conversations.c.conversation_id).where(conversations.c.expires_at <= now).limit(NUM_AT_ONCE)
                expired = connection.execute(query).scalars().all()
                connection.execute(delete(items).where(items.c.owner_id.in_(expired)))
                connection.execute(delete(conversations).where(conversations.c.conversation_id.in_(expired)))
            num_deleted += len(expired)
            if not expired:
                return num_deleted

    def _is_this(self, project_id: str, conversation_id: str) -> ColumnElement[bool]:
        """Return the condition of one conversation; what has not the form of an id is never shown to the database."""
        checked = conversation_id if is_conversation_id(conversation_id) else ""
        is_fresh = conversations.c.expires_at > int(self._clock())
        return and_(conversations.c.project_id == project_id, conversations.c.conversation_id == checked, is_fresh)


def unknown_conversation(conversation_id: str) -> UnknownConversation:
    """Return the error for an id of nothing."""
    return UnknownConversation(f"no conversation of this project has the id {conversation_id[:100]!r}; it was deleted, or has expired")


def unknown_item(item_id: str, param: str = "item_id") -> UnknownItem:
    """Return the error for an id of nothing."""
    shown = item_id[:100] if is_item_id(item_id) else "..."
    return UnknownItem(f"no item of this project has the id {shown!r}; it was not stored, was deleted, or has expired", param=param)
