"""The languages that ship with the package: what their words mean in the words of captions, and how their words are put together.

A language has a file in `phrases/`, written by hand: a line `english = form, form` for the small words, colours, numbers and places,
and lines `: name = value, value` that say how it inflects and orders its words. Names of things come from `dictionary.zip`, which
`limner data dictionary` makes.
"""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

ENGLISH_TOO, PEOPLE = "english-too", "people"
LATIN_LOCALES = tuple("de fr es it pt nl pl sv da nb fi cs hu ro tr vi id".split())
SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "kana": ("ja",), "hangul": ("ko",), "han": ("zh",), "cyrillic": ("ru", "uk"), "greek": ("el",), "thai": ("th",),
    "devanagari": ("hi",), "arabic": ("ar",), "hebrew": ("he",), "latin": LATIN_LOCALES,
}  # fmt: skip
LOCALES = tuple(locale for found in SCRIPTS.values() for locale in found)
PACKAGE = "limner.model.prompts"


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language. `words` maps folded words and phrases to English; `phrases` are those that were written by hand.

    `endings` are (ending, what stands in its place in the dictionary); a word with one of `plurals` is taken to be several things.
    `order` is "", "noun first" (adjectives follow their noun) or "postpositions" (a place is said before what is there), and
    `subject` holds the particles behind what a sentence is about. `prefixes` are written together with the next word. `reach` says
    how many words the longest phrase has that begins with a word, or how many letters the longest word that begins with a letter.
    """

    locale: str
    words: Mapping[str, str]
    phrases: frozenset[str]
    endings: tuple[tuple[str, str], ...]
    plurals: tuple[str, ...]
    prefixes: tuple[str, ...]
    subject: frozenset[str]
    order: str
    is_spaced: bool
    has_compounds: bool
    reach: Mapping[str, int]

    @property
    def is_latin(self) -> bool:
        """Say whether it is written with Latin letters."""
        return self.locale in LATIN_LOCALES


def fold(text: str) -> str:
    """Return the form under which a word is looked up: one width, one case, one apostrophe, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("'", "' ").split())


@cache
def read_list(name: str) -> tuple[str, ...]:
    """Return the lines of one list of `dictionary.zip`."""
    with resources.files(PACKAGE).joinpath("dictionary.zip").open("rb") as file, zipfile.ZipFile(file) as archive:
        return tuple(archive.read(f"{name}.txt").decode().splitlines())


@cache
def english_too() -> frozenset[str]:
    """Return the folded foreign words that an English reader could take for English: "gift", "die", "pain"."""
    return frozenset(read_list(ENGLISH_TOO))


@cache
def read_phrases(locale: str) -> tuple[Mapping[str, str], Mapping[str, tuple[str, ...]]]:
    """Return what was written by hand of a language: folded form -> English, and its settings."""
    forms: dict[str, str] = {}
    settings: dict[str, tuple[str, ...]] = {}
    for line in resources.files(PACKAGE).joinpath("phrases", f"{locale}.txt").read_text(encoding="utf-8").splitlines():
        left, _, right = line.partition("=")
        values = tuple(value.strip() for value in right.split(","))
        if line.startswith(":"):
            settings[left.strip(": ")] = values
            continue
        for value in values:
            forms.setdefault(fold(value), left.strip())
    return forms, settings


@cache
def read_language(locale: str) -> Language:
    """Return one of `LOCALES`."""
    forms, settings = read_phrases(locale)
    names = dict(_pairs(read_list(locale)))
    subject = frozenset(map(fold, settings.get("subject", ())))
    words = names | dict.fromkeys(subject, "") | dict(forms)
    endings = (fold(ending).partition(">") for ending in settings.get("endings", ()))
    is_spaced = settings.get("spaces") != ("no",)
    return Language(
        locale=locale,
        words=words,
        phrases=frozenset(forms),
        endings=tuple(sorted(((end, instead) for end, _, instead in endings), key=lambda pair: -len(pair[0]))),
        plurals=tuple(map(fold, settings.get("plurals", ()))),
        prefixes=settings.get("prefixes", ()),
        subject=subject,
        order=settings.get("order", ("",))[0],
        is_spaced=is_spaced,
        has_compounds="compounds" in settings,
        reach=_reach(words, is_spaced=is_spaced),
    )


def _reach(words: Iterable[str], *, is_spaced: bool) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        parts: Sequence[str] = word.split(" ") if is_spaced else word
        if parts:
            found[parts[0]] = max(found.get(parts[0], 0), len(parts))
    return found


def _pairs(lines: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for line in lines:
        word, _, english = line.partition("\t")
        yield word, english
