"""The planner that lets a chat model read the conversation, call for pictures as often as it needs, and say the rest.

Every plan ends: the model is asked at most `MAX_QUESTIONS` times, and the last time it can only speak. What it calls wrongly is told
back to it, so that it can do better.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from limner.errors import IncompatibleFields, InvalidField, PlannerFailed
from limner.jobs.responses.chat_calls import understand, write_arguments
from limner.jobs.responses.chat_wire import DEFAULT_TIMEOUT_S, ChatAnswer, ChatEndpoint, ChatQuestion, Message, ToolCall, Usage, find_route
from limner.jobs.responses.chat_words import FUNCTION, Album, Viewer, describe_tool, drawn_as, write_messages
from limner.jobs.responses.planning import (
    Brief,
    Cut,
    CutReason,
    Draw,
    Drawn,
    Outcome,
    Picture,
    PictureReader,
    Refused,
    Say,
    Spent,
    Step,
)

MAX_TIMEOUT_S = 3_600
MAX_QUESTIONS = 12
MAX_DRAWS = 10  # as many pictures as `n` gives elsewhere
MAX_CALLS = 32  # in one answer; what is called after them is not even told back
CUTS: dict[str | None, CutReason] = {"length": "max_output_tokens", "content_filter": "content_filter"}
REMINDER = f"The user asked for a picture. Call {FUNCTION} now."


@dataclass(frozen=True, kw_only=True)
class PlannerSettings:
    """Where the chat model is. `url` is the base of its API, or the route itself.

    `model` is the name that it is asked for; without one it is asked for what the caller of a response named. With `is_seeing` it gets the
    pictures themselves, otherwise their numbers alone. One answer may take `timeout_s`.

    Raises:
        InvalidField: the URL is not one of http or https, or the time is out of range.
    """

    url: str
    api_key: str | None = field(default=None, repr=False)
    model: str | None = None
    is_seeing: bool = False
    timeout_s: float = DEFAULT_TIMEOUT_S

    def __post_init__(self) -> None:
        find_route(self.url)
        if not 0 < self.timeout_s <= MAX_TIMEOUT_S:
            allowed = f"use more than 0 and at most {MAX_TIMEOUT_S:,} seconds"
            raise InvalidField("planner_timeout", f"planner timeout {self.timeout_s!r} is out of range; {allowed}")


class ChatPlanner:
    """A `Planner` that asks a chat model. Safe for many plans at once."""

    is_immediate = False

    def __init__(self, settings: PlannerSettings) -> None:
        self._endpoint = ChatEndpoint(settings.url, api_key=settings.api_key, timeout_s=settings.timeout_s)
        self._model, self._is_seeing = settings.model, settings.is_seeing

    async def plan(self, brief: Brief, read: PictureReader) -> AsyncGenerator[Step, Outcome]:
        """Yield what the model draws and says, in its order.

        Raises:
            IncompatibleFields: something must be drawn, and nothing may be.
            InvalidField, UnknownModel, QueueFull, PlannerFailed: as `ChatEndpoint.ask`; or the model did not do what it had to.
            UnknownFile: a picture of the conversation is gone.
        """
        if brief.tool_choice == "required" and brief.max_tool_calls == 0:
            raise IncompatibleFields(
                "max_tool_calls", "max_tool_calls 0 lets nothing be drawn, and tool_choice wants it; leave one of them out"
            )
        album = Album()
        viewer = Viewer(album, read, is_seeing=self._is_seeing)
        talk = _Talk(brief, self._model or brief.model, await write_messages(brief, viewer, album), album)
        async with self._endpoint.connected() as client:
            while not talk.is_over:
                for step in talk.hear(await self._endpoint.ask(client, talk.next_question())):
                    yield step
                shown: list[Picture] = []
                for call in talk.calls:
                    wanted = talk.understand(call)
                    if isinstance(wanted, Draw):
                        shown += talk.tell(call, (yield wanted))
                    else:
                        talk.answer(call, wanted)
                talk.show([part for picture in shown for part in await viewer.show(picture)] if self._is_seeing else [])


class _Talk:
    """What was said so far in one plan, and what may come next. `calls` are those of the last answer."""

    def __init__(self, brief: Brief, model: str, messages: list[Message], album: Album) -> None:
        self._brief, self._model, self._messages, self._album = brief, model, messages, album
        self._tool = brief.tool if brief.may_draw else None
        self._max_draws = MAX_DRAWS if brief.max_tool_calls is None else min(brief.max_tool_calls, MAX_DRAWS)
        self._num_questions = self._num_draws = self._num_written = 0
        self._is_reminded = self._has_said = False
        self.calls: Sequence[ToolCall] = ()
        self.is_over = False

    @property
    def _may_call(self) -> bool:
        return self._tool is not None and self._num_draws < self._max_draws and self._num_questions < MAX_QUESTIONS

    @property
    def _must_call(self) -> bool:
        return self._brief.tool_choice == "required" and self._num_draws == 0

    def next_question(self) -> ChatQuestion:
        """Return what the model is asked now."""
        self._num_questions += 1
        brief, most = self._brief, self._brief.max_output_tokens
        choice: Literal["none", "auto", "required"] = "none"
        if self._may_call:
            choice = "required" if self._must_call else "auto"
        return ChatQuestion(
            model=self._model,
            messages=self._messages,
            tools=[describe_tool(self._tool)] if self._tool is not None else [],
            tool_choice=choice,
            is_parallel=brief.parallel_tool_calls,
            temperature=brief.temperature,
            top_p=brief.top_p,
            max_tokens=None if most is None else most - self._num_written,
        )

    def hear(self, answer: ChatAnswer) -> list[Step]:
        """Take an answer in; return the steps that it says, before those that its `calls` ask for.

        Raises:
            PlannerFailed: it drew nothing although it had to, or neither drew nor said anything.
        """
        steps, reply = self._count(answer.usage), answer.reply
        called = (reply.tool_calls or ())[:MAX_CALLS] if self._may_call else ()
        cut = CUTS.get(answer.finish_reason) or ("max_output_tokens" if called and self._is_written_out() else None)
        self.calls = () if cut else [_named(call, f"call_{self._num_questions}_{index}") for index, call in enumerate(called)]
        if not self.calls and not cut and self._must_call:
            self._remind()
            return steps
        if reply.text:
            steps.append(Say(reply.text))
            self._has_said = True
        if cut:
            steps.append(Cut(cut))
        self.is_over = not self.calls
        if self.is_over and not (cut or self._has_said or self._num_draws):
            raise PlannerFailed("the planner neither drew nor said anything; try again later")
        self._messages.append(_write_reply(reply.text, self.calls))
        return steps

    def understand(self, call: ToolCall) -> Draw | str:
        """Return what a call asks for, or what is wrong with it, in words for the model."""
        assert self._tool is not None, "without the tool no call is taken"
        if self._num_draws >= self._max_draws:
            return f"Not drawn: {self._max_draws} calls are the most for one response."
        if not self._brief.parallel_tool_calls and call is not self.calls[0]:
            return "Not drawn: call once, wait for the result, then call again."
        return understand(call.function, self._tool, self._album)

    def tell(self, call: ToolCall, outcome: Outcome) -> Sequence[Picture]:
        """Tell the model how a drawing went; return the new pictures."""
        self._num_draws += 1
        if isinstance(outcome, Drawn):
            self.answer(call, drawn_as([self._album.add(picture) for picture in outcome.pictures]))
            return outcome.pictures
        assert isinstance(outcome, Refused), "a draw ends in pictures or in a refusal"
        self.answer(call, f"Not drawn: {outcome.error.message}")
        return ()

    def answer(self, call: ToolCall, text: str) -> None:
        """Tell the model what came of a call."""
        self._messages.append({"role": "tool", "tool_call_id": call.id, "content": text})

    def show(self, parts: list[dict[str, Any]]) -> None:
        """Let the model see what was drawn."""
        if parts:
            self._messages.append({"role": "user", "content": parts})

    def _count(self, usage: Usage | None) -> list[Step]:
        if usage is None:
            return []
        self._num_written += usage.completion_tokens
        read, written = usage.prompt_tokens_details, usage.completion_tokens_details
        spent = Spent(
            input_tokens=usage.prompt_tokens,
            output_tokens=usage.completion_tokens,
            cached_tokens=(read and read.cached_tokens) or 0,
            reasoning_tokens=(written and written.reasoning_tokens) or 0,
        )
        return [spent]

    def _is_written_out(self) -> bool:
        most = self._brief.max_output_tokens
        return most is not None and self._num_written >= most

    def _remind(self) -> None:
        if self._is_reminded or not self._may_call or self._is_written_out():
            raise PlannerFailed("the planner drew nothing although tool_choice asks for it; try again, or leave tool_choice out")
        self._is_reminded = True
        self._messages.append({"role": "system", "content": REMINDER})


def _named(call: ToolCall, name: str) -> ToolCall:
    """Give a call an id if it has none."""
    return call if call.id else call.model_copy(update={"id": name})


def _write_reply(text: str, calls: Sequence[ToolCall]) -> Message:
    written = [
        {"id": call.id, "type": "function", "function": {"name": call.function.name, "arguments": write_arguments(call.function)}}
        for call in calls
    ]
    return {"role": "assistant", "content": text or None, **({"tool_calls": written} if written else {})}
