"""One response being made: the planner says what is next, the studio draws it, and everything that happens is told as it happens."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread

from limner.errors import IncompatibleFields, LimnerError, RequestError
from limner.jobs.inputs import ImageSource
from limner.jobs.orders import make_order
from limner.jobs.responses.context import ContentReader, Context, Place, gone
from limner.jobs.responses.faults import item_error
from limner.jobs.responses.orders import CONFINING_PARAMS, TOOL, ResponseOrder, ToolOrder, told_of_response
from limner.jobs.responses.planning import Brief, Cut, CutReason, Draw, Drawn, Outcome, Picture, Planner, Refused, Say, Spent, Step
from limner.jobs.responses.progress import (
    CallBegan,
    CallEnded,
    CallPartial,
    MessageBegan,
    MessageEnded,
    MessageSaid,
    Progress,
    write_message,
)
from limner.jobs.studio import Commission, Drawing, FinishedPictures, PartialPicture, Studio
from limner.jobs.tokens import Usage
from limner.store.identifiers import new_sorted_id
from limner.store.responses.attachments import AttachmentStore
from limner.store.responses.items import StoredItem

NO_TOKENS = Spent(input_tokens=0, output_tokens=0)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What every performance uses."""

    studio: Studio
    reader: ContentReader
    attachments: AttachmentStore
    planner: Planner


@dataclass
class Sums:
    """What a response used so far: tokens of the text model, and of the pictures."""

    text: Spent = NO_TOKENS
    image: Usage = field(default_factory=lambda: Usage(input_text=0, input_image=0, output_image=0))

    def add_text(self, spent: Spent) -> None:
        """Add tokens of the text model."""
        self.text = Spent(**{name: getattr(self.text, name) + value for name, value in vars(spent).items()})

    def add_image(self, usage: Usage) -> None:
        """Add tokens of pictures."""
        self.image = Usage(**{name: getattr(self.image, name) + value for name, value in vars(usage).items()})


class Performance:
    """A response in the making. Whoever made it closes it."""

    def __init__(
        self,
        stage: Stage,
        order: ResponseOrder,
        context: Context,
        held: Mapping[str, bytes],
        *,
        project_id: str,
        response_id: str,
        expires_at: int,
    ) -> None:
        self._stage, self._order, self._context = stage, order, context
        self._held = dict(held)  # contents that nobody keeps, by name
        self._project_id, self._response_id, self._expires_at = project_id, response_id, expires_at
        self._plan: AsyncGenerator[Step, Outcome] = stage.planner.plan(self._brief(), self._read)
        self._first: tuple[Step, Commission | None] | None = None
        self._drawing: Drawing | None = None
        self._saying: list[str] | None = None  # the words of the message that is open
        self._message_id = ""
        self._num_draws = 0
        self.outputs: list[StoredItem] = []
        self.contents: dict[str, bytes] = {}  # the files of drawn pictures by item, as answered
        self.sums = Sums()
        self.cut_reason: CutReason | None = None

    async def prepare(self) -> None:
        """Find out now what is wrong with the first step, if the planner knows it at once.

        Raises:
            RequestError, EngineError: as the planner and `Studio.prepare` say.
        """
        if not self._stage.planner.is_immediate:
            return
        try:
            step = await anext(self._plan)
            commission = await self._prepare(step, self._num_pictures) if isinstance(step, Draw) else None
        except RequestError as error:
            raise told_of_response(error) from error
        self._first = (step, commission)

    async def progress(self) -> AsyncIterator[Progress]:
        """Make the response, and tell each step.

        Raises:
            LimnerError: the response has failed; what was told until then stands.
        """
        try:
            step, commission = self._first if self._first is not None else (await anext(self._plan, None), None)
            while step is not None:
                outcome: Outcome = None
                async for told in self._take(step, commission):
                    if isinstance(told, Drawn | Refused):
                        outcome = told
                    else:
                        yield told
                commission = None
                step = await self._next(outcome)
        finally:
            await self._plan.aclose()
        for ended in self._end_message():
            yield ended

    def close(self) -> None:
        """Free the engine."""
        if self._drawing is not None:
            self._drawing.close()

    async def _take(self, step: Step, commission: Commission | None) -> AsyncIterator[Progress | Drawn | Refused]:
        """Do what a step says, and tell it; the last thing told of a draw is how it went."""
        match step:
            case Draw():
                for told in self._end_message():
                    yield told
                async for drawn in self._draw(step, commission):
                    yield drawn
            case Say():
                for told in self._say(step.text):
                    yield told
            case Spent():
                self.sums.add_text(step)
            case Cut():
                self.cut_reason = step.reason

    async def _next(self, outcome: Outcome) -> Step | None:
        try:
            return await self._plan.asend(outcome)
        except StopAsyncIteration:
            return None

    def _brief(self) -> Brief:
        order = self._order
        return Brief(
            model=order.model,
            instructions=order.echo["instructions"],
            turns=tuple(self._context.turns),
            tool=order.brief_tool,
            tool_choice=order.tool_choice,
            max_tool_calls=order.echo["max_tool_calls"],
            max_output_tokens=order.echo["max_output_tokens"],
            parallel_tool_calls=order.echo["parallel_tool_calls"],
            temperature=order.temperature,
            top_p=order.top_p,
        )

    async def _read(self, picture: Picture) -> bytes:
        place = self._context.places[picture.name]
        if place.content_id in self._held:
            return self._held[place.content_id]
        try:
            return await self._stage.reader.read(self._project_id, place.content_id)
        except RequestError as error:
            raise gone(picture.name, place) from error

    def _say(self, text: str) -> list[Progress]:
        told: list[Progress] = []
        index = len(self.outputs)
        if self._saying is None:
            self._saying, self._message_id = [], _new_id("msg_")
            told.append(MessageBegan(index=index, item_id=self._message_id))
        if text:
            self._saying.append(text)
            told.append(MessageSaid(index=index, item_id=self._message_id, text=text))
        return told

    def _end_message(self) -> list[Progress]:
        if self._saying is None:
            return []
        item = write_message(self._message_id, self._saying, "incomplete" if self.cut_reason else "completed")
        self._saying = None
        self.outputs.append(item)
        return [MessageEnded(index=len(self.outputs) - 1, item=item)]

    async def _draw(self, step: Draw, commission: Commission | None) -> AsyncIterator[Progress | Drawn | Refused]:
        """Draw the pictures of one step one after the other; the last thing told is how it went."""
        pictures, prompt = [], step.prompt
        for left in range(self._num_pictures, 0, -1):
            ended: CallEnded | None = None
            failure: list[LimnerError] = []
            async for told in self._draw_one(step, commission, left, failure):
                if isinstance(told, CallEnded):
                    ended = told
                yield told
            commission = None
            if failure and not isinstance(failure[0], RequestError):
                raise failure[0]
            if failure or ended is None:
                yield Refused(failure[0])  # type: ignore[arg-type]
                return
            prompt = ended.item.content["revised_prompt"]
            pictures.append(self._context.place(ended.item.item_id, ended.item.content.get("content_id", ended.item.item_id), "input"))
        yield Drawn(pictures=tuple(pictures), prompt=prompt)

    async def _draw_one(self, step: Draw, commission: Commission | None, left: int, failure: list[LimnerError]) -> AsyncIterator[Progress]:
        """Draw one picture, of so many that are left of the step; if that fails its item says why, and `failure` holds the error."""
        index, item_id, num_partials = len(self.outputs), _new_id("ig_"), 0
        yield CallBegan(index=index, item_id=item_id)
        content: bytes | None = None
        try:
            commission = commission or await self._prepare(step, left)
            self._num_draws += 1
            self._drawing = self._stage.studio.start(commission)
            words: dict[str, Any] = _words(commission)
            async for outcome in self._drawing.outcomes():
                if isinstance(outcome, PartialPicture):
                    place: dict[str, Any] = {"index": index, "partial_index": outcome.partial_index}
                    yield CallPartial(item_id=item_id, content=outcome.content, **place, **words)
                    num_partials += 1
                else:
                    item, content = await self._finish(step, commission, outcome, item_id, num_partials)
        except LimnerError as error:
            told = told_of_response(error) if isinstance(error, RequestError) else error
            failure.append(told)
            said = {"status": "failed", "action": step.action, "num_partials": num_partials, "error": item_error(told)}
            item = StoredItem(item_id=item_id, content={"type": "image_generation_call", **said}, is_output=True)
        finally:
            self.close()
        self.outputs.append(item)
        yield CallEnded(index=index, item=item, content=content)

    @property
    def _num_pictures(self) -> int:
        return self._order.tool.n if self._order.tool else 1

    async def _prepare(self, step: Draw, left: int) -> Commission:
        """Make an order of a step, and let the studio check it.

        Raises:
            RequestError, EngineError: as `Studio.prepare`.
        """
        order, tool = self._order, self._order.tool
        if tool is None or order.tool_choice == "none":
            raise IncompatibleFields("tools", "nothing can be drawn: the request has no image_generation tool, or tool_choice is none")
        self._check(step, tool, left)
        images = [await self._source(picture.name) for picture in step.pictures]
        mask = None
        if tool.mask_id is not None:
            place = Place(content_id=tool.mask_id, param=f"{TOOL}.input_image_mask")
            mask = await self._stage.reader.source(self._project_id, "the mask", place, self._held)
        picture_order = make_order(
            priority=self._order.priority,
            kind="edit" if step.action == "edit" else "generation",
            prompt=step.prompt,
            num_partials=tool.num_partials,
            is_streamed=tool.num_partials > 0,
            n=1,
            seed=None if tool.seed is None else tool.seed + self._num_draws,
            split_key=self._response_id,
            images=tuple(images),
            mask=mask,
            is_kept=order.is_stored,
            owner_id=self._response_id if order.is_stored else None,
            **tool.drawing,
        )
        return await self._stage.studio.prepare(picture_order, self._project_id)

    def _check(self, step: Draw, tool: ToolOrder, left: int) -> None:
        """Hold a step to what the caller set.

        Raises:
            IncompatibleFields: it is not what the tool allows.
        """
        most = self._order.echo["max_tool_calls"]
        if most is not None and self._num_draws + left > most:
            raise IncompatibleFields("max_tool_calls", f"max_tool_calls is {most}, and more pictures would be drawn; ask for fewer of them")
        if tool.action not in ("auto", step.action):
            raise IncompatibleFields(f"{TOOL}.action", f"action is {tool.action}, and nothing else may be done; use auto")
        if step.action == "edit" and not step.pictures:
            raise IncompatibleFields(f"{TOOL}.action", "an edit needs a picture, and there is none in context; send one")
        confining = ["input_image_mask"] if tool.mask_id else []
        confining += [name for name in CONFINING_PARAMS if name in tool.drawing]
        if step.action == "generate" and confining:
            name = confining[0]
            raise IncompatibleFields(f"{TOOL}.{name}", f"{name} says what an edit may change, and there is no picture in context; send one")

    async def _source(self, name: str) -> ImageSource:
        return await self._stage.reader.source(self._project_id, name, self._context.places[name], self._held)

    async def _finish(
        self, step: Draw, commission: Commission, finished: FinishedPictures, item_id: str, num_partials: int
    ) -> tuple[StoredItem, bytes]:
        """Return the item of a picture that was drawn, and its file."""
        picture = finished.pictures[0]
        content: dict[str, Any] = {
            "type": "image_generation_call",
            "status": "completed",
            "action": step.action,
            **_words(commission),
            "revised_prompt": finished.encoded_prompt,
            "num_partials": num_partials,
            "origin": {"seed": picture.seed, **commission.drawn_by, "parent": commission.parent_id},
        }
        if picture.alt_text is not None:
            content["origin"]["alt_text"] = picture.alt_text
        if picture.picture_id is None:
            self._held[item_id] = picture.content
        else:
            content["content_id"] = picture.picture_id
            if commission.output_format != "png":
                content["answer_id"] = await to_thread.run_sync(self._keep_answer, picture.content)
        if not self._order.is_background:  # nobody waits for those
            self.contents[item_id] = picture.content
        self.sums.add_image(finished.usage)
        return StoredItem(item_id=item_id, content=content, is_output=True), picture.content

    def _keep_answer(self, content: bytes) -> str:
        """Keep the file that was answered: what is kept as a picture has its exact pixels, in another format."""
        return self._stage.attachments.add(self._project_id, self._response_id, content, expires_at=self._expires_at)


def _words(commission: Commission) -> dict[str, str]:
    """Return what was drawn, in the words of the wire; never `auto`."""
    request = commission.request
    return {
        "size": str(request.size),
        "quality": request.quality,
        "background": commission.background,
        "output_format": commission.output_format,
    }


def _new_id(prefix: str) -> str:
    return new_sorted_id(prefix, time.time_ns() // 1000)
