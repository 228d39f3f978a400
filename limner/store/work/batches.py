"""Batches: what is known of each, and which of its lines are answered. Every change of state is one conditional update.

```
validating -> in_progress -> finalizing -> completed | expired
validating -> failed
validating | in_progress -> cancelling -> cancelled
```
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from limner.errors import UnknownBatch
from limner.store.database import Database
from limner.store.identifiers import is_batch_id
from limner.store.pages import Page, PageReader
from limner.store.tables import batch_lines, batches

MAX_PAGE_BATCHES, NUM_LINES_AT_ONCE = 100, 500
ENDS = ("completed", "failed", "expired", "cancelled")
STATES = ("in_progress", "finalizing", "cancelling", *ENDS)
DETAILS = ("completion_window", "metadata", "output_lifetime_s", "base_url", "file_ids")
COUNTS = ("total", "completed", "failed", "input_tokens", "output_tokens", "cost_nanousd")


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What is known of a batch. `times` are UTC unix seconds by state, `errors` what is wrong with its file, `cost_nanousd` a list price.

    `output_lifetime_s` is how long its files are kept, None for ever; `base_url` the address under which it was asked for,
    `file_ids` those that its output and error file have once they are there.
    """

    batch_id: str
    project_id: str
    endpoint: str
    input_file_id: str
    created_at: int
    expires_at: int
    base_url: str
    file_ids: tuple[str, str]
    status: str = "validating"
    completion_window: str = "24h"
    metadata: Mapping[str, str] | None = None
    output_lifetime_s: int | None = None
    errors: Sequence[Mapping[str, Any]] = ()
    model: str | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    total: int = 0
    completed: int = 0
    failed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_nanousd: int = 0
    times: Mapping[str, int] = field(default_factory=dict)

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it changes any more."""
        return self.status in ENDS


@dataclass(frozen=True, kw_only=True)
class AnsweredLine:
    """A line whose answer lies in its blob, and what it cost."""

    line: int
    size_bytes: int
    is_failed: bool
    input_tokens: int = 0
    output_tokens: int = 0
    cost_nanousd: int = 0


@dataclass(frozen=True, kw_only=True)
class BegunLine:
    """A line that a worker began; `size_bytes` is None until it is answered."""

    line: int
    run: str
    size_bytes: int | None
    is_failed: bool


class BatchStore:
    """Rows of `batches` and `batch_lines`; nothing else knows them. A project sees its own alone. Safe from many threads."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        self._pages = PageReader(id_column=batches.c.batch_id, is_id=is_batch_id, from_row=_read, most=MAX_PAGE_BATCHES)

    def add(self, batch: Batch, put: Callable[[Connection], None]) -> None:
        """Keep a new batch, together with what `put` writes.

        Raises:
            QueueFull: as `put`; nothing was kept.
            StoreFailed: nothing was kept.
        """
        details = json.dumps({name: getattr(batch, name) for name in DETAILS})
        plain = ("batch_id", "project_id", "endpoint", "input_file_id", "status", "created_at", "expires_at")
        with self._database.writing() as connection:
            connection.execute(insert(batches).values({name: getattr(batch, name) for name in plain} | {"details": details}))
            put(connection)

    def get(self, project_id: str, batch_id: str) -> Batch:
        """Return a batch of the project.

        Raises:
            UnknownBatch: the project has none of this id.
        """
        found = self.find(batch_id) if is_batch_id(batch_id) else None
        if found is None or found.project_id != project_id:
            raise UnknownBatch(f"no batch has the id {batch_id[:100]!r}; GET /v1/batches lists those of this project")
        return found

    def find(self, batch_id: str) -> Batch | None:
        """Return a batch of whatever project, for those who work on it.

        Raises:
            StoreFailed: it cannot be read.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(batches).where(batches.c.batch_id == batch_id)).mappings().first()
        return None if row is None else _read(row)

    def page(self, project_id: str, *, limit: int, after: str | None) -> Page[Batch]:
        """List batches of the project, the newest first.

        Raises:
            InvalidField: `limit` or `after` cannot be used.
        """
        with self._database.reading() as connection:
            query = select(batches).where(batches.c.project_id == project_id)
            return self._pages.read(connection, query, limit=limit, order="desc", after=after)

    def move(self, batch_id: str, before: Collection[str], status: str, **changes: Any) -> bool:
        """Move a batch from one of the states before to another, with what changes in its row; return whether it was in one of those.

        Raises:
            StoreFailed: nothing was changed.
        """
        changes |= {"status": status, f"{status}_at": int(self._clock())}
        with self._database.writing() as connection:
            statement = update(batches).where(batches.c.batch_id == batch_id, batches.c.status.in_(before))
            return connection.execute(statement.values(changes)).rowcount == 1

    def end(self, batch_id: str, before: str, status: str, *, output_file_id: str | None, error_file_id: str | None) -> bool:
        """As `move`, to a state in which every line that has no answer of its own counts as failed."""
        unanswered = {"failed": batches.c.total - batches.c.completed}
        return self.move(batch_id, (before,), status, output_file_id=output_file_id, error_file_id=error_file_id, **unanswered)

    def begin_lines(self, batch_id: str, run: str, lines: Collection[int]) -> None:
        """Note that lines are begun, of which none may have a row.

        Raises:
            StoreFailed: nothing was noted; another worker has begun one of them.
        """
        with self._database.writing() as connection:
            rows = [{"batch_id": batch_id, "line": line, "run": run, "is_failed": False} for line in lines]
            connection.execute(insert(batch_lines), rows)

    def answer_lines(self, batch_id: str, run: str, answered: Collection[AnsweredLine]) -> list[AnsweredLine]:
        """Note answers of lines that the run has begun, and count them; return those that another run began meanwhile, uncounted.

        Raises:
            StoreFailed: nothing was noted.
        """
        lost, counted = [], dict.fromkeys(COUNTS[1:], 0)
        with self._database.writing() as connection:
            for line in answered:
                is_mine = batch_lines.c.batch_id == batch_id, batch_lines.c.line == line.line, batch_lines.c.run == run
                noted = update(batch_lines).where(*is_mine, batch_lines.c.size_bytes.is_(None))
                if connection.execute(noted.values(size_bytes=line.size_bytes, is_failed=line.is_failed)).rowcount != 1:
                    lost.append(line)
                    continue
                counted["failed" if line.is_failed else "completed"] += 1
                for name in ("input_tokens", "output_tokens", "cost_nanousd"):
                    counted[name] += getattr(line, name)
            added = {name: batches.c[name] + number for name, number in counted.items()}
            connection.execute(update(batches).where(batches.c.batch_id == batch_id).values(added))
        return lost

    def lines(self, batch_id: str) -> Iterator[BegunLine]:
        """Yield the lines that are begun, in their order in the file.

        Raises:
            StoreFailed: they cannot be read.
        """
        last = -1
        while True:
            here = batch_lines.c.batch_id == batch_id, batch_lines.c.line > last
            with self._database.reading() as connection:
                rows = connection.execute(select(batch_lines).where(*here).order_by(batch_lines.c.line).limit(NUM_LINES_AT_ONCE)).all()
            if not rows:
                return
            for row in rows:
                yield BegunLine(line=row.line, run=row.run, size_bytes=row.size_bytes, is_failed=row.is_failed)
            last = rows[-1].line

    def forget_lines(self, batch_id: str, lines: Collection[int]) -> None:
        """Forget lines, whose blobs are gone.

        Raises:
            StoreFailed: they are still there.
        """
        with self._database.writing() as connection:
            connection.execute(delete(batch_lines).where(batch_lines.c.batch_id == batch_id, batch_lines.c.line.in_(list(lines))))


def _read(row: RowMapping) -> Batch:
    details: dict[str, Any] = json.loads(row["details"])
    details["file_ids"] = tuple(details["file_ids"])
    return Batch(
        **{name: row[name] for name in ("batch_id", "project_id", "endpoint", "input_file_id", "status", "created_at", "expires_at")},
        **{name: row[name] for name in ("model", "output_file_id", "error_file_id", *COUNTS)},
        **details,
        errors=tuple(json.loads(row["errors"] or "[]")),
        times={state: row[f"{state}_at"] for state in STATES if row[f"{state}_at"] is not None},
    )
