"""Looks by their many names become those of captions; names of artists, studios and brands are dropped, and what they would draw stays."""

from __future__ import annotations

import re
from collections.abc import Mapping

from limner.model.prompts.spans import one_of

LOOKS: Mapping[str, str] = {
    r"pixel[- ]?art(?: style)?|(?:8|16|eight|sixteen)[- ]?bit(?: (?:style|art|graphics))?": "pixel art",
    r"water[- ]?colou?rs?(?: painting)?(?: style)?|aquarelle": "watercolour",
    r"clip[- ]?art(?: style)?": "clip art",
    r"(?:flat )?vector (?:art|illustration|graphic|style)|flat (?:vector )?(?:illustration|art)(?: style)?": "flat design",
    r"(?<=, )(?:line[- ]?art|line drawing|outline drawing)(?=,|$)": "line icon",
    r"scribble|doodle (?:art|style|drawing)": "hand-drawn doodle",
    r"duo[- ]tone": "duotone",
    r"3-d\b": "3D",
}
NAMES = one_of("artists")
_OF_STYLE = r"(?:[- ]?(?:style|inspired|esque|like)|['’]s(?: style)?)?"
_MOVEMENT = rf"(?!{one_of('movements')}\b)"
_WORKS = r"(?: (?:films?|movies?|anime|paintings?|artworks?|style)\b)?"
IN_STYLE = (
    r"(?:[ \t]*,)?[ \t]*\b(?:(?:painted|drawn|rendered|done|made)[ \t]+)?(?:in|with)[ \t]+(?:the[ \t]+|an?[ \t]+)?(?:art[ \t]+)?"
    r"styles?[ \t]+of[ \t]+(?:an?[ \t]+|the[ \t]+)?"
)
_CAPITALS = r"[ \t]?[A-Z][\w.'’-]*(?:[ \t](?:[A-Z][\w.'’-]*|af|da|de|del|der|di|la|van|von))*"
NAMED_STYLE = re.compile(
    rf"{IN_STYLE}(?:{NAMES}\b{_WORKS}|{_MOVEMENT})(?-i:{_CAPITALS})?",
    re.IGNORECASE,
)
BY_NAME = re.compile(
    rf"(?:[ \t]*,)?[ \t]*\b(?:(?:(?:drawn|painted|art|designed|illustrated|made) )?by|inspired by|à la|a la|in (?:the )?(?={NAMES}))"
    rf"[ \t]*{NAMES}\b{_OF_STYLE}{_WORKS}",
    re.IGNORECASE,
)
NAME = re.compile(rf"\b{NAMES}(?:{_OF_STYLE}\b)[ \t]*", re.IGNORECASE)
ANY_NAME = re.compile(rf"\b{NAMES}\b|\bstyles? of\b", re.IGNORECASE)
STYLE_OF_LOOK = re.compile(rf"{IN_STYLE}(?=(?:{'|'.join(LOOKS)}|emoji|sticker|icon|doodle|cartoon|flat|line)\b)", re.IGNORECASE)
_LOOKED = [(re.compile(rf"(?<!\w)(?:{look})(?!\w)", re.IGNORECASE), plain) for look, plain in LOOKS.items()]
COMMON_WORDS = re.compile(r"\b(?:bosch|turner|miro|haring|lego|raphael|klee|hopper|mucha)\b", re.IGNORECASE)


def plain_looks(text: str) -> str:
    """Return the text with looks as captions call them, and without artists, studios and brands."""
    text = STYLE_OF_LOOK.sub(", ", text)
    if ANY_NAME.search(text):
        text = NAMED_STYLE.sub(_unless_nothing_was_named, text)
        text = BY_NAME.sub("", text)
        text = NAME.sub(_unless_common, text)
    for look, plain in _LOOKED:
        text = look.sub(plain, text)
    return text


def _unless_nothing_was_named(match: re.Match[str]) -> str:
    """Keep "in the style of a children's book": only a name is dropped."""
    has_name = re.search(rf"\b{NAMES}\b", match[0], re.IGNORECASE) or re.search(r"of (?:the )?[A-Z]", match[0])
    return "" if has_name else match[0]


def _unless_common(match: re.Match[str]) -> str:
    """Keep what is also a common word unless it is written as a name."""
    return match[0] if COMMON_WORDS.match(match[0]) and match[0][0].islower() else ""
