"""The planner that needs no other model: it draws what the user said last, from the newest picture that there is.

It understands no words. What it says is therefore only ever what is certainly so: nothing after a picture, and why, if none was drawn.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from limner.errors import IncompatibleFields, MissingField
from limner.jobs.responses.planning import Brief, Call, Draw, Message, Outcome, Picture, PictureReader, Refused, Say, Step

NO_TOOL = "No picture was drawn: the request has no image_generation tool, and without it this server only answers in fixed words."
NOT_CHOSEN = "No picture was drawn: tool_choice is none, and without the image_generation tool this server only answers in fixed words."


class DirectPlanner:
    """Draws once, and says nothing."""

    is_immediate = True

    async def plan(self, brief: Brief, read: PictureReader) -> AsyncGenerator[Step, Outcome]:
        """Yield one draw and an empty message, or a message alone that says why nothing is drawn.

        Raises:
            MissingField: the user said nothing.
            IncompatibleFields: an edit was asked for, and there is no picture.
        """
        if not brief.may_draw:
            yield Say(NO_TOOL if brief.tool is None else NOT_CHOSEN)
            return
        outcome = yield _draw(brief)
        if isinstance(outcome, Refused):
            raise outcome.error
        yield Say("")


def _draw(brief: Brief) -> Draw:
    prompt = _last_words(brief)
    wanted = "auto" if brief.tool is None else brief.tool.action
    pictures = () if wanted == "generate" else _newest_pictures(brief)
    if wanted == "edit" and not pictures:
        raise IncompatibleFields(
            "tools[0].action", "action edit needs a picture, and there is none in context; send one, or use action auto or generate"
        )
    return Draw(prompt=prompt, action="edit" if pictures else "generate", pictures=pictures)


def _last_words(brief: Brief) -> str:
    for turn in reversed(brief.turns):
        if isinstance(turn, Message) and turn.role == "user":
            words = "\n".join(part for part in turn.parts if isinstance(part, str) and part.strip())
            if words:
                return words
    raise MissingField("input", "Missing required parameter: 'input'. It has no text of a user; say what is to be drawn")


def _newest_pictures(brief: Brief) -> tuple[Picture, ...]:
    """Return the picture that was drawn last, or those of the user's message that came after it."""
    for turn in reversed(brief.turns):
        if isinstance(turn, Call):
            return (turn.picture,)
        pictures = tuple(part for part in turn.parts if isinstance(part, Picture))
        if pictures:
            return pictures
    return ()
