"""Work that outlives the process: what was enqueued is handled until it has ended, through restarts and kill -9.

A handler is called with the id of a job, reads the job's own row, returns at once if that has ended, and ends it with one conditional
update. It can be called again for what it has half done, so work is done at least once and ended exactly once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

from anyio import to_thread
from sqlalchemy import Connection

from limner.engine.protocol import Priority
from limner.errors import LimnerError, QueueFull, Stopping, StoreFailed
from limner.store.identifiers import new_id
from limner.store.work.jobs import Job, WorkStore

LOOK_EVERY_S = 2.0  # for what other processes enqueued, and what is due again
HOLD_S, RENEW_EVERY_S = 6.0, 2.0  # so long after a kill a job is begun again
BUSY_S = 1.0  # until a job is tried again that found the server full
MAX_ATTEMPTS, LONGEST_PAUSE_S = 12, 300.0
STOP_TIMEOUT_S = 2.0
log = logging.getLogger("limner.jobs")

Handle = Callable[[str], Awaitable[float | None]]
GiveUp = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How many jobs of a kind are worked on at once by a process, how many of those are one project's, and how many a project may have."""

    at_once: int
    at_once_of_project: int
    open_of_project: int


BOUNDS = {
    "response": Bounds(at_once=16, at_once_of_project=8, open_of_project=256),
    "generation": Bounds(at_once=16, at_once_of_project=8, open_of_project=1000),
    "batch": Bounds(at_once=32, at_once_of_project=2, open_of_project=100),
    "delivery": Bounds(at_once=16, at_once_of_project=4, open_of_project=10_000),
}


@dataclass(frozen=True, kw_only=True)
class _Kind:
    handle: Handle
    give_up: GiveUp | None


class WorkQueue:
    """Jobs by kind, each handled in this process's event loop while `running`. For one event loop; others may work on the same database."""

    def __init__(self, store: WorkStore, *, clock: Callable[[], float] = time.time) -> None:
        self._store, self._clock = store, clock
        self._worker = new_id("worker")
        self._kinds: dict[str, _Kind] = {}
        self._bounds = dict(BOUNDS)
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._jobs: dict[tuple[str, str], Job] = {}
        self._last_turns: dict[str, int] = {}
        self._num_turns = 0
        self._renewed_at = 0.0
        self._awake = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    def add_handler(self, kind: str, handle: Handle, *, give_up: GiveUp | None = None, bounds: Bounds | None = None) -> None:
        """Let jobs of a kind be handled by `handle`.

        It returns None when the job has ended, or the seconds after which it should be called for it again. An error puts the job off,
        longer each time, and `QueueFull` or `Stopping` for a moment; after `MAX_ATTEMPTS` the job is given up: `give_up` ends its row.
        It is cancelled when the job is, or the server stops.
        """
        self._kinds[kind] = _Kind(handle=handle, give_up=give_up)
        self._bounds[kind] = bounds or self._bounds[kind]

    def put(self, connection: Connection, kind: str, job_id: str, *, project_id: str, priority: Priority) -> None:
        """As `enqueue`, within a transaction that also keeps what the job works on, from any thread; `wake` when it has ended.

        Raises:
            QueueFull: as `enqueue`.
        """
        job, most = Job(kind=kind, job_id=job_id, project_id=project_id), self._bounds[kind].open_of_project
        self._store.put(connection, job, priority=priority, most=most, now=self._clock())

    async def enqueue(self, kind: str, job_id: str, *, project_id: str, priority: Priority) -> None:
        """Keep a job to be handled, on the disk when this returns; harmless if it is there.

        Raises:
            QueueFull: the project has too many of the kind.
            StoreFailed: it was not kept.
        """
        job, most = Job(kind=kind, job_id=job_id, project_id=project_id), self._bounds[kind].open_of_project
        await to_thread.run_sync(partial(self._store.add, job, priority=priority, most=most, now=self._clock()))
        self.wake()

    async def cancel(self, kind: str, job_id: str) -> None:
        """Forget a job, and cancel its handler if that runs, here or in another process; harmless if it has ended.

        Raises:
            StoreFailed: it is still there.
        """
        await to_thread.run_sync(self._store.remove, kind, job_id)
        if task := self._tasks.get((kind, job_id)):
            task.cancel()

    def wake(self) -> None:
        """Look for work now."""
        self._awake.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Handle jobs until the block ends."""
        self._looking = asyncio.create_task(self._look_for_work())
        try:
            yield
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Begin nothing more, cancel the handlers, and let go of their jobs, which the next process begins again. Harmless if stopped."""
        looking, self._looking = self._looking, None
        if looking is None:
            return
        looking.cancel()
        tasks = [looking, *self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=STOP_TIMEOUT_S)
        with suppress(LimnerError):  # then they are due again when their while is over
            await to_thread.run_sync(partial(self._store.let_go, self._worker, now=self._clock()))

    async def _look_for_work(self) -> None:
        while True:
            self._awake.clear()
            try:
                await self._renew()
                for kind in self._kinds:
                    await self._begin_due(kind)
            except StoreFailed as error:
                log.warning("work could not be looked for (%s); trying again in %g s", error.message, LOOK_EVERY_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._awake.wait()

    async def _renew(self) -> None:
        """Hold on to what is worked on; what is not held any more was cancelled, or taken by another process while this one stood still."""
        now = self._clock()
        if not self._tasks or 0 <= now - self._renewed_at < RENEW_EVERY_S:
            return
        begun = set(self._tasks)
        held = await to_thread.run_sync(partial(self._store.renew, list(self._jobs.values()), self._worker, until=now + HOLD_S))
        self._renewed_at = now
        for name in begun - held:
            if task := self._tasks.get(name):
                task.cancel()

    async def _begin_due(self, kind: str) -> None:
        """Begin jobs of a kind while there is room: of the project with the fewest at work, and of those the one that waited longest."""
        bounds = self._bounds[kind]
        while True:
            busy = Counter(job.project_id for job in self._jobs.values() if job.kind == kind)
            if busy.total() >= bounds.at_once:
                return
            full = [project_id for project_id, num in busy.items() if num >= bounds.at_once_of_project]
            now = self._clock()
            found = await to_thread.run_sync(partial(self._store.first_due, kind, now=now, without=full))
            found = [job for job in found if job.name not in self._tasks]
            if not found:
                return
            job = min(found, key=lambda job: (busy[job.project_id], self._last_turns.get(job.project_id, 0)))
            if await to_thread.run_sync(partial(self._store.take, job, self._worker, now=now, until=now + HOLD_S)):
                self._begin(job)

    def _begin(self, job: Job) -> None:
        self._num_turns += 1
        self._last_turns[job.project_id] = self._num_turns
        self._jobs[job.name] = job
        task = self._tasks[job.name] = asyncio.create_task(self._work_on(job))
        task.add_done_callback(lambda _: self._forget(job))  # a task that is cancelled before its first step runs no `finally`

    def _forget(self, job: Job) -> None:
        del self._tasks[job.name], self._jobs[job.name]
        self.wake()

    async def _work_on(self, job: Job) -> None:
        try:
            again_s, is_counted = await self._handle(job)
            if again_s is None:
                await to_thread.run_sync(self._store.end, job, self._worker)
            else:
                put_off = partial(self._store.put_off, job, self._worker, until=self._clock() + again_s, is_counted=is_counted)
                await to_thread.run_sync(put_off)
                asyncio.get_running_loop().call_later(again_s, self.wake)
        except StoreFailed as error:  # it is handled again, and found ended
            log.warning("job %s could not be let go (%s)", job.job_id, error.message)

    async def _handle(self, job: Job) -> tuple[float | None, bool]:
        """Return the seconds after which the job is to be handled again, if it is, and whether this attempt counts."""
        kind = self._kinds[job.kind]
        try:
            if job.attempts < MAX_ATTEMPTS:
                return await kind.handle(job.job_id), False
            log.error("job %s of the kind %s is given up after %d attempts", job.job_id, job.kind, job.attempts)
            if kind.give_up is not None:
                await kind.give_up(job.job_id)
        except (QueueFull, Stopping):
            return BUSY_S, False
        except Exception:  # the top of the loop: one job that fails must not end the others
            pause_s = min(2.0**job.attempts, LONGEST_PAUSE_S)
            log.exception("job %s of the kind %s failed; it is tried again in %g s", job.job_id, job.kind, pause_s)
            return pause_s, True
        return None, True
