"""What should become of a picture, asked in another language, said in the phrasings that the model learnt.

A language that is understood so has a file in `edits/`, written by hand. A line `english = form, form` is an order: A, B and C stand for
things in it, C for a colour or another plain adjective, and `a/b` in a form for either word. A line `: english = form` is for words
that things are told by, or, without English, that are only polite; `: and` is where two orders are joined.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import product

from limner.model.condense import QUOTED, drawable_words
from limner.model.prompts.dictionary import LATIN_LOCALES, english_too, fold
from limner.model.prompts.english import correct_articles, is_several
from limner.model.prompts.languages import BEYOND_LATIN, ENGLISH_WORDS, find_languages, words_of
from limner.model.prompts.lookup import ADJECTIVES
from limner.model.prompts.spans import free_text, is_code, outside_quotes
from limner.model.prompts.translate import SENTENCE, translate, translate_from

MAX_CHARS = 1000  # what is longer is no order
MAX_JOINTS = 6
LOCALES = tuple("de fr es it pt nl pl sv ja zh".split())
RUNES = "".join(map(chr, range(0x16A0, 0x16EB)))  # each stands for what is settled; no language here knows them
QUOTE_RUNES, WORD_RUNES = RUNES[:40], RUNES[40:]
ORDER_WORDS = frozenset(
    "add change colour color double erase extend larger smaller make move paint place put redraw remove replace restore swap turn "
    "write".split()
)
SLOT = re.compile(r"(?<![^\W_])[ABC](?![^\W_])")
SLOT_IN_LETTERS = re.compile("[ABC]")
ENGLISH_SLOT = re.compile(r"(?:\b(the|an?) )?\b([ABC])\b")
DETERMINED = re.compile(
    rf"(?:the|an?|one|two|three|four|five|six|seven|eight|nine|ten|all|both|image|it|[{RUNES}]|\d)(?:\b|$)", re.IGNORECASE
)
NUMBERED = re.compile(r"\b(?:the )?(?:picture|image) ?(?=\d|one\b|two\b|three\b|four\b)")
BRACKETS = re.compile("[「『]([^」』]*)[」』]")
OF_IMAGE = re.compile(r"^image ?(\d+) (\w.*)$")
PLACED = re.compile(r"^(in the (?:(?:top|bottom) (?:left|right) corner|middle)),?\s*(.+)$")
BARE_PLACE = re.compile(
    r"\b(to the (?:left|right) of|on top of|in front of|next to|behind|above|below|on) "
    rf"(?!(?:{DETERMINED.pattern})|top |fire\b|(?:his|her)\b)(?=[a-z])"
)
END = re.compile(r"[\s.,!?;。！？、，；]*$")


@dataclass(frozen=True, slots=True)
class Form:
    """One way to ask: an expression whose groups are A, B and C, what it is in English, what stands between the groups, in small letters,
    and which of these words are not English."""

    pattern: str
    english: str
    parts: tuple[str, ...]
    proof: frozenset[str]

    def match(self, text: str, small: str) -> re.Match[str] | None:
        """Match a whole text, which is `small` in small letters; expressions are compiled when their words are there."""
        return re.fullmatch(self.pattern, text, re.IGNORECASE) if all(part in small for part in self.parts) else None


@dataclass(frozen=True, slots=True)
class Orders:
    """What one file says: its `forms`, most words first, what its `words` are in English, these again, where two orders are joined,
    and the `proof` of all forms."""

    forms: tuple[Form, ...]
    words: tuple[tuple[re.Pattern[str], str], ...]
    settled: re.Pattern[str]
    joints: re.Pattern[str]
    proof: frozenset[str]


class _Held:
    """What is settled already, each piece held in the text by a rune."""

    def __init__(self, runes: str) -> None:
        self._runes = runes
        self._pieces: list[str] = []

    def hold(self, piece: str) -> str:
        if len(self._pieces) == len(self._runes):
            return piece
        self._pieces.append(piece)
        return self._runes[len(self._pieces) - 1]

    def free(self, text: str) -> str:
        for rune, piece in zip(self._runes, self._pieces, strict=False):
            text = text.replace(rune, piece)
        return text


def translate_orders(prompt: str) -> str:
    """Return what should become of pictures in English, an order in one of the phrasings that the model learnt.

    An English prompt comes back as it is, and quotations and code are not touched. What is no order that is known is said as
    `translate` says it.
    """
    if is_code(prompt):
        return prompt
    if len(prompt) <= MAX_CHARS and not any(rune in RUNES for rune in prompt):
        held = _Held(QUOTE_RUNES)
        text = QUOTED.sub(lambda match: held.hold(match[0]), BRACKETS.sub(r'"\1"', prompt))
        found = find_languages(free_text(prompt))
        for locale in _may_be(text, found):
            sentences = SENTENCE.findall(text)
            said = [_say_all(sentence, locale, is_proved=locale in found) for sentence in sentences]
            if any(said):
                return held.free(" ".join(order or _number(translate(sentence)) for order, sentence in zip(said, sentences, strict=True)))
    translated = translate(prompt)
    return prompt if translated == prompt else outside_quotes(translated, _number)


def _number(text: str) -> str:
    """Call a picture that is meant by its number an image, as instructions do."""
    return NUMBERED.sub("image ", text)


def _may_be(text: str, found: Sequence[str]) -> list[str]:
    """Return the languages that were found, then those that have an order with a word of the text that is not English."""
    words, has_letters = set(words_of(text)), bool(BEYOND_LATIN.search(text))
    others = (name for name in LOCALES if (words & read_orders(name).proof if name in LATIN_LOCALES else has_letters))
    return list(dict.fromkeys([*(name for name in found if name in LOCALES), *others]))


def _say_all(sentence: str, locale: str, *, is_proved: bool) -> str:
    """Return a sentence of one order, or of several that are joined, in English; "" where an order in it is not known."""
    orders, blank = read_orders(locale), " " if _is_spaced(locale) else ""
    text = unicodedata.normalize("NFKC", sentence).replace("’", "'").strip()
    end = "." if END.search(text)[0].strip(" ,、，") in {".", "。"} else ""  # type: ignore[index]
    text = END.sub("", text).lstrip("¿¡ ")
    for pattern, english in orders.words:
        text = pattern.sub(english or blank, text)
    text = " ".join(text.split()).strip(" ,、，")
    joints = list(orders.joints.finditer(text))[:MAX_JOINTS]
    for parts in (orders.joints.split(text, MAX_JOINTS), *((text[: joint.start()], text[joint.end() :]) for joint in joints), (text,)):
        said = [_say(part.strip(" ,"), locale, is_proved=is_proved) for part in parts]
        if all(said):
            return " and ".join(said) + end
    return ""


def _say(text: str, locale: str, *, is_proved: bool) -> str:
    """Return one order in English, "" where it is none; a place that stands before it goes behind it."""
    if (placed := PLACED.match(text)) and (said := _say(placed[2], locale, is_proved=is_proved)):
        return f"{said} {placed[1]}"
    small = text.lower()
    for form in read_orders(locale).forms:
        if (is_proved or form.proof) and (match := form.match(text, small)):
            slots = {name: _say_thing(part.strip(), locale) for name, part in match.groupdict().items()}
            if "C" not in slots or slots["C"] in ADJECTIVES:
                return _number(_fill(form.english, slots))
    return ""


def _say_thing(text: str, locale: str) -> str:
    """Return what an order speaks of in English; what the file's own words made English already is held."""
    held = _Held(WORD_RUNES)
    settled = read_orders(locale).settled
    said = held.free(translate_from(settled.sub(lambda match: held.hold(match[0]), text), locale))
    return BARE_PLACE.sub(r"\1 the ", OF_IMAGE.sub(r"\2 of image \1", PLACED.sub(r"\2 \1", said)))


def _fill(english: str, slots: Mapping[str, str]) -> str:
    """Put what is spoken of into an order; the article of the order is for what has none of its own."""

    def settle(match: re.Match[str]) -> str:
        article, words = match[1], slots[match[2]]
        is_bare = not article or DETERMINED.match(words) or (article != "the" and is_several(words))
        return words if is_bare else f"{'the' if ' of image ' in words else article} {words}"

    return correct_articles(ENGLISH_SLOT.sub(settle, english))


@cache
def read_orders(locale: str) -> Orders:
    """Return the file of one of `LOCALES`."""
    is_spaced = _is_spaced(locale)
    forms: list[Form] = []
    words: list[tuple[str, str]] = []
    joints: list[str] = [","]
    for line in resources.files("limner.model.prompts").joinpath("edits", f"{locale}.txt").read_text(encoding="utf-8").splitlines():
        left, _, right = line.partition("=")
        values = [value for part in right.split(",") for value in _expand(part.strip())]
        if not left.startswith(":"):
            forms += [form for value in values for form in _forms(value, left.strip(), is_spaced=is_spaced)]
        elif left.strip(": ") == "and":
            joints += values
        else:
            words += [(value, left.strip(": ")) for value in values]
    words.sort(key=lambda pair: -len(pair[0]))
    forms.sort(key=lambda form: (-sum(map(len, form.parts)), "C" not in form.english))
    return Orders(
        forms=tuple(forms),
        words=tuple((_words_pattern(value, is_spaced=is_spaced), english) for value, english in words),
        settled=re.compile(
            "|".join(rf"(?<![a-z]){english}(?![a-z])" for _, english in sorted(words, key=lambda pair: -len(pair[1])) if english)
        ),
        joints=re.compile("|".join(rf"\s{joint}\s" if joint.isalpha() and is_spaced else re.escape(joint) for joint in joints)),
        proof=frozenset().union(*(form.proof for form in forms)),
    )


def _is_spaced(locale: str) -> bool:
    return locale in LATIN_LOCALES


def _may_be_english(word: str) -> bool:
    return word in ORDER_WORDS or word in ENGLISH_WORDS or word in english_too() or word in drawable_words()


def _expand(form: str) -> Iterator[str]:
    """Yield a form with each choice of its words: of "A löschen/entfernen" there are two."""
    yield from (" ".join(chosen) for chosen in product(*(word.split("/") for word in form.split(" "))))


def _forms(value: str, english: str, *, is_spaced: bool) -> Iterator[Form]:
    """Yield what a form matches; a C of words with spaces may be two of them ("bleu clair") or one."""
    slot = SLOT if is_spaced else SLOT_IN_LETTERS
    literal = slot.sub(" ", value)
    proof = frozenset(word for word in fold(literal).split() if not _may_be_english(word) and (is_spaced or not word.isascii()))
    for adjective in (r"\S+ \S+", r"\S+") if is_spaced and "C" in english else (".+?",):
        pattern, end = "", 0
        for match in slot.finditer(value):
            pattern += re.escape(value[end : match.start()]) + rf"(?P<{match[0]}>{adjective if match[0] == 'C' else '.+?'})"
            end = match.end()
        yield Form(pattern + re.escape(value[end:]), english, tuple(literal.lower().split()), proof)


def _words_pattern(value: str, *, is_spaced: bool) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(value)}(?![^\W_])" if is_spaced else re.escape(value), re.IGNORECASE)
