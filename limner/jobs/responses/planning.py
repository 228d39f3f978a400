"""What stands between a conversation and the studio: a planner reads the turns and says, step by step, what is drawn and what is said.

A planner is an asynchronous generator. It is told how each picture went before it goes on:

```
steps = planner.plan(brief, read)
step = await anext(steps)              # Draw(...), Say(...), Spent(...) or Cut(...)
step = await steps.asend(outcome)      # Drawn or Refused after a Draw, None after everything else
```

Words that are said one after the other are one message; a picture between two ends the first. A planner that raises an error of ours
fails the response, one that returns completes it. It is closed (`aclose`) when nobody waits for it any more.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from limner.errors import RequestError

Role = Literal["user", "assistant", "system", "developer"]
Action = Literal["generate", "edit"]
ActionWord = Literal["auto", "generate", "edit"]
ToolChoice = Literal["none", "auto", "required"]
Detail = Literal["auto", "low", "high", "original"]
CutReason = Literal["max_output_tokens", "content_filter"]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture in context. `name` is unlike every other's of its brief: an item's id (`ig_...`), or the field that it came in."""

    name: str
    detail: Detail = "auto"


@dataclass(frozen=True, kw_only=True)
class Message:
    """What somebody said: texts and pictures in their order."""

    role: Role
    parts: tuple[str | Picture, ...]


@dataclass(frozen=True, kw_only=True)
class Call:
    """A picture that was drawn in an earlier turn; `prompt` is what it was drawn from, empty if nobody knows any more."""

    picture: Picture
    prompt: str


Turn = Message | Call


@dataclass(frozen=True, kw_only=True)
class Tool:
    """The drawing tool as the caller set it up, in the words of the wire. Every draw is held to it, whatever the planner says.

    `action` other than `auto` is the only one that may be drawn; `has_mask` says that every edit is confined to a mask on its first
    picture. Each draw gives `num_pictures` pictures.
    """

    action: ActionWord = "auto"
    size: str = "auto"
    quality: str = "auto"
    background: str = "auto"
    has_mask: bool = False
    num_pictures: int = 1


@dataclass(frozen=True, kw_only=True)
class Brief:
    """Everything that a planner reads. `model` is the name that the caller gave, `turns` are in order, the newest one last.

    `tool` is None if the caller brought none: then nothing can be drawn. With `tool_choice` `none` nothing may be drawn, with
    `required` something must. `max_tool_calls` and `max_output_tokens` are None where the caller set no bound.
    """

    model: str
    instructions: str | None
    turns: tuple[Turn, ...]
    tool: Tool | None
    tool_choice: ToolChoice = "auto"
    max_tool_calls: int | None = None
    max_output_tokens: int | None = None
    parallel_tool_calls: bool = True
    temperature: float | None = None
    top_p: float | None = None

    @property
    def may_draw(self) -> bool:
        """Whether a draw would be taken at all."""
        return self.tool is not None and self.tool_choice != "none"


@dataclass(frozen=True, kw_only=True)
class Draw:
    """Draw this prompt. An edit begins with the first of `pictures` and looks at the others; a generation has none."""

    prompt: str
    action: Action
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Say:
    """Say these words, or the next of them. An empty text opens a message that says nothing."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Tokens that a text model read and wrote since the last time; what was read from a cache is among `input_tokens`."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True)
class Cut:
    """The last step of a plan that was cut off: the response is incomplete for this reason."""

    reason: CutReason


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """The pictures of a draw, which can be read and edited like any other in context. `prompt` is what the model read."""

    pictures: tuple[Picture, ...]
    prompt: str


@dataclass(frozen=True)
class Refused:
    """A draw that was refused, for a reason that another draw might avoid; raising `error` fails the response with it."""

    error: RequestError


Step = Draw | Say | Spent | Cut
Outcome = Drawn | Refused | None
PictureReader = Callable[[Picture], Awaitable[bytes]]


class Planner(Protocol):
    """Turns a conversation into steps."""

    @property
    def is_immediate(self) -> bool:
        """Whether the first step comes without waiting for anybody: what is wrong with it is then told before an answer begins."""
        ...

    def plan(self, brief: Brief, read: PictureReader) -> AsyncGenerator[Step, Outcome]:
        """Yield steps. `read` gives the file of a picture of the brief, or of one drawn meanwhile.

        Raises:
            RequestError: the brief cannot be followed; `param` names the field.
            UnknownFile: (from `read`) the picture is gone.
            EngineError: the planner's own side failed.
        """
        ...
