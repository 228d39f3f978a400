"""Parts of long lists, of rows whose ids sort by the time of their making; and lists narrowed to the words that somebody looks for."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Select, and_

from limner.errors import InvalidField

ORDERS = ("asc", "desc")
MAX_SEARCH_CHARS = 200
Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Item]):
    """A part of a list, and whether more follows; of a lineage, whether more came before."""

    items: tuple[Item, ...]
    has_more: bool


@dataclass(frozen=True, kw_only=True)
class PageReader(Generic[Item]):
    """Reads pages of one table. `is_id` says whether a text has the form of an id; `most` rows are on a page at most."""

    id_column: Column[str]
    is_id: Callable[[str], bool]
    from_row: Callable[[RowMapping], Item]
    most: int

    def read(self, connection: Connection, query: Select[Any], *, limit: int, order: str, after: str | None) -> Page[Item]:
        """Return the rows of a query from the one that follows `after`, which need not exist any more.

        Raises:
            InvalidField: `limit` is not from 1 to `most`, or `order` or `after` cannot be used.
        """
        if not 1 <= limit <= self.most:
            raise InvalidField("limit", f"limit {limit!r} is out of range; use a whole number from 1 to {self.most}")
        if order not in ORDERS:
            raise InvalidField("order", f"order {order!r} is not known; use asc or desc")
        if after is not None and not self.is_id(after):
            raise InvalidField("after", f"after {after[:100]!r} is not an id of this list; use the last_id of the page before")
        column = self.id_column
        if after is not None:
            query = query.where(column > after if order == "asc" else column < after)
        query = query.order_by(column if order == "asc" else column.desc()).limit(limit + 1)
        rows = connection.execute(query).mappings().all()
        return Page(items=tuple(map(self.from_row, rows[:limit])), has_more=len(rows) > limit)


def searchable(text: str) -> str:
    """Return a text as it is kept to be searched in: without case, alike however it was composed, and without what no database takes."""
    return unicodedata.normalize("NFKC", text).casefold().replace("\x00", " ").encode("utf-8", "replace").decode()


def holds_words(column: Column[str], search: str) -> ColumnElement[bool]:
    """Return the condition that a column of `searchable` text holds every word of a search, as it is written, in whatever order.

    Raises:
        InvalidField: the search is too long.
    """
    if len(search) > MAX_SEARCH_CHARS:
        raise InvalidField("search", f"search has {len(search):,} characters; look for fewer words, in at most {MAX_SEARCH_CHARS}")
    return and_(True, *(column.contains(word, autoescape=True) for word in searchable(search).split()))
