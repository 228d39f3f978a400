"""Files that clients upload: what is known of each, and their contents."""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import select

from limner.errors import InvalidField, UnknownFile
from limner.store.blobs import Blobs
from limner.store.contents import Contents
from limner.store.database import Database
from limner.store.identifiers import is_file_id, new_file_id
from limner.store.pages import Page, PageReader
from limner.store.tables import MAX_FILENAME_CHARS, files

MAX_PAGE_FILES = 10_000
UNNAMED = "unnamed"
REMOVED_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}  # controls, half characters, line breaks
TEXT_DIRECTIONS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they can make a name read backwards


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


class FileStore(Contents[StoredFile]):
    """Uploaded files. A project sees its own alone. Safe from many threads."""

    def __init__(self, database: Database, blobs: Blobs, *, clock: Callable[[], float] = time.time) -> None:
        pages = PageReader(id_column=files.c.file_id, is_id=is_file_id, from_row=lambda row: StoredFile(**row), most=MAX_PAGE_FILES)
        super().__init__(database, blobs, pages, unknown=_unknown, clock=clock)

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
        self._add([vars(file)], [content])
        return file

    def write(
        self,
        file_id: str,
        project_id: str,
        *,
        filename: str,
        purpose: str,
        size_bytes: int,
        chunks: Generator[bytes, None, None],
        expires_after_s: int | None,
    ) -> None:
        """Keep a file of this many bytes under an id that was made before; harmless if that was done, whoever was killed meanwhile.

        Raises:
            StoreFailed: it was not kept.
        """
        with self._database.reading() as connection:
            is_ready = connection.scalar(select(files.c.is_ready).where(files.c.file_id == file_id))
        if is_ready:
            return
        if is_ready is not None:
            self._remove([file_id])
        created_at = int(self._clock())
        expires_at = None if expires_after_s is None else created_at + expires_after_s
        row = {"file_id": file_id, "project_id": project_id, "filename": clean_filename(filename), "purpose": purpose}
        self._add([row | {"size_bytes": size_bytes, "created_at": created_at, "expires_at": expires_at}], [chunks])

    def page(
        self, project_id: str, *, purpose: str | None = None, limit: int = MAX_PAGE_FILES, order: str = "desc", after: str | None = None
    ) -> Page[StoredFile]:
        """List files of the project by their time of creation, from the one that follows `after`, which may be deleted meanwhile.

        Raises:
            InvalidField: `limit`, `order`, `after` or `purpose` cannot be used.
        """
        if purpose is not None and not purpose.isprintable():
            raise InvalidField("purpose", f"purpose {purpose[:100]!r} is not known; use the purpose of an upload")
        conditions = [] if purpose is None else [files.c.purpose == purpose]
        return self._page(project_id, *conditions, limit=limit, order=order, after=after)


def clean_filename(filename: str) -> str:
    """Return a client's name for a file without control characters, in at most 255 characters."""
    kept = (char for char in filename if unicodedata.category(char) not in REMOVED_CATEGORIES and char not in TEXT_DIRECTIONS)
    return "".join(kept).strip()[:MAX_FILENAME_CHARS] or UNNAMED


def _unknown(file_id: str) -> UnknownFile:
    return UnknownFile(f"no file has the id {file_id[:100]!r}; GET /v1/files lists those of this project", param="file_id")
