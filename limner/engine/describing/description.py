"""What a picture shows, as plain data, and as one sentence for those who cannot see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from limner.engine.describing.ground import GroundKind
from limner.model.prompts.english import NUMBERS, correct_articles

MAX_SENTENCE_CHARS = 125  # what screen readers are said to read in one go
SEVERAL_FROM = 7  # so many are not counted in words
_RELATION_GAP = 0.12  # of the picture, between two middles


@dataclass(frozen=True, kw_only=True)
class ShownThing:
    """Things of one kind. `colour` is one word, "" where none covers most of it; `place` is "top left" to "bottom right", or "middle".

    `name` is the corpus's, `words` what stands in the sentence. `boxes` are (left, top, width, height) of each, in fractions of the
    picture.
    """

    name: str
    words: str
    count: int
    colour: str
    place: str
    boxes: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, kw_only=True)
class ShownGround:
    """What is behind the things; `colours` are names, one of a plain ground, two of a gradient, none of others."""

    kind: GroundKind
    colours: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Description:
    """What was seen in a picture: `things` that are there for sure, the largest first, and `colours`, what it looks like at a glance."""

    alt_text: str
    things: tuple[ShownThing, ...]
    background: ShownGround
    colours: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return asdict(self)


def place_of(x: float, y: float) -> str:
    """Return where a point is, in fractions of the picture: "left", "top right", "middle"."""
    down, across = _third(y, "top", "bottom"), _third(x, "left", "right")
    return " ".join(filter(None, (down, across))) or "middle"


def _third(value: float, low: str, high: str) -> str:
    return low if value < 0.38 else high if value > 0.62 else ""


def say(things: Sequence[ShownThing], ground: ShownGround, colours: Sequence[str]) -> str:
    """Return one sentence, at most `MAX_SENTENCE_CHARS` long: as much as fits, the largest things first."""
    if not things:
        return _say_colours(ground, colours)
    return next(text for text in _wordings(things, ground) if len(text) <= MAX_SENTENCE_CHARS)


def _wordings(things: Sequence[ShownThing], ground: ShownGround) -> Iterator[str]:
    """Yield ways to say it, each shorter than the one before; the last always fits."""
    behind = _say_ground(ground)
    if (related := _relate(things)) is not None:
        yield _sentence(related + behind)
    if len(things) == 1 and things[0].count == 1 and things[0].place != "middle":
        yield _sentence(f"{things[0].words} {_at(things[0].place)}{behind}")
    yield _sentence(_list([thing.words for thing in things]) + behind)
    for count in range(len(things), 0, -1):
        said = [thing.words for thing in things[:count]]
        yield _sentence(_list(said if count == len(things) else [*said, "more"]))
    yield "A picture of several things."


def _relate(things: Sequence[ShownThing]) -> str | None:
    """Return how two single things stand to each other, None if that is not plain."""
    if len(things) != 2 or any(thing.count != 1 for thing in things):
        return None
    first, second = (thing.boxes[0] for thing in things)
    across = (first[0] + first[2] / 2) - (second[0] + second[2] / 2)
    down = (first[1] + first[3] / 2) - (second[1] + second[3] / 2)
    if max(abs(across), abs(down)) < _RELATION_GAP or _overlap(first, second) > 0.25:
        return None
    beside = "to the left of" if across < 0 else "to the right of"
    relation = beside if abs(across) >= abs(down) else "above" if down < 0 else "below"
    return f"{things[0].words} {relation} {things[1].words}"


def _overlap(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """Return how much of the smaller box lies in the other."""
    across = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    down = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    return max(0.0, across) * max(0.0, down) / max(1e-9, min(first[2] * first[3], second[2] * second[3]))


def _at(place: str) -> str:
    return f"on the {place}" if place in ("left", "right") else f"at the {place}"


def _say_ground(ground: ShownGround) -> str:
    match ground.kind:
        case "transparent":
            return " on a transparent background"
        case "plain":
            return f" on a {ground.colours[0]} background"
        case "gradient" if ground.colours[0] != ground.colours[1]:
            return f" on a background that fades from {ground.colours[0]} to {ground.colours[1]}"
        case "gradient":
            return f" on a {ground.colours[0]} background"
    return ""


def _say_colours(ground: ShownGround, colours: Sequence[str]) -> str:
    behind = " on a transparent background" if ground.kind == "transparent" else ""
    if not colours:
        return "An empty picture." if ground.kind == "transparent" else "A picture."
    if ground.kind == "plain" and len(colours) == 1:
        return f"A picture, almost all {ground.colours[0]}."
    return f"A picture, mostly {_list(colours)}{behind}."


def words_for(one: str, many: str, *, takes_article: bool, count: int, colour: str) -> str:
    """Return "a red apple", "three green pears", "fire"; a name of several words with "of" takes no colour."""
    colour = "" if " of " in one else colour
    if count == 1:
        return correct_articles(" ".join(filter(None, ("a" if takes_article else "", colour, one))))
    return " ".join(filter(None, (NUMBERS[count] if count < SEVERAL_FROM else "several", colour, many)))


def _list(said: Sequence[str]) -> str:
    *most, last = said
    return f"{', '.join(most)} and {last}" if most else last


def _sentence(text: str) -> str:
    text = correct_articles(text)
    return f"{text[:1].upper()}{text[1:]}."
