"""The word list: whole words, phrases, strengths, and what stands near what."""

from __future__ import annotations

import pytest

from limner.moderation.verdict import CATEGORIES
from limner.moderation.wording import bare_words
from limner.moderation.words import read_words


def found(text: str) -> set[tuple[str, str]]:
    return {(hit.category, hit.word) for hit in read_words().find(bare_words(text))}


def test_a_word_is_found_whatever_its_case_and_what_stands_around_it():
    assert found("(NUDE!)") == {("sexual", "nude")}


@pytest.mark.parametrize(
    "text", ["Scunthorpe", "a cocktail", "an assassin bug", "therapist", "denuded hills", "grapes", "analysis", "classic"]
)
def test_a_word_inside_another_is_not_found(text: str):
    assert found(text) == set()


def test_a_phrase_is_found_across_signs():
    assert ("illicit/violent", "pipe bomb") in found("a pipe-bomb")


def test_a_sure_sexual_word_near_a_minor_is_sure_for_minors():
    near = read_words().find("a child in porn")
    far = read_words().find("a child " + "and a house " * 10 + "porn")

    assert [(hit.category, hit.is_sure) for hit in near if hit.category == "sexual/minors"] == [("sexual/minors", True)]
    assert [hit for hit in far if hit.category == "sexual/minors"] == []


def test_a_minor_alone_is_nothing():
    assert found("children and a toddler on a beach") == set()


def test_every_category_of_speech_has_words():
    spoken = {kind for kinds in read_words().meanings.values() for kind, _ in kinds}

    assert set(CATEGORIES) <= spoken
