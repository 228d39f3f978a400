"""Disguises of text and how they come off; ordinary text stays as it is."""

from __future__ import annotations

import pytest

from limner.moderation.wording import bare_words, clauses, sentences, undisguise

WORDS = {"naked", "nude", "child", "cool", "bomb"}


def plain(text: str) -> str:
    return undisguise(text, lambda word: word in WORDS)


@pytest.mark.parametrize(
    ("disguised", "meant"),
    [
        ("n4k3d", "naked"),
        ("N@KED", "NaKED"),
        ("nu\u200bde", "nude"),
        ("n\u00adu\u2060d\ufeffe", "nude"),
        ("n u d e", "nude"),
        ("n.u.d.e", "nude"),
        ("n-u_d*e", "nude"),
        ("\uff4e\uff55\uff44\uff45", "nude"),
        ("\u043fud\u0435", "nude"),
        ("nuuuude", "nude"),
        ("cooooool", "cool"),
        ("b0mb", "bomb"),
    ],
)
def test_a_disguised_word_is_read_as_what_it_means(disguised: str, meant: str):
    assert plain(f"a {disguised} thing") == f"a {meant} thing"


@pytest.mark.parametrize(
    "text",
    [
        "a 4k photo, 8k, 50mm f1.8",
        "the year 1984",
        "mp3 and h264",
        "A1 poster for B2B",
        "Привет, мир",
        "xxx",
        "www.example.com",
        "III",
        "A B C D E",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str):
    assert plain(text) == text


def test_half_a_character_does_no_harm():
    assert plain("a \ud800 cat") == "a  cat"


def test_words_are_looked_up_without_case_accents_or_signs():
    assert bare_words("Café—NUDE; “ß”") == "cafe nude"


def test_a_text_is_cut_at_sentences_and_clauses():
    text = "A cat, a dog. Version 2.0 is out!\nThe end"

    assert list(sentences(text)) == ["A cat, a dog", "Version 2.0 is out", "The end"]
    assert list(clauses(text)) == ["A cat", "a dog", "Version 2.0 is out", "The end"]
