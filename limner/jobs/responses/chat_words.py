"""What a chat model reads: a conversation as messages in which every picture has a number, and the drawing tool as a function."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any

from limner.jobs.responses.chat_wire import Message
from limner.jobs.responses.planning import Brief, Call, Detail, Picture, PictureReader, Tool
from limner.jobs.responses.planning import Message as Said
from limner.media.sniff import recognise

FUNCTION = "image_generation"
MAX_SHOWN_BYTES = 20_000_000  # of pictures in one conversation, before base64
DETAILS: dict[Detail, str] = {"auto": "auto", "low": "low", "high": "high", "original": "high"}
DESCRIPTION = (
    "Draws a new picture, or edits pictures of this conversation. Pictures are numbered in the order in which they came: [picture 1], "
    "[picture 2]. Call it once for each picture that is wanted. The prompt is all that is read: put everything into it that the picture "
    "needs, in the words of somebody who describes the result."
)


class Album:
    """The pictures of a conversation by their numbers, from 1."""

    def __init__(self) -> None:
        self._pictures: list[Picture] = []

    def __len__(self) -> int:
        return len(self._pictures)

    def add(self, picture: Picture) -> int:
        """Give a picture the next number, or the one that it has."""
        for number, known in enumerate(self._pictures, 1):
            if known.name == picture.name:
                return number
        self._pictures.append(picture)
        return len(self._pictures)

    def find(self, number: int) -> Picture | None:
        """Return the picture of a number, None if there is none."""
        return self._pictures[number - 1] if 1 <= number <= len(self._pictures) else None


class Viewer:
    """Writes pictures as parts of messages: the number of each, and, if the model may see them, the picture itself."""

    def __init__(self, album: Album, read: PictureReader, *, is_seeing: bool) -> None:
        self._album, self._read, self._is_seeing = album, read, is_seeing
        self._left_bytes = MAX_SHOWN_BYTES

    async def show(self, picture: Picture) -> list[dict[str, Any]]:
        """Return the parts of a picture; one that cannot be shown says so, and can still be edited.

        Raises:
            UnknownFile: the picture is gone.
        """
        label = f"[picture {self._album.add(picture)}]"
        if not self._is_seeing:
            return [text_part(label)]
        content = await self._read(picture)
        form = recognise(content)
        if form is None or len(content) > self._left_bytes:
            return [text_part(f"{label} (not shown)")]
        self._left_bytes -= len(content)
        url = f"data:image/{form};base64,{base64.b64encode(content).decode('ascii')}"
        return [text_part(label), {"type": "image_url", "image_url": {"url": url, "detail": DETAILS[picture.detail]}}]


def text_part(text: str) -> dict[str, Any]:
    """Return a text as a part of a message."""
    return {"type": "text", "text": text}


async def write_messages(brief: Brief, viewer: Viewer, album: Album) -> list[Message]:
    """Return a conversation as messages. What was drawn before stands there as calls of the function, if it can be called now.

    Raises:
        UnknownFile: a picture is gone.
    """
    messages: list[Message] = [{"role": "system", "content": brief.instructions}] if brief.instructions else []
    waiting: list[dict[str, Any]] = []  # pictures that were drawn, which only a user's message can show
    for turn in brief.turns:
        if isinstance(turn, Call):
            parts = await viewer.show(turn.picture)
            messages += write_call(turn, album.add(turn.picture), is_called=brief.may_draw)
            waiting += parts if len(parts) > 1 else []
            continue
        if turn.role != "user":
            messages += [{"role": "user", "content": waiting}] if waiting else []
            waiting = []
        parts = await _write_parts(turn, viewer)
        messages.append({"role": "system" if turn.role == "developer" else turn.role, "content": _plain([*waiting, *parts])})
        waiting = []
    return [*messages, *([{"role": "user", "content": waiting}] if waiting else [])]


def write_call(call: Call, number: int, *, is_called: bool) -> list[Message]:
    """Return an earlier drawing as the call that it was, or in words where nothing can be called."""
    if not is_called:
        return [{"role": "assistant", "content": f"[picture {number}] {call.prompt}".rstrip()}]
    call_id = f"call_{number}"
    arguments = json.dumps({"prompt": call.prompt}, ensure_ascii=False)
    function = {"id": call_id, "type": "function", "function": {"name": FUNCTION, "arguments": arguments}}
    return [
        {"role": "assistant", "content": None, "tool_calls": [function]},
        {"role": "tool", "tool_call_id": call_id, "content": drawn_as([number])},
    ]


def drawn_as(numbers: Sequence[int]) -> str:
    """Say which pictures a call gave."""
    names = ", ".join(f"picture {number}" for number in numbers)
    return f"Drawn as {names}. The user sees it; do not repeat it in words or links."


def describe_tool(tool: Tool) -> dict[str, Any]:
    """Return the function that a model can call, within what the caller allows."""
    actions = ["generate", "edit"] if tool.action == "auto" else [tool.action]
    said = {"size": tool.size, "quality": tool.quality, "background": tool.background}
    settled = ", ".join(f"{name} {value}" for name, value in said.items() if value != "auto")
    description = DESCRIPTION + (f" Settled by the user: {settled}." if settled else "")
    if tool.has_mask:
        description += " Of the first picture of an edit, only the part changes that the user marked."
    parameters: dict[str, Any] = {
        "type": "object",
        "properties": {
            "prompt": {"type": "string", "description": "What to draw, or what to change in the picture that is edited."},
            "action": {"type": "string", "enum": actions, "description": "generate draws anew, edit changes pictures."},
        },
        "required": ["prompt"],
        "additionalProperties": False,
    }
    if "edit" in actions:
        parameters["properties"]["pictures"] = {
            "type": "array",
            "items": {"type": "integer", "minimum": 1},
            "description": "Of an edit: the number of the picture to change, then of others to look at. The newest picture if left out.",
        }
    return {"type": "function", "function": {"name": FUNCTION, "description": description, "parameters": parameters}}


async def _write_parts(turn: Said, viewer: Viewer) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for part in turn.parts:
        parts += [text_part(part)] if isinstance(part, str) else await viewer.show(part)
    return parts


def _plain(parts: Iterable[dict[str, Any]]) -> str | list[dict[str, Any]]:
    """Return texts alone as one text, which every endpoint takes."""
    parts = list(parts)
    if all(part["type"] == "text" for part in parts):
        return "\n".join(part["text"] for part in parts)
    return parts
