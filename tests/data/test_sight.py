"""What is where in a scene, as a network is told it."""

from __future__ import annotations

import numpy as np

from limner.data.corpus import Corpus
from limner.data.editing.mixture import Mixture
from limner.data.scenes.render import render_scene
from limner.data.scenes.scene import AssetLayer, Background, Box, Canvas, Scene
from limner.data.sight import GROUND, UNTOLD, hide, look_at_drawing, look_at_scene

PIZZA = AssetLayer("fluent-emoji-flat/pizza", "pizza", Box(0.0, 0.0, 0.5, 0.5))
HAMMER = AssetLayer("fluent-emoji-flat/hammer", "hammer", Box(0.5, 0.5, 0.5, 0.5))
GROUNDED = Background("plain", ("#ffffff",))


def test_each_drawing_is_named_where_it_stands_and_the_ground_elsewhere(corpus: Corpus):
    scene = Scene(Canvas(128, 128), GROUNDED, (PIZZA, HAMMER))

    sight = look_at_scene(scene, corpus.sprites, {"pizza": 1, "hammer": 2}, 8)

    assert set(sight[:4, :4].ravel()) == {GROUND, 1}
    assert set(sight[4:, 4:].ravel()) == {GROUND, 2}
    assert not sight[:4, 4:].any()
    assert not sight[4:, :4].any()


def test_what_is_named_is_what_the_drawing_covers(corpus: Corpus):
    scene = Scene(Canvas(128, 128), Background("transparent"), (AssetLayer(PIZZA.asset, "pizza", Box(0.1, 0.2, 0.7, 0.7)),))
    alpha = render_scene(scene, corpus.sprites, None)[..., 3].reshape(8, 16, 8, 16).mean((1, 3)) / 255

    sight = look_at_scene(scene, corpus.sprites, {"pizza": 1}, 8)

    assert (sight[alpha > 0.7] == 1).all()
    assert (sight[alpha < 0.1] == GROUND).all()


def test_what_lies_in_front_is_named_and_what_has_no_number_is_untold(corpus: Corpus):
    behind, front = (AssetLayer(layer.asset, layer.concept, Box(0.1, 0.1, 0.8, 0.8)) for layer in (PIZZA, HAMMER))

    sight = look_at_scene(Scene(Canvas(128, 128), GROUNDED, (behind, front)), corpus.sprites, {"pizza": 1}, 8)

    assert (sight == UNTOLD).sum() > 10
    assert (sight == 1).sum() < 5


def test_one_drawing_is_named_where_it_is_solid():
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:32, :, 3] = 255

    sight = look_at_drawing(pixels, 7, 4)

    assert sight.tolist() == [[7] * 4, [7] * 4, [GROUND] * 4, [GROUND] * 4]


def test_what_is_hidden_tells_nothing():
    shown = np.ones((64, 64), np.bool_)
    shown[:, :24] = False

    sight = hide(np.full((4, 4), 3), shown)

    assert sight.tolist() == [[UNTOLD, UNTOLD, 3, 3]] * 4


def test_examples_of_words_and_of_edits_say_what_is_where(corpus: Corpus):
    mixture = Mixture(corpus, 0.5)
    examples = [mixture.example(index) for index in range(60)]

    for example in examples:
        assert (example.source_sight is None) == (example.source is None)
        assert example.sight is not None
        assert example.sight.shape == (4, 4)
    assert {number for example in examples for number in np.unique(example.sight)} > {GROUND}
    differing = [example for example in examples if example.source is not None and (example.sight != example.source_sight).any()]
    assert len(differing) > 8
