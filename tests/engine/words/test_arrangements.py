"""What instructions put where, and which ones are left to the network."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.engine.words.arrangements import DRAWN, Arrangement, Subject, Where, read_arrangements


def read(prompt: str, num_images: int = 1, *, has_source: bool = True, is_marked: bool = False) -> Arrangement | None:
    found = read_arrangements(prompt, num_images, has_source=has_source, is_marked=is_marked)
    return found[0] if len(found) == 1 else None


def cat(kind: str, **said: object) -> Arrangement:
    return Arrangement(kind=kind, subjects=(Subject(1, "cat"),), **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("prompt", "where"),
    [
        ("move the cat to the left", Where(x=0.22)),
        ("Could you please move the cat into the top right corner?", Where(0.78, 0.22)),
        ("put the cat in the middle of the picture", Where(0.5, 0.5)),
        ("the cat should be at the bottom", Where(y=0.78)),
        ("shift the cat up to the upper left", Where(0.22, 0.22)),
        ("move the cat to the right of the red house.", Where(relation="right", other=Subject(1, "red house"))),
        ("place my cat in front of a dog", Where(relation="before", other=Subject(1, "dog"))),
        ("verschiebe die Katze nach links", Where(x=0.22)),
    ],
)
def test_a_thing_of_the_source_goes_where_words_say(prompt: str, where: Where):
    assert read(prompt) == cat("move", where=where)


@pytest.mark.parametrize(
    ("prompt", "factor"),
    [
        ("make the cat bigger", 1.6),
        ("Make the cat a bit smaller, please", 0.8),
        ("the cat should be twice as large", 2.0),
        ("double the size of the cat", 2.0),
        ("shrink the cat", 0.55),
        ("a smaller cat", 0.55),
        ("scale the cat up", 1.6),
        ("scale the cat to 150%", 1.5),
        ("make the cat 1.5 times as big", 1.5),
        ("the cat should be half the size", 0.5),
    ],
)
def test_a_thing_grows_and_shrinks_by_what_words_say(prompt: str, factor: float):
    assert read(prompt) == cat("resize", factor=factor)


@pytest.mark.parametrize("prompt", ["swap the cat and the dog", "Let the cat and the dog change places!", "exchange the cat with the dog"])
def test_two_things_change_places(prompt: str):
    assert read(prompt) == Arrangement(kind="swap", subjects=(Subject(1, "cat"), Subject(1, "dog")))


@pytest.mark.parametrize(
    "prompt",
    [
        "replace the cat with a dog",
        "swap the cat for a dog",
        "turn the cat into a dog",
        "make the cat a dog",
        "a dog instead of the cat",
        "there should be a dog instead of the cat",
    ],
)
def test_a_new_thing_comes_in_the_place_of_another(prompt: str):
    assert read(prompt) == Arrangement(kind="replace", subjects=(Subject(1, "cat"), Subject(DRAWN, "dog")))


@pytest.mark.parametrize("prompt", ["remove the cat", "get rid of the cat", "take the cat away", "Without the cat."])
def test_a_thing_goes_away(prompt: str):
    assert read(prompt) == cat("remove")


def test_one_of_several_is_told_by_where_it_is():
    assert read("remove the cat on the left") == Arrangement(kind="remove", subjects=(Subject(1, "cat", "left"),))
    assert read("move the house with a garden to the left") == Arrangement(
        kind="move", subjects=(Subject(1, "house with a garden"),), where=Where(x=0.22)
    )


@pytest.mark.parametrize(
    ("prompt", "kinds"),
    [
        ("move the cat to the left and make it blue", ["move", "paint"]),
        ("Swap the dog and the cat, and make the background blue", ["swap", "ground"]),
        ("remove the ball, then make the dog bigger.", ["remove", "resize"]),
        ("make the cat red, move it to the right and add a ball", ["paint", "move", "put"]),
        ("move the cat to the left and make it look happy", []),
        ("make it blue and move the cat to the left", []),
    ],
)
def test_several_wishes_are_read_one_after_the_other_or_not_at_all(prompt: str, kinds: list[str]):
    found = read_arrangements(prompt, 1, has_source=True)

    assert [wish.kind for wish in found] == kinds
    assert all(wish.subjects[0].name == "cat" for wish in found[:2] if "cat to the left" in prompt)


@pytest.mark.parametrize(
    ("prompt", "colour"),
    [
        ("make the cat dark blue", "dark blue"),
        ("change the colour of the cat to red", "red"),
        ("the cat should be crimson", "red"),
        ("paint the cat green, please", "green"),
    ],
)
def test_a_thing_is_painted_in_a_colour_that_captions_know(prompt: str, colour: str):
    found = read(prompt)

    assert found is not None
    assert (found.kind, found.subjects[0].name) == ("paint", "cat")
    assert found.colour.split()[-1] == colour.split()[-1]


@pytest.mark.parametrize(
    ("prompt", "ground"),
    [
        ("change the background to light blue", ("light blue",)),
        ("put it on a plain white background", ("white",)),
        ("remove the background", ()),
        ("transparent background", ()),
        ("make the background a gradient from red to gold", ("red", "gold")),
    ],
)
def test_the_ground_takes_other_colours(prompt: str, ground: tuple[str, ...]):
    assert read(prompt) == Arrangement(kind="ground", subjects=(), ground=ground)


def test_a_new_thing_is_put_where_words_say_or_where_the_source_is_marked():
    new = (Subject(DRAWN, "kite"),)

    assert read("add a kite above the cat") == Arrangement(kind="put", subjects=new, where=Where(relation="above", other=Subject(1, "cat")))
    assert read("add a kite") == Arrangement(kind="put", subjects=new)
    assert read("a kite", is_marked=True) == Arrangement(kind="fill", subjects=new)
    assert read("a kite") is None


@pytest.mark.parametrize(
    ("prompt", "subjects", "where"),
    [
        ("put image 2 to the left of the dog", (Subject(2),), Where(relation="left", other=Subject(1, "dog"))),
        ("the hat of image 2 should be in the top left corner", (Subject(2, "hat"),), Where(0.22, 0.22)),
        ("add the second image to the right of image 1", (Subject(2),), Where(relation="right", other=Subject(1))),
        ("add image 2 and the hat from the third picture", (Subject(2), Subject(3, "hat")), Where()),
    ],
)
def test_what_other_images_show_comes_into_the_source(prompt: str, subjects: tuple[Subject, ...], where: Where):
    assert read(prompt, 3) == Arrangement(kind="put", subjects=subjects, where=where)


@pytest.mark.parametrize(
    ("prompt", "subjects", "where", "ground"),
    [
        ("image 1 and image 2 side by side", (Subject(1), Subject(2)), Where(), None),
        ("all of these together on a yellow background", (Subject(1), Subject(2), Subject(3)), Where(), ("yellow",)),
        ("images 1 to 3 in one picture", (Subject(1), Subject(2), Subject(3)), Where(), None),
        ("the cat of image 1 behind image 3 on a transparent background", (Subject(1, "cat"), Subject(3)), Where(relation="behind"), ()),
        ("image 2 on the left and image 1 on the right", (Subject(2), Subject(1)), Where(), None),
        (
            "image 1 next to a red kite on a white background",
            (Subject(1), Subject(DRAWN, "red kite")),
            Where(relation="beside"),
            ("white",),
        ),
        ("image 1 in the top left corner on a gold background", (Subject(1),), Where(0.22, 0.22), ("gold",)),
        ("image 1, image 3 and image 9 in a row", (Subject(1), Subject(3)), Where(), None),
    ],
)
def test_what_several_images_show_comes_together(
    prompt: str, subjects: tuple[Subject, ...], where: Where, ground: tuple[str, ...] | None
):  # fmt: skip
    assert read(prompt, 3, has_source=False) == Arrangement(kind="compose", subjects=subjects, where=where, ground=ground)


@pytest.mark.parametrize(
    "prompt",
    [
        "make it look like winter",
        "make the cat look happy",
        "move the cat to the left and make it rain",
        "put a hat on the cat",
        "add a boat on a lake",
        "remove everything except the cat",
        "replace the sky with a sunset",
        "make the text bigger",
        "make the background blurry",
        "a kite in the style of Hokusai",
        "the cat",
        "turn it into a drawing",
        "",
        "move " + "the cat to the left of " * 40,
    ],
)
def test_what_is_not_wholly_understood_is_left_to_the_network(prompt: str):
    assert read(prompt) is None


@pytest.mark.parametrize("prompt", ["a cat in the style of image 1", "image 1 on a beach at night", "a portrait of image 1 as a king"])
def test_a_description_of_more_than_places_is_no_composition(prompt: str):
    assert read(prompt, 2, has_source=False) is None


@given(st.text(max_size=500), st.integers(1, 16), st.booleans(), st.booleans())
def test_any_words_are_read_or_left(prompt: str, num_images: int, has_source: bool, is_marked: bool):
    found = read_arrangements(prompt, num_images, has_source=has_source, is_marked=is_marked)

    assert all(subject.image <= num_images for wish in found for subject in wish.subjects)


# -------------------------------------------------------------------------------------------- as people who knew no rule would type it

TYPED = [line.split("\t") for line in (Path(__file__).parent / "instructions.tsv").read_text("utf-8").splitlines()]
OPEN_TO_DEBATE = {"turn the leaves red", "turn the man into a superhero", "turn the statue to gold", "turn the traffic light green"}


def as_typed(num_images: str, form: str, prompt: str) -> Arrangement | None:
    """Read a line of the file: what a source's edit, a marked part of it or a composition is asked for with."""
    return read(prompt, int(num_images), has_source=form != "composed", is_marked=form == "marked")


def test_of_what_people_type_nothing_is_misread():
    read_as = [(kind, how[-1], as_typed(*how)) for kind, *how in TYPED]

    wrong = {prompt for kind, prompt, found in read_as if found and kind != found.kind.replace("fill", "put")}
    assert wrong <= OPEN_TO_DEBATE


def test_of_what_people_type_most_that_only_puts_things_somewhere_is_read():
    wanted = [how for kind, *how in TYPED if kind]

    assert sum(as_typed(*how) is not None for how in wanted) >= 0.65 * len(wanted)
