"""The list of words that count as evidence, and finding them in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from limner.errors import DamagedFile
from limner.moderation.verdict import CATEGORIES

FILE = Path(__file__).resolve().parent / "words.txt"
ENTRY = re.compile(r"(?P<kind>[\w/-]+)(?: (?P<strength>sure|hint))?: (?P<words>.+)")
MINOR = "minor"
NEAR = 60  # characters between a word for a minor and a sexual one


@dataclass(frozen=True)
class WordHit:
    """A word of the list that stands in a text: what it speaks for, whether it is enough alone, and the word."""

    category: str
    is_sure: bool
    word: str


@dataclass(frozen=True)
class WordList:
    """All words by what they stand for, and one pattern that finds any of them."""

    meanings: dict[str, tuple[tuple[str, bool], ...]]
    pattern: re.Pattern[str]

    def find(self, words: str) -> list[WordHit]:
        """Return what a text says, given as `bare_words` returns it; each word once for each of its categories."""
        places = [(match.start(), match[1]) for match in self.pattern.finditer(words)]
        hits = {WordHit(kind, is_sure, word) for _, word in places for kind, is_sure in self.meanings[word] if kind != MINOR}
        sexual = [(place, word) for place, word in places if ("sexual", True) in self.meanings[word]]
        minor = [(place, word) for place, word in places if (MINOR, False) in self.meanings[word]]
        for place, word in minor:
            hits |= {WordHit("sexual/minors", True, f"{word} … {other}") for at, other in sexual if abs(at - place) <= NEAR}
        return sorted(hits, key=lambda hit: (CATEGORIES.index(hit.category), not hit.is_sure, hit.word))


@cache
def read_words() -> WordList:
    """Return the list of this package.

    Raises:
        DamagedFile: it is missing or malformed.
    """
    meanings: dict[str, list[tuple[str, bool]]] = {}
    try:
        lines = FILE.read_text("utf-8").splitlines()
    except OSError as error:
        raise DamagedFile(f"{FILE.name} cannot be read ({error.strerror}); install limner again") from error
    for line in lines:
        if not line or line.startswith("#"):
            continue
        entry = ENTRY.fullmatch(line)
        if entry is None or entry["kind"] not in (*CATEGORIES, MINOR):
            raise DamagedFile(f"{FILE.name} has a line that cannot be read: {line[:60]!r}; install limner again")
        for word in entry["words"].split(" | "):
            meanings.setdefault(word, []).append((entry["kind"], entry["strength"] == "sure"))
    longest_first = sorted(meanings, key=len, reverse=True)
    pattern = re.compile(rf"(?<![a-z0-9])(?=({'|'.join(map(re.escape, longest_first))})(?![a-z0-9]))")
    return WordList({word: tuple(found) for word, found in meanings.items()}, pattern)
