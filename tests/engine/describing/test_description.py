"""Sentences of alternative text, from plain data."""

from __future__ import annotations

import pytest

from limner.engine.describing.description import MAX_SENTENCE_CHARS, ShownGround, ShownThing, place_of, say, words_for

WHITE = ShownGround(kind="plain", colours=("white",))
UNKNOWN = ShownGround(kind="unknown", colours=())
MIDDLE = (0.3, 0.3, 0.4, 0.4)


def thing(words: str, *boxes: tuple[float, float, float, float], place: str = "middle") -> ShownThing:
    return ShownThing(name=words, words=words, count=len(boxes), colour="", place=place, boxes=boxes)


def test_one_thing_in_the_middle_is_said_with_its_ground():
    assert say([thing("a red apple", MIDDLE)], WHITE, ("red",)) == "A red apple on a white background."


def test_two_things_are_said_by_how_they_stand_to_each_other():
    things = [thing("an owl", (0.1, 0.3, 0.3, 0.4)), thing("a tent", (0.6, 0.3, 0.3, 0.4))]

    assert say(things, UNKNOWN, ()) == "An owl to the left of a tent."
    assert say(things[::-1], UNKNOWN, ()) == "A tent to the right of an owl."


def test_things_that_cover_each_other_are_only_listed():
    things = [thing("an owl", (0.1, 0.1, 0.6, 0.6)), thing("a tent", (0.4, 0.3, 0.3, 0.4))]

    assert say(things, WHITE, ()) == "An owl and a tent on a white background."


def test_nothing_is_named_where_nothing_is_sure():
    assert say([], UNKNOWN, ("red", "white")) == "A picture, mostly red and white."
    assert say([], ShownGround(kind="transparent", colours=()), ()) == "An empty picture."


def test_an_article_goes_by_the_sound_of_the_colour_that_follows_it():
    ground = ShownGround(kind="plain", colours=("orange",))

    assert say([thing("a kite", MIDDLE)], ground, ()) == "A kite on an orange background."


@pytest.mark.parametrize("count", [1, 2, 5, 9, 40])
def test_a_sentence_is_never_longer_than_a_screen_reader_reads(count: int):
    things = [thing(f"seven purple magnifying glasses number {number}", MIDDLE, MIDDLE) for number in range(count)]

    text = say(things, ShownGround(kind="gradient", colours=("light yellow", "dark purple")), ())

    assert len(text) <= MAX_SENTENCE_CHARS
    assert "Seven purple magnifying glasses number 0" in text
    assert text.endswith(".")


@pytest.mark.parametrize(
    ("count", "colour", "expected"),
    [(1, "", "an owl"), (1, "red", "a red owl"), (3, "grey", "three grey owls"), (9, "", "several owls")],
)
def test_counts_are_words(count: int, colour: str, expected: str):
    assert words_for("owl", "owls", takes_article=True, count=count, colour=colour) == expected


def test_what_takes_no_article_gets_none():
    assert words_for("french fries", "french fries", takes_article=False, count=1, colour="") == "french fries"


@pytest.mark.parametrize(("x", "y", "place"), [(0.5, 0.5, "middle"), (0.1, 0.5, "left"), (0.9, 0.1, "top right"), (0.5, 0.9, "bottom")])
def test_places_are_thirds_of_the_picture(x: float, y: float, place: str):
    assert place_of(x, y) == place
