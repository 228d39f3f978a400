"""One word or phrase of another language, in English: as it stands in the dictionary, inflected, or put together from two."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from limner.model.prompts.dictionary import Language, read_language

ADJECTIVES = frozenset(
    "white, black, grey, red, orange, yellow, green, light green, dark green, blue, light blue, dark blue, purple, pink, brown, gold, "
    "silver, turquoise, beige, big, small, round, old, young, happy, sad, cute, simple, transparent".split(", ")
)
RELATIONS = frozenset(
    "in, on, at, with, to the left of, to the right of, above, below, on top of, behind, in front of, next to, between, inside".split(", ")
)
SMALL_WORDS = RELATIONS | set(
    "a, the, and, of, without, no, not, is, are, that says, wearing, and a, sitting, standing, lying, flying, by, many, ".split(", ")
)
MIN_STEM, MIN_PART = 3, 3
LINKING_LETTERS = ("s", "n", "en", "er", "e", "es")
UMLAUTS = ("de", "sv", "da", "nb")  # a plural may change its vowel
PLAIN_VOWELS = str.maketrans("äöü", "aou")


@lru_cache(maxsize=16384)
def look_up(key: str, locale: str, *, is_alone: bool) -> tuple[str, bool] | None:
    """Return the English of a word or phrase, and whether it is said of several; None where it is not known."""
    language = read_language(locale)
    words = language.words
    if not is_alone or key in language.phrases:
        return (words[key], False) if key in words else None
    stems = [(stem, is_plural) for stem, is_plural in _stems(key, language) if words.get(stem)]
    if adjective := next((words[stem] for stem, is_plural in stems if not is_plural and words[stem] in ADJECTIVES), ""):
        return adjective, False
    if key in words:
        return words[key], False
    if stems:
        return words[stems[0][0]], stems[0][1]
    return _split_compound(key, language) if language.has_compounds else None


def _stems(key: str, language: Language) -> Iterator[tuple[str, bool]]:
    """Yield what a word may be an inflection of, and whether it would be several."""
    for prefix in language.prefixes:
        if key.startswith(prefix):
            yield key[len(prefix) :], False
    shortest = MIN_STEM if language.is_latin else 1
    if language.locale in UMLAUTS and (plain := key.translate(PLAIN_VOWELS)) != key:
        yield plain, True
        yield from ((stem, True) for stem, _ in _stems(plain, language))
    for ending, instead in language.endings:
        if key.endswith(ending) and len(key) - len(ending) + len(instead) >= shortest:
            yield key[: -len(ending)] + instead, ending in language.plurals


def _split_compound(key: str, language: Language) -> tuple[str, bool] | None:
    """Return the English of two known words that are written as one: "erdbeertorte"."""
    for middle in range(MIN_PART, len(key) - MIN_PART + 1):
        last = language.words.get(key[middle:], "")
        if not last or last in SMALL_WORDS:
            continue
        start = key[:middle]
        for part in (start, f"{start}e", *(start.removesuffix(link) for link in LINKING_LETTERS if start.endswith(link))):
            first = language.words.get(part, "")
            if first and first not in SMALL_WORDS and len(first.split()) == len(last.split()) == 1:
                return f"{first} {last}", False
    return None
