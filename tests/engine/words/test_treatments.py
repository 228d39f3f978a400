"""What instructions do to a picture as a whole."""

from __future__ import annotations

from typing import get_args

import pytest

from limner.engine.words.arrangements import read_arrangements
from limner.engine.words.treatments import Adjust, Relight, Restore, Restyle, Treatment, Weather, read_treatment
from limner.media.filters.air import Air
from limner.media.filters.light import LightName
from limner.media.filters.medium import LOOKS
from limner.media.filters.tone import TONES


def read(prompt: str) -> Treatment | None:
    found = read_arrangements(prompt, 1, has_source=True)
    return found[0].treatment if len(found) == 1 else None


@pytest.mark.parametrize(
    ("prompt", "treatment"),
    [
        ("Turn this photo into a watercolour, please", Restyle("watercolour")),
        ("make it look like a pencil sketch", Restyle("pencil")),
        ("in the style of stained glass", Restyle("stained glass")),
        ("Could you convert the picture to pixel art?", Restyle("pixel art")),
        ("mach es zu einem Aquarell", Restyle("watercolour")),
        ("make it night", Relight("moon")),
        ("turn the day into night", Relight("moon")),
        ("show it at sunset", Relight("dusk")),
        ("in daylight", Relight("noon")),
        ("light it with a lamp", Relight("lamp")),
        ("hazlo de noche", Relight("moon")),
        ("let it snow", Weather("falling snow")),
        ("add some fog", Weather("fog")),
        ("make it rainy", Weather("rain")),
        ("convert the photo to black and white", Adjust("grey")),
        ("make this picture a bit of a mess", None),
        ("make it a lot brighter", Adjust("brighter", 1.8)),
        ("brighten the image a bit", Adjust("brighter", 0.5)),
        ("a bit warmer", Adjust("warmer", 0.5)),
        ("make it a bit black and white", None),
        ("heavy rain", None),
        ("flip it horizontally", Adjust("mirrored")),
        ("increase the contrast", Adjust("more contrast")),
        ("This is blurred, make it sharp", Restore()),
        ("remove the scratches from this old photo", Restore()),
        ("Can you clean up this old picture?", Restore()),
        ("increase the resolution", Restore()),
    ],
)
def test_an_instruction_names_what_is_done(prompt: str, treatment: Treatment | None):
    assert read(prompt) == treatment


@pytest.mark.parametrize(
    "prompt",
    [
        "make the cat neon", "paint the car in oil colours", "a watercolour of a cat", "add a rain coat", "remove the spots of his shirt",
        "make the dog blurry", "add fog behind the house", "sharpen the pencil", "turn the night light off", "make it look old",
    ],
)  # fmt: skip
def test_what_is_done_to_a_thing_or_in_words_of_its_own_is_no_treatment(prompt: str):
    assert read(prompt) is None


def test_every_filter_can_be_asked_for():
    media = {found.medium for name in LOOKS for form in (f"make it {name}",) if isinstance(found := read_treatment(form), Restyle)}
    airs = {found.air for name in get_args(Air) if isinstance(found := read_treatment(f"add {name}"), Weather)}
    orders = ["in daylight", "at dusk", "at night", "by lamplight", "light it evenly"]
    lights = {found.light for order in orders if isinstance(found := read_treatment(order), Relight)}
    asked = [
        "make it brighter", "make it darker", "more contrast", "less contrast", "make it more colourful", "desaturate it", "make it warmer",
        "make it cooler", "black and white", "sepia", "invert it", "mirror it", "turn it upside down", "blur it",
    ]  # fmt: skip

    assert media == set(LOOKS)
    assert airs == set(get_args(Air))
    assert lights == set(get_args(LightName))
    assert [read_treatment(words) for words in asked] == [Adjust(tone) for tone in TONES]


def test_a_treatment_is_one_wish_of_several():
    found = read_arrangements("remove the cat and make it night", 1, has_source=True)

    assert [wish.kind for wish in found] == ["remove", "treat"]
    assert found[1].treatment == Relight("moon")
