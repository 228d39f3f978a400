"""What a prompt says should not be there does not stay in the text that draws: to a text encoder "without a hat" is mostly "hat"."""

from __future__ import annotations

import re

from limner.model.prompts.spans import read_lines

SENTENCE = re.compile(r"[^.!?;\n]*[.!?;\n]*")
_STOP = "|".join(read_lines("stop-words"))
_NOT_GOING_ON = r"(?!(?!\w*(?:building|lightning|earring|string|king|ring|wing|ceiling|clothing)s?\b)\w{3,}ing\b)"
_WORD = r"[^\W\d_][\w'’-]*"
_NEXT = rf"[ \t]+(?!(?:{_STOP})\b){_NOT_GOING_ON}{_WORD}"
_SMALL = r"(?:(?:any|a|an|the|its|his|her|their|some|other|more|extra|visible|kind of)[ \t]+){0,3}"
_THING = rf"{_SMALL}(?!(?:{_STOP})\b){_WORD}(?:{_NEXT}){{0,2}}"
_THINGS = rf"{_THING}(?:(?:\s*,\s*{_THING}){{0,5}}\s*,?\s+(?:or|nor)\s+(?:no\s+|without\s+)?{_THING}){{0,4}}"
_AND = rf"(?:\s+and\s+(?:no\s+|(?!(?:an?|the|one|two|three|four|five|some)\b)){_WORD}(?=\s*(?:[,.;!?\n]|$)))?"
_BEFORE = (
    r"(?:[ \t]*,)?(?:[ \t]+(?:and|but|with|that (?:is|are|has|have)|which (?:is|are|has|have)|who (?:is|has)|"
    r"there (?:is|are|should be)|it (?:is|has)|is|are|has|have)){0,3}"
)
_AVOID = r"do not|don['’]t|never|avoid|exclude|excluding|omit|leave out|(?:must|should|does|do)(?: not|n['’]t)"
_DRAW = r"draw|drawing|add|adding|include|including|show|showing|put|have|having|use|using|contain|containing|wear"


def _form(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE)


PROTECTED = _form(
    r"\bno[ -](?:smoking|entry|littering|bicycles?|pedestrians?|mobile phones?|parking|one|\d+|matter|longer|doubt)\b|\bno\.|"
    r"\bnot (?:only|too)\b|\byes (?:and|or) no\b"
)
NEGATION = _form(
    r"\b(?:no|not|without|lacking|free of|devoid of|minus|never|avoid|exclud\w+|omit|leave out|instead of|rather than|\w+n['’]t)\b|"
    r"background removed"
)
NO_BACKGROUND = _form(
    r"(?:[ \t]*,)?[ \t]*\b(?:(?:with )?no|without (?:an?|any|the)?)[ \t]*background\b|(?:[ \t]*,)?[ \t]*\bbackground removed\b"
)
WITH_NO_BUT_WITH = _form(
    rf"\b(?:with no|without(?: any| an?)?) {_WORD}(?:{_NEXT})?[ \t]+(?:and|but)[ \t]+(?:with[ \t]+)?(?=(?:an?|the|one|two|three)\b)"
)
FORMS = (
    _form(rf"\bnot {_THING}\s*,?\s+(?:but|rather)\s+(?!also\b)"),
    _form(rf"(?:[ \t]*,)?[ \t]+(?:instead of|rather than) {_THING}"),
    _form(rf"{_BEFORE}[ \t]*\b(?:without|with (?:no|zero)|lacking|free of|devoid of|minus) {_THINGS}{_AND}"),
    _form(rf"(?:[ \t]*,)?[ \t]*\b(?:and |but |please )*(?:{_AVOID})(?:[ \t]+(?:{_DRAW}))?[ \t]+{_THINGS}"),
    _form(rf"{_BEFORE}[ \t]*\bno {_THINGS}"),
    _form(rf"{_BEFORE}[ \t]*\b(?:not|(?:isn|aren|wasn)['’]t) {_THINGS}"),
)


def drop_absent(text: str) -> str:
    """Return the text without what it says is not there; "no background" becomes a transparent one."""
    if not NEGATION.search(text):
        return text
    return SENTENCE.sub(lambda match: _drop_absent(match[0]) if NEGATION.search(match[0]) else match[0], text)


def _drop_absent(sentence: str) -> str:
    sentence = NO_BACKGROUND.sub(" on a transparent background", sentence)
    sentence = WITH_NO_BUT_WITH.sub("with ", sentence)
    for form in FORMS:
        sentence = form.sub(lambda match: match[0] if PROTECTED.search(match[0]) else "", sentence)
    return sentence
