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
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update

from limner.errors import LimnerError, StoreFailed
from limner.store.blobs import UNFINISHED_AFTER_S, Blobs
from limner.store.database import Database
from limner.store.pages import Page, PageReader

NUM_AT_ONCE = 500
DELETED = 0  # as `expires_at`
Stored = TypeVar("Stored")


class Contents(Generic[Stored]):
    """Rows of one table and their blobs, `TABLE/ID`; nothing else knows either. A project sees its own rows alone. Safe from many threads.

    The table has an id that sorts by time, `project_id`, `created_at`, `expires_at` and `is_ready`; `ends_at` is when a row expires, if
    its `expires_at` is not all there is to it. The reader's `is_id` says whether a text has the form of an id: what has not is never
    shown to the database, since PostgreSQL takes no NUL, and UTF-8 no half characters. `unknown` makes the error for an id of nothing.
    """

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        pages: PageReader[Stored],
        *,
        unknown: Callable[[str], LimnerError],
        ends_at: ColumnElement[int | None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._blobs, self._pages, self._clock = database, blobs, pages, clock
        self._id, self._table, self._unknown = pages.id_column, pages.id_column.table, unknown
        self._ends_at = self._table.c.expires_at if ends_at is None else ends_at
        plain = [column for column in self._table.columns if column.name not in ("expires_at", "is_ready")]
        self._shown = [*plain, self._ends_at.label("expires_at")]

    def get(self, project_id: str, row_id: str) -> Stored:
        """Return what is known of a row of the project.

        Raises:
            UnknownFile: the project has no such row, or it has expired.
        """
        if not self._pages.is_id(row_id):
            raise self._unknown(row_id)
        with self._database.reading() as connection:
            row = connection.execute(select(*self._shown).where(self._is_seen_by(project_id), self._id == row_id)).mappings().first()
        if row is None:
            raise self._unknown(row_id)
        return self._pages.from_row(row)

    def read(self, project_id: str, row_id: str) -> bytes:
        """Return the whole content of a row of the project: the same bytes for as long as it is kept.

        Raises:
            UnknownFile: as `get`.
        """
        self.get(project_id, row_id)
        content = self._blobs.get(self._blob(row_id))
        if content is None:
            raise self._unknown(row_id)
        return content

    def iterate(self, project_id: str, row_id: str) -> Iterator[bytes]:
        """Return the content of a row of the project in chunks. They go on coming if it is deleted meanwhile.

        Raises:
            UnknownFile: as `get`; raised before the first chunk is asked for.
        """
        self.get(project_id, row_id)
        chunks = self._blobs.iterate(self._blob(row_id))
        if chunks is None:
            raise self._unknown(row_id)
        return chunks

    def delete(self, project_id: str, row_id: str) -> None:
        """Delete a row of the project, and its content. What was made of it stays, and may still name it.

        Raises:
            UnknownFile: as `get`.
        """
        is_this, is_deleted = and_(self._is_seen_by(project_id), self._id == row_id), False
        if self._pages.is_id(row_id):
            with self._database.writing() as connection:
                is_deleted = connection.execute(update(self._table).where(is_this).values(expires_at=DELETED)).rowcount == 1
        if not is_deleted:
            raise self._unknown(row_id)
        with contextlib.suppress(StoreFailed):  # nobody sees it any more; `delete_expired` goes on with it
            self._remove([row_id])

    def delete_owned(self, project_id: str, owner_id: str) -> None:
        """Delete the rows of the project that belong to an owner, and their contents. For tables that have an `owner_id`."""
        are_these = and_(self._table.c.project_id == project_id, self._table.c.owner_id == owner_id)
        with self._database.writing() as connection:
            connection.execute(update(self._table).where(are_these).values(expires_at=DELETED))
            owned = connection.execute(select(self._id).where(are_these)).scalars().all()
        with contextlib.suppress(StoreFailed):  # as for `delete`
            self._remove(owned)

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
                has_ended = and_(columns.expires_at <= now, self._ends_at <= now)  # the first has an index
                expired = connection.execute(select(self._id).where(has_ended).limit(NUM_AT_ONCE)).scalars().all()
            if not expired:
                return num_deleted
            self._remove(expired)
            num_deleted += len(expired)

    def _add(self, rows: Sequence[Mapping[str, Any]], contents: Sequence[BinaryIO | bytes | Generator[bytes, None, None]]) -> None:
        """Keep rows with their contents: all of them, on the disk when this returns, or none.

        Raises:
            StoreFailed: nothing was kept.
        """
        ids = [row[self._id.name] for row in rows]
        with self._database.writing() as connection:
            connection.execute(insert(self._table), [{**row, "is_ready": False} for row in rows])
        try:
            for row_id, content in zip(ids, contents, strict=True):
                if isinstance(content, Generator):
                    self._blobs.put_chunks(self._blob(row_id), content)
                else:
                    self._blobs.put(self._blob(row_id), content)
        except StoreFailed:
            self._remove(ids)
            raise
        if not self._make_ready(ids):  # it took so long that it was given up
            self._remove(ids)
            raise StoreFailed("a content could not be kept in time; send the request again")

    def _forget_unfinished(self, row_id: str) -> None:
        """Remove the row of an addition that did not come to its end, so that it can be made anew under its id."""
        with self._database.writing() as connection:
            connection.execute(delete(self._table).where(self._id == row_id, self._table.c.is_ready.is_(False)))

    def _page(self, project_id: str, *conditions: ColumnElement[bool], limit: int, order: str, after: str | None) -> Page[Stored]:
        """List rows of the project that meet the conditions, from the one that follows `after`.

        Raises:
            InvalidField: as `PageReader.read`.
        """
        with self._database.reading() as connection:
            query = select(*self._shown).where(self._is_seen_by(project_id), *conditions)
            return self._pages.read(connection, query, limit=limit, order=order, after=after)

    def _is_seen_by(self, project_id: str) -> ColumnElement[bool]:
        """Return the condition of rows that the project sees now."""
        return and_(self._table.c.project_id == project_id, self._table.c.is_ready, self._is_fresh())

    def _is_fresh(self) -> ColumnElement[bool]:
        return or_(self._ends_at.is_(None), self._ends_at > int(self._clock()))

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
