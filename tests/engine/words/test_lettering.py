"""What instructions and captions want to have written."""

from __future__ import annotations

import pytest

from limner.engine.words.arrangements import read_arrangements
from limner.engine.words.lettering import Lettering, read_lettering


@pytest.mark.parametrize(
    ("prompt", "lettering"),
    [
        ('change the text to "Mouse"', Lettering("Mouse")),
        ('Please replace the text with "FRIES".', Lettering("FRIES")),
        ("replace 'good night' with 'Gift'", Lettering("Gift")),
        ("it should say “LION”", Lettering("LION")),
        ('the sign should say "Open 24 hours"', Lettering("Open 24 hours")),
        ('Write "zoo" instead', Lettering("zoo")),
        ('add the text "Hello" to it', None),
        ('put the word "SALE" on the sign', Lettering("SALE")),
        ("remove the text", Lettering("")),
        ('remove the word "Sale" from the sign', Lettering("")),
        ('lettering that says "Explore" in navy blue letters', Lettering("Explore", ink="navy blue")),
        (
            'a yellow sign that reads "Hibiscus" in navy blue letters on a teal background',
            Lettering("Hibiscus", ink="navy blue", board="yellow", ground="teal"),
        ),
        ('a wooden sign that reads "Hi"', None),
        ("make the text bigger", None),
        ("replace the text with a cat", None),
        ("write a poem", None),
    ],
)
def test_words_are_those_between_quotes(prompt: str, lettering: Lettering | None):
    found = read_arrangements(prompt, 1, has_source=True)

    assert (found[0].treatment if found else None) == lettering


def test_quotes_of_one_kind_only_end_the_words_that_they_began():
    assert read_lettering('make it say "it\'s on"') == Lettering("it's on")


def test_blank_words_are_none():
    assert read_lettering('make it say " "') == Lettering("")
