"""Composed scenes are what their layout says, inside the margins, and the same from the same number."""

from __future__ import annotations

import numpy as np
import pytest

from limner.data.corpus import Corpus, example_rng
from limner.data.heldout import is_held_out_word
from limner.data.scenes.compose import TEMPLATE_SHARES, compose_scene
from limner.data.scenes.scene import Canvas, Layout, Scene, dump_scene, parse_scene

NUM_SCENES = 60


def compose(corpus: Corpus, index: int, layout: Layout | None = None, canvas: Canvas | None = None) -> Scene:
    return compose_scene(corpus.stock, example_rng(1, index), layout=layout, canvas=canvas)


def test_a_number_gives_the_same_scene_again(corpus: Corpus):
    assert [compose(corpus, index) for index in range(20)] == [compose(corpus, index) for index in range(20)]
    assert len({dump_scene(compose(corpus, index)) for index in range(NUM_SCENES)}) == NUM_SCENES


def test_shares_of_layouts_add_up():
    assert sum(TEMPLATE_SHARES.values()) == pytest.approx(1)


@pytest.mark.parametrize("layout", TEMPLATE_SHARES)
@pytest.mark.parametrize("canvas", [Canvas(256, 256), Canvas(256, 384), Canvas(384, 256)], ids=["square", "tall", "wide"])
def test_every_layout_survives_json_and_holds_known_drawings(corpus: Corpus, layout: Layout, canvas: Canvas):
    for index in range(NUM_SCENES // 3):
        scene = compose(corpus, index, layout, canvas)

        assert parse_scene(dump_scene(scene)) == scene
        assert all(layer.asset in corpus.sprites for layer in scene.assets())
        assert len({layer.asset.split("/")[0] for layer in scene.assets()}) <= 1


@pytest.mark.parametrize("layout", ["single", "relation", "count", "poster", "card", "chart"])
def test_what_matters_stays_inside_the_canvas(corpus: Corpus, layout: Layout):
    for index in range(NUM_SCENES):
        scene = compose(corpus, index, layout)

        for layer in (*scene.assets("subject", "second", "support"), *scene.texts()):
            assert min(layer.box.left, layer.box.top) >= 0.015
            assert max(layer.box.right, layer.box.bottom) <= 0.985


def test_counts_are_from_one_to_six_of_one_thing(corpus: Corpus):
    scenes = [compose(corpus, index, "count") for index in range(NUM_SCENES)]

    assert {len(scene.assets("subject")) for scene in scenes} == {1, 2, 3, 4, 5, 6}
    assert all(len({layer.asset for layer in scene.assets()}) == 1 for scene in scenes)


def test_counted_things_do_not_touch(corpus: Corpus):
    for index in range(NUM_SCENES):
        boxes = [layer.box for layer in compose(corpus, index, "count").assets()]

        for place, first in enumerate(boxes):
            for second in boxes[place + 1 :]:
                apart = max(first.left - second.right, second.left - first.right, first.top - second.bottom, second.top - first.bottom)
                assert apart > 0


def test_far_things_are_drawn_first_and_smaller(corpus: Corpus):
    for index in range(NUM_SCENES):
        scene = compose(corpus, index, "landscape")
        ground = [layer for layer in scene.assets("scenery") if layer.box.bottom >= scene.background.horizon]

        depths = [layer.depth for layer in ground]
        assert depths == sorted(depths, reverse=True)
        assert [layer.box.height for layer in ground] == sorted(layer.box.height for layer in ground)
        assert not scene.layers or scene.layers[-1] == scene.assets("subject")[-1]


def test_things_are_painted_only_where_the_light_leaves_their_colour(corpus: Corpus):
    scenes = [compose(corpus, index) for index in range(10 * NUM_SCENES)]
    painted = [scene for scene in scenes if any(layer.colour for layer in scene.assets())]

    assert painted
    assert {scene.light.name for scene in painted} <= {"studio", "noon"}


def test_no_held_out_word_is_ever_lettered(corpus: Corpus):
    words = {
        word
        for layout in ("poster", "card", "chart")
        for index in range(4 * NUM_SCENES)
        for layer in compose(corpus, index, layout).texts()
        for word in layer.text.replace(".", " ").replace(",", " ").split()
    }

    assert len(words) > 100
    assert not [word for word in words if is_held_out_word(word)]


def test_bars_are_as_high_as_their_numbers(corpus: Corpus):
    for index in range(NUM_SCENES):
        scene = compose(corpus, index, "chart")
        values = [int(layer.text) for layer in scene.texts("label")[0::2]]
        heights = [layer.box.height for layer in scene.shapes("bar")]

        assert np.allclose(np.array(heights) / max(heights), np.array(values) / max(values), atol=0.01)
