"""Edits with other pictures: what the references show is what the result holds, by the numbers that the words use."""

from __future__ import annotations

import re

import numpy as np

from limner.data.corpus import Corpus
from limner.data.editing.pair import Edit
from limner.data.editing.references import REFERENCE_EDITS
from limner.data.editing.starts import quiet_scene
from limner.data.scenes.scene import AssetLayer, Canvas, Scene


def edits(operation: str, corpus: Corpus, *, things: int = 2) -> list[Edit]:
    rng = np.random.default_rng(11)
    scenes = [quiet_scene(corpus.stock, rng, Canvas(64, 64), things) for _ in range(30)]
    made = [REFERENCE_EDITS[operation](scene, corpus.stock, rng) for scene in scenes]
    return [edit for edit in made if edit is not None]


def looks(scene: Scene) -> set[tuple[str, str, bool]]:
    """Return what is drawn in a scene: which drawings, in which paint, turned or not."""
    return {(layer.asset, layer.colour, layer.is_mirrored) for layer in scene.assets()}


def test_a_subject_is_drawn_as_its_reference_shows_it(corpus: Corpus):
    for edit in edits("subject", corpus):
        assert edit.before is None
        assert looks(edit.references[0]) < looks(edit.after)


def test_a_style_is_the_medium_of_its_reference(corpus: Corpus):
    for edit in edits("style", corpus):
        assert edit.after.medium == edit.references[0].medium != "none"


def test_a_composition_holds_every_reference_and_the_source(corpus: Corpus):
    for edit in edits("compose", corpus):
        source = set() if edit.before is None else looks(edit.before)

        assert looks(edit.after) == source.union(*map(looks, edit.references))
        assert 1 <= len(edit.references) <= 6


def test_the_numbers_in_the_words_are_numbers_of_images(corpus: Corpus):
    for operation in REFERENCE_EDITS:
        for edit in edits(operation, corpus):
            images = len(edit.references) + (edit.before is not None)
            assert all(1 <= int(number) <= images for number in re.findall(r"image (\d)", edit.instruction)), edit.instruction


def test_a_reference_stands_alone(corpus: Corpus):
    for operation in ("subject", "compose"):
        for edit in edits(operation, corpus):
            for scene in edit.references:
                assert len(scene.layers) == 1
                assert isinstance(scene.layers[0], AssetLayer)
                assert scene.background.name in {"transparent", "plain"}
