"""A long prompt becomes its informative part, as text, so that what was encoded can be shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources

from tokenizers import Tokenizer

MAX_TEXT_TOKENS = 256
BEGINNING_CHARS = 4096
FILLER_REPEATS = 3  # words said over and over are filler when others are not
QUOTATION = r"\"([^\"\n]{1,200})\"|“([^”\n]{1,200})”|«([^»\n]{1,200})»|(?<!\w)'([^'\n]{1,200})'(?!\w)"
QUOTED = re.compile(QUOTATION)
PIECE = re.compile(rf"{QUOTATION}|(?:(?![\"“«])\S)+|\S|\n")  # a quotation is one piece, whatever stands in it
WORD = re.compile(r"\w+")
ENDINGS = frozenset(".!?;:,\n")
JOINING_WORDS = frozenset(
    "a an the of on in at by with and or no not without near next to beside left right above below under over behind between "
    "front inside around one two three four five six seven eight nine ten is are its his her their it that this says saying "
    "reads wearing holding made full to top middle center centre each both large small big tiny eleven twelve sitting standing".split()
)
QUALITIES = frozenset(  # what follows one of them is what it is said of, known or not
    "white grey gray black red coral orange peach gold golden yellow cream beige tan brown green teal turquoise blue purple lavender pink "
    "magenta silver large small big tiny little old young round striped spotted wooden three four five six seven eight nine ten".split()
)
PLACES = frozenset("left right above below under behind inside middle center centre".split())


@cache
def drawable_words() -> frozenset[str]:
    """Return a fixed list of what a drawing can show, lower case: the names in the corpus, its colours, styles and places."""
    return frozenset(resources.files("limner.model").joinpath("drawable_words.txt").read_text(encoding="utf-8").split())


def condense(prompt: str, tokenizer: Tokenizer) -> str:
    """Return the prompt itself if it fits MAX_TEXT_TOKENS, else the runs of words that say most about the picture, in their order.

    Quotations are kept first, while they fit, then runs by the share of their words that can be drawn; what is said over and over
    counts as filler. The same words give the same text wherever they stand in the prompt.
    """
    if not _is_long(prompt, tokenizer):
        return prompt
    runs = [" ".join(_trim(run)) for run in _runs(prompt) if any(map(_is_shown, run))]
    repeats = Counter(map(_key, runs))
    first = {_key(run): run for run in reversed(runs)}
    order = {key: place for place, key in reversed(list(enumerate(map(_key, runs))))}
    scores = {key: _score(run) for key, run in first.items()}
    if any(repeats[key] < FILLER_REPEATS for key in order):
        scores = {key: score if repeats[key] < FILLER_REPEATS or score > 1 else 0.0 for key, score in scores.items()}
    kept = _choose(sorted((key for key in order if scores[key] > 0), key=lambda key: (-scores[key], order[key])), first, tokenizer)
    text = " ".join(first[key] for key in sorted(kept, key=order.__getitem__)).rstrip(" ,;:")
    return _cut(text or prompt, tokenizer)


def _choose(keys: list[str], runs: dict[str, str], tokenizer: Tokenizer) -> list[str]:
    """Take the best runs while they fit; the best one always, to be cut if it must be."""
    kept, room = keys[:1], MAX_TEXT_TOKENS - 2
    for place, key in enumerate(keys):
        cost = _count_tokens(runs[key], tokenizer) - 2
        if place and cost <= room:
            kept.append(key)
        if key in kept:
            room -= cost
    return kept


def _runs(prompt: str) -> Iterator[list[str]]:
    """Cut at punctuation, and wherever words stand that neither can be drawn nor join nor follow a joining word or a quality."""
    run: list[str] = []
    for match in PIECE.finditer(prompt):
        piece = match[0]
        if _is_shown(piece) or _is_joining(piece) or (run and WORD.search(piece) and _binds(run[-1])):
            run.append(piece)
        elif run and not WORD.search(piece) and not piece.isspace():
            run[-1] += piece
        elif run:
            yield run
            run = []
        if run and piece[-1] in ENDINGS:
            yield run
            run = []
    if run:
        yield run


def _trim(run: list[str]) -> list[str]:
    """Begin with the first word that is shown and the small words before it; do not end with a small word, unless it says where."""
    start = next(place for place, word in enumerate(run) if _is_shown(word))
    while start and _is_joining(run[start - 1]):
        start -= 1
    stop = len(run)
    while stop > start + 1 and _is_joining(run[stop - 1]) and _key(run[stop - 1]) not in PLACES:
        stop -= 1
    return run[start:stop]


@lru_cache(maxsize=8192)
def _is_shown(piece: str) -> bool:
    key = _key(piece)
    if key in JOINING_WORDS:
        return False
    return QUOTED.search(piece) is not None or key in drawable_words() or (key.endswith("s") and key[:-1] in drawable_words())


@lru_cache(maxsize=8192)
def _is_joining(piece: str) -> bool:
    return _key(piece) in JOINING_WORDS


def _binds(piece: str) -> bool:
    return piece[-1] not in ENDINGS and (_is_joining(piece) or _key(piece) in QUALITIES)


@lru_cache(maxsize=8192)
def _key(run: str) -> str:
    """Return what two runs share that say the same; quotations are the same only letter by letter."""
    return run if QUOTED.search(run) else " ".join(WORD.findall(run.lower()))


def _score(run: str) -> float:
    """Return above 1 for a quotation, else the share of words that can be drawn among those that do not join."""
    if QUOTED.search(run):
        return 2.0
    words = [word for word in WORD.findall(run.lower()) if word not in JOINING_WORDS]
    return sum(map(_is_shown, words)) / len(words)


def _is_long(prompt: str, tokenizer: Tokenizer) -> bool:
    """Say whether a prompt has too many tokens; of a very long one its beginning mostly tells."""
    if len(prompt) <= MAX_TEXT_TOKENS:
        return False
    return _count_tokens(prompt[:BEGINNING_CHARS], tokenizer) > MAX_TEXT_TOKENS + 1 or _count_tokens(prompt, tokenizer) > MAX_TEXT_TOKENS


def _count_tokens(text: str, tokenizer: Tokenizer) -> int:
    return len(tokenizer.encode(text).ids)


def _cut(text: str, tokenizer: Tokenizer) -> str:
    encoding = tokenizer.encode(text)
    if len(encoding.ids) <= MAX_TEXT_TOKENS:
        return text
    return text[: encoding.offsets[MAX_TEXT_TOKENS - 2][1]]
