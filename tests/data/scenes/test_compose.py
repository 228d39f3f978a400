"""Composed scenes are what their layout says, inside the margins, and the same from the same number."""

from __future__ import annotations

import re

import numpy as np
import pytest

from limner.data.corpus import Corpus, example_rng
from limner.data.heldout import is_held_out_word
from limner.data.scenes.compose import TEMPLATE_SHARES, compose_scene
from limner.data.scenes.scene import MEDIA, Canvas, Layout, Scene, dump_scene, parse_scene
from limner.data.scenes.wording import RECOLOURING

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


@pytest.mark.parametrize("layout", ["single", "relation", "count", "poster", "card", "chart", "diagram"])
def test_what_matters_stays_inside_the_canvas(corpus: Corpus, layout: Layout):
    for index in range(NUM_SCENES):
        scene = compose(corpus, index, layout)

        for layer in (*scene.assets("subject", "second", "support"), *scene.texts()):
            assert min(layer.box.left, layer.box.top) >= 0.015
            assert max(layer.box.right, layer.box.bottom) <= 0.985


def test_counts_are_from_one_to_six_of_one_thing_or_of_two(corpus: Corpus):
    scenes = [compose(corpus, index, "count") for index in range(NUM_SCENES)]
    of_one = [scene for scene in scenes if not scene.assets("second")]
    of_two = [scene for scene in scenes if scene.assets("second")]

    assert {len(scene.assets()) for scene in of_one} == {1, 2, 3, 4, 5, 6}
    assert all(len({layer.asset for layer in scene.assets(role)}) == 1 for scene in of_two for role in ("subject", "second"))
    assert all(len({layer.asset for layer in scene.assets()}) == (2 if scene in of_two else 1) for scene in scenes)
    assert of_two
    assert max(len(scene.assets()) for scene in of_two) <= 6


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
        in_order = [layer.role for layer in scene.assets()]
        assert in_order == sorted(in_order, key=("scenery", "subject", "foreground").index)


def test_things_are_painted_only_where_the_light_leaves_their_colour(corpus: Corpus):
    scenes = [compose(corpus, index) for index in range(10 * NUM_SCENES)]
    painted = [scene for scene in scenes if any(layer.colour for layer in scene.assets())]

    assert painted
    assert {scene.light.name for scene in painted} <= {"studio", "noon"}


def test_no_held_out_word_is_ever_lettered(corpus: Corpus):
    words = {
        word
        for layout in ("poster", "card", "chart", "diagram")
        for index in range(4 * NUM_SCENES)
        for layer in compose(corpus, index, layout).texts()
        for word in re.findall(r"[\w']+", layer.text)
    }

    assert len(words) > 100
    assert not [word for word in words if is_held_out_word(word)]


def test_bars_are_as_high_as_their_numbers(corpus: Corpus):
    for index in range(NUM_SCENES):
        scene = compose(corpus, index, "chart")
        if scene.kind != "bar":
            continue
        values = [int(layer.text) for layer in scene.texts("label")[0::2]]
        heights = [layer.box.height for layer in scene.shapes("bar")]

        assert np.allclose(np.array(heights) / max(heights), np.array(values) / max(values), atol=0.01)


def test_slices_are_as_wide_as_their_numbers_and_fill_the_disc(corpus: Corpus):
    for index in range(NUM_SCENES):
        scene = compose(corpus, index, "chart")
        if scene.kind != "pie":
            continue
        values = np.array([int(layer.text) for layer in scene.texts("label")[0::2]])
        turns = np.array([layer.end - layer.start for layer in scene.shapes("bar")])

        assert np.allclose(turns, values / values.sum(), atol=0.001)
        assert len({layer.colour for layer in scene.shapes("bar")}) == len(values)


def test_points_of_a_line_are_as_high_as_their_numbers(corpus: Corpus):
    for index in range(NUM_SCENES):
        scene = compose(corpus, index, "chart")
        if scene.kind != "line":
            continue
        values = np.array([int(layer.text) for layer in scene.texts("label")[0::2]])
        heights = np.array([0.79 - y for _, y in scene.lines("bar")[0].points])

        assert np.allclose(heights / heights.max(), values / values.max(), atol=0.01)


def test_every_kind_of_card_chart_and_diagram_is_composed(corpus: Corpus):
    kinds = {layout: {compose(corpus, index, layout).kind for index in range(NUM_SCENES)} for layout in ("card", "chart", "diagram")}  # type: ignore[arg-type]

    assert kinds["card"] == {"card", "list", "form", "product", "weather", "profile"}
    assert kinds["chart"] == {"bar", "line", "pie"}
    assert kinds["diagram"] == {"parts", "cycle", "flow"}


def test_a_thing_in_front_covers_some_of_the_other_and_never_most(corpus: Corpus):
    pairs = [scene.assets("subject", "second") for scene in (compose(corpus, index, "relation") for index in range(6 * NUM_SCENES))]
    covered = []
    for back, front in (pair for pair in pairs if len(pair) == 2):
        across = min(back.box.right, front.box.right) - max(back.box.left, front.box.left)
        down = min(back.box.bottom, front.box.bottom) - max(back.box.top, front.box.top)
        if across > 0 and down > 0:
            covered.append(across * down / (back.box.width * back.box.height))

    assert len(covered) > 5
    assert max(covered) < 0.5


def test_a_medium_without_colours_is_given_to_nothing_painted_and_to_no_coloured_light(corpus: Corpus):
    scenes = [compose(corpus, index) for index in range(20 * NUM_SCENES)]
    made = [scene for scene in scenes if scene.medium != "none"]

    assert {scene.medium for scene in made} == set(MEDIA) - {"none"}
    assert {scene.layout for scene in made} <= {"single", "relation", "count", "landscape", "view"}
    for scene in made:
        if scene.medium in RECOLOURING:
            assert not any(layer.colour for layer in scene.assets())
            assert scene.light.name in {"studio", "noon"}
