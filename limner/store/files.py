"""Files that clients upload: a row each, and the content as a blob.

A blob never exists without a row, and a row that anybody sees never without its blob, at whatever moment a process is killed:

```
add:     row, not ready      ->  blob, whole  ->  row ready
delete:  row expired at 0    ->  blob gone    ->  row gone
expiry:  row expired by time ->  blob gone    ->  row gone
```

What is left half way is seen by nobody, and `delete_expired` goes on with it.
"""

from __future__ import annotations

import contextlib
import os
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import ColumnElement, RowMapping, and_, delete, insert, or_, select, update

from limner.errors import InvalidField, StoreFailed, UnknownFile
from limner.store.blobs import UNFINISHED_AFTER_S, Blobs
from limner.store.database import Database
from limner.store.identifiers import is_file_id, new_file_id
from limner.store.tables import MAX_FILENAME_CHARS, files

KIND = "files"
MAX_PAGE_FILES = 10_000
NUM_AT_ONCE = 500
DELETED = 0  # as `expires_at`
ORDERS = ("asc", "desc")
UNNAMED = "unnamed"
REMOVED_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}  # controls, half characters, line breaks
TEXT_DIRECTIONS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they can make a name read backwards
SHOWN = (
    files.c.file_id,
    files.c.project_id,
    files.c.filename,
    files.c.purpose,
    files.c.size_bytes,
    files.c.created_at,
    files.c.expires_at,
)


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """What is known of a file. Times are UTC unix seconds; `filename` is what the client called it, for people to read only."""

    file_id: str
    project_id: str
    filename: str
    purpose: str
    size_bytes: int
    created_at: int
    expires_at: int | None


@dataclass(frozen=True, kw_only=True)
class FilePage:
    """A part of a list, and whether more follows."""

    files: tuple[StoredFile, ...]
    has_more: bool


class FileStore:
    """Rows of `files` and their blobs; nothing else knows either. A project sees its own files alone. Safe from many threads."""

    def __init__(self, database: Database, blobs: Blobs, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock

    def add(self, project_id: str, *, filename: str, purpose: str, content: BinaryIO, expires_after_s: int | None) -> StoredFile:
        """Keep a file; it is on the disk when this returns. The content is read from its beginning, in parts.

        Raises:
            StoreFailed: it was not kept.
        """
        created_us = int(self._clock() * 1_000_000)
        created_at = created_us // 1_000_000
        file = StoredFile(
            file_id=new_file_id(created_us),
            project_id=project_id,
            filename=clean_filename(filename),
            purpose=purpose,
            size_bytes=content.seek(0, os.SEEK_END),
            created_at=created_at,
            expires_at=None if expires_after_s is None else created_at + expires_after_s,
        )
        content.seek(0)
        with self._database.writing() as connection:
            connection.execute(insert(files).values(**vars(file), is_ready=False))
        try:
            self._blobs.put(_blob(file.file_id), content)
        except StoreFailed:
            self._remove([file.file_id])
            raise
        with self._database.writing() as connection:
            is_this = and_(files.c.file_id == file.file_id, self._is_fresh())
            is_kept = connection.execute(update(files).where(is_this).values(is_ready=True)).rowcount == 1
        if not is_kept:  # it took so long that it was given up
            self._remove([file.file_id])
            raise StoreFailed("the file could not be kept in time; upload it again")
        return file

    def get(self, project_id: str, file_id: str) -> StoredFile:
        """Return a file of the project.

        Raises:
            UnknownFile: the project has no such file, or it has expired.
        """
        _check_id(file_id)
        with self._database.reading() as connection:
            row = connection.execute(select(*SHOWN).where(self._is_seen_by(project_id), files.c.file_id == file_id)).mappings().first()
        if row is None:
            raise _unknown(file_id)
        return _from_row(row)

    def page(
        self, project_id: str, *, purpose: str | None = None, limit: int = MAX_PAGE_FILES, order: str = "desc", after: str | None = None
    ) -> FilePage:
        """List files of the project by their time of creation, from the one that follows `after`, which may be deleted meanwhile.

        Raises:
            InvalidField: `limit`, `order` or `after` cannot be used.
        """
        if not 1 <= limit <= MAX_PAGE_FILES:
            raise InvalidField("limit", f"limit {limit!r} is out of range; use a whole number from 1 to {MAX_PAGE_FILES}")
        if purpose is not None and not purpose.isprintable():
            raise InvalidField("purpose", f"purpose {purpose[:100]!r} is not known; use the purpose of an upload")
        if order not in ORDERS:
            raise InvalidField("order", f"order {order!r} is not known; use asc or desc")
        if after is not None and not is_file_id(after):
            raise InvalidField("after", f"after {after[:100]!r} is not the id of a file; use the last_id of the page before")
        query = select(*SHOWN).where(self._is_seen_by(project_id))
        if purpose is not None:
            query = query.where(files.c.purpose == purpose)
        if after is not None:
            query = query.where(files.c.file_id > after if order == "asc" else files.c.file_id < after)
        query = query.order_by(files.c.file_id if order == "asc" else files.c.file_id.desc()).limit(limit + 1)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return FilePage(files=tuple(map(_from_row, rows[:limit])), has_more=len(rows) > limit)

    def read(self, project_id: str, file_id: str) -> bytes:
        """Return the whole content of a file of the project.

        Raises:
            UnknownFile: the project has no such file, or it has expired.
        """
        self.get(project_id, file_id)
        content = self._blobs.get(_blob(file_id))
        if content is None:
            raise _unknown(file_id)
        return content

    def iterate(self, project_id: str, file_id: str) -> Iterator[bytes]:
        """Return the content of a file of the project in chunks. They go on coming if it is deleted meanwhile.

        Raises:
            UnknownFile: the project has no such file, or it has expired; raised before the first chunk is asked for.
        """
        self.get(project_id, file_id)
        chunks = self._blobs.iterate(_blob(file_id))
        if chunks is None:
            raise _unknown(file_id)
        return chunks

    def delete(self, project_id: str, file_id: str) -> None:
        """Delete a file of the project, and its content.

        Raises:
            UnknownFile: the project has no such file, or it has expired.
        """
        _check_id(file_id)
        with self._database.writing() as connection:
            is_this = and_(self._is_seen_by(project_id), files.c.file_id == file_id)
            is_deleted = connection.execute(update(files).where(is_this).values(expires_at=DELETED)).rowcount == 1
        if not is_deleted:
            raise _unknown(file_id)
        with contextlib.suppress(StoreFailed):  # nobody sees it any more; `delete_expired` goes on with it
            self._remove([file_id])

    def delete_expired(self, now: int) -> int:
        """Delete the files of all projects whose time had come at `now`, UTC unix seconds, and return how many.

        Also ends what killed processes left half way: deletions, and uploads begun more than a day ago.

        Raises:
            StoreFailed: some are left for the next call.
        """
        given_up = and_(files.c.is_ready.is_(False), files.c.created_at < now - UNFINISHED_AFTER_S)
        num_deleted = 0
        while True:
            with self._database.writing() as connection:
                connection.execute(update(files).where(given_up).values(expires_at=DELETED))
                expired = connection.execute(select(files.c.file_id).where(files.c.expires_at <= now).limit(NUM_AT_ONCE)).scalars().all()
            if not expired:
                return num_deleted
            self._remove(expired)
            num_deleted += len(expired)

    def _is_fresh(self) -> ColumnElement[bool]:
        return or_(files.c.expires_at.is_(None), files.c.expires_at > int(self._clock()))

    def _is_seen_by(self, project_id: str) -> ColumnElement[bool]:
        return and_(files.c.project_id == project_id, files.c.is_ready, self._is_fresh())

    def _remove(self, file_ids: Sequence[str]) -> None:
        """Remove blobs, then rows. Nobody may see these files any more."""
        for file_id in file_ids:
            self._blobs.delete(_blob(file_id))
        with self._database.writing() as connection:
            connection.execute(delete(files).where(files.c.file_id.in_(file_ids)))


def clean_filename(filename: str) -> str:
    """Return a client's name for a file without control characters, in at most 255 characters."""
    kept = (char for char in filename if unicodedata.category(char) not in REMOVED_CATEGORIES and char not in TEXT_DIRECTIONS)
    return "".join(kept).strip()[:MAX_FILENAME_CHARS] or UNNAMED


def _blob(file_id: str) -> str:
    return f"{KIND}/{file_id}"


def _check_id(file_id: str) -> None:
    """Keep from the database what could not be an id: PostgreSQL takes no NUL, and UTF-8 no half characters."""
    if not is_file_id(file_id):
        raise _unknown(file_id)


def _unknown(file_id: str) -> UnknownFile:
    return UnknownFile(f"no file has the id {file_id[:100]!r}; GET /v1/files lists those of this project", param="file_id")


def _from_row(row: RowMapping) -> StoredFile:
    return StoredFile(**row)
