"""Captions say what is in the scene, in every register, and quote what is lettered."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from limner.data.corpus import Corpus, example_rng
from limner.data.heldout import has_held_out_synonym
from limner.data.scenes.compose import compose_scene
from limner.data.scenes.describe import REGISTERS, Register, describe_scene, relation
from limner.data.scenes.scene import AssetLayer, Background, Box, Canvas, Light, Scene

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
    captions = {describe_scene(PAIR, rng(seed), register="sentence").split(" on a")[0] for seed in range(40)}

    assert captions == {"a cat to the left of a dog", "a dog to the right of a cat", "a cat and a dog", "a dog and a cat"}


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
        title = scene.texts("title")[0].text

        for register in ("short", "sentence", "keywords", "detailed", "instruction", "json", "python", "long"):
            assert f'"{title}"' in describe_scene(scene, rng(index), register=register)
        assert title in describe_scene(scene, rng(index), register="html")


def test_the_light_is_told_only_where_it_shows(corpus: Corpus):
    words = {"dusk": ("dusk", "sunset"), "moon": ("night", "moonlight"), "lamp": ("lamp",)}
    for index in range(60):
        scene = compose_scene(corpus.stock, example_rng(5, index), layout="single")
        caption = describe_scene(scene, rng(index), register="detailed")

        for light, told in words.items():
            assert any(word in caption for word in told) == (scene.light.name == light) or "lamp" in scene.assets()[0].concept
