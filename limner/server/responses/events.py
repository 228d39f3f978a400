"""The event stream of a response: each step in OpenAI's words, numbered from 0 on.

Source: `ResponseStreamEvent` in openai-python's types; the order is that of recordings. A number belongs to an event whether or not it is
sent: partial pictures that nobody has any more leave gaps, so that a reader that comes back later meets the same numbers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from limner.jobs.responses.desk import Sitting
from limner.jobs.responses.progress import CallBegan, CallEnded, CallPartial, MessageBegan, MessageEnded, MessageSaid, Progress
from limner.server.bodies import Base64
from limner.server.responses.answers import write_begun_item, write_item, write_part, write_response
from limner.store.responses.items import StoredItem
from limner.store.responses.responses import COMPLETED, FAILED, IN_PROGRESS, QUEUED, StoredResponse

Event = dict[str, Any]
CALL, MESSAGE = "image_generation_call", "message"
ERROR_TYPES = {"server_error": "server_error", "rate_limit_exceeded": "requests"}


class Narrator:
    """Tells steps as events, one after the other."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}  # the files of drawn pictures, by item
        self._num_told = 0

    def begin(self, response: StoredResponse) -> Iterator[Event]:
        """Yield the events before a response is made."""
        queued = QUEUED if response.is_background else IN_PROGRESS
        yield self._event("response.created", response=write_response(response, {}, status=queued))
        if response.is_background:
            yield self._event("response.queued", response=write_response(response, {}, status=QUEUED))

    def take_up(self, response: StoredResponse) -> Event:
        """Return the event of a response that is being made from now on."""
        return self._event("response.in_progress", response=write_response(response, {}, status=IN_PROGRESS))

    def tell(self, step: Progress) -> Iterator[Event]:
        """Yield the events of a step."""
        match step:
            case CallBegan():
                yield from self._begin_call(step.index, step.item_id)
            case CallPartial():
                yield from self._tell_partial(step)
            case CallEnded():
                yield from self._end_call(step.index, step.item, step.content)
            case MessageBegan():
                item = write_begun_item(step.item_id, MESSAGE)
                yield self._event("response.output_item.added", output_index=step.index, item=item)
                yield self._event("response.content_part.added", **_part(step.index, step.item_id), part=write_part(""))
            case MessageSaid():
                yield self._event("response.output_text.delta", **_part(step.index, step.item_id), delta=step.text, logprobs=[])
            case MessageEnded():
                yield from self._end_message(step.index, step.item)

    def end(self, response: StoredResponse) -> Iterator[Event]:
        """Yield the last events. What failed is told twice, last as image streams tell it: there clients stop reading."""
        words = {COMPLETED: "completed", FAILED: "failed"}
        yield self._event(f"response.{words.get(response.status, 'incomplete')}", response=write_response(response, self.contents))
        if response.status == FAILED:
            assert response.ended is not None
            error = {**response.ended["error"], "param": response.ended["param"]}
            kind = ERROR_TYPES.get(error["code"], "invalid_request_error")
            yield self._event("error", **error, error={**error, "type": kind})

    def _begin_call(self, index: int, item_id: str) -> Iterator[Event]:
        yield self._event("response.output_item.added", output_index=index, item=write_begun_item(item_id, CALL))
        for state in ("in_progress", "generating"):
            yield self._event(f"response.{CALL}.{state}", output_index=index, item_id=item_id)

    def _tell_partial(self, step: CallPartial) -> Iterator[Event]:
        if step.content is None:
            self._num_told += 1
            return
        words = {name: getattr(step, name) for name in ("size", "quality", "background", "output_format")}
        place = {"output_index": step.index, "item_id": step.item_id, "partial_image_index": step.partial_index}
        yield self._event(f"response.{CALL}.partial_image", **place, partial_image_b64=Base64(step.content), **words)

    def _end_call(self, index: int, item: StoredItem, content: bytes | None) -> Iterator[Event]:
        if content is not None:
            self.contents[item.item_id] = content
        if item.content["status"] == "completed":
            yield self._event(f"response.{CALL}.completed", output_index=index, item_id=item.item_id)
        yield self._event("response.output_item.done", output_index=index, item=write_item(item, self.contents))

    def _end_message(self, index: int, item: StoredItem) -> Iterator[Event]:
        written, place = write_item(item, {}), _part(index, item.item_id)
        part = written["content"][0]
        yield self._event("response.output_text.done", **place, text=part["text"], logprobs=[])
        yield self._event("response.content_part.done", **place, part=part)
        yield self._event("response.output_item.done", output_index=index, item=written)

    def _event(self, kind: str, **fields: Any) -> Event:
        self._num_told += 1
        return {"type": kind, "sequence_number": self._num_told - 1, **fields}


async def narrate(sitting: Sitting) -> AsyncIterator[Event]:
    """Yield the events of a response that its caller waits for."""
    narrator = Narrator()
    for event in narrator.begin(sitting.response):
        yield event
    yield narrator.take_up(sitting.response)
    async for step in sitting.progress():
        for event in narrator.tell(step):
            yield event
    for event in narrator.end(sitting.response):
        yield event


async def narrate_again(
    response: StoredResponse, steps: AsyncIterator[Progress | StoredResponse], *, starting_after: int = -1
) -> AsyncIterator[Event]:
    """Yield the events of a kept response that come after a number, as its steps come: made now, or told from what was kept."""
    async for event in _all_events(Narrator(), response, steps):
        if event["sequence_number"] > starting_after:
            yield event


async def _all_events(
    narrator: Narrator, response: StoredResponse, steps: AsyncIterator[Progress | StoredResponse]
) -> AsyncIterator[Event]:
    for event in narrator.begin(response):
        yield event
    has_begun = False
    async for step in steps:
        if not isinstance(step, StoredResponse):
            for event in narrator.tell(step):
                yield event
        elif not has_begun:
            has_begun = True
            yield narrator.take_up(step)
        else:
            for event in narrator.end(step):
                yield event


def _part(index: int, item_id: str) -> dict[str, Any]:
    return {"item_id": item_id, "output_index": index, "content_index": 0}
