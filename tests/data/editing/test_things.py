"""Edits of one thing: what the words say is what happens, and nothing else happens."""

from __future__ import annotations

import numpy as np
import pytest

from limner.data.corpus import Corpus
from limner.data.editing.groups import choose_group, remove_group
from limner.data.editing.pair import Edit
from limner.data.editing.starts import quiet_scene, start_scene
from limner.data.editing.things import THING_EDITS, choose_target
from limner.data.editing.wording import at_spot, spot_words, which_one
from limner.data.scenes.scene import AssetLayer, Background, Box, Canvas, Scene
from limner.data.scenes.stock import Stock
from limner.data.scenes.wording import relation_of

CANVAS = Canvas(64, 64)


def edits(operation: str, stock: Stock, count: int = 25) -> list[tuple[Scene, Edit]]:
    """Return quiet scenes of one to three things and what the operation makes of them, where it can."""
    rng = np.random.default_rng(5)
    scenes = [quiet_scene(stock, rng, CANVAS, 1 + number % 3) for number in range(count)]
    made = [(scene, THING_EDITS[operation](scene, stock, rng)) for scene in scenes]
    return [(scene, edit) for scene, edit in made if edit is not None]


def boxes(scene: Scene) -> dict[str, Box]:
    return {layer.concept: layer.box for layer in scene.assets()}


def row_of(*concepts: str) -> Scene:
    layers = [
        AssetLayer(f"a/{concept}", concept, Box(0.05 + 0.32 * place, 0.4, 0.25, 0.25)) for place, concept in enumerate(concepts)
    ]  # fmt: skip
    return Scene(CANVAS, Background("plain", ("#ffffff",)), tuple(layers), layout="count")


def test_removing_takes_one_thing_and_leaves_the_others_as_they_were(corpus: Corpus):
    for scene, edit in edits("remove", corpus.stock):
        kept, all_of_them = boxes(edit.after), boxes(scene)

        assert len(kept) == len(all_of_them) - 1
        assert kept.items() <= all_of_them.items()


def test_adding_is_removing_backwards(corpus: Corpus):
    for scene, edit in edits("add", corpus.stock):
        assert edit.before is not None
        assert edit.after.assets() == scene.assets()
        assert boxes(edit.before).items() < boxes(scene).items()


def test_where_a_thing_is_put_is_true(corpus: Corpus):
    told = [edit for _, edit in edits("add", corpus.stock, 60) if " to the left of " in edit.instruction]

    assert told
    for edit in told:
        assert edit.before is not None
        new = next(layer for layer in edit.after.assets() if layer.concept not in boxes(edit.before))
        other = next(layer for layer in edit.after.assets() if layer is not new)
        assert relation_of(new, other, edit.after) == "to the left of"


def test_a_replacement_stays_in_its_place(corpus: Corpus):
    for scene, edit in edits("replace", corpus.stock):
        pairs = [(old, new) for old, new in zip(scene.assets(), edit.after.assets(), strict=True) if old.concept != new.concept]

        assert len(pairs) == 1
        assert pairs[0][0].box.centre == pytest.approx(pairs[0][1].box.centre, abs=1e-3)


def test_a_move_ends_where_its_words_say(corpus: Corpus):
    made = edits("move", corpus.stock, 60)

    assert made
    for scene, edit in made:
        moved = [concept for concept, box in boxes(edit.after).items() if boxes(scene)[concept] != box]
        if len(moved) == 1:
            assert spot_words(boxes(edit.after)[moved[0]]) in edit.instruction


def test_a_resized_thing_is_plainly_larger_or_smaller(corpus: Corpus):
    for scene, edit in edits("resize", corpus.stock):
        factors = [boxes(edit.after)[concept].width / box.width for concept, box in boxes(scene).items()]
        is_larger = any(word in edit.instruction.lower() for word in ("larger", "bigger", "enlarge", "up", "twice", "double"))

        assert sorted(abs(factor - 1) > 0.3 for factor in factors) == [*[False] * (len(factors) - 1), True]
        assert max(factors) > 1.3 if is_larger else min(factors) < 0.7


def test_equal_things_are_told_apart_by_their_side_or_left_alone():
    cats, grid = row_of("cat", "cat", "dog"), row_of("cat", "cat", "cat", "cat")

    assert [which_one(layer, cats) for layer in cats.assets()] == ["on the left", "on the right", ""]
    assert choose_target(grid, np.random.default_rng(0)) is None


def test_things_whose_names_share_a_word_are_left_alone():
    scene = row_of("red apple", "green apple", "dog")

    assert [which_one(layer, scene) for layer in scene.assets()] == [None, None, ""]


def test_all_of_a_kind_are_removed_only_where_something_is_left():
    two_kinds, one_kind = row_of("cat", "cat", "dog"), row_of("cat", "cat", "cat")
    rng = np.random.default_rng(0)

    edit = remove_group(two_kinds, choose_group(two_kinds, rng), rng)

    assert edit is not None
    assert [layer.concept for layer in edit.after.assets()] == ["dog"]
    assert remove_group(one_kind, choose_group(one_kind, rng), rng) is None


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [(0.2, 0.2, "in the top left corner"), (0.5, 0.5, "in the middle"), (0.8, 0.5, "on the right"), (0.5, 0.8, "at the bottom")],
)
def test_a_spot_is_told_in_the_words_of_captions(x: float, y: float, words: str):
    assert at_spot(spot_words(Box(x - 0.1, y - 0.1, 0.2, 0.2))) == words


def test_scenes_to_start_from_are_in_no_medium_and_some_are_quiet(corpus: Corpus):
    rng = np.random.default_rng(1)

    scenes = [start_scene(corpus.stock, rng, CANVAS, share_simple=0.5) for _ in range(60)]

    assert {scene.medium for scene in scenes} == {"none"}
    assert {scene.background.name for scene in scenes} >= {"transparent", "plain"}
