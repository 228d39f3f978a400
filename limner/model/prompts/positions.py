"""Where things are: the many ways to say it, in the few that captions use."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SIDE = (
    r"(?:(?:directly|just|right|immediately|positioned|placed|located|situated)\s+)?(?:on|to|at|towards?)\s+(?:the\s+)?{side}"
    r"(?:[- ]hand)?(?:\s+side)?\s+of"
)
_NEAR = r"\b(?:directly|just|immediately|positioned|placed|located|situated)\s+"
WORDINGS: Mapping[str, str] = {
    rf"\b{_SIDE.format(side='left')}\b": "to the left of",
    rf"\b{_SIDE.format(side='right')}\b": "to the right of",
    r"(?<!the )(?<!on )(?<!to )(?<!what is )\bleft\s+(?:of|to)\b(?=\s+(?:an?|the|two|three|some|it)\b)": "to the left of",
    r"(?<!the )(?<!on )(?<!to )\bright\s+(?:of|to)\b(?=\s+(?:an?|the|two|three|some|it)\b)": "to the right of",
    r"\b(?:on|at|in)\s+the\s+left(?:[- ]hand)?\s+side\b(?!\s+of)": "on the left",
    r"\b(?:on|at|in)\s+the\s+right(?:[- ]hand)?\s+side\b(?!\s+of)": "on the right",
    r"\b(?:atop(?:\s+of)?|(?:on|upon|at)\s+(?:the\s+)?top\s+of|perched\s+(?:up)?on(?:\s+top\s+of)?)\b": "on top of",
    rf"(?:{_NEAR}|\b)(?:underneath|beneath)\b": "below",
    rf"{_NEAR}(?:below|under)\b": "below",
    rf"{_NEAR}above\b|\b(?:floating|hovering)\s+(?:over|above)\b": "above",
    rf"{_NEAR}behind\b|\b(?:at|in)\s+(?:the\s+)?(?:back|rear)\s+of\b": "behind",
    r"\b(?:at\s+the\s+front\s+of|ahead\s+of)\b": "in front of",
    r"\b(?:alongside(?:\s+of)?|(?:right\s+)?beside|adjacent\s+to|by\s+the\s+side\s+of)\b": "next to",
    r"\bin\s+the\s+cent(?:er|re)(?!\s+of)\b|\bcent(?:er|re)d\s+in\s+the\s+(?:middle|frame|image|picture)\b": "in the middle",
}
_WORDED = [(re.compile(wording, re.IGNORECASE), plain) for wording, plain in WORDINGS.items()]
_ANY = re.compile(
    r"\b(?:left|right|top|atop|perched|underneath|beneath|below|under|above|over|hovering|floating|behind|back|rear|front|ahead|alongside|"
    r"beside|adjacent|side|cent(?:er|re))",
    re.IGNORECASE,
)


def plain_positions(text: str) -> str:
    """Return the text with "on the left-hand side of", "beneath", "atop" and their like in the words of captions."""
    if not _ANY.search(text):
        return text
    for wording, plain in _WORDED:
        text = wording.sub(plain, text)
    return text
