"""Yes or no: do the things that the judge found in a picture show what a prompt of the scene categories asked for?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from limner.evals.judge import Found

Relation = Literal["", "left of", "right of", "above", "below"]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """So many of one thing of `SCENE_CONCEPTS`, in one of `JUDGED_COLOURS` or in any ("")."""

    concept: str
    count: int = 1
    colour: str = ""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a prompt asks for. With a relation, the first thing stands so to the second: "left of" is a cat to the left of a dog.

    `is_exact` asks for no more of each thing than its count, as the counting prompts do.
    """

    things: tuple[Wanted, ...]
    relation: Relation = ""
    is_exact: bool = False


def fulfils(found: Sequence[Found], order: Order) -> bool:
    """Say whether a picture in which the judge found these things shows what the order asks for.

    A box that the judge has two names for is one thing: it serves one of the things asked for.
    """
    if not all(_is_there(found, wanted, is_exact=order.is_exact) for wanted in order.things):
        return False
    places = {thing.box for wanted in order.things for thing in _matching(found, wanted)}
    if len(places) < sum(wanted.count for wanted in order.things):
        return False
    if not order.relation:
        return True
    first, second = (_matching(found, wanted) for wanted in order.things[:2])
    return any(_stands(one, other, order.relation) for one in first for other in second if one.box != other.box)


def _matching(found: Sequence[Found], wanted: Wanted) -> list[Found]:
    return [thing for thing in found if thing.concept == wanted.concept and wanted.colour in ("", thing.colour)]


def _is_there(found: Sequence[Found], wanted: Wanted, *, is_exact: bool) -> bool:
    count = len(_matching(found, wanted))
    return count == wanted.count if is_exact else count >= wanted.count


def _stands(first: Found, second: Found, relation: Relation) -> bool:
    across, down = first.box.centre[0] - second.box.centre[0], first.box.centre[1] - second.box.centre[1]
    if relation in ("left of", "right of"):
        return abs(across) >= abs(down) and (across < 0) == (relation == "left of")
    return abs(down) >= abs(across) and (down < 0) == (relation == "above")
