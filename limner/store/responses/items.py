"""Items: what was said and drawn, in order, each row belonging to one response or to one conversation. No picture stands in a row."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, insert, or_, select, update

from limner.errors import InvalidField
from limner.store.identifiers import is_item_id, new_sorted_id
from limner.store.pages import ORDERS, Page
from limner.store.tables import attachments, conversations, items, pictures, responses

MESSAGE_PREFIX, CALL_PREFIX = "msg_", "ig_"
MAX_PAGE_ITEMS = 100
MAX_CONVERSATION_ITEMS = 2000  # of which a turn reads the newest


@dataclass(frozen=True, kw_only=True)
class StoredItem:
    """One item. `content` is JSON that names pictures by their ids; `is_output` says that the model made it, not the caller."""

    item_id: str
    content: Mapping[str, Any]
    is_output: bool = False


def new_item_id(kind: str) -> str:
    """Return an id for an item of a type."""
    return new_sorted_id(MESSAGE_PREFIX if kind == "message" else CALL_PREFIX, time.time_ns() // 1000)


def with_own_ids(said: Iterable[StoredItem], taken: Iterable[str] = ()) -> tuple[StoredItem, ...]:
    """Return items with an id each: one whose id is taken, or is that of an item before it, is a copy and gets another.

    Lists are paged, and items read and deleted, by their ids.
    """
    known, own = set(taken), []
    for item in said:
        kept = replace(item, item_id=new_item_id(item.content["type"])) if item.item_id in known else item
        known.add(kept.item_id)
        own.append(kept)
    return tuple(own)


def insert_items(connection: Connection, project_id: str, owner_id: str, added: Sequence[StoredItem]) -> None:
    """Put items behind those that the owner has."""
    if not added:
        return
    last = connection.execute(select(func.max(items.c.position)).where(items.c.owner_id == owner_id)).scalar()
    first = 0 if last is None else last + 1
    rows = [
        {
            "owner_id": owner_id,
            "position": first + index,
            "project_id": project_id,
            "item_id": item.item_id,
            "is_output": item.is_output,
            "content": json.dumps(dict(item.content)),
        }
        for index, item in enumerate(added)
    ]
    connection.execute(insert(items), rows)


def read_items(connection: Connection, project_id: str, owner_ids: Sequence[str]) -> dict[str, list[StoredItem]]:
    """Return the items of each owner, in their order."""
    found: dict[str, list[StoredItem]] = {owner_id: [] for owner_id in owner_ids}
    are_these = and_(items.c.project_id == project_id, items.c.owner_id.in_(owner_ids))
    for row in connection.execute(select(items).where(are_these).order_by(items.c.owner_id, items.c.position)).mappings():
        found[row["owner_id"]].append(_from_row(row))
    return found


def read_newest_items(connection: Connection, project_id: str, owner_id: str) -> list[StoredItem]:
    """Return the newest items of an owner, in their order."""
    query = select(items).where(_belongs(project_id, owner_id)).order_by(items.c.position.desc()).limit(MAX_CONVERSATION_ITEMS)
    return [_from_row(row) for row in reversed(connection.execute(query).mappings().all())]


def find_items(connection: Connection, project_id: str, item_ids: Iterable[str], *, owner_id: str | None = None) -> dict[str, StoredItem]:
    """Return the items of the project, or of one owner, that have these ids; of one id, what the model made comes first."""
    wanted = [item_id for item_id in item_ids if is_item_id(item_id)]
    are_these = and_(items.c.project_id == project_id, items.c.item_id.in_(wanted))
    if owner_id is not None:
        are_these = and_(are_these, items.c.owner_id == owner_id)
    rows = connection.execute(select(items).where(are_these).order_by(items.c.is_output, items.c.owner_id.desc())).mappings()
    return {row["item_id"]: _from_row(row) for row in rows}


def page_items(
    connection: Connection, project_id: str, owner_id: str, *conditions: ColumnElement[bool], limit: int, order: str, after: str | None
) -> Page[StoredItem]:
    """List items of an owner by their place, from the one that follows the item `after`.

    Raises:
        InvalidField: `limit`, `order` or `after` cannot be used.
    """
    if not 1 <= limit <= MAX_PAGE_ITEMS:
        raise InvalidField("limit", f"limit {limit!r} is out of range; use a whole number from 1 to {MAX_PAGE_ITEMS}")
    if order not in ORDERS:
        raise InvalidField("order", f"order {order!r} is not known; use asc or desc")
    query = select(items).where(_belongs(project_id, owner_id), *conditions)
    if after is not None:
        place = select(items.c.position).where(_belongs(project_id, owner_id), items.c.item_id == (after if is_item_id(after) else ""))
        position = connection.execute(place.order_by(items.c.position).limit(1)).scalar()
        if position is None:
            raise InvalidField("after", f"after {after[:100]!r} is not the id of an item of this list; use the last_id of a page")
        query = query.where(items.c.position > position if order == "asc" else items.c.position < position)
    column = items.c.position if order == "asc" else items.c.position.desc()
    rows = connection.execute(query.order_by(column).limit(limit + 1)).mappings().all()
    return Page(items=tuple(map(_from_row, rows[:limit])), has_more=len(rows) > limit)


def append_to_conversation(
    connection: Connection, project_id: str, conversation_id: str, said: Sequence[StoredItem], *, expires_at: int
) -> tuple[StoredItem, ...]:
    """Put items behind those of a conversation, unless it is gone, and let all that is in it live until `expires_at`.

    Returns the items as they stand there, each with an id of its own.
    """
    is_this = and_(conversations.c.project_id == project_id, conversations.c.conversation_id == conversation_id)
    if connection.execute(select(conversations.c.conversation_id).where(is_this).with_for_update()).first() is None:
        return ()
    added = with_own_ids(said, find_items(connection, project_id, [item.item_id for item in said], owner_id=conversation_id))
    insert_items(connection, project_id, conversation_id, added)
    connection.execute(update(conversations).where(is_this).values(expires_at=expires_at))
    in_it = select(responses.c.response_id).where(responses.c.project_id == project_id, responses.c.conversation_id == conversation_id)
    _lengthen(connection, responses, responses.c.conversation_id == conversation_id, project_id, expires_at)
    _lengthen(connection, pictures, pictures.c.owner_id.in_(in_it), project_id, expires_at)
    owners = or_(attachments.c.owner_id.in_(in_it), attachments.c.owner_id == conversation_id)
    _lengthen(connection, attachments, owners, project_id, expires_at)
    return added


def _lengthen(connection: Connection, table: Any, are_these: ColumnElement[bool], project_id: str, expires_at: int) -> None:
    """Let rows live longer; those that were deleted, at 0, stay deleted."""
    is_alive = and_(table.c.project_id == project_id, table.c.expires_at > 0, table.c.expires_at < expires_at)
    connection.execute(update(table).where(are_these, is_alive).values(expires_at=expires_at))


def _belongs(project_id: str, owner_id: str) -> ColumnElement[bool]:
    return and_(items.c.project_id == project_id, items.c.owner_id == owner_id)


def _from_row(row: RowMapping) -> StoredItem:
    return StoredItem(item_id=row["item_id"], content=json.loads(row["content"]), is_output=row["is_output"])
