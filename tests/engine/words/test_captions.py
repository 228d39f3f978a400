"""What captions name, and what they do not."""

from __future__ import annotations

import pytest

from limner.engine.words.arrangements import DRAWN, Subject, Where
from limner.engine.words.captions import read_caption


@pytest.mark.parametrize(
    ("prompt", "names", "where", "ground"),
    [
        ("a house and a skateboard on a green background", ["house", "skateboard"], Where(), ("green",)),
        ("a bucket on a transparent background", ["bucket"], Where(), ()),
        ("A zebra, a glass of red wine and a rainbow.", ["zebra", "glass of red wine", "rainbow"], Where(), None),
        ("a cookie on the left side of a red background", ["cookie"], Where(x=0.22), ("red",)),
        ("a bat in the upper left corner on a blue background", ["bat"], Where(0.22, 0.22), ("blue",)),
        (
            "a planet with rings on the right side of a motorcycle on a turquoise background",
            ["planet with rings", "motorcycle"],
            Where(relation="right"),
            ("turquoise",),
        ),
        (
            "a chair next to a butterfly on a gradient from light pink to navy blue, flat vector icon",
            ["chair", "butterfly"],
            Where(relation="beside"),
            ("light pink", "navy blue"),
        ),
        ("a cat on the left and a dog on the right", ["cat", "dog"], Where(), None),
        ("two mice and a slice of pizza", ["mouse", "mouse", "slice of pizza"], Where(), None),
    ],
)
def test_a_caption_names_things_where_they_are_and_the_ground(
    prompt: str, names: list[str], where: Where, ground: tuple[str, ...] | None
):  # fmt: skip
    read = read_caption(prompt)

    assert read is not None
    assert read.kind == "complete"
    assert list(read.subjects) == [Subject(DRAWN, name) for name in names]
    assert (read.where, read.ground) == (where, ground)


@pytest.mark.parametrize(
    "prompt",
    [
        "Fill the hole", "can you fill in what is missing?", "now restore the missing part", "complete the picture",
        "continue the picture beyond its edges", "extend the picture to the left", "outpaint", "Please uncrop the photo",
    ],
)  # fmt: skip
def test_an_order_to_complete_names_nothing(prompt: str):
    read = read_caption(prompt)

    assert read is not None
    assert (read.kind, read.subjects) == ("complete", ())


@pytest.mark.parametrize(
    "prompt",
    [
        "a cat on a red planet", "a dog running in a field", "make the cat happy", "a cat in the style of Hokusai", "a cat wearing a hat",
        "the sky at night", "a house behind some trees", "complete the sentence", "", "a" * 500,
    ],
)  # fmt: skip
def test_what_a_caption_says_beyond_things_is_left_to_the_network(prompt: str):
    assert read_caption(prompt) is None


def test_sizes_of_things_are_read_and_more_things_than_anyone_draws_are_not():
    sized, plain = read_caption("a large chair beside a tiny anchor"), read_caption("twelve cats")

    assert sized is not None
    assert [(subject.name, subject.size) for subject in sized.subjects] == [("chair", 1.25), ("anchor", 0.4)]
    assert plain is None, "counted in words up to ten"
    assert read_caption("ten cats and ten dogs") is None
    assert len(read_caption("ten cats and two dogs").subjects) == 12  # type: ignore[union-attr]
