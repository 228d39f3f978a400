"""Usage on the fast path: noted at once, written by a thread of its own soon after, many at a time when many come."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Lock

from limner.errors import LimnerError
from limner.store.usage import Account, Counts, UsageStore

NO_SNAPSHOT = ""
log = logging.getLogger("limner.jobs")


class Ledger:
    """Notes what projects use. Answers wait for no note; what a killed process had not written yet is lost. Safe from many threads."""

    def __init__(self, usage: UsageStore, *, clock: Callable[[], float] = time.time) -> None:
        self._usage, self._clock = usage, clock
        self._noted: dict[Account, Counts] = {}
        self._lock = Lock()
        self._writer = ThreadPoolExecutor(1, "limner-usage")

    def note(self, project_id: str, snapshot: str, counts: Counts) -> None:
        """Add to what a project uses today."""
        account = Account(project_id, self._today().isoformat(), snapshot)
        with self._lock:
            self._noted[account] = self._noted.get(account, Counts()) + counts
        self._writer.submit(self._write)

    @contextmanager
    def noting_refusal(self, project_id: str, snapshot: str = NO_SNAPSHOT) -> Iterator[None]:
        """Note a request as refused if what is done here raises an error of ours."""
        try:
            yield
        except LimnerError:
            self.note(project_id, snapshot, Counts(refused=1))
            raise

    async def days(self, project_id: str, num_days: int) -> dict[str, Counts]:
        """Return what a project used on each of the last days, UTC, the oldest first and today last.

        Raises:
            StoreFailed: it cannot be read.
        """
        first = self._today() - timedelta(days=num_days - 1)

        def read() -> dict[str, Counts]:
            self._write()
            return self._usage.read(project_id, first_day=first.isoformat())

        used = await asyncio.get_running_loop().run_in_executor(self._writer, read)
        names = [(first + timedelta(days=index)).isoformat() for index in range(num_days)]
        return {day: used.get(day, Counts()) for day in names}

    def close(self) -> None:
        """Write what is noted, and let go of the thread."""
        self._writer.shutdown(wait=True)

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock(), UTC).date()

    def _write(self) -> None:
        """Write everything that is noted; what cannot be written is tried again with the next note."""
        with self._lock:
            taken, self._noted = self._noted, {}
        if not taken:
            return
        try:
            self._usage.add(taken)
        except LimnerError as error:
            log.warning("usage could not be written (%s); trying again with the next request", error.message)
            with self._lock:
                for account, counts in taken.items():
                    self._noted[account] = self._noted.get(account, Counts()) + counts
