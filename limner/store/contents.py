"""Rows that have a content each, a blob, and that expire: one life for uploaded files and for kept pictures.

A blob never exists without a row, and a row that anybody sees never without its blob, at whatever moment a process is killed:

```
add:     rows, not ready     ->  blobs, whole ->  rows ready, all at once
delete:  row expired at 0    ->  blob gone    ->  row gone
expiry:  row expired by time ->  blob gone    ->  row gone
```

What is left half way is seen by nobody, and `delete_expired` goes on with it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from sqlalchemy import ColumnElement, RowMapping, Table, and_, delete, insert, or_, select, update

from limner.errors import InvalidField, StoreFailed
from limner.store.blobs import UNFINISHED_AFTER_S, Blobs
from limner.store.database import Database

NUM_AT_ONCE = 500
DELETED = 0  # as `expires_at`
ORDERS = ("asc", "desc")


class Contents:
    """Rows of one table and their blobs, `TABLE/ID`; nothing else knows either. A project sees its own rows alone. Safe from many threads.

    The table has an id that sorts by time, `project_id`, `created_at`, `expires_at` and `is_ready`. `is_id` says whether a text has
    the form of an id: what has not is never shown to the database, since PostgreSQL takes no NUL, and UTF-8 no half characters.
    """

    def __init__(
        self, database: Database, blobs: Blobs, table: Table, *, is_id: Callable[[str], bool], clock: Callable[[], float] = time.time
    ) -> None:
        self._database, self._blobs, self._table = database, blobs, table
        self._is_id, self._clock = is_id, clock
        self._id = next(iter(table.primary_key.columns))
        self.shown = [column for column in table.columns if column.name != "is_ready"]

    def add(self, rows: Sequence[Mapping[str, Any]], contents: Sequence[BinaryIO | bytes]) -> None:
        """Keep rows with their contents: all of them, on the disk when this returns, or none.

        Raises:
            StoreFailed: nothing was kept.
        """
        ids = [row[self._id.name] for row in rows]
        with self._database.writing() as connection:
            connection.execute(insert(self._table), [{**row, "is_ready": False} for row in rows])
        try:
            for row_id, content in zip(ids, contents, strict=True):
                self._blobs.put(self._blob(row_id), content)
        except StoreFailed:
            self._remove(ids)
            raise
        if not self._make_ready(ids):  # it took so long that it was given up
            self._remove(ids)
            raise StoreFailed("a content could not be kept in time; send the request again")

    def find(self, project_id: str, row_id: str) -> RowMapping | None:
        """Return a row of the project, None if it has no such row, or it has expired."""
        if not self._is_id(row_id):
            return None
        with self._database.reading() as connection:
            return connection.execute(select(*self.shown).where(self.is_seen_by(project_id), self._id == row_id)).mappings().first()

    def page(
        self, project_id: str, *conditions: ColumnElement[bool], limit: int, most: int, order: str, after: str | None
    ) -> tuple[Sequence[RowMapping], bool]:
        """List rows of the project that meet the conditions, from the one that follows `after`, and say whether more follow.

        Raises:
            InvalidField: `limit` is not from 1 to `most`, or `order` or `after` cannot be used.
        """
        if not 1 <= limit <= most:
            raise InvalidField("limit", f"limit {limit!r} is out of range; use a whole number from 1 to {most}")
        if order not in ORDERS:
            raise InvalidField("order", f"order {order!r} is not known; use asc or desc")
        if after is not None and not self._is_id(after):
            raise InvalidField("after", f"after {after[:100]!r} is not an id of this list; use the last_id of the page before")
        query = select(*self.shown).where(self.is_seen_by(project_id), *conditions)
        if after is not None:
            query = query.where(self._id > after if order == "asc" else self._id < after)
        query = query.order_by(self._id if order == "asc" else self._id.desc()).limit(limit + 1)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return rows[:limit], len(rows) > limit

    def read(self, row_id: str) -> bytes | None:
        """Return the whole content of a row that was found, None if it went meanwhile."""
        return self._blobs.get(self._blob(row_id))

    def iterate(self, row_id: str) -> Iterator[bytes] | None:
        """Return the content of a row that was found in chunks, None if it went meanwhile. They go on coming if it is deleted."""
        return self._blobs.iterate(self._blob(row_id))

    def delete(self, project_id: str, row_id: str) -> bool:
        """Delete a row of the project, and its content; say whether it was there."""
        if not self._is_id(row_id):
            return False
        is_this = and_(self.is_seen_by(project_id), self._id == row_id)
        with self._database.writing() as connection:
            is_deleted = connection.execute(update(self._table).where(is_this).values(expires_at=DELETED)).rowcount == 1
        if is_deleted:
            with contextlib.suppress(StoreFailed):  # nobody sees it any more; `delete_expired` goes on with it
                self._remove([row_id])
        return is_deleted

    def delete_expired(self, now: int) -> int:
        """Delete the rows of all projects whose time had come at `now`, UTC unix seconds, and return how many.

        Also ends what killed processes left half way: deletions, and additions begun more than a day ago.

        Raises:
            StoreFailed: some are left for the next call.
        """
        columns = self._table.c
        given_up = and_(columns.is_ready.is_(False), columns.created_at < now - UNFINISHED_AFTER_S)
        num_deleted = 0
        while True:
            with self._database.writing() as connection:
                connection.execute(update(self._table).where(given_up).values(expires_at=DELETED))
                expired = connection.execute(select(self._id).where(columns.expires_at <= now).limit(NUM_AT_ONCE)).scalars().all()
            if not expired:
                return num_deleted
            self._remove(expired)
            num_deleted += len(expired)

    def is_seen_by(self, project_id: str) -> ColumnElement[bool]:
        """Return the condition of rows that the project sees now."""
        return and_(self._table.c.project_id == project_id, self._table.c.is_ready, self._is_fresh())

    def _is_fresh(self) -> ColumnElement[bool]:
        expires_at = self._table.c.expires_at
        return or_(expires_at.is_(None), expires_at > int(self._clock()))

    def _make_ready(self, ids: Sequence[str]) -> bool:
        """Let rows be seen if none of them was given up; else none of them is ever seen."""
        are_these = self._id.in_(ids)
        with self._database.writing() as connection:
            num_ready = connection.execute(update(self._table).where(are_these, self._is_fresh()).values(is_ready=True)).rowcount
            if num_ready < len(ids):
                connection.execute(update(self._table).where(are_these).values(expires_at=DELETED))
        return num_ready == len(ids)

    def _remove(self, ids: Sequence[str]) -> None:
        """Remove blobs, then rows. Nobody may see these rows any more."""
        for row_id in ids:
            self._blobs.delete(self._blob(row_id))
        with self._database.writing() as connection:
            connection.execute(delete(self._table).where(self._id.in_(ids)))

    def _blob(self, row_id: str) -> str:
        return f"{self._table.name}/{row_id}"
