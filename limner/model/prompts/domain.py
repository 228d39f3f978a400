"""Words of other kinds of picture (photographs, renderings, film) and names of people: they go, and what can be drawn stays."""

from __future__ import annotations

import re
from functools import cache

from limner.model.prompts.dictionary import PEOPLE, fold, read_list
from limner.model.prompts.spans import one_of, read_lines

_MANNER = one_of("manner")
_KIND = r"photo(?:graph)?s?|snapshot|shot|close-?up|headshot|photograph|film still|screenshot"
_SORT = r"(?:(?:^|(?<=[,.;] ))(?:(?!\w+ing\b|(?:with|and|of|in|on|at)\b)[\w-]+ ){1,2})?"  # "class photo of", "overhead shot of"
PICTURE_OF = re.compile(
    rf"{_SORT}(?:\b(?:an?|the)[ \t]+)?\b(?:{_MANNER}[ \t,]+)*(?:{_KIND})[ \t]+(?:of|showing|depicting)[ \t]+", re.IGNORECASE
)
CAMERA = one_of("camera")
MISLEADING = re.compile(rf"(?<![\w-]){CAMERA}(?![\w-])(?! (?:frame|album|camera|booth))", re.IGNORECASE)
FLAGS = re.compile(r"(?:^|\s)--[a-z]+(?:\s+(?!--)[\w:.]+)?|\((?=[^()]*:\d\.\d\))|:\d\.\d+\)", re.IGNORECASE)
NAME_WORD = r"[A-Z][\w'’.-]*[\w]|[A-Z]\."
FULL_NAME = re.compile(rf"\b(?:{NAME_WORD})(?:[ ](?:{NAME_WORD}|de|da|van|von|der|the|of|al|bin)){{1,4}}")
NOW_KNOWN = frozenset(map(fold, read_lines("people")))


def plain_domain(text: str) -> str:
    """Return the text as an illustration of what it shows: without camera, film and rendering, and with "a person" for a famous one."""
    text = FLAGS.sub(" ", text)
    text = PICTURE_OF.sub("", text)
    text = MISLEADING.sub("", text)
    return FULL_NAME.sub(_unnamed, text)


def _unnamed(match: re.Match[str]) -> str:
    """Return "a person" in the place of a famous name, which may stand among other words with capital letters."""
    words = match[0].split(" ")
    people = _people()
    for length in range(len(words), 1, -1):
        for start in range(len(words) - length + 1):
            name = fold(" ".join(words[start : start + length])).replace("' s", "").rstrip(".,")
            if name in people:
                return " ".join([*words[:start], "a person", *words[start + length :]])
    return match[0]


@cache
def _people() -> frozenset[str]:
    return NOW_KNOWN | frozenset(read_list(PEOPLE))
