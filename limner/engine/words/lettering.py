"""What is to be written on a picture, read from an instruction or a caption; words are those between quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from limner.model.prompts.colours import colour_names

_QUOTED = r"[\"“”«»„']{word}[\"“”«»„']"
_NEW, _OLD = _QUOTED.format(word=r"(?P<new>[^\"“”«»„]{1,60}?)"), _QUOTED.format(word=r"[^\"“”«»„]{1,60}?")
_TEXT = r"(?:the|its) (?:text|words?|lettering|writing|letters|caption|title|label|inscription)(?: on (?:it|the sign|the label|the board))?"
_SIGN = r"(?:it|this|the (?:sign|text|label|board|poster|badge|button|card|plate))"
_WRITE = (
    rf"(?:change|replace|swap|turn) (?:{_TEXT}|(?:the (?:word|text) )?{_OLD}) (?:(?:in)?to|with|by|for) (?:the (?:word|text) )?{_NEW}",
    rf"make {_SIGN} (?:say|read) {_NEW}",
    rf"{_SIGN} should (?:say|read) {_NEW}",
    rf"(?:write|put|print|add|letter)(?: the (?:word|words|text))? {_NEW}(?: (?:on|onto) {_SIGN}| instead| there)?",
)
_ERASE = (
    rf"(?:remove|delete|erase|take off|clear) (?:{_TEXT}|the (?:word|text) {_OLD}|{_OLD})(?: from {_SIGN})?",
    rf"(?:it )?without (?:{_TEXT}|(?:any )?text)",
)


_CAPTION = (
    r"(?:an? (?:(?P<board>[a-z ]+?) )?(?:sign|badge|label|board|button|plaque|banner|plate|card)|lettering|(?:the )?(?:words?|text)) "
    rf"(?:(?:that|which) (?:says|reads)|saying|reading) {_NEW}(?: in (?P<ink>[a-z ]+?)(?: letters| lettering)?)?"
    r"(?: on an? (?P<ground>[a-z ]+?) (?:background|ground))?"
)


@dataclass(frozen=True)
class Lettering:
    """What is to be written, "" where nothing is; and the colours of letters, sign and ground as captions name them, "" where not said."""

    words: str
    ink: str = ""
    board: str = ""
    ground: str = ""


def read_lettering(words: str) -> Lettering | None:
    """Return what is to stand on a picture, None if an instruction or a caption asks for anything else."""
    for pattern in _WRITE:
        if found := re.fullmatch(pattern, words, re.IGNORECASE):
            return Lettering(found["new"].strip())
    if found := re.fullmatch(_CAPTION, words, re.IGNORECASE):
        said = [(found[part] or "").lower() for part in ("ink", "board", "ground")]
        named = [colour_names().get(each, "") for each in said]
        return Lettering(found["new"].strip(), *named) if [*map(bool, said)] == [*map(bool, named)] else None
    return Lettering("") if any(re.fullmatch(pattern, words, re.IGNORECASE) for pattern in _ERASE) else None
