"""Which language a prompt is written in, by the evidence of all its words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from limner.model.condense import drawable_words
from limner.model.prompts.dictionary import LATIN_LOCALES, SCRIPTS, Language, english_too, fold, read_language, read_phrases
from limner.model.prompts.lookup import look_up

MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u097f\u0e00-\u0e7f\u200c\u200d\u30fc"
WORD = re.compile(rf"[^\W\d_]{{1,5}}['’](?=\w)|(?:[^\W_]|[{MARKS}])+(?:-(?:[^\W_]|[{MARKS}])+)*")
SCRIPT_LETTERS = {
    "kana": "\u3040-\u30ff", "hangul": "\uac00-\ud7af\u1100-\u11ff", "han": "\u4e00-\u9fff\u3400-\u4dbf", "cyrillic": "\u0400-\u04ff",
    "greek": "\u0370-\u03ff", "thai": "\u0e00-\u0e7f", "devanagari": "\u0900-\u097f", "arabic": "\u0600-\u06ff", "hebrew": "\u0590-\u05ff",
}  # fmt: skip
SCRIPT = {script: re.compile(f"[{letters}]") for script, letters in SCRIPT_LETTERS.items()}
BEYOND_LATIN = re.compile(f"[{''.join(SCRIPT_LETTERS.values())}]")
ENGLISH_WORDS = frozenset(
    "a an the of with and on in at by for to is are that this it its from or no not without over under above below behind between "
    "front next left right into wearing holding sitting standing one two three four five six seven eight nine ten red blue green "
    "yellow white black brown pink purple orange grey gray small big large tiny very some his her their my your who which as like up "
    "down he she we i you me us if so be has have had do does can will would should could tag sim file gif video inline mahal".split()
)
MIN_SHARE = 0.2  # of words that only the foreign language has
MAX_WITNESSES = 1000  # words of a long prompt that are heard, evenly spread
MIN_ALONE = 0.5  # the same where no small word of the language stands
MIN_WEIGHT = 0.5  # of a word, with those that are English too


def find_languages(text: str) -> list[str]:
    """Return the languages beside English that a text is written in, none for an English one.

    Letters that English does not use decide by themselves. Among languages with Latin letters the words decide: words that are
    English too prove nothing, and one foreign word in an English prompt does not make it foreign.
    """
    found = [_best_of(script, text) for script in SCRIPT if BEYOND_LATIN.search(text) and SCRIPT[script].search(text)]
    if "ja" in found and "zh" in found:
        found.remove("zh")
    words = WORD.findall(text)
    latin = _find_latin([fold(word) for word in words[:: 1 + len(words) // MAX_WITNESSES]])
    return [*dict.fromkeys(found), *([latin] if latin else [])]


def words_of(text: str) -> list[str]:
    """Return the folded words of a text."""
    return [fold(word) for word in WORD.findall(text)]


def english_weight(words: Sequence[str]) -> float:
    """Return how much speaks for English: 1 for a small word, a little less for a thing."""
    shown = drawable_words()
    return sum(1.0 if word in ENGLISH_WORDS else 0.9 if word in shown else 0.0 for word in words)


def foreign_weight(words: Sequence[str], locale: str) -> tuple[float, int]:
    """Return how much speaks for a language, and how many of its words prove it: those that are not English too.

    An inflected word proves something only beside a small word: many an English plural would pass for one.
    """
    language, shared, shown = read_language(locale), english_too(), drawable_words()
    unshared = [word for word in words if word not in shared and word not in ENGLISH_WORDS and word not in shown]
    small = language.phrases | _parts_of_phrases(locale)
    has_small = any(word in small for word in unshared) or sum(word in small and word not in ENGLISH_WORDS for word in words) > 1
    own = sum(word in small or (len(word) > 2 and _is_known(word, language, inflected=has_small)) for word in unshared)
    if not has_small and own < MIN_ALONE * len(words):
        own = 0
    weak = sum(word in small for word in words) - sum(word in small for word in unshared)
    return own + 0.5 * weak, own


def _is_known(word: str, language: Language, *, inflected: bool) -> bool:
    return word in language.words or (inflected and look_up(word, language.locale, is_alone=True) is not None)


def _find_latin(words: list[str]) -> str:
    small_words, different = _small_words(), set(words)
    candidates = {locale for word in different for locale in small_words.get(word, ())}
    has_english = not ENGLISH_WORDS.isdisjoint(different)
    if not candidates and (has_english or different <= drawable_words()):
        return ""
    tried = [locale for locale in LATIN_LOCALES if locale in candidates or not (candidates or has_english)]
    weights = {locale: foreign_weight(words, locale) for locale in tried}
    best = max(tried, key=lambda locale: weights[locale], default="")
    weight, own = weights.get(best, (0.0, 0))
    is_proved = own >= max(1, MIN_SHARE * len(words)) or (own and weight >= MIN_WEIGHT * len(words))
    return best if is_proved and weight > english_weight(words) else ""


def _best_of(script: str, text: str) -> str:
    locales = SCRIPTS[script]
    if len(locales) == 1:
        return locales[0]
    words = words_of(text)
    return max(locales, key=lambda locale: foreign_weight(words, locale))


@cache
def _parts_of_phrases(locale: str) -> frozenset[str]:
    return frozenset(word for form in read_phrases(locale)[0] if " " in form for word in form.split() if len(word) > 3)


@cache
def _small_words() -> dict[str, tuple[str, ...]]:
    """Return hand-written single words -> the languages with Latin letters that have them, but for those of English prompts."""
    found: dict[str, tuple[str, ...]] = {}
    for locale in LATIN_LOCALES:
        for form in read_phrases(locale)[0]:
            if " " not in form and form not in ENGLISH_WORDS and form not in drawable_words():
                found[form] = (*found.get(form, ()), locale)
    return found
