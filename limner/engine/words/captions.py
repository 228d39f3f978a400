"""What a finished picture is to show, read from a caption: "a cat beside a dog on a green background". And orders to complete one."""

from __future__ import annotations

import re

from limner.engine.words.arrangements import (
    DRAWN,
    GROUND,
    MAX_CHARS,
    NO_THING,
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
    r"\b(?:on|onto|in|into|at|from|for|around|inside|outside|between|through|along|behind|before|above|below|under|over|beside|near|by|wearing|holding|and|or)\b",
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
    return _named(*re.split(r",(?: and)? (?=an? )| and (?=an? )", words)), Where()


def _named(*said: str) -> tuple[Subject, ...]:
    names = [found["name"] if (found := match(r"(?:an?|one) (?P<name>[^,;:\"]+)", each)) else "" for each in said]
    if not all(names) or any(NO_THING.search(name) or _NOT_ONE.search(name) for name in names):
        return ()
    return tuple(Subject(DRAWN, name) for name in names)
