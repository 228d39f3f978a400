"""A snapshot's weights issued again."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from limner.engine.drawing.runtime import Runtime
from limner.engine.weights import Catalogue
from limner.errors import InvalidField, UnknownModel
from limner.train.release import DRAWING, EDITING, reissue


@pytest.fixture
def weights(tmp_path: Path, tiny_weights: Path) -> Path:
    folder = tmp_path / "weights"
    shutil.copytree(tiny_weights, folder)
    return folder


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_weights_issued_again_are_the_same_and_drawn_in_the_steps_of_today(weights: Path):
    reissue("tiny-0", "tiny-2", weights, released="2026-11-22", aliases=["tiny"], edited_by="tiny-1")

    catalogue = Catalogue.open(weights)
    assert [catalogue.resolve("tiny"), catalogue.resolve_editor("tiny"), catalogue.resolve()] == ["tiny-2", "tiny-1", "tiny-2"]
    before, after = (catalogue.snapshot(name) for name in ("tiny-0", "tiny-2"))
    assert after.manifest["weights_of"] == "tiny-0"
    for name, tensor in before.tensors().items():
        np.testing.assert_array_equal(tensor, after.tensors()[name])
    assert not after.abilities.reads_pictures
    assert after.abilities.knows_ratios == before.abilities.knows_ratios
    assert after.manifest["sampler"] == DRAWING
    assert before.manifest["sampler"] != DRAWING
    assert Runtime(catalogue, "tiny-2", threads=1).encode("a red car").prompted.pooled.any()
    with pytest.raises(InvalidField, match="already listed with other weights"):
        reissue("tiny-1", "tiny-2", weights, released="2026-11-22", aliases=[], edited_by="tiny-1")
    with pytest.raises(UnknownModel):
        reissue("tiny-9", "tiny-3", weights, released="2026-11-22", aliases=[], edited_by="tiny-1")


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_an_editor_issued_again_still_reads_pictures(weights: Path):
    default = Catalogue.open(weights).resolve()

    reissue("tiny-1", "tiny-2", weights, released="2026-11-22", aliases=[], edits_for="tiny-0")

    catalogue = Catalogue.open(weights)
    after = catalogue.snapshot("tiny-2")
    assert (catalogue.resolve(), catalogue.resolve_editor("tiny-0")) == (default, "tiny-0")
    assert catalogue.editors["tiny-0"] == "tiny-2"
    assert after.abilities.reads_pictures
    assert after.manifest["eyes"] == catalogue.snapshot("tiny-1").manifest["eyes"]
    assert after.manifest["sampler"] == EDITING
