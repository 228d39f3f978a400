"""Where responses are asked for and ended: it finds what is in context, has them made, and keeps what came of it, exactly once."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from anyio import to_thread
from sqlalchemy import Connection

from limner.errors import LimnerError, QueueFull, Stopping, UnknownFile, UnknownPrevious, UnknownResponse
from limner.jobs.keeping import DAY_S
from limner.jobs.responses.context import ContentReader, Context
from limner.jobs.responses.faults import response_error
from limner.jobs.responses.intake import Intake, WireItem
from limner.jobs.responses.orders import ResponseOrder, told_of_response
from limner.jobs.responses.performance import Performance, Stage, Sums
from limner.jobs.responses.progress import Progress
from limner.schema.responses.requests import MaskReference
from limner.store.identifiers import new_sorted_id
from limner.store.pictures import PictureStore
from limner.store.responses.attachments import AttachmentStore
from limner.store.responses.conversations import ConversationStore
from limner.store.responses.items import StoredItem
from limner.store.responses.responses import (
    CANCELLED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    INCOMPLETE,
    QUEUED,
    End,
    ResponseStore,
    StoredResponse,
)

SEED_BITS = 53
NO_SUMS = Sums()
BUSY: tuple[type[LimnerError], ...] = (Stopping, QueueFull)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Where responses and what belongs to them is kept."""

    responses: ResponseStore
    conversations: ConversationStore
    attachments: AttachmentStore
    pictures: PictureStore


class Sitting:
    """A response that its caller waits for. It is kept when it has ended, and leaves nothing behind if nobody waits that long."""

    def __init__(self, desk: ResponseDesk, asked: StoredResponse, order: ResponseOrder, performance: Performance) -> None:
        self._desk, self._order, self._performance = desk, order, performance
        self.response = asked
        self._is_over = False
        self._passing: tuple[type[LimnerError], ...] = (Stopping,)

    async def progress(self) -> AsyncIterator[Progress]:
        """Make the response and tell each step; afterwards `response` has ended."""
        async for told, end in ending(self._performance, passing=self._passing):
            if told is not None:
                yield told
            if end is not None:
                await self._end(end)

    async def finish(self) -> StoredResponse:
        """Make the response, and return it when it has ended.

        Raises:
            QueueFull: too many requests wait; nothing came of it.
            StoreFailed: it could not be kept.
        """
        self._passing = BUSY
        async for _ in self.progress():
            pass
        return self.response

    @property
    def contents(self) -> Mapping[str, bytes]:
        """The files of the pictures that were drawn, by item."""
        return self._performance.contents

    def stop(self) -> None:
        """Free the engine, at once."""
        self._performance.close()

    async def close(self) -> None:
        """Let go of everything; what is not over by now never was."""
        self.stop()
        if not self._is_over and self._order.is_stored:
            self._is_over = True
            await to_thread.run_sync(self._desk.forget, self.response)

    async def _end(self, end: End) -> None:
        values = {name: getattr(end, name) for name in ("status", "ended", "outputs", "completed_at")}
        self.response, self._is_over = replace(self.response, **values), True
        if not self._order.is_stored:
            return
        try:
            await to_thread.run_sync(self._desk.shelf.responses.add, self.response)
        except LimnerError:
            await to_thread.run_sync(self._desk.forget, self.response)
            raise


class ResponseDesk:
    """Takes orders for responses. For one event loop."""

    def __init__(self, *, stage: Stage, shelf: Shelf, intake: Intake, retention_days: int) -> None:
        self.stage, self.shelf, self.intake = stage, shelf, intake
        self.lifetime_s = retention_days * DAY_S

    @property
    def reader(self) -> ContentReader:
        """Reads what responses name."""
        return self.stage.reader

    async def open(self, project_id: str, order: ResponseOrder, said: str | Sequence[WireItem], mask: MaskReference | None) -> Sitting:
        """Begin a response whose caller waits; everything that can be refused before it is drawn is refused here.

        Raises:
            RequestError: the response cannot be made as asked; `param` names the field.
            EngineError: our side failed.
        """
        asked = await self._take(project_id, order, said, mask)
        try:
            performance = await self._perform(asked)
            await performance.prepare()
        except BaseException:
            await to_thread.run_sync(self.forget, asked.response)
            raise
        return Sitting(self, asked.response, asked.order, performance)

    async def queue(
        self,
        project_id: str,
        order: ResponseOrder,
        said: str | Sequence[WireItem],
        mask: MaskReference | None,
        *,
        put: Callable[[Connection, StoredResponse], None],
    ) -> StoredResponse:
        """Keep a response to be made in the background, after the same checks as `open`; `put` queues it, in the same transaction.

        Raises:
            RequestError, EngineError: as `open`.
            QueueFull: as `put`.
        """
        if order.tool is not None and order.tool.seed is None:  # so that it is the same when it is made again
            order = replace(order, tool=replace(order.tool, seed=secrets.randbits(SEED_BITS - 1)))
        asked = await self._take(project_id, order, said, mask)
        try:
            performance = await self._perform(asked)
            with suppress(QueueFull):  # it can wait
                await performance.prepare()
        except BaseException:
            await to_thread.run_sync(self.forget, asked.response)
            raise
        response = replace(asked.response, status=QUEUED)
        keep = partial(self.shelf.responses.add, response, then=lambda connection: put(connection, response))
        try:  # a caller who goes away now does not stop it
            await to_thread.run_sync(keep)
        except LimnerError:
            await to_thread.run_sync(self.forget, response)
            raise
        return response

    async def resume(self, response: StoredResponse) -> Performance:
        """Return the performance of a kept response that has not ended; what an earlier try left of it is removed.

        Raises:
            RequestError: what it needs is gone.
        """
        await to_thread.run_sync(self.shelf.pictures.delete_owned, response.project_id, response.response_id)
        order = ResponseOrder.from_json(response.asked)
        return await self._perform(_Asked(response=response, order=order, held={}))

    def forget(self, response: StoredResponse) -> None:
        """Remove the contents of a response that came to nothing."""
        self.shelf.pictures.delete_owned(response.project_id, response.response_id)
        self.shelf.attachments.delete_owned(response.project_id, response.response_id)

    def forget_drawn(self, response: StoredResponse) -> None:
        """Remove what a response drew, and leave what was sent with it."""
        self.shelf.pictures.delete_owned(response.project_id, response.response_id)

    async def delete(self, project_id: str, response_id: str) -> None:
        """Delete a response, what it drew, and what was sent with it.

        Raises:
            UnknownResponse: the project has no such response.
        """

        def delete() -> None:
            response = self.shelf.responses.get(project_id, response_id)
            self.shelf.responses.delete(project_id, response_id)
            self.forget(response)

        await to_thread.run_sync(delete)

    async def read_results(self, project_id: str, items: Sequence[StoredItem]) -> dict[str, bytes]:
        """Return the files of drawn pictures by item, as they were answered; of those that are gone, nothing."""
        found = {item.item_id: await self.read_result(project_id, item) for item in items if item.content["type"] != "message"}
        return {item_id: content for item_id, content in found.items() if content is not None}

    async def read_result(self, project_id: str, item: StoredItem) -> bytes | None:
        """Return the file of one drawn picture; None if there is none, or if it is gone, or the kept picture that it shows."""
        kept_id = item.content.get("content_id")
        answer_id = item.content.get("answer_id", kept_id)
        try:
            if kept_id is not None and answer_id != kept_id:
                await to_thread.run_sync(self.shelf.pictures.get, project_id, kept_id)
            return None if answer_id is None else await self.reader.read(project_id, answer_id)
        except UnknownFile:
            return None

    async def _take(self, project_id: str, order: ResponseOrder, said: str | Sequence[WireItem], mask: MaskReference | None) -> _Asked:
        """Take the input in, and return the response as it is before anything is made."""
        await self._check_context(project_id, order)
        created_us = time.time_ns() // 1000
        response_id = new_sorted_id("resp_", created_us)
        taken = await self.intake.take(project_id, response_id, said, mask=mask, is_kept=order.is_stored)
        if order.tool is not None and taken.mask_id is not None:
            order = replace(order, tool=replace(order.tool, mask_id=taken.mask_id))
        created_at = created_us // 1_000_000
        response = StoredResponse(
            response_id=response_id,
            project_id=project_id,
            previous_id=order.previous_id,
            conversation_id=order.conversation_id,
            status=IN_PROGRESS,
            is_background=order.is_background,
            asked=order.as_json(),
            ended=None,
            created_at=created_at,
            completed_at=None,
            expires_at=created_at + self.lifetime_s,
            inputs=taken.items,
        )
        return _Asked(response=response, order=order, held=taken.held)

    async def _check_context(self, project_id: str, order: ResponseOrder) -> None:
        """See that what a response follows is there, before anything is read for it.

        Raises:
            UnknownPrevious: it is not, or has not ended.
            UnknownConversation: the project has no such conversation.
        """
        if order.conversation_id is not None:
            await to_thread.run_sync(self.shelf.conversations.get, project_id, order.conversation_id)
        if order.previous_id is None:
            return
        try:
            previous = await to_thread.run_sync(self.shelf.responses.get, project_id, order.previous_id)
        except UnknownResponse as error:
            message = f"Previous response with id {order.previous_id!r} not found: it was not stored, was deleted, or has expired"
            raise UnknownPrevious(message) from error
        if not previous.has_ended:
            raise UnknownPrevious(f"Previous response with id {order.previous_id!r} has not ended yet; wait until it has")

    async def _perform(self, asked: _Asked) -> Performance:
        """Gather the context of a response, and return its performance."""
        response, order, context = asked.response, asked.order, Context()
        project_id, missing_id = response.project_id, None
        if order.previous_id is not None:
            chain = await to_thread.run_sync(self.shelf.responses.chain, project_id, order.previous_id)
            context.add(chain.items, "previous_response_id")
            missing_id = chain.missing_id
        elif order.conversation_id is not None:
            context.add(await to_thread.run_sync(self.shelf.conversations.newest_items, project_id, order.conversation_id), "conversation")
        context.add(response.inputs, None)
        draws_from_context = order.tool is not None and order.tool_choice != "none" and order.tool.action != "generate"
        if missing_id is not None and draws_from_context and not context.has_pictures:
            raise UnknownPrevious(
                f"Previous response with id {order.previous_id!r} follows {missing_id!r}, which is gone, and its pictures with it; "
                "send a picture, or use action generate"
            )
        return Performance(
            self.stage,
            order,
            context,
            asked.held,
            project_id=project_id,
            response_id=response.response_id,
            expires_at=response.expires_at,
        )


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A response before it is made."""

    response: StoredResponse
    order: ResponseOrder
    held: Mapping[str, bytes]


async def ending(
    performance: Performance, *, passing: tuple[type[LimnerError], ...] = BUSY
) -> AsyncIterator[tuple[Progress | None, End | None]]:
    """Tell each step of a performance, and at last how it ended.

    Raises:
        Stopping, QueueFull: not now; the response has not ended. Errors that are not `passing` end it.
    """
    error: LimnerError | None = None
    try:
        async for told in performance.progress():
            yield told, None
    except passing:
        raise
    except LimnerError as failure:
        error = told_of_response(failure)
    finally:
        performance.close()
    status = FAILED if error is not None else INCOMPLETE if performance.cut_reason else COMPLETED
    ended = {
        "error": None if error is None else response_error(error),
        "param": None if error is None else error.param,
        "incomplete": performance.cut_reason,
        **write_sums(performance.sums),
    }
    completed_at = int(time.time()) if status == COMPLETED else None
    yield None, End(status=status, ended=ended, outputs=tuple(performance.outputs), completed_at=completed_at)


def write_sums(sums: Sums) -> dict[str, Any]:
    """Return what was used, as it is kept."""
    return {"text_usage": vars(sums.text), "image_usage": vars(sums.image)}


def cancelled() -> End:
    """Return the end of a response that was cancelled."""
    return End(status=CANCELLED, ended={"error": None, "param": None, "incomplete": None, **write_sums(NO_SUMS)})
