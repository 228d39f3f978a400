"""Responses that nobody waits for: made by the work queue, followed by whoever asks, cancelled by whoever wants to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

from anyio import to_thread
from sqlalchemy import Connection

from limner.errors import NotInBackground, RequestError, Stopping
from limner.jobs.durable.queue import WorkQueue
from limner.jobs.responses.desk import ResponseDesk, cancelled, ending, write_sums
from limner.jobs.responses.faults import UNTOLD, response_error
from limner.jobs.responses.intake import WireItem
from limner.jobs.responses.orders import ResponseOrder, told_of_response
from limner.jobs.responses.performance import Sums
from limner.jobs.responses.progress import CallEnded, CallPartial, Progress, replay
from limner.schema.responses.requests import MaskReference
from limner.store.responses.responses import FAILED, QUEUED, End, StoredResponse

KIND = "response"
LOOK_EVERY_S = 0.5  # at a response that another process makes
Announce = Callable[[str, str, str], Awaitable[None]]


class Live:
    """The steps of a response that is being made here, from the first on, for any number of followers."""

    def __init__(self) -> None:
        self.steps: list[Progress] = []
        self.is_over = False
        self._news = asyncio.Event()

    def tell(self, step: Progress) -> None:
        """Add a step. Finished pictures are read back from where they are kept, and those on their way are let go of by then."""
        if isinstance(step, CallEnded):
            step = replace(step, content=None)
            self.steps = [replace(told, content=None) if isinstance(told, CallPartial) else told for told in self.steps]
        self.steps.append(step)
        self._wake()

    def end(self) -> None:
        """Let the followers know that nothing more comes."""
        self.is_over = True
        self._wake()

    async def wait(self) -> None:
        """Wait for whatever comes next."""
        await self._news.wait()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class BackgroundResponses:
    """Works on queued responses, and tells how they go. For one event loop."""

    def __init__(self, desk: ResponseDesk, queue: WorkQueue, announce: Announce | None = None) -> None:
        """`announce` is told of each response that has ended, with its project and `response.completed` or the like, at least once."""
        self._desk, self._queue, self._announce = desk, queue, announce
        self._live: dict[str, Live] = {}
        queue.add_handler(KIND, self.handle, give_up=self.give_up)

    async def create(
        self, project_id: str, order: ResponseOrder, said: str | Sequence[WireItem], mask: MaskReference | None
    ) -> StoredResponse:
        """Keep a response, and let it be made.

        Raises:
            RequestError, EngineError: as `ResponseDesk.open`.
            QueueFull: the project has too many.
        """

        def put(connection: Connection, response: StoredResponse) -> None:
            self._queue.put(connection, KIND, response.response_id, project_id=project_id, priority="batch")

        response = await self._desk.queue(project_id, order, said, mask, put=put)
        self._queue.wake()
        return response

    async def handle(self, response_id: str) -> None:
        """Make a response, and end it; of one that has ended, nothing.

        Raises:
            QueueFull, Stopping: not now; it is made later.
        """
        store = self._desk.shelf.responses
        response = await to_thread.run_sync(store.begin, response_id)
        if response is None:  # perhaps it was killed before it could say so
            await self._tell_end(response_id)
            return
        live = self._live[response_id] = Live()
        try:
            end = await self._make(response, live)
            if not await to_thread.run_sync(store.end, response_id, end):  # it was cancelled or deleted meanwhile
                await to_thread.run_sync(self._desk.forget_drawn, response)
        finally:
            self._live.pop(response_id, None)
            live.end()
        await self._tell_end(response_id)

    async def give_up(self, response_id: str) -> None:
        """End a response that could not be made however often it was tried."""
        ended = {"error": {"code": "server_error", "message": f"{UNTOLD}."}, "param": None, "incomplete": None, **write_sums(Sums())}
        await to_thread.run_sync(self._desk.shelf.responses.end, response_id, End(status=FAILED, ended=ended))
        await self._tell_end(response_id)

    async def cancel(self, project_id: str, response_id: str) -> StoredResponse:
        """Cancel a response, and return it; one that has ended stays as it is.

        Raises:
            UnknownResponse: the project has no such response.
            NotInBackground: it does not run in the background.
        """
        store = self._desk.shelf.responses
        response = await to_thread.run_sync(store.get, project_id, response_id)
        if not response.is_background:
            raise NotInBackground("Cannot cancel a response that does not run in the background; close its connection to stop it")
        if await to_thread.run_sync(store.end, response_id, cancelled()):
            await self._queue.cancel(KIND, response_id)
            await to_thread.run_sync(self._desk.forget_drawn, response)
            await self._tell_end(response_id)
        return await to_thread.run_sync(store.get, project_id, response_id)

    async def delete(self, project_id: str, response_id: str) -> None:
        """Delete a response; one that is being made is cancelled first.

        Raises:
            UnknownResponse: the project has no such response.
        """
        with contextlib.suppress(NotInBackground):
            await self.cancel(project_id, response_id)
        await self._desk.delete(project_id, response_id)

    async def follow(self, project_id: str, response_id: str) -> AsyncIterator[Progress | StoredResponse]:
        """Tell the steps of a response from its first on, as they come; first itself as it began, and last as it ended.

        Steps of a response that is made again, here or in another process, are told once.

        Raises:
            UnknownResponse: the project has no such response, or it was deleted meanwhile.
            Stopping: the server is about to end, and the next process goes on with the response.
        """
        num_told, has_begun = 0, False
        while True:
            live = self._live.get(response_id)
            response = await to_thread.run_sync(self._desk.shelf.responses.get, project_id, response_id)
            if not has_begun and response.status != QUEUED:
                has_begun = True
                yield response
            steps = self._replay(response, num_told) if response.has_ended else self._watch(project_id, live, num_told)
            async for step in steps:
                num_told += 1
                yield step
            if response.has_ended:
                yield response
                return
            if self._desk.stage.studio.is_stopping:
                raise Stopping("the server is about to end; the response goes on when it is back, so follow it again in a moment")
            if live is None:
                await asyncio.sleep(LOOK_EVERY_S)

    async def _watch(self, project_id: str, live: Live | None, num_told: int) -> AsyncIterator[Progress]:
        """Tell the steps of a response that is being made here, but for the first, until nothing more comes."""
        while live is not None and (num_told < len(live.steps) or not live.is_over):
            if num_told < len(live.steps):
                num_told += 1
                yield await self._show(project_id, live.steps[num_told - 1])
            else:
                await live.wait()

    async def _replay(self, response: StoredResponse, num_told: int) -> AsyncIterator[Progress]:
        """Tell the steps of a response that has ended, but for the first, with the pictures that they gave."""
        for step in list(replay(response.outputs))[num_told:]:
            yield await self._show(response.project_id, step)

    async def _show(self, project_id: str, step: Progress) -> Progress:
        """Return a step with the picture that it gave."""
        if not isinstance(step, CallEnded):
            return step
        return replace(step, content=await self._desk.read_result(project_id, step.item))

    async def _tell_end(self, response_id: str) -> None:
        """Announce a response that has ended."""
        response = await to_thread.run_sync(self._desk.shelf.responses.find, response_id)
        if self._announce is not None and response is not None and response.has_ended:
            await self._announce(response.project_id, f"response.{response.status}", response_id)

    async def _make(self, response: StoredResponse, live: Live) -> End:
        """Make a response, and return how it ended."""
        try:
            performance = await self._desk.resume(response)
        except RequestError as error:
            told = {"error": response_error(told_of_response(error)), "param": error.param, "incomplete": None, **write_sums(Sums())}
            return End(status=FAILED, ended=told)
        async for told_step, end in ending(performance):
            if told_step is not None:
                live.tell(told_step)
            if end is not None:
                return end
        raise Stopping("the response has not ended")
