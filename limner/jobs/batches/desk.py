"""Batches as callers see them: asked for, looked at, cancelled. `limner.jobs.batches.runner` does the work."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from functools import partial

from anyio import to_thread

from limner.errors import InvalidField
from limner.jobs.durable.queue import WorkQueue
from limner.store.files import FileStore
from limner.store.identifiers import new_batch_id, new_file_id
from limner.store.pages import Page
from limner.store.work.batches import Batch, BatchStore

KIND, PURPOSE = "batch", "batch"
WINDOWS_S = {"24h": 86_400}


class BatchDesk:
    """Takes batches for the endpoints that this server answers, and hands them to the queue."""

    def __init__(self, batches: BatchStore, files: FileStore, work: WorkQueue, *, clock: Callable[[], float] = time.time) -> None:
        self._batches, self._files, self._work, self._clock = batches, files, work, clock
        self.endpoints: Collection[str] = ()

    async def create(
        self,
        project_id: str,
        *,
        input_file_id: str,
        endpoint: str,
        completion_window: str,
        metadata: Mapping[str, str] | None,
        output_lifetime_s: int | None,
        base_url: str,
    ) -> Batch:
        """Take a batch; its file is checked, and its lines are answered, later.

        Raises:
            InvalidField: the endpoint is not one of those, or the file was uploaded for something else.
            UnknownFile: the project has no such file.
            QueueFull: the project has too many batches that have not ended.
        """
        if endpoint not in self.endpoints:
            raise InvalidField(
                "endpoint", f"endpoint {endpoint[:100]!r} cannot be asked in a batch here; use {' or '.join(self.endpoints)}"
            )
        file = await to_thread.run_sync(self._files.get, project_id, input_file_id)
        if file.purpose != PURPOSE:
            raise InvalidField("input_file_id", f"the file was uploaded with purpose {file.purpose!r}; upload it with purpose 'batch'")
        now = self._clock()
        created_us = int(now * 1_000_000)
        batch = Batch(
            batch_id=new_batch_id(created_us),
            project_id=project_id,
            endpoint=endpoint,
            input_file_id=input_file_id,
            created_at=int(now),
            expires_at=int(now) + WINDOWS_S[completion_window],
            completion_window=completion_window,
            metadata=metadata,
            output_lifetime_s=output_lifetime_s,
            base_url=base_url,
            file_ids=(new_file_id(created_us), new_file_id(created_us)),
        )
        put = partial(self._work.put, kind=KIND, job_id=batch.batch_id, project_id=project_id, priority="batch")
        await to_thread.run_sync(self._batches.add, batch, put)
        self._work.wake()
        return batch

    async def get(self, project_id: str, batch_id: str) -> Batch:
        """Return a batch of the project.

        Raises:
            UnknownBatch: the project has none of this id.
        """
        return await to_thread.run_sync(self._batches.get, project_id, batch_id)

    async def page(self, project_id: str, *, limit: int, after: str | None) -> Page[Batch]:
        """List batches of the project, the newest first.

        Raises:
            InvalidField: `limit` or `after` cannot be used.
        """
        return await to_thread.run_sync(partial(self._batches.page, project_id, limit=limit, after=after))

    async def cancel(self, project_id: str, batch_id: str) -> Batch:
        """Let a batch begin no more lines; answers that are there stay. It is cancelled when its files are written.

        Raises:
            UnknownBatch: the project has none of this id.
            InvalidField: it has ended, or is about to.
        """
        batch = await self.get(project_id, batch_id)
        await to_thread.run_sync(self._batches.move, batch_id, ("validating", "in_progress"), "cancelling")
        batch = await self.get(project_id, batch.batch_id)
        if batch.status not in ("cancelling", "cancelled"):
            raise InvalidField("batch_id", f"a batch that is {batch.status} cannot be cancelled")
        return batch
