"""What a finished picture is to show, read from a caption: "a cat beside a dog on a green background". And orders to complete one."""

from __future__ import annotations

import re

from limner.engine.words.arrangements import (
    DRAWN,
    GROUND,
    MAX_CHARS,
    NO_THING,
    NUMBERS,
    RELATION,
    SPOT_ONLY,
    Arrangement,
    Subject,
    Where,
    match,
    plainly,
    read_ground,
    read_relation,
    read_where,
)
from limner.model.prompts.english import singular
from limner.model.prompts.spans import one_of

MAX_THINGS = 12  # each is looked for, or drawn
SIZES = {
    "very big": 1.5, "very large": 1.5, "huge": 1.5, "giant": 1.5, "big": 1.25, "large": 1.25, "small": 0.65, "little": 0.65, "tiny": 0.4,
    "very small": 0.4,
}  # fmt: skip
_ONE_MORE = rf"(?:an?|{'|'.join(NUMBERS)}) "
_LOOK = re.compile(r",? (?:in )?(?:an? )?[\w -]*\b(?:style|icon|icons|emoji|design|art|illustration|drawing)$", re.IGNORECASE)
_SPOT_OF_GROUND = rf"(?P<heart>.+?) (?P<where>{SPOT_ONLY}) of (?P<plain>(?:an? |the )?[a-z][a-z -]*?) (?:background|backdrop|ground)"
_PICTURE = r"(?:the |this |my )?(?:picture|image|photo|drawing|canvas|background|scene)"
_BEYOND = r"(?: (?:to the )?(?:left|right)| upwards?| downwards?| up| down| on all sides| beyond its (?:edges|borders))?"
_GAP = r"(?:the )?(?:holes?|gaps?|missing (?:parts?|area)|(?:empty|blank) (?:area|part|space)|rest)"
_COMPLETE = (
    rf"(?:fill|complete|restore|repair|finish) (?:in )?{_GAP}(?: (?:of|in) {_PICTURE})?",
    r"fill (?:in )?what is missing(?: here| there)?", r"fill it in",
    rf"(?:complete|finish|extend|outpaint|uncrop|expand|widen|continue) {_PICTURE}{_BEYOND}",
    r"outpaint", r"uncrop",
)  # fmt: skip
_NOT_ONE = re.compile(  # what a drawing alone would show more of than is said
    rf"\b{one_of('people')}\b|"
    r"\b(?:photo|photograph|picture|image|poster|logo|drawing|painting|sketch|illustration|portrait|map|diagram|screenshot|pattern|"
    r"wallpaper|on|onto|in|into|at|from|for|around|inside|outside|between|through|along|behind|before|above|below|under|over|beside|near|by|wearing|holding|and|or)\b",
    re.IGNORECASE,
)


def read_caption(prompt: str) -> Arrangement | None:
    """Return what a caption names and where, or, of no subjects, that what is there is to be completed; None if it says more than that."""
    words = plainly(prompt)
    if len(prompt) > MAX_CHARS:
        return None
    if any(match(pattern, words) for pattern in _COMPLETE):
        return Arrangement(kind="complete", subjects=())
    words = _LOOK.sub("", words)
    if (found := match(_SPOT_OF_GROUND, words)) and (ground := read_ground(found["plain"])) is not None:
        spot, subjects = read_where(found["where"]) or Where(), _named(found["heart"])
        return Arrangement(kind="complete", subjects=subjects, where=spot, ground=ground) if subjects else None
    found = match(GROUND.pattern, words)
    ground = read_ground(found["plain"] or found["fading"]) if found else None
    if found and ground is None:
        return None
    subjects, where = _read_things(found["heart"] if found else words)
    return Arrangement(kind="complete", subjects=subjects, where=where, ground=ground) if subjects else None


def _read_things(words: str) -> tuple[tuple[Subject, ...], Where]:
    """Return the things that are named, and where the first is; nobody where that is not all that the words say."""
    if found := match(r"(.+?) on the left(?: side)?,? and (.+?) on the right(?: side)?", words):
        return _named(found[1], found[2]), Where()
    if found := match(rf"(?P<one>.+?) (?P<where>{SPOT_ONLY})", words):
        return _named(found["one"]), read_where(found["where"]) or Where()
    if found := match(rf"(?P<one>.+?) (?P<relation>{RELATION}) (?P<other>an? .+)", words):
        return _named(found["one"], found["other"]), Where(relation=read_relation(found["relation"]))
    return _named(*re.split(rf",(?: and)? (?={_ONE_MORE})| and (?={_ONE_MORE})", words)), Where()


def _named(*said: str) -> tuple[Subject, ...]:
    """Return the things of a list, each as often as it is counted; none if anything else is among them, or they are too many."""
    subjects: list[Subject] = []
    for each in said:
        found = match(rf"(?P<count>an?|{'|'.join(NUMBERS)}) (?P<name>[^,;:\"]+)", each)
        if not found or NO_THING.search(found["name"]) or _NOT_ONE.search(found["name"]):
            return ()
        count = NUMBERS.get(found["count"].lower(), 1)
        sized = match(rf"(?:(?P<size>{'|'.join(SIZES)}) )?(?P<name>.+)", found["name"])
        assert sized, "every name is one"
        name = sized["name"] if count == 1 else singular(sized["name"])
        subjects += [Subject(DRAWN, name, size=SIZES[sized["size"].lower()] if sized["size"] else 1.0)] * count
    return tuple(subjects) if len(subjects) <= MAX_THINGS else ()
