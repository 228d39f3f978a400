"""Queued generations: what was asked for, how far it is, and which kept picture came of it.

```
queued -> processing -> succeeded | failed
   `------------`-----> cancelled
```
Whatever happens, a generation ends once: an end is one update that holds only for what has not ended. Data URIs stand in a blob of their
own, which all generations of one call share, and not in rows.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, delete, func, insert, select, update

from limner.errors import UnknownGeneration
from limner.store.blobs import UNFINISHED_AFTER_S, Blobs
from limner.store.contents import DELETED
from limner.store.database import Database
from limner.store.identifiers import is_uuid, new_picture_id, new_uuid
from limner.store.pictures import read_alt_text
from limner.store.tables import generations, pictures

KIND = "generations"
OPEN = ("queued", "processing")
NUM_KEY_BYTES = 32
NUM_AT_ONCE = 500
DATA_SCHEME, MAX_SHOWN_CHARS, MAX_HEADER_CHARS = "data:", 8192, 100
TARGETS = ("target_namespace", "target_repo", "target_directory")
KEPT = {name: pictures.c[name] for name in ("picture_id", "seed", "snapshot", "parent_id", "details")}
PLAIN = (
    "generation_id",
    "project_id",
    "model_name",
    *TARGETS,
    "status",
    "inputs_id",
    "link_key",
    "enqueued_at",
    "started_at",
    "completed_at",
)


@dataclass(frozen=True, kw_only=True)
class GenerationDraft:
    """What is asked for. `parameters` is JSON, all that came beside model, prompt, number and targets."""

    model_name: str
    prompt: str
    parameters: Mapping[str, Any]
    targets: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DrawnPicture:
    """The kept picture of a generation. `alt_text` is what is seen in it, if that was asked for."""

    picture_id: str
    seed: int
    snapshot: str
    parent_id: str | None
    alt_text: str | None


@dataclass(frozen=True, kw_only=True)
class StoredGeneration:
    """What is known of a generation. Times are UTC unix seconds. In `parameters` data URIs are cut off after their comma.

    `reserved_id` is the id that its picture gets; `picture` is None until there is that picture, and once it is gone.
    """

    generation_id: str
    project_id: str
    model_name: str
    prompt: str
    parameters: Mapping[str, Any]
    target_namespace: str | None
    target_repo: str | None
    target_directory: str | None
    status: str
    error_message: str | None
    reserved_id: str
    picture: DrawnPicture | None
    inputs_id: str | None
    link_key: str = field(repr=False)
    enqueued_at: int
    started_at: int | None
    completed_at: int | None

    @property
    def picture_id(self) -> str | None:
        """The id of its picture, None without one."""
        return None if self.picture is None else self.picture.picture_id

    @property
    def has_ended(self) -> bool:
        """Whether it stays as it is."""
        return self.status not in OPEN


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which generations of a project are listed; what is None chooses nothing."""

    statuses: Sequence[str] | None = None
    model_name: str | None = None
    target_namespace: str | None = None
    target_repo: str | None = None
    target_directory: str | None = None


class GenerationStore:
    """Rows of `generations` and their blobs; nothing else knows either. A project sees its own alone. Safe from many threads."""

    def __init__(self, database: Database, blobs: Blobs, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._blobs, self._clock = database, blobs, clock

    def add(
        self, project_id: str, draft: GenerationDraft, *, count: int, lifetime_s: int, then: Callable[[Connection, str], None]
    ) -> list[str]:
        """Keep as many generations and return their ids; `then` is called with each within the transaction that lets them be seen.

        Raises:
            StoreFailed: nothing was kept.
        """
        now_us = int(self._clock() * 1_000_000)
        ids = [new_uuid(now_us + index) for index in range(count)]
        shown = {name: _cut(value) for name, value in draft.parameters.items()}
        has_inputs = shown != draft.parameters
        common = {name: draft.targets.get(name) for name in TARGETS} | {
            "project_id": project_id,
            "model_name": draft.model_name,
            "status": "queued",
            "details": json.dumps({"prompt": draft.prompt, "parameters": shown}),
            "inputs_id": ids[0] if has_inputs else None,
            "enqueued_at": now_us // 1_000_000,
            "expires_at": now_us // 1_000_000 + lifetime_s,
            "is_ready": False,
        }
        rows = [
            common | {"generation_id": name, "picture_id": new_picture_id(now_us + index), "link_key": secrets.token_hex(NUM_KEY_BYTES)}
            for index, name in enumerate(ids)
        ]
        if has_inputs:  # first the rows: should the process be killed now, their expiry takes the blob with it
            with self._database.writing() as connection:
                connection.execute(insert(generations), rows)
            self._blobs.put(_blob(ids[0]), json.dumps(dict(draft.parameters)).encode())
        with self._database.writing() as connection:
            if not has_inputs:
                connection.execute(insert(generations), rows)
            connection.execute(update(generations).where(generations.c.generation_id.in_(ids)).values(is_ready=True))
            for name in ids:
                then(connection, name)
        return ids

    def get(self, project_id: str, generation_id: str) -> StoredGeneration:
        """Return a generation of the project.

        Raises:
            UnknownGeneration: the project has none with this id.
        """
        found = self._find(generation_id, generations.c.project_id == project_id)
        if found is None:
            raise _unknown(generation_id)
        return found

    def find(self, generation_id: str) -> StoredGeneration | None:
        """Return a generation of any project, for whoever works on it or holds a link to it."""
        return self._find(generation_id)

    def list(self, project_id: str, choice: Choice, *, offset: int, limit: int) -> tuple[list[StoredGeneration], int]:
        """Return generations of the project, the newest first, and how many there are in all."""
        conditions = [generations.c.project_id == project_id, generations.c.is_ready, *_chosen(choice)]
        counted = select(func.count()).select_from(generations).where(*conditions)
        page = _shown().where(*conditions).order_by(generations.c.generation_id.desc()).offset(offset).limit(limit)
        with self._database.reading() as connection:
            num_all = connection.scalar(counted) or 0
            rows = connection.execute(page).mappings().all() if num_all else ()
        return [_from_row(row) for row in rows], num_all

    def read_parameters(self, generation: StoredGeneration) -> dict[str, Any]:
        """Return the parameters as they came, with what they begin with.

        Raises:
            UnknownGeneration: that is gone.
        """
        if generation.inputs_id is None:
            return dict(generation.parameters)
        content = self._blobs.get(_blob(generation.inputs_id))
        if content is None:
            raise _unknown(generation.generation_id)
        parameters: dict[str, Any] = json.loads(content)
        return parameters

    def begin(self, generation_id: str) -> StoredGeneration | None:
        """Note that it is worked on, since when it first was; None if it has ended or is gone."""
        is_this, now = and_(_is(generation_id), generations.c.status.in_(OPEN)), int(self._clock())
        values = {"status": "processing", "started_at": func.coalesce(generations.c.started_at, now)}
        with self._database.writing() as connection:
            if connection.execute(update(generations).where(is_this).values(values)).rowcount != 1:
                return None
        return self._find(generation_id)

    def end(self, generation_id: str, status: str, error: str | None = None) -> StoredGeneration | None:
        """End a generation and return it; None if it had ended before, or is gone."""
        is_this = and_(_is(generation_id), generations.c.status.in_(OPEN))
        values = {"status": status, "error": None if error is None else json.dumps(error), "completed_at": int(self._clock())}
        with self._database.writing() as connection:
            if connection.execute(update(generations).where(is_this).values(values)).rowcount != 1:
                return None
        return self._find(generation_id)

    def delete_expired(self, now: int) -> int:
        """Delete the generations whose time had come at `now`, UTC unix seconds, with what they began with; return how many.

        Also ends what killed processes left half way more than a day ago.

        Raises:
            StoreFailed: some are left for the next call.
        """
        columns, num_deleted = generations.c, 0
        given_up = and_(columns.is_ready.is_(False), columns.enqueued_at < now - UNFINISHED_AFTER_S)
        while True:
            with self._database.writing() as connection:
                connection.execute(update(generations).where(given_up).values(expires_at=DELETED))
                query = select(columns.generation_id, columns.inputs_id).where(columns.expires_at <= now).limit(NUM_AT_ONCE)
                expired = connection.execute(query).all()
            if not expired:
                return num_deleted
            for inputs_id in {row.inputs_id for row in expired} - {None}:  # those that share it expire together
                self._blobs.delete(_blob(inputs_id))
            with self._database.writing() as connection:
                connection.execute(delete(generations).where(columns.generation_id.in_([row.generation_id for row in expired])))
            num_deleted += len(expired)

    def _find(self, generation_id: str, *conditions: ColumnElement[bool]) -> StoredGeneration | None:
        with self._database.reading() as connection:
            row = connection.execute(_shown().where(_is(generation_id), generations.c.is_ready, *conditions)).mappings().first()
        return None if row is None else _from_row(row)


def _shown() -> Select[Any]:
    """Select generations, each with the picture that it has now."""
    is_its = and_(pictures.c.picture_id == generations.c.picture_id, pictures.c.is_ready, pictures.c.expires_at > DELETED)
    kept = [column.label(f"kept_{name}") for name, column in KEPT.items()]
    return select(generations, *kept).outerjoin(pictures, is_its)


def _chosen(choice: Choice) -> list[ColumnElement[bool]]:
    wanted = [(generations.c[name], getattr(choice, name)) for name in ("model_name", *TARGETS)]
    conditions: list[ColumnElement[bool]] = [column == value for column, value in wanted if value is not None]
    return conditions if choice.statuses is None else [*conditions, generations.c.status.in_(choice.statuses)]


def _is(generation_id: str) -> ColumnElement[bool]:
    return generations.c.generation_id == (generation_id if is_uuid(generation_id) else "")


def _from_row(row: RowMapping) -> StoredGeneration:
    return StoredGeneration(
        **json.loads(row["details"]),
        error_message=None if row["error"] is None else json.loads(row["error"]),
        reserved_id=row["picture_id"],
        picture=_read_picture(row),
        **{name: row[name] for name in PLAIN},
    )


def _read_picture(row: RowMapping) -> DrawnPicture | None:
    kept = {name: row[f"kept_{name}"] for name in KEPT}
    details = kept.pop("details")
    return None if kept["picture_id"] is None else DrawnPicture(**kept, alt_text=read_alt_text(details))


def _cut(value: Any) -> Any:
    """Cut data URIs off after their comma, and what else is long, wherever they stand."""
    if isinstance(value, dict):
        return {name: _cut(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_cut(entry) for entry in value]
    if isinstance(value, str) and value[: len(DATA_SCHEME)].lower() == DATA_SCHEME:
        return value[: min(value.find(",") + 1, MAX_HEADER_CHARS)] or DATA_SCHEME
    return value[:MAX_SHOWN_CHARS] if isinstance(value, str) else value


def _blob(inputs_id: str) -> str:
    return f"{KIND}/{inputs_id}"


def _unknown(generation_id: str) -> UnknownGeneration:
    return UnknownGeneration(f"no generation has the id {generation_id[:100]!r}; GET /api/ai/generations lists those of this project")
