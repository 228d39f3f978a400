"""What things are called."""

from __future__ import annotations

import pytest

from limner.data.heldout import has_held_out_synonym
from limner.data.naming import PLAIN_NAMES, may_mirror, plain_names, plural, with_article


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("slice of pizza", "a slice of pizza"),
        ("apple", "an apple"),
        ("unicorn", "a unicorn"),
        ("hourglass", "an hourglass"),
        ("french fries", "french fries"),
        ("bread", "bread"),
        ("scissors", "a pair of scissors"),
        ("bus", "a bus"),
        ("Tokyo tower", "Tokyo tower"),
        ("two cherries", "two cherries"),
        ("house with a garden", "a house with a garden"),
    ],
)
def test_the_article_follows_the_name(name: str, expected: str):
    assert with_article(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("slice of pizza", "slices of pizza"),
        ("mouse", "mice"),
        ("strawberry", "strawberries"),
        ("watch", "watches"),
        ("monkey", "monkeys"),
        ("baby chick facing forward", "baby chicks facing forward"),
    ],
)
def test_the_plural_is_of_the_head(name: str, expected: str):
    assert plural(name) == expected


def test_no_name_of_the_table_holds_a_held_out_synonym():
    assert not any(has_held_out_synonym(name) for concept, names in PLAIN_NAMES.items() for name in (concept, *names))


def test_an_unknown_concept_is_called_what_it_is_in_everyday_words():
    assert plain_names("automobile") == ("car",)
    assert plain_names("zebra") == ("zebra",)


def test_what_can_be_read_is_never_mirrored():
    assert may_mirror("cat", "animals-nature")
    assert not any(
        may_mirror(concept, "objects") for concept in ("calendar", "left arrow", "one o’clock", "open book", "ABC", "alarm clock")
    )
    assert not may_mirror("warning", "symbols")
