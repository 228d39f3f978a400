"""A prompt in another language, said in the words of captions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Literal

from limner.model.prompts.dictionary import Language, fold, read_language
from limner.model.prompts.english import NUMBERS, correct_articles, plural
from limner.model.prompts.languages import WORD, english_weight, find_languages, foreign_weight, words_of
from limner.model.prompts.lookup import ADJECTIVES, RELATIONS, SMALL_WORDS, look_up
from limner.model.prompts.spans import free_text, is_code, outside_quotes

COUNTING = frozenset(NUMBERS.values()) - {"one"} | {"a pair of", "a dozen"}
SENTENCE = re.compile(r"[^.!?;\n。！？；]+[.!?;\n。！？；]*\s*")
CLAUSE_END = re.compile(r"[,、，:]")
WORD_OR_NUMBER = re.compile(rf"\d+|(?:(?!\d)(?:{WORD.pattern}))")
PLAIN_MARKS = str.maketrans("。、，；！？：", ".,,;!?:")
BARE_BACKGROUND = re.compile(r"\bon (?!an? |the )(?=(?:[a-z]+ ){0,2}background\b)")
ARTICLE_BEHIND = re.compile(rf"\b({'|'.join(sorted(ADJECTIVES, key=len, reverse=True))}) a (?=\w)")
CLOSING_MARKS = ".,;:!?)]%"


@dataclass(frozen=True, slots=True)
class Item:
    """One stretch of a sentence: what it means, "" for nothing, or itself where it is not known."""

    english: str
    kind: Literal["adjective", "relation", "subject", "number", "small", "thing", "unknown", "mark"]
    single: str = ""  # of several things, what one of them is called


def translate(prompt: str) -> str:
    """Return the prompt with the words of other languages in English, in English order; an English prompt comes back as it is.

    Quotations and code are not touched, and neither are words that are not known.
    """
    if is_code(prompt):
        return prompt
    for locale in find_languages(free_text(prompt)):
        prompt = outside_quotes(prompt, partial(_translate, locale=locale))
    return prompt


def translate_from(text: str, locale: str) -> str:
    """Return a few words that are known to be in a language in English; quotations must be taken out first."""
    return _say(text, read_language(locale))


def _translate(text: str, locale: str) -> str:
    return SENTENCE.sub(lambda match: _translate_sentence(match[0], locale), text)


@lru_cache(maxsize=256)
def _translate_sentence(sentence: str, locale: str) -> str:
    language = read_language(locale)
    if language.is_latin:
        words = words_of(sentence)
        if not words or english_weight(words) >= foreign_weight(words, language.locale)[0] > 0:
            return sentence
    return _say(sentence, language)


def _say(sentence: str, language: Language) -> str:
    clauses = _clauses(_match_spaced(sentence, language) if language.is_spaced else _match_letters(sentence, language))
    ordered = [item for clause in clauses for item in _order(clause, language)]
    if all(item.kind in {"unknown", "mark"} for item in ordered):
        return sentence
    written = correct_articles(ARTICLE_BEHIND.sub(r"a \1 ", BARE_BACKGROUND.sub("on a ", _write(_count(ordered)))))
    return sentence[: len(sentence) - len(sentence.lstrip())] + written + sentence[len(sentence.rstrip()) :]


def _match_spaced(sentence: str, language: Language) -> Iterator[Item]:
    """Match the longest phrase at each word; what stands between words is kept before the next."""
    words = [(match.start(), match.end(), fold(match[0])) for match in WORD.finditer(sentence)]
    place = end = 0
    while place < len(words):
        longest = min(language.reach.get(words[place][2], 1), len(words) - place)
        for count in range(longest, 0, -1):
            key = " ".join(word for _, _, word in words[place : place + count])
            inside = sentence[words[place][0] : words[place + count - 1][1]]
            meaning = None if count > 1 and CLAUSE_END.search(inside) else look_up(key, language.locale, is_alone=count == 1)
            if meaning is not None:
                break
        start, stop = words[place][0], words[place + count - 1][1]
        yield from _marks(sentence[end:start])
        yield _item(meaning, sentence[start:stop], key, language)
        end, place = stop, place + count
    yield from _marks(sentence[end:])


def _match_letters(sentence: str, language: Language) -> Iterator[Item]:
    """Match the longest word at each letter, in writing without spaces."""
    folded, place, unknown = fold(sentence), 0, ""
    while place < len(folded):
        longest = min(language.reach.get(folded[place], 0), len(folded) - place)
        count = next((n for n in range(longest, 0, -1) if folded[place : place + n] in language.words), 0)
        key = folded[place : place + count]
        if count and not (key.isascii() or (unknown and _goes_on(unknown, key))):
            yield from _unknown(unknown)
            yield _item(language.words[key], key, key, language)
            unknown = ""
        else:
            count, unknown = 1, unknown + folded[place]
        place += count
    yield from _unknown(unknown)


def _goes_on(unknown: str, key: str) -> bool:
    """Say whether a match would begin inside a foreign word that is written in katakana."""
    return all("\u30a0" <= letter <= "\u30ff" for letter in (unknown[-1], key[0]))


def _unknown(letters: str) -> Iterator[Item]:
    """Yield the words and marks of a stretch that was not matched."""
    end = 0
    for match in WORD_OR_NUMBER.finditer(letters):
        yield from _marks(letters[end : match.start()])
        yield Item(match[0], "number" if match[0].isdigit() else "unknown")
        end = match.end()
    yield from _marks(letters[end:])


def _marks(between: str) -> Iterator[Item]:
    if mark := between.strip():
        yield Item(mark.translate(PLAIN_MARKS), "mark")


def _item(meaning: tuple[str, bool] | str | None, source: str, key: str, language: Language) -> Item:
    if meaning is None:
        if key in language.subject:
            return Item("", "subject")
        return Item(source, "number" if source.isdigit() else "unknown")
    english, is_plural = meaning if isinstance(meaning, tuple) else (meaning, False)
    if key in language.subject:
        return Item("", "subject")
    if english in ADJECTIVES:
        return Item(english, "adjective")
    if english in RELATIONS:
        return Item(english, "relation")
    if english in COUNTING:
        return Item(english, "number")
    if english in SMALL_WORDS:
        return Item(english, "small")
    return Item(plural(english) if is_plural else english, "thing", english)


def _clauses(items: Iterator[Item]) -> Iterator[list[Item]]:
    clause: list[Item] = []
    for item in items:
        clause.append(item)
        if item.kind == "mark":
            yield clause
            clause = []
    yield clause


def _order(clause: list[Item], language: Language) -> list[Item]:
    if language.order == "noun first":
        return _adjectives_first(clause)
    if language.order == "postpositions":
        return _places_last(clause)
    return clause


def _adjectives_first(clause: Sequence[Item]) -> list[Item]:
    """Put the adjectives behind a noun before it, the nearest one next to it: "gato rojo pequeño" is "small red cat"."""
    ordered: list[Item] = []
    place = 0
    while place < len(clause):
        stop = place + 1
        if clause[place].kind in {"thing", "unknown"}:
            while stop < len(clause) and (clause[stop].kind == "adjective" or _joins_adjectives(clause, stop)):
                stop += 1
        ordered += [*_reversed(clause[place + 1 : stop]), clause[place]]
        place = stop
    return ordered


def _joins_adjectives(clause: Sequence[Item], place: int) -> bool:
    """Say whether an "and" stands between two adjectives of one noun: "chat noir et blanc"."""
    around = [item.kind for item in clause[place - 1 : place + 2]]
    return clause[place].english in {"and", ""} and clause[place].kind == "small" and around[::2] == ["adjective", "adjective"]


def _reversed(adjectives: Sequence[Item]) -> Sequence[Item]:
    return adjectives if any(item.english == "and" for item in adjectives) else adjectives[::-1]


def _places_last(clause: list[Item]) -> list[Item]:
    """Say what is there before where it is: of "Y on X" and of "X, as to it, Y on" becomes "X on Y"."""
    *said, mark = clause if clause and clause[-1].kind == "mark" else [*clause, Item("", "mark")]
    said = _numbers_first(said)
    relation = next((place for place, item in enumerate(said) if item.kind == "relation" and item.english != "with"), None)
    if relation is None:
        return [item for item in (*said, mark) if item.kind != "subject"]
    before, after = said[:relation], said[relation + 1 :]
    subject = next((place for place, item in enumerate(before) if item.kind == "subject"), None)
    if subject is not None and any(item.kind in {"thing", "unknown"} for item in before[subject + 1 :]):
        ordered = [*before[:subject], said[relation], *before[subject + 1 :], *after]
    elif any(item.kind in {"thing", "unknown"} for item in after) and any(item.english for item in before):
        ordered = [*after, said[relation], *before]
    else:
        ordered = said
    return [item for item in (*ordered, mark) if item.kind != "subject"]


def _numbers_first(said: list[Item]) -> list[Item]:
    """Put a number that ends a phrase before the thing that it counts: "apples, three of them"."""
    kept = [item for item in said if item.english or item.kind == "subject"]
    for place in range(1, len(kept)):
        follows = kept[place + 1].kind if place + 1 < len(kept) else ""
        if kept[place].kind == "number" and kept[place - 1].kind == "thing" and follows not in {"thing", "adjective", "unknown"}:
            kept[place - 1 : place + 1] = [kept[place], kept[place - 1]]
    return kept


def _count(items: Sequence[Item]) -> Iterator[Item]:
    """Put things that are counted into the plural, and drop what means nothing."""
    is_many = is_one = False
    for item in items:
        if item.kind == "number":
            is_many = item.english != "1"
        elif item.kind == "thing":
            name = plural(item.english) if is_many else item.single if is_one else item.english
            yield replace(item, english=name)
            is_many = is_one = False
            continue
        elif item.kind != "adjective" and item.english:
            is_many, is_one = False, item.english == "a"
        if item.english:
            yield item


def _write(items: Iterator[Item]) -> str:
    text = ""
    for item in items:
        is_joined = not text or (item.kind == "mark" and item.english[0] in CLOSING_MARKS) or text[-1] in "([\n'’"
        text += item.english if is_joined else f" {item.english}"
    return text
