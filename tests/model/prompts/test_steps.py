"""Each step on its own, before and after."""

from __future__ import annotations

import pytest

from limner.model.prompts.absence import drop_absent
from limner.model.prompts.colours import colour_names, name_colours, nearest_colour
from limner.model.prompts.counts import spell_counts
from limner.model.prompts.domain import plain_domain
from limner.model.prompts.english import correct_articles, plural
from limner.model.prompts.looks import plain_looks
from limner.model.prompts.positions import plain_positions


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a snowman without a hat in the snow", "a snowman in the snow"),
        ("a cat without hat and scarf", "a cat"),
        ("a cat without any whiskers", "a cat"),
        ("an empty street with no people, cars or text", "an empty street"),
        ("a beach, no people, blue sky", "a beach, blue sky"),
        ("a house with no windows and a red door", "a house with a red door"),
        ("a car, not red", "a car"),
        ("a car that is not red", "a car"),
        ("not a dog but a cat", "a cat"),
        ("a tree instead of a house", "a tree"),
        ("a room free of furniture", "a room"),
        ("a red apple, no background", "a red apple on a transparent background"),
        ("a lamp without a background", "a lamp on a transparent background"),
        ("a king without a crown holding a sword", "a king holding a sword"),
    ],
)
def test_what_should_not_be_there_is_not_in_the_text(before: str, after: str):
    assert drop_absent(before) == after


@pytest.mark.parametrize(
    "prompt", ["a no smoking sign", "a no entry sign on a wall", "a nobleman", "a knot", "not only a cat but also a dog", "no. 5", "a note"]
)
def test_a_thing_that_is_named_with_a_negation_stays(prompt: str):
    assert drop_absent(prompt) == prompt


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a #ff8800 umbrella", "an orange umbrella"),
        ("a #F80 umbrella", "an orange umbrella"),
        ("a rgb(36, 104, 226) ball", "a blue ball"),
        ("an emerald green frog", "a dark green frog"),
        ("a burgundy dress and navy shoes", "a dark red dress and navy blue shoes"),
        ("an indigo vase", "a dark purple vase"),
        ("a gray mouse", "a grey mouse"),
    ],
)
def test_colours_get_the_names_of_captions(before: str, after: str):
    assert name_colours(before) == after


@pytest.mark.parametrize("prompt", ["a navy blue car", "an orange", "a lime and a plum", "issue #12", "&#255;", "a teal door"])
def test_names_of_captions_and_names_of_things_stay(prompt: str):
    assert name_colours(prompt) == prompt


def test_a_colour_in_numbers_is_named_as_it_looks():
    assert [nearest_colour(255, 255, 255), nearest_colour(0, 0, 0), nearest_colour(250, 20, 20)] == ["white", "black", "red"]
    assert set(colour_names().values()) <= set(colour_names())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("3 apples on a table", "three apples on a table"),
        ("2x cats", "two cats"),
        ("a pair of red apples", "two red apples"),
        ("a couple of dogs and a trio of cats", "two dogs and three cats"),
        ("a dozen eggs and half a dozen lemons", "twelve eggs and six lemons"),
        ("12 stars", "twelve stars"),
    ],
)
def test_counts_are_spelt_as_in_captions(before: str, after: str):
    assert spell_counts(before) == after


@pytest.mark.parametrize(
    "prompt", ["a pair of scissors", "a pair of brown shoes", "a 7 year old", "5 px", "number 3 bus", "3D icon", "99 balloons", "at 4 pm"]
)
def test_a_number_that_counts_nothing_stays(prompt: str):
    assert spell_counts(prompt) == prompt


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a cat on the left-hand side of a dog", "a cat to the left of a dog"),
        ("a cat left of a dog", "a cat to the left of a dog"),
        ("a cat left to the dog", "a cat to the left of the dog"),
        ("a cat positioned to the right of a dog", "a cat to the right of a dog"),
        ("a lamp beneath a table", "a lamp below a table"),
        ("a bird atop a tree", "a bird on top of a tree"),
        ("a balloon floating above a house", "a balloon above a house"),
        ("a dog beside a lake", "a dog next to a lake"),
        ("a tree on the right side", "a tree on the right"),
        ("a man at the back of a bus", "a man behind a bus"),
    ],
)
def test_positions_are_said_as_in_captions(before: str, after: str):
    assert plain_positions(before) == after


@pytest.mark.parametrize(
    "prompt", ["a left turn sign", "what is left of a house", "the top of a mountain", "a right angle", "an undershirt"]
)
def test_what_is_no_position_stays(prompt: str):
    assert plain_positions(prompt) == prompt


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a lighthouse in the style of Van Gogh", "a lighthouse"),
        ("a lighthouse in the style of Hilma af Klint", "a lighthouse"),
        ("a castle, Pixar style", "a castle"),
        ("a Studio Ghibli-style forest", "a forest"),
        ("a poster by Alphonse Mucha of a peacock", "a poster of a peacock"),
        ("a cat in the style of pixel art", "a cat, pixel art"),
        ("an 8-bit dragon", "an pixel art dragon"),
        ("a boat, watercolor painting", "a boat, watercolour"),
        ("a teapot, line art", "a teapot, line icon"),
    ],
)
def test_looks_are_those_of_captions_and_names_are_dropped(before: str, after: str):
    assert plain_looks(before).strip(" ,") == after


@pytest.mark.parametrize(
    "prompt", ["a house in the style of a children's book", "a chair in the style of Art Deco", "lego bricks", "a flat icon"]
)
def test_a_look_without_a_name_stays(prompt: str):
    assert plain_looks(prompt) == prompt


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a photo of a red car", "a red car"),
        ("Overhead shot of a pizza", "a pizza"),
        ("a photorealistic 3D render of a teapot", "a  3D render of a teapot"),
        ("Albert Einstein riding a bicycle", "a person riding a bicycle"),
        ("portrait of Taylor Swift with a cat", "portrait of a person with a cat"),
        ("a fox --ar 16:9", "a fox "),
    ],
)
def test_words_of_photographs_go_and_people_lose_their_names(before: str, after: str):
    assert plain_domain(before) == after


@pytest.mark.parametrize(
    "prompt", ["Santa Claus in a sleigh", "a photo album", "a camera", "Mount Fuji at dawn", "A Red Fox", "a bokeh frame"]
)
def test_what_can_be_drawn_stays(prompt: str):
    assert plain_domain(prompt) == prompt


def test_plurals_and_articles():
    assert [plural(name) for name in ("cat", "slice of pizza", "mouse", "cherry", "sheep", "glasses")] == [
        "cats", "slices of pizza", "mice", "cherries", "sheep", "glasses",
    ]  # fmt: skip
    assert correct_articles("a apple, an unicorn, a hourglass, an cat") == "an apple, a unicorn, an hourglass, a cat"
