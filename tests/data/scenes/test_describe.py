"""Captions say what is in the scene, in every register, and quote what is lettered."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from limner.data.colours import COLOUR_WORDS
from limner.data.corpus import Corpus, example_rng
from limner.data.heldout import has_held_out_synonym
from limner.data.scenes.compose import compose_scene
from limner.data.scenes.describe import REGISTERS, Register, describe_scene
from limner.data.scenes.scene import MEDIA, AssetLayer, Background, Box, Canvas, Light, MediumName, Scene
from limner.data.scenes.wording import Facts, many, relation

LEFT, RIGHT, LOW = Box(0.1, 0.4, 0.3, 0.3), Box(0.6, 0.4, 0.3, 0.3), Box(0.1, 0.8, 0.3, 0.2)
CAT, DOG = AssetLayer("noto/cat", "cat", LEFT), AssetLayer("noto/dog", "dog", RIGHT, role="second")
PAIR = Scene(Canvas(), Background("plain", ("#a8d6fa",)), (CAT, DOG), Light(), "relation")


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("register", REGISTERS)
def test_every_register_describes_every_layout(corpus: Corpus, register: Register):
    for index in range(60):
        scene = compose_scene(corpus.stock, example_rng(2, index))

        caption = describe_scene(scene, rng(index), register=register)

        assert caption == " ".join(caption.split())
        assert not has_held_out_synonym(caption)
        assert caption == describe_scene(scene, rng(index), register=register)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(LEFT, RIGHT, "to the left of"), (RIGHT, LEFT, "to the right of"), (LEFT, LOW, "above"), (LOW, LEFT, "below")],
)
def test_the_relation_is_read_from_the_boxes(first: Box, second: Box, expected: str):
    assert relation(first, second) == expected


def test_a_pair_is_told_truly_from_either_side():
    captions = {describe_scene(PAIR, rng(seed), register="sentence").split(" on a light")[0] for seed in range(300)}

    left, right = ("to the left of", "left of", "on the left side of"), ("to the right of", "right of", "on the right side of")
    assert captions == {
        *(f"a cat {words} a dog" for words in (*left, "next to", "beside", "and")),
        *(f"a dog {words} a cat" for words in (*right, "next to", "beside", "and")),
        "a cat on the left and a dog on the right",
        "a dog on the right and a cat on the left",
    }


def test_of_two_that_overlap_the_later_stands_in_front():
    scene = replace(PAIR, layers=(replace(CAT, box=Box(0.2, 0.1, 0.5, 0.6)), replace(DOG, box=Box(0.5, 0.4, 0.4, 0.4))))

    captions = {describe_scene(scene, rng(seed), register="sentence").split(" on a")[0] for seed in range(60)}

    assert captions == {"a cat behind a dog", "a cat partly behind a dog", "a dog in front of a cat"}


def test_a_much_larger_thing_is_called_so():
    scene = replace(PAIR, layers=(replace(CAT, box=Box(0.1, 0.2, 0.6, 0.6)), replace(DOG, box=Box(0.75, 0.6, 0.2, 0.2))))

    for seed in range(20):
        caption = describe_scene(scene, rng(seed), register="sentence")

        assert re.search(r"\b(big|large|huge) cat\b", caption)
        assert re.search(r"\b(small|little|tiny) dog\b", caption)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(0.05, 0.05, 0.3, 0.3), {"in the top left corner", "in the upper left corner"}),
        (Box(0.65, 0.65, 0.3, 0.3), {"in the bottom right corner", "in the lower right corner"}),
        (Box(0.35, 0.05, 0.3, 0.3), {"at the top"}),
        (Box(0.35, 0.35, 0.3, 0.3), {"in the middle", "in the centre"}),
        (Box(0.1, 0.1, 0.8, 0.8), {""}),
    ],
)
def test_the_position_of_a_small_thing_alone_is_told(box: Box, expected: set[str]):
    scene = replace(PAIR, layers=(replace(CAT, box=box),), layout="single")

    assert {Facts(scene, rng(seed)).position() for seed in range(30)} == expected


def test_what_is_drawn_on_its_feet_is_said_to_stand_and_nothing_else_is():
    ox, car = (replace(CAT, concept=concept) for concept in ("ox", "car"))
    scene = replace(PAIR, background=Background("snowy road"), layers=(ox,), layout="single", air="falling snow")

    told = {describe_scene(scene, rng(seed), register="sentence") for seed in range(200)}
    of_a_car = {describe_scene(replace(scene, layers=(car,)), rng(seed), register="sentence") for seed in range(200)}

    assert any("an ox standing in the middle of a long open road in the snow" in caption for caption in told)
    assert not any("standing" in caption for caption in of_a_car)


def test_a_sky_is_called_blue_only_at_noon():
    scene = replace(PAIR, background=Background("sky"), layers=(CAT,), layout="single")

    told = {light: {Facts(replace(scene, light=Light(light)), rng(seed)).place() for seed in range(30)} for light in ("noon", "dusk")}

    assert told["noon"] == {"in the sky", "in a blue sky with clouds"}
    assert told["dusk"] == {"in the sky"}


def test_what_is_counted_has_a_plural():
    layers = tuple(AssetLayer("noto/books", "books", Box(0.1 + 0.25 * place, 0.4, 0.2, 0.2)) for place in range(3))
    scene = replace(PAIR, layers=layers, layout="count")

    assert {Facts(scene, rng(seed)).counted(layers) for seed in range(40)} == {"three stacks of books", "3 stacks of books"}


def test_what_is_absent_is_told_only_where_it_is_absent():
    empty = replace(PAIR, background=Background("road"), layers=(), layout="view")
    car = AssetLayer("noto/taxi", "taxi", LEFT)

    told = {Facts(empty, rng(seed)).absence() for seed in range(200)}
    beside_a_car = {Facts(replace(empty, layers=(car,)), rng(seed)).absence() for seed in range(200)}

    assert {"without cars", "with no people", "without any trees"} <= told
    assert not any("cars" in words for words in beside_a_car)


@pytest.mark.parametrize("medium", MEDIA[1:])
def test_a_medium_is_said_in_several_ways_and_in_every_register(medium: MediumName):
    scene = replace(PAIR, medium=medium)
    words = {"oil": "oil", "halftone": "halftone|comic", "pixel art": "pixel|8-bit", "chalk": "chalk|blackboard", "paper cut": "paper"}

    captions = {describe_scene(scene, rng(seed), register="sentence") for seed in range(60)}

    assert len({caption.replace("cat", "dog")[:12] for caption in captions}) >= 3
    for register in REGISTERS:
        told = describe_scene(scene, rng(7), register=register)
        assert re.search(words.get(medium, medium.replace("colour", "colou?r")), told.lower().replace("watercolor ", "watercolour "))


def test_a_medium_without_colours_leaves_no_colour_in_the_caption():
    apple = AssetLayer("noto/red-apple", "red apple", LEFT)
    scene = replace(PAIR, layers=(apple, DOG), medium="pencil")

    for register in REGISTERS:
        assert COLOUR_WORDS.isdisjoint(describe_scene(scene, rng(3), register=register).lower().replace('"', " ").split())


def test_weather_is_told():
    scene = replace(PAIR, background=Background("forest"), light=Light("dusk"), air="fireflies")

    assert all("fireflies" in describe_scene(scene, rng(seed), register="sentence") for seed in range(10))


@pytest.mark.parametrize(
    ("name", "expected"), [("snowman", "snowmen"), ("moose", "moose"), ("slice of pizza", "slices of pizza"), ("mouse", "mice")]
)
def test_irregular_plurals_are_known(name: str, expected: str):
    assert many(name) == expected


@pytest.mark.parametrize(
    ("concept", "expected"),
    [
        ("toilet", "a toilet"),
        ("woman’s sandal", "a woman's sandal"),
        ("hourglass not done", "an hourglass"),
        ("scissors", "a pair of scissors"),
    ],
)
def test_single_things_have_their_article(concept: str, expected: str):
    layer = replace(CAT, concept=concept)

    assert {Facts(replace(PAIR, layers=(layer, DOG)), rng(seed)).thing(layer) for seed in range(10)} == {expected}


def test_a_seldom_colour_is_said_by_its_name_or_its_hue():
    scene = replace(PAIR, layers=(replace(CAT, colour="#ba0e3e"), DOG))

    captions = {describe_scene(scene, rng(seed), register="detailed").split(".")[1] for seed in range(30)}

    assert all(("crimson cat" in caption) != ("red cat" in caption) for caption in captions)
    assert len({"crimson" in caption for caption in captions}) == 2


def test_a_painted_thing_is_named_with_its_colour():
    scene = replace(PAIR, layers=(replace(CAT, colour="#2468e2"), DOG))

    for register in ("short", "sentence", "detailed", "json", "python"):
        assert "blue cat" in describe_scene(scene, rng(1), register=register)
        assert "blue dog" not in describe_scene(scene, rng(1), register=register)


def test_the_background_is_named_in_words():
    assert "on a light blue background" in describe_scene(PAIR, rng(0), register="sentence")


def test_counts_are_told():
    layers = tuple(AssetLayer("noto/pizza", "pizza", Box(0.1 + 0.25 * place, 0.4, 0.2, 0.2)) for place in range(3))
    scene = replace(PAIR, layers=layers, layout="count")

    captions = {describe_scene(scene, rng(seed), register="sentence").split(" on ")[0] for seed in range(30)}

    assert captions <= {"three slices of pizza", "3 slices of pizza", "three pizzas", "3 pizzas"}
    assert json.loads(describe_scene(scene, rng(0), register="json"))["objects"][0]["count"] == 3


@pytest.mark.parametrize("layout", ["poster", "card", "chart"])
def test_lettering_is_always_quoted(corpus: Corpus, layout: str):
    for index in range(30):
        scene = compose_scene(corpus.stock, example_rng(4, index), layout=layout)  # type: ignore[arg-type]
        title = scene.texts("title")[0].text.replace("\n", " ")

        for register in ("short", "sentence", "keywords", "detailed", "instruction", "json", "python", "long"):
            assert f'"{title}"' in describe_scene(scene, rng(index), register=register)
        assert title in describe_scene(scene, rng(index), register="html")


def test_the_light_is_told_only_where_it_shows(corpus: Corpus):
    words = {"dusk": ("dusk", "sunset"), "moon": ("night", "moonlight"), "lamp": ("lamplight", "lamp light")}
    for index in range(60):
        scene = compose_scene(corpus.stock, example_rng(5, index), layout="single")
        caption = describe_scene(scene, rng(index), register="detailed")

        for light, told in words.items():
            assert any(word in caption for word in told) == (scene.light.name == light) or "lamp" in scene.assets()[0].concept
