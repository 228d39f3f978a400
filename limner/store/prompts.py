"""Saved prompts: words with what they are drawn with, under a name, in versions that never change."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, delete, exists, func, insert, select

from limner.errors import UnknownPrompt
from limner.store.database import Database
from limner.store.identifiers import is_prompt_id, new_prompt_id
from limner.store.pages import Page, PageReader, holds_words, searchable
from limner.store.tables import projects, prompt_pictures, prompts

MAX_PAGE_PROMPTS = 100
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
SHOWN = (prompts.c.prompt_id, prompts.c.name, prompts.c.version, prompts.c.created_at, prompts.c.details)


@dataclass(frozen=True, kw_only=True)
class PromptDraft:
    """What is saved. `inputs` and `chosen` are ids of kept pictures, `settings` is JSON, with no names of ours."""

    prompt: str
    settings: Mapping[str, Any]
    inputs: tuple[str, ...] = ()
    chosen: str | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class StoredPrompt:
    """One version of a name, of which 1 is the first. Times are UTC unix seconds."""

    prompt_id: str
    name: str
    version: int
    created_at: int
    draft: PromptDraft


class PromptStore:
    """Saved prompts. A project sees its own alone. Safe from many threads."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        self._pages = PageReader(id_column=prompts.c.prompt_id, is_id=is_prompt_id, from_row=_from_row, most=MAX_PAGE_PROMPTS)

    def save(self, project_id: str, name: str, draft: PromptDraft) -> StoredPrompt:
        """Keep a draft as the next version of a name, which `NAME` matches. The pictures that it names do not expire from now on.

        Raises:
            StoreFailed: nothing was kept.
        """
        created_us = int(self._clock() * 1_000_000)
        prompt_id, pictures = new_prompt_id(created_us), {*draft.inputs, draft.chosen} - {None}
        with self._database.writing() as connection:
            # Two that save one name wait for each other; SQLite lets one write at a time anyway.
            connection.execute(select(projects).where(projects.c.project_id == project_id).with_for_update())
            newest = connection.execute(select(func.max(prompts.c.version)).where(_is_named(project_id, name))).scalar()
            row: dict[str, Any] = {
                "prompt_id": prompt_id,
                "name": name,
                "version": (newest or 0) + 1,
                "created_at": created_us // 1_000_000,
            }
            words = searchable(f"{name} {draft.prompt} {draft.note}")
            connection.execute(insert(prompts).values(**row, project_id=project_id, words=words, details=json.dumps(asdict(draft))))
            if pictures:
                connection.execute(insert(prompt_pictures), [{"prompt_id": prompt_id, "picture_id": picture} for picture in pictures])
        return StoredPrompt(**row, draft=draft)

    def get(self, project_id: str, name: str, version: int | None = None) -> StoredPrompt:
        """Return a version of a name of the project, or its newest.

        Raises:
            UnknownPrompt: the project has no such name, or the name no such version.
        """
        query = select(*SHOWN).where(_is_named(project_id, name)).order_by(prompts.c.version.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query if version is None else query.where(prompts.c.version == version)).mappings().first()
        if row is None:
            raise _unknown(name, version)
        return _from_row(row)

    def page(
        self, project_id: str, *, search: str = "", limit: int = MAX_PAGE_PROMPTS, order: str = "desc", after: str | None = None
    ) -> Page[StoredPrompt]:
        """List the newest version of each name by its time, if its name, words and note hold every word of `search`, in any case.

        Raises:
            InvalidField: `search`, `limit`, `order` or `after` cannot be used.
        """
        newer = prompts.alias("newer")
        is_same = and_(newer.c.project_id == prompts.c.project_id, newer.c.name == prompts.c.name)
        is_newest = ~exists(newer).where(is_same, newer.c.version > prompts.c.version)
        is_wanted = and_(prompts.c.project_id == project_id, is_newest, holds_words(prompts.c.words, search))
        with self._database.reading() as connection:
            return self._pages.read(connection, select(*SHOWN).where(is_wanted), limit=limit, order=order, after=after)

    def versions(
        self, project_id: str, name: str, *, limit: int = MAX_PAGE_PROMPTS, order: str = "desc", after: str | None = None
    ) -> Page[StoredPrompt]:
        """List the versions of a name by their time.

        Raises:
            UnknownPrompt: the project has no such name.
            InvalidField: `limit`, `order` or `after` cannot be used.
        """
        self.get(project_id, name)
        with self._database.reading() as connection:
            return self._pages.read(connection, select(*SHOWN).where(_is_named(project_id, name)), limit=limit, order=order, after=after)

    def delete(self, project_id: str, name: str) -> int:
        """Delete every version of a name, and return how many there were. Their pictures stay until their own time.

        Raises:
            UnknownPrompt: the project has no such name.
        """
        is_this = _is_named(project_id, name)
        with self._database.writing() as connection:
            connection.execute(delete(prompt_pictures).where(prompt_pictures.c.prompt_id.in_(select(prompts.c.prompt_id).where(is_this))))
            num_deleted = connection.execute(delete(prompts).where(is_this)).rowcount
        if not num_deleted:
            raise _unknown(name, None)
        return num_deleted


def _is_named(project_id: str, name: str) -> ColumnElement[bool]:
    """Return the condition of the versions of a name; what cannot be a name is never shown to the database."""
    return and_(prompts.c.project_id == project_id, prompts.c.name == (name if NAME.fullmatch(name) else ""))


def _from_row(row: RowMapping) -> StoredPrompt:
    details = json.loads(row["details"])
    draft = PromptDraft(**details | {"inputs": tuple(details["inputs"])})
    return StoredPrompt(draft=draft, **{name: row[name] for name in ("prompt_id", "name", "version", "created_at")})


def _unknown(name: str, version: int | None) -> UnknownPrompt:
    which = f"{name[:100]!r}" if version is None else f"{name[:100]!r} in version {version}"
    return UnknownPrompt(f"no prompt of this project is saved as {which}; GET /limner/v1/prompts lists them")
