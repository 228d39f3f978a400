"""Describing with eyes: tiny ones, which know nothing, and those that ship."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from limner.engine.describing.describer import Describer
from limner.engine.seeing.names import Names
from limner.engine.weights import PACKAGED_WEIGHTS, Catalogue, WeightsPart
from limner.errors import DamagedFile

SCENES = Path(__file__).parent  # two scenes of the corpus, of a seed that eyes were not taught with


def test_pictures_of_any_size_and_kind_are_described(tiny_weights: Path):
    describer = Describer(tiny_weights)
    rng = np.random.default_rng(0)

    for shape in ((1, 1, 3), (16, 900, 4), (300, 200, 3), (1100, 40, 4)):
        description = describer.describe(rng.integers(0, 256, shape, np.uint8))

        assert description.alt_text.endswith(".")
        assert json.loads(json.dumps(description.to_dict()))["alt_text"] == description.alt_text


def test_the_same_picture_is_described_alike_by_every_describer(tiny_weights: Path):
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 4), np.uint8)

    assert Describer(tiny_weights).describe(pixels) == Describer(tiny_weights).describe(pixels)


def test_nothing_at_all_is_an_empty_picture():
    assert Describer(PACKAGED_WEIGHTS).describe(np.zeros((64, 64, 4), np.uint8)).alt_text == "An empty picture."


def test_names_of_other_eyes_are_refused(tiny_weights: Path, tmp_path: Path):
    shutil.copytree(tiny_weights, tmp_path / "weights")
    manifest = tmp_path / "weights" / "tiny-eyes-names" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"eyes": "sha256:0"}))

    with pytest.raises(DamagedFile, match="tiny-eyes-names belongs to other eyes than tiny-eyes"):
        Describer(tmp_path / "weights").prepare()


def test_weights_without_eyes_say_that_they_describe_nothing(tiny_weights: Path, tmp_path: Path):
    shutil.copytree(tiny_weights, tmp_path / "weights")
    listed = tmp_path / "weights" / "snapshots.json"
    said = json.loads(listed.read_text())
    said["models"] = dict.fromkeys(said["models"], "tiny-0")
    said["default"] = "tiny"
    del said["snapshots"]["tiny-1"]
    listed.write_text(json.dumps(said))

    with pytest.raises(DamagedFile, match="no snapshot of the weights folder has eyes"):
        Describer(tmp_path / "weights").prepare()


def test_the_names_that_ship_are_those_of_the_eyes_that_ship():
    catalogue = Catalogue.open(PACKAGED_WEIGHTS)

    names = Names.open(catalogue, WeightsPart.open(PACKAGED_WEIGHTS / "eyes-1", digest=None))

    assert len(names.things) == 291
    assert np.allclose(np.linalg.norm(names.vectors, axis=-1), 1, atol=2e-3)


def test_the_eyes_that_ship_name_count_colour_and_place_what_a_scene_holds():
    describer = Describer(PACKAGED_WEIGHTS)

    kangaroos, beside = (
        describer.describe(np.asarray(Image.open(SCENES / name))) for name in ("four-kangaroos.png", "tiger-and-teapot.png")
    )

    assert kangaroos.alt_text == "Four orange kangaroos on a background that fades from light green to light blue."
    assert [(thing.name, thing.colour, thing.place) for thing in beside.things] == [
        ("tiger face", "", "left"),
        ("teapot", "yellow", "right"),
    ]
    assert beside.alt_text == "A tiger face to the left of a yellow teapot on a light yellow background."
