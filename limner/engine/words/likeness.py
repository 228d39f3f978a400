"""Whose style a picture is to have, read from an instruction: "make image 1 look like image 2", "a cat like image 1"."""

from __future__ import annotations

import re

from limner.engine.words.arrangements import IMAGE, NUMBERS, ORDINALS, match, plainly
from limner.model.prompts.orders import translate_orders

_STYLE = (
    r"(?:in |with |use |using |apply |take (?:over )?|give (?:it|image 1) )?the (?:same )?(?:style|look|medium|technique) "
    r"(?:of|as|from)"
)
_LIKE = rf"(?:{_STYLE}|(?:in the same style )?(?:like|as))"
_SUBJECT = r"(?:it|this|that|everything|image 1|the first (?:image|picture|photo)|the (?:image|picture|photo))"
_VERB = r"(?:make|redraw|draw|render|paint|show|restyle|turn)"
_SAME = (
    rf"{_VERB} {_SUBJECT} (?:look )?{_LIKE} {IMAGE}",
    rf"{_STYLE} {IMAGE}(?: (?:on|for|to) {_SUBJECT})?",
    rf"(?:match|copy) the style of {IMAGE}",
)
_NEW = rf"(?:(?:draw|show|paint|make) )?(?P<what>.+?),? {_LIKE} {IMAGE}"


def read_likeness(prompt: str, *, has_source: bool) -> tuple[str, int] | None:
    """Return the caption of what is new, "" where image 1 is made again, and the number of the image whose style it has.

    None if an instruction asks for anything else.
    """
    words = plainly(translate_orders(prompt))
    patterns = _SAME if has_source else (_NEW,)
    found = next(filter(None, (match(pattern, words) for pattern in patterns)), None)
    if not found:
        return None
    said = (found["number"] or found["nth"]).lower()
    number = int(said) if said.isdecimal() else NUMBERS.get(said) or ORDINALS.get(said)
    what = re.sub(r",$", "", "" if has_source else found["what"].strip())
    return (what, number) if number else None
