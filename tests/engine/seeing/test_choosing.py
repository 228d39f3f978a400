"""Which picture shows what a prompt names: words to things, and things to ratings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from limner.engine.describing.describer import find_eyes
from limner.engine.describing.looking import Look, open_look
from limner.engine.seeing.choosing import Chooser, rate
from limner.engine.seeing.names import Names, Thing
from limner.engine.weights import PACKAGED_WEIGHTS, Catalogue

SCENES = Path(__file__).parents[1] / "describing"
THINGS = (
    Thing("cat face", "cat face", "cat faces", True),
    Thing("cat", "cat", "cats", True),
    Thing("mouse", "mouse", "mice", True),
    Thing("hot beverage", "cup of coffee", "cups of coffee", True),
)


@pytest.fixture(scope="module")
def shipped() -> tuple[Names, Look]:
    catalogue = Catalogue.open(PACKAGED_WEIGHTS)
    eyes = find_eyes(catalogue)
    names = Names.open(catalogue, eyes)
    return names, open_look(eyes, names.vectors, 1)


@pytest.mark.parametrize(
    ("prompt", "numbers"),
    [
        ("a cat", (2,)),
        ("Two Cats beside a cup of coffee", (2, 4)),
        ("a cat face, a cat and another cat", (1, 2)),
        ("three mice", (3,)),
        ('a sign that says "cat"', ()),
        ("a caterpillar, concatenated", ()),
        ("", ()),
    ],
)
def test_things_are_known_by_whole_words_the_longest_first(prompt: str, numbers: tuple[int, ...]):
    assert Chooser(Names(THINGS, np.zeros((5, 2), np.float32))).read(prompt) == numbers


def test_a_picture_rates_higher_for_what_it_shows_than_one_that_does_not(shipped: tuple[Names, Look]):
    names, look = shipped
    chooser = Chooser(names)
    kangaroos, tiger = (
        look(np.asarray(Image.open(SCENES / file).convert("RGBA"))).chances[0] for file in ("four-kangaroos.png", "tiger-and-teapot.png")
    )

    for prompt, shows, other in (
        ("a kangaroo", kangaroos, tiger),
        ("a teapot", tiger, kangaroos),
        ("a tiger and a teapot", tiger, kangaroos),
    ):
        numbers = chooser.read(prompt)
        assert rate(other, numbers) < rate(shows, numbers) <= 0


def test_a_thing_that_is_missing_weighs_more_than_another_in_excess():
    both, one = np.zeros((2, 4, 4, 3), np.float32)
    both[..., 1], both[..., 2] = 0.8, 0.2
    one[..., 1] = 1

    assert rate(one, (1, 2)) < rate(both, (1, 2))


def test_an_empty_picture_shows_nothing_at_all():
    chances = np.zeros((4, 4, 3), np.float32)
    chances[..., 0] = 1

    assert rate(chances, (1,)) == pytest.approx(np.log(1e-3))
