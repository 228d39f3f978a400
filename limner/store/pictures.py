"""Kept pictures: their exact pixels as a file that loses nothing, and the turn of a conversation that made each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, literal, select

from limner.errors import UnknownFile
from limner.store.blobs import Blobs
from limner.store.contents import Contents
from limner.store.database import Database
from limner.store.identifiers import is_picture_id, new_picture_id
from limner.store.tables import pictures

MAX_PAGE_PICTURES = 100
MAX_TURNS = 100


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What was asked for in one turn. `parent_id` is the kept picture that it began with; `settings` is JSON, with no names of ours."""

    kind: str
    instruction: str
    snapshot: str
    parent_id: str | None
    settings: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class NewPicture:
    """A picture to keep; `content` is its PNG."""

    content: bytes
    seed: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class StoredPicture:
    """What is known of a kept picture. Times are UTC unix seconds."""

    picture_id: str
    project_id: str
    turn: Turn
    seed: int
    width: int
    height: int
    size_bytes: int
    created_at: int
    expires_at: int


@dataclass(frozen=True, kw_only=True)
class PicturePage:
    """A part of a list, and whether more follows; of a lineage, whether more came before."""

    pictures: tuple[StoredPicture, ...]
    has_more: bool


class PictureStore:
    """Kept pictures. A project sees its own alone. Safe from many threads."""

    def __init__(self, database: Database, blobs: Blobs, *, clock: Callable[[], float] = time.time) -> None:
        self._contents = Contents(database, blobs, pictures, is_id=is_picture_id, clock=clock)
        self._database = database
        self._clock = clock

    def add(self, project_id: str, turn: Turn, drawn: Sequence[NewPicture], *, lifetime_s: int) -> list[str]:
        """Keep the pictures of one turn, all or none, and return their ids; they are on the disk when this returns.

        Raises:
            StoreFailed: nothing was kept.
        """
        created_us = int(self._clock() * 1_000_000)
        created_at = created_us // 1_000_000
        rows = [
            {
                "picture_id": new_picture_id(created_us + index),
                "project_id": project_id,
                "parent_id": turn.parent_id,
                "kind": turn.kind,
                "snapshot": turn.snapshot,
                "seed": picture.seed,
                "width": picture.width,
                "height": picture.height,
                "size_bytes": len(picture.content),
                "details": json.dumps({"instruction": turn.instruction, "settings": dict(turn.settings)}),
                "created_at": created_at,
                "expires_at": created_at + lifetime_s,
            }
            for index, picture in enumerate(drawn)
        ]
        self._contents.add(rows, [picture.content for picture in drawn])
        return [str(row["picture_id"]) for row in rows]

    def get(self, project_id: str, picture_id: str) -> StoredPicture:
        """Return a picture of the project.

        Raises:
            UnknownFile: the project has no such picture, or it has expired.
        """
        row = self._contents.find(project_id, picture_id)
        if row is None:
            raise _unknown(picture_id)
        return _from_row(row)

    def page(self, project_id: str, *, limit: int = MAX_PAGE_PICTURES, order: str = "desc", after: str | None = None) -> PicturePage:
        """List pictures of the project by their time of creation, from the one that follows `after`, which may be deleted meanwhile.

        Raises:
            InvalidField: `limit`, `order` or `after` cannot be used.
        """
        rows, has_more = self._contents.page(project_id, limit=limit, most=MAX_PAGE_PICTURES, order=order, after=after)
        return PicturePage(pictures=tuple(map(_from_row, rows)), has_more=has_more)

    def lineage(self, project_id: str, picture_id: str) -> PicturePage:
        """Return the turns that led to a picture, the first one first and the picture itself last.

        The chain begins where a parent was deleted or has expired, and holds at most the last `MAX_TURNS`.

        Raises:
            UnknownFile: the project has no such picture, or it has expired.
        """
        if not is_picture_id(picture_id):
            raise _unknown(picture_id)
        columns, is_seen = pictures.c, self._contents.is_seen_by(project_id)
        first = select(columns.picture_id, columns.parent_id, literal(0).label("distance"))
        chain = first.where(is_seen, columns.picture_id == picture_id).cte("chain", recursive=True)
        parents = select(columns.picture_id, columns.parent_id, chain.c.distance + 1)
        chain = chain.union_all(parents.where(is_seen, columns.picture_id == chain.c.parent_id, chain.c.distance < MAX_TURNS))
        query = select(*self._contents.shown).join(chain, columns.picture_id == chain.c.picture_id).order_by(chain.c.distance)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        if not rows:
            raise _unknown(picture_id)
        return PicturePage(pictures=tuple(map(_from_row, reversed(rows[:MAX_TURNS]))), has_more=len(rows) > MAX_TURNS)

    def read(self, project_id: str, picture_id: str) -> bytes:
        """Return the PNG of a picture of the project: the same bytes for as long as it is kept.

        Raises:
            UnknownFile: the project has no such picture, or it has expired.
        """
        self.get(project_id, picture_id)
        content = self._contents.read(picture_id)
        if content is None:
            raise _unknown(picture_id)
        return content

    def iterate(self, project_id: str, picture_id: str) -> Iterator[bytes]:
        """Return the PNG in chunks. They go on coming if the picture is deleted meanwhile.

        Raises:
            UnknownFile: the project has no such picture, or it has expired; raised before the first chunk is asked for.
        """
        self.get(project_id, picture_id)
        chunks = self._contents.iterate(picture_id)
        if chunks is None:
            raise _unknown(picture_id)
        return chunks

    def delete(self, project_id: str, picture_id: str) -> None:
        """Delete a picture of the project, and its turn. What was made of it stays, and still names it as its parent.

        Raises:
            UnknownFile: the project has no such picture, or it has expired.
        """
        if not self._contents.delete(project_id, picture_id):
            raise _unknown(picture_id)

    def delete_expired(self, now: int) -> int:
        """Delete the pictures of all projects whose time had come at `now`, UTC unix seconds, and return how many.

        Raises:
            StoreFailed: some are left for the next call.
        """
        return self._contents.delete_expired(now)


def _from_row(row: RowMapping) -> StoredPicture:
    details = json.loads(row["details"])
    turn = Turn(kind=row["kind"], snapshot=row["snapshot"], parent_id=row["parent_id"], **details)
    plain = ("picture_id", "project_id", "seed", "width", "height", "size_bytes", "created_at", "expires_at")
    return StoredPicture(turn=turn, **{name: row[name] for name in plain})


def _unknown(picture_id: str) -> UnknownFile:
    return UnknownFile(
        f"no kept picture has the id {picture_id[:100]!r}; GET /limner/v1/pictures lists those of this project", param="picture_id"
    )
