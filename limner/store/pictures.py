"""Kept pictures: their exact pixels as a file that loses nothing, and the turn of a conversation that made each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, case, exists, literal, select

from limner.errors import InvalidField, UnknownFile
from limner.store.blobs import Blobs
from limner.store.contents import DELETED, Contents
from limner.store.database import Database
from limner.store.identifiers import is_picture_id, new_picture_id
from limner.store.pages import Page, PageReader, holds_words, searchable
from limner.store.tables import pictures, prompt_pictures

MAX_PAGE_PICTURES = 100
MAX_TURNS = 100
ALT_TEXT = "alt_text"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What was asked for in one turn. `parent_id` is the kept picture that it began with; `settings` is JSON, with no names of ours.

    `reserved_id` is the id that its first picture gets, if one was made for it before.
    `owner_id` is the response that the pictures belong to, and go with; None for those that belong to nothing.
    """

    kind: str
    instruction: str
    snapshot: str
    parent_id: str | None
    settings: Mapping[str, Any]
    reserved_id: str | None = None
    owner_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewPicture:
    """A picture to keep; `content` is its PNG, `alt_text` what is seen in it if that was asked for."""

    content: bytes
    seed: int
    width: int
    height: int
    alt_text: str | None = None


@dataclass(frozen=True, kw_only=True)
class StoredPicture:
    """What is known of a kept picture. Times are UTC unix seconds; `expires_at` is None while a saved prompt names it."""

    picture_id: str
    project_id: str
    turn: Turn
    seed: int
    width: int
    height: int
    size_bytes: int
    created_at: int
    expires_at: int | None
    alt_text: str | None = None


class PictureStore(Contents[StoredPicture]):
    """Kept pictures, which do not expire while a saved prompt names them. A project sees its own alone. Safe from many threads."""

    def __init__(self, database: Database, blobs: Blobs, *, clock: Callable[[], float] = time.time) -> None:
        pages = PageReader(id_column=pictures.c.picture_id, is_id=is_picture_id, from_row=_from_row, most=MAX_PAGE_PICTURES)
        super().__init__(database, blobs, pages, unknown=_unknown, ends_at=_ends_at(), clock=clock)

    def add(self, project_id: str, turn: Turn, drawn: Sequence[NewPicture], *, lifetime_s: int) -> list[str]:
        """Keep the pictures of one turn, all or none, and return their ids; they are on the disk when this returns.

        What a killed process had begun to keep under a reserved id is replaced.

        Raises:
            StoreFailed: nothing was kept.
        """
        created_us = int(self._clock() * 1_000_000)
        created_at = created_us // 1_000_000
        rows = [
            {
                "picture_id": turn.reserved_id if turn.reserved_id and not index else new_picture_id(created_us + index),
                "project_id": project_id,
                "parent_id": turn.parent_id,
                "owner_id": turn.owner_id,
                "kind": turn.kind,
                "snapshot": turn.snapshot,
                "seed": picture.seed,
                "width": picture.width,
                "height": picture.height,
                "size_bytes": len(picture.content),
                "words": searchable(turn.instruction),
                "details": json.dumps({"instruction": turn.instruction, "settings": dict(turn.settings)} | _said(picture)),
                "created_at": created_at,
                "expires_at": created_at + lifetime_s,
            }
            for index, picture in enumerate(drawn)
        ]
        if turn.reserved_id:
            self._forget_unfinished(turn.reserved_id)
        self._add(rows, [picture.content for picture in drawn])
        return [str(row["picture_id"]) for row in rows]

    def page(
        self,
        project_id: str,
        *,
        search: str = "",
        kind: str | None = None,
        parent_id: str | None = None,
        limit: int = MAX_PAGE_PICTURES,
        order: str = "desc",
        after: str | None = None,
    ) -> Page[StoredPicture]:
        """List pictures of the project by their time of creation, from the one that follows `after`, which may be deleted meanwhile.

        Only those of a kind, those made of a parent directly, and those whose instruction holds every word of `search`, in any case.

        Raises:
            InvalidField: `search`, `parent_id`, `limit`, `order` or `after` cannot be used.
        """
        if parent_id is not None and not is_picture_id(parent_id):
            raise InvalidField("parent", f"parent {parent_id[:100]!r} is not the id of a kept picture; GET /limner/v1/pictures lists them")
        conditions = [holds_words(pictures.c.words, search)]
        conditions += [
            column == value for column, value in ((pictures.c.kind, kind), (pictures.c.parent_id, parent_id)) if value is not None
        ]
        return self._page(project_id, *conditions, limit=limit, order=order, after=after)

    def lineage(self, project_id: str, picture_id: str) -> Page[StoredPicture]:
        """Return the turns that led to a picture, the first one first and the picture itself last.

        The chain begins where a parent was deleted or has expired, and holds at most the last `MAX_TURNS`.

        Raises:
            UnknownFile: the project has no such picture, or it has expired.
        """
        if not is_picture_id(picture_id):
            raise _unknown(picture_id)
        columns, is_seen = pictures.c, self._is_seen_by(project_id)
        first = select(columns.picture_id, columns.parent_id, literal(0).label("distance"))
        chain = first.where(is_seen, columns.picture_id == picture_id).cte("chain", recursive=True)
        parents = select(columns.picture_id, columns.parent_id, chain.c.distance + 1)
        chain = chain.union_all(parents.where(is_seen, columns.picture_id == chain.c.parent_id, chain.c.distance < MAX_TURNS))
        query = select(*self._shown).join(chain, columns.picture_id == chain.c.picture_id).order_by(chain.c.distance)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        if not rows:
            raise _unknown(picture_id)
        return Page(items=tuple(map(_from_row, reversed(rows[:MAX_TURNS]))), has_more=len(rows) > MAX_TURNS)


def read_alt_text(details: str) -> str | None:
    """Return what is seen in a picture, of the `details` of its row."""
    said: str | None = json.loads(details).get(ALT_TEXT)
    return said


def _said(picture: NewPicture) -> dict[str, str]:
    return {} if picture.alt_text is None else {ALT_TEXT: picture.alt_text}


def _ends_at() -> ColumnElement[int | None]:
    """Return when a picture expires: never, while a saved prompt names it, unless it was deleted by hand."""
    is_named = exists(prompt_pictures).where(prompt_pictures.c.picture_id == pictures.c.picture_id).correlate(pictures)
    return case((and_(is_named, pictures.c.expires_at > DELETED), None), else_=pictures.c.expires_at)


def _from_row(row: RowMapping) -> StoredPicture:
    details = json.loads(row["details"])
    alt_text = details.pop(ALT_TEXT, None)
    turn = Turn(kind=row["kind"], snapshot=row["snapshot"], parent_id=row["parent_id"], owner_id=row["owner_id"], **details)
    plain = ("picture_id", "project_id", "seed", "width", "height", "size_bytes", "created_at", "expires_at")
    return StoredPicture(turn=turn, alt_text=alt_text, **{name: row[name] for name in plain})


def _unknown(picture_id: str) -> UnknownFile:
    return UnknownFile(
        f"no kept picture has the id {picture_id[:100]!r}; GET /limner/v1/pictures lists those of this project", param="picture_id"
    )
