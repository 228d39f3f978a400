"""Where queued generations are taken, worked on, cancelled and ended: each exactly once, whatever becomes of the process meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from anyio import to_thread

from limner.errors import LimnerError, ModerationFailed, QueueFull, Stopping, StoreFailed, UnknownFile, UnknownGeneration
from limner.jobs.durable.queue import WorkQueue
from limner.jobs.generations.events import EventHub
from limner.jobs.generations.links import ResultLinks
from limner.jobs.keeping import DAY_S
from limner.jobs.orders import PictureOrder
from limner.jobs.studio import Studio
from limner.store.pictures import PictureStore
from limner.store.work.generations import GenerationDraft, GenerationStore, StoredGeneration

KIND = "generation"
TRANSIENT = (QueueFull, Stopping, StoreFailed, ModerationFailed)  # the queue asks again
GIVEN_UP = "the server could not do this after several attempts; enqueue it again"
ReadOrder = Callable[[Mapping[str, Any], str], PictureOrder]


@dataclass(frozen=True, kw_only=True)
class GenerationDesk:
    """Generations are kept for `retention_days`. For one event loop.

    `read_order` turns the parameters of a project's generation into an order; it may read the database.
    """

    store: GenerationStore
    pictures: PictureStore
    studio: Studio
    work: WorkQueue
    links: ResultLinks
    events: EventHub
    read_order: ReadOrder
    retention_days: int

    def __post_init__(self) -> None:
        self.work.add_handler(KIND, self.handle, give_up=self.give_up)

    async def enqueue(self, project_id: str, draft: GenerationDraft, count: int) -> list[str]:
        """Take so many generations, on the disk when this returns, and return their ids.

        Raises:
            QueueFull: the project has too many that have not ended.
            StoreFailed: none was taken.
        """
        put = partial(self.work.put, project_id=project_id, priority="batch")
        add = partial(
            self.store.add, count=count, lifetime_s=self.retention_days * DAY_S, then=lambda connection, name: put(connection, KIND, name)
        )
        ids = await to_thread.run_sync(add, project_id, draft)
        self.work.wake()
        return ids

    async def cancel(self, project_id: str, generation_id: str) -> None:
        """Cancel a generation of the project, and free the engine if it is drawn now; harmless if it has ended.

        Raises:
            UnknownGeneration: the project has none with this id.
        """
        await to_thread.run_sync(self.store.get, project_id, generation_id)
        ended = await to_thread.run_sync(self.store.end, generation_id, "cancelled")
        await self.work.cancel(KIND, generation_id)
        if ended is not None:
            await self._forget_picture(ended)

    async def handle(self, generation_id: str) -> None:
        """Draw a generation, unless it has ended, and end it.

        Raises:
            QueueFull, Stopping, StoreFailed, ModerationFailed: it goes on later.
        """
        generation = await to_thread.run_sync(self.store.begin, generation_id)
        if generation is None:
            return
        try:
            if generation.picture_id is None:  # else it was drawn before the process was killed
                await self._draw(generation)
        except TRANSIENT:
            raise
        except LimnerError as error:
            await self._end(generation, "failed", error.message)
        except asyncio.CancelledError:
            await self._forget_picture_of_cancelled(generation)
            raise
        else:
            await self._end(generation, "succeeded", None)

    async def give_up(self, generation_id: str) -> None:
        """End a generation that could not be done."""
        generation = await to_thread.run_sync(self.store.find, generation_id)
        if generation is not None:
            await self._end(generation, "failed", GIVEN_UP)

    async def _draw(self, generation: StoredGeneration) -> None:
        """Draw the picture and keep it under its reserved id."""
        project_id = generation.project_id
        parameters = await to_thread.run_sync(self.store.read_parameters, generation)
        named = {"model": generation.model_name, "prompt": generation.prompt}
        order = await to_thread.run_sync(self.read_order, parameters | named, project_id)
        order = await self.links.settle(order, project_id)
        order = replace(order, is_kept=True, kept_as=generation.reserved_id, split_key=generation.generation_id)
        drawing = self.studio.start(await self.studio.prepare(order, project_id))
        try:
            await drawing.finished()
        finally:
            drawing.close()

    async def _end(self, generation: StoredGeneration, status: str, error: str | None) -> None:
        """End a generation and tell those who listen; one that had been cancelled keeps no picture."""
        ended = await to_thread.run_sync(self.store.end, generation.generation_id, status, error)
        if ended is None:
            await self._forget_picture_of_cancelled(generation)
        else:
            self.events.publish(ended)

    async def _forget_picture_of_cancelled(self, generation: StoredGeneration) -> None:
        with contextlib.suppress(UnknownGeneration):
            now = await to_thread.run_sync(self.store.get, generation.project_id, generation.generation_id)
            if now.status == "cancelled":
                await self._forget_picture(now)

    async def _forget_picture(self, generation: StoredGeneration) -> None:
        with contextlib.suppress(UnknownFile):
            await to_thread.run_sync(self.pictures.delete, generation.project_id, generation.reserved_id)
