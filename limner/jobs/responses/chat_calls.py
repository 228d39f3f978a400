"""What a chat model's call of the drawing function means: a draw, or what is wrong with it, in words that the model can act on."""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict, ValidationError

from limner.jobs.responses.chat_wire import FunctionCall
from limner.jobs.responses.chat_words import FUNCTION, Album
from limner.jobs.responses.planning import Action, Draw, Tool


class _Arguments(BaseModel):
    """What the function takes."""

    model_config = ConfigDict(extra="forbid", strict=True)

    prompt: str
    action: Action | None = None
    pictures: list[int] = []


def understand(call: FunctionCall, tool: Tool, album: Album) -> Draw | str:
    """Return what a call asks for within what the caller's tool allows, or why nothing is drawn."""
    if call.name != FUNCTION:
        return f"There is no function {call.name[:60]!r}; call {FUNCTION}."
    try:
        given = _Arguments.model_validate_json(write_arguments(call))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"Not drawn: the arguments are wrong: {'.'.join(map(str, first['loc']))} {first['msg']}. Call again."
    action: Action = given.action or ("edit" if given.pictures or tool.action == "edit" else "generate")
    if tool.action not in ("auto", action):
        return f"Not drawn: the user allows only the action {tool.action}."
    if action == "edit":
        return _edit(given, album)
    if given.pictures:
        return "Not drawn: generate takes no pictures. Use edit, or leave pictures out."
    return Draw(prompt=given.prompt, action=action)


def write_arguments(call: FunctionCall) -> str:
    """Return the arguments of a call as the text that they should have been."""
    return call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)


def _edit(given: _Arguments, album: Album) -> Draw | str:
    numbers = list(dict.fromkeys(given.pictures)) or [len(album)]
    pictures = tuple(picture for picture in map(album.find, numbers) if picture is not None)
    if len(pictures) < len(numbers):
        known = (
            f"this conversation has the pictures 1 to {len(album)}" if len(album) else "this conversation has no picture yet; use generate"
        )
        return f"Not drawn: {known}."
    return Draw(prompt=given.prompt, action="edit", pictures=pictures)
