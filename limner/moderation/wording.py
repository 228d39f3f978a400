"""Text as it is judged: disguises taken off, and long ones cut into pieces short enough to be read one by one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

# Letters of other scripts that pass for Latin ones, and signs that stand for letters inside words.
LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁӏвнкмтαορνικτυгпАВЕКМНОРСТХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijsdlbhkmtaopviktyrnABEKMHOPCTXIJSABEZHIKMNOPTYX"
)
SIGNS = str.maketrans("013457@$!|", "oieastasil")
WORD = re.compile(r"[\w@$!|]+")
MAX_DISGUISED = 64  # letters of a word that is looked at for signs and runs
SPACED_WORD = re.compile(r"(?<!\w)[^\W\d_](?:[ ._*\-][^\W\d_]){3,23}(?!\w)")
LONG_RUN = re.compile(r"([A-Za-z])\1{2,}")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|[;\n\r]+")
CLAUSE_END = re.compile(r"(?<=[.!?])\s+|[,:;\"“”„()\[\]{}|—–\n\r]+")
UNSEEN = ("Cf", "Cs")  # formatting characters such as the zero-width ones, and halves of characters


def undisguise(text: str, is_word: Callable[[str], bool]) -> str:
    """Return a text with compatible forms unified, invisible characters dropped, lookalike letters made Latin, letters that were
    spaced out joined, and digits read as letters where that makes a word for which `is_word`, given in small letters, is true.
    """
    plain = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) not in UNSEEN)

    def close_up(match: re.Match[str]) -> str:
        letters = re.sub(r"[ ._*\-]", "", match[0])
        if is_word(letters.lower()):
            return letters
        return f"{letters[0]} {letters[1:]}" if is_word(letters[1:].lower()) else match[0]  # the first may be the article

    return WORD.sub(lambda match: _read_word(match[0], is_word), SPACED_WORD.sub(close_up, _latin(plain)))


def _read_word(word: str, is_word: Callable[[str], bool]) -> str:
    """Return what a word with signs for letters, or with letters said too often, means; any other word as it is."""
    core = word.rstrip("!|")
    if not 4 <= len(core) <= MAX_DISGUISED or core.isdigit():
        return word
    candidates = [core.translate(SIGNS)] if not core.isalpha() and any(letter.isalpha() for letter in core) else []
    if LONG_RUN.search(core):
        candidates += [LONG_RUN.sub(r"\1\1", core), LONG_RUN.sub(r"\1", core)]
    return next((meant + word[len(core) :] for meant in candidates if is_word(meant.lower())), word)


def _latin(text: str) -> str:
    """Replace lookalikes in words that mix them with Latin letters or consist of them alone; words of real other scripts stay."""

    def fold(match: re.Match[str]) -> str:
        folded = match[0].translate(LOOKALIKES)
        return folded if folded.isascii() else match[0]

    return re.sub(r"\w+", fold, text)


def bare_words(text: str) -> str:
    """Return the words of a text in small letters without accents, one space between, for looking them up."""
    letters = unicodedata.normalize("NFKD", text.lower())
    return " ".join(re.findall(r"[a-z0-9]+", "".join(letter for letter in letters if not unicodedata.combining(letter))))


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text, blank ones left out."""
    return _parts(SENTENCE_END, text)


def clauses(text: str) -> Iterator[str]:
    """Yield the parts of a text between commas, colons, quotation marks, brackets and ends of sentences."""
    return _parts(CLAUSE_END, text)


def _parts(end: re.Pattern[str], text: str) -> Iterator[str]:
    stripped = (part.strip().rstrip(".!?") for part in end.split(text))
    return (part for part in stripped if part)
