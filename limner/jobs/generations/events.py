"""Who listens for the ends of generations: each project hears of its own, while it listens, and of nothing before or after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from limner.errors import QueueFull
from limner.store.work.generations import StoredGeneration

MAX_LISTENERS = 64  # of one project
MAX_UNHEARD = 1000  # then whoever reads that slowly hears no more


class Listener:
    """One connection that listens."""

    def __init__(self, project_id: str) -> None:
        self.project_id = project_id
        self.unheard: asyncio.Queue[StoredGeneration | None] = asyncio.Queue(MAX_UNHEARD + 1)

    async def generations(self) -> AsyncIterator[StoredGeneration]:
        """Yield generations as they end, until the listening does."""
        while (generation := await self.unheard.get()) is not None:
            yield generation

    def tell(self, generation: StoredGeneration | None) -> None:
        """Pass a generation on; None, or too many that were not taken, end the listening."""
        if self.unheard.qsize() < MAX_UNHEARD and generation is not None:
            self.unheard.put_nowait(generation)
        elif not self.unheard.full():
            self.unheard.put_nowait(None)


class EventHub:
    """Passes ends on to those who listen now, in this process. For one event loop."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    def listen(self, project_id: str) -> Listener:
        """Begin to listen; `leave` ends it.

        Raises:
            QueueFull: too many listen for the project.
        """
        if sum(listener.project_id == project_id for listener in self._listeners) >= MAX_LISTENERS:
            raise QueueFull(f"{MAX_LISTENERS} connections listen for this project's events already")
        listener = Listener(project_id)
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Listen no more; harmless if that is so."""
        self._listeners.discard(listener)

    def publish(self, generation: StoredGeneration) -> None:
        """Tell those who listen for its project that a generation has ended."""
        for listener in self._listeners:
            if listener.project_id == generation.project_id:
                listener.tell(generation)

    def close(self) -> None:
        """End all listening, so that a server can stop."""
        for listener in self._listeners:
            listener.tell(None)
