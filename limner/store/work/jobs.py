"""Work that must be done whatever becomes of the process: one row a job, from when it is asked for until it has ended.

A worker takes a job for a while and renews that as long as it works. What a killed worker held is due again when its while is over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from limner.engine.protocol import Priority
from limner.errors import QueueFull
from limner.store.database import Database
from limner.store.tables import work

RANKS = {priority: rank for rank, priority in enumerate(get_args(Priority))}
MICROSECONDS = 10**6


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job that has not ended. `attempts` says how often it was begun."""

    kind: str
    job_id: str
    project_id: str
    attempts: int = 0

    @property
    def name(self) -> tuple[str, str]:
        """What tells it from every other job."""
        return self.kind, self.job_id


class WorkStore:
    """Rows of `work`; nothing else knows them. Safe from many threads, and beside other processes. Times are unix seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, connection: Connection, job: Job, *, priority: Priority, most: int, now: float) -> None:
        """Add a job within a transaction of the caller's, so that it is there exactly if what it works on is; harmless if it is there.

        Raises:
            QueueFull: the project has `most` jobs of the kind already.
        """
        if connection.scalar(select(work.c.job_id).where(_is(job))) is not None:
            return
        counted = select(func.count()).select_from(work).where(work.c.kind == job.kind, work.c.project_id == job.project_id)
        if (connection.scalar(counted) or 0) >= most:
            raise QueueFull(f"{most} jobs of the kind {job.kind!r} of this project are open already; ask again when some have ended")
        now_us = _microseconds(now)
        row = {"kind": job.kind, "job_id": job.job_id, "project_id": job.project_id, "priority": RANKS[priority], "attempts": 0}
        connection.execute(insert(work).values(row | {"enqueued_us": now_us, "due_us": now_us}))

    def add(self, job: Job, *, priority: Priority, most: int, now: float) -> None:
        """Add a job; harmless if it is there.

        Raises:
            QueueFull: as `put`.
            StoreFailed: it was not added.
        """
        with self._database.writing() as connection:
            self.put(connection, job, priority=priority, most=most, now=now)

    def first_due(self, kind: str, *, now: float, without: Iterable[str] = ()) -> list[Job]:
        """Return the next job of each project that has a due one, the most urgent and oldest first; projects in `without` are left out.

        Raises:
            StoreFailed: they cannot be read.
        """
        place = func.row_number().over(partition_by=work.c.project_id, order_by=(work.c.priority, work.c.enqueued_us)).label("place")
        due = work.c.kind == kind, work.c.due_us <= _microseconds(now), work.c.project_id.not_in(list(without))
        ranked = select(work, place).where(*due).subquery()
        query = select(ranked).where(ranked.c.place == 1).order_by(ranked.c.priority, ranked.c.enqueued_us)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [Job(**{name: row[name] for name in ("kind", "job_id", "project_id", "attempts")}) for row in rows]

    def take(self, job: Job, worker: str, *, now: float, until: float) -> bool:
        """Take a due job until a time; return whether it could be had, which of several workers exactly one can.

        Raises:
            StoreFailed: it was not taken.
        """
        free = _is(job), work.c.due_us <= _microseconds(now)
        taken = {"worker": worker, "due_us": _microseconds(until), "attempts": work.c.attempts + 1}
        return self._write(update(work).where(*free).values(taken)) == 1

    def renew(self, jobs: Collection[Job], worker: str, *, until: float) -> set[tuple[str, str]]:
        """Hold jobs that the worker holds until a time; return the names of those that it did hold.

        Raises:
            StoreFailed: nothing was renewed.
        """
        held = work.c.worker == worker, work.c.job_id.in_([job.job_id for job in jobs])
        with self._database.writing() as connection:
            connection.execute(update(work).where(*held).values(due_us=_microseconds(until)))
            return {(row.kind, row.job_id) for row in connection.execute(select(work.c.kind, work.c.job_id).where(*held))}

    def end(self, job: Job, worker: str) -> None:
        """Forget a job that the worker has ended.

        Raises:
            StoreFailed: it is still there.
        """
        self._write(delete(work).where(_is(job), work.c.worker == worker))

    def put_off(self, job: Job, worker: str, *, until: float, is_counted: bool) -> None:
        """Let go of a job until a time; one that is not counted begins its attempts anew.

        Raises:
            StoreFailed: it is still held.
        """
        changes: dict[str, Any] = {"worker": None, "due_us": _microseconds(until)}
        self._write(update(work).where(_is(job), work.c.worker == worker).values(changes if is_counted else changes | {"attempts": 0}))

    def let_go(self, worker: str, *, now: float) -> None:
        """Let go of everything that the worker holds, as if it had not begun it.

        Raises:
            StoreFailed: it is still held.
        """
        changes = {"worker": None, "due_us": _microseconds(now), "attempts": work.c.attempts - 1}
        self._write(update(work).where(work.c.worker == worker).values(changes))

    def remove(self, kind: str, job_id: str) -> None:
        """Forget a job, whoever works on it; harmless if it has ended.

        Raises:
            StoreFailed: it is still there.
        """
        self._write(delete(work).where(work.c.kind == kind, work.c.job_id == job_id))

    def _write(self, statement: Any) -> int:
        with self._database.writing() as connection:
            changed: int = connection.execute(statement).rowcount
        return changed


def _is(job: Job) -> ColumnElement[bool]:
    return and_(work.c.kind == job.kind, work.c.job_id == job.job_id)


def _microseconds(seconds: float) -> int:
    return round(seconds * MICROSECONDS)
