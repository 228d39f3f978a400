"""Training of the restorer: what it is shown, and that it learns, is written and is named."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from limner.engine.weights import Catalogue
from limner.errors import DamagedFile, InvalidField
from limner.model.restoring.restorer import TINY_RESTORER
from limner.train.restoring.restorer import Batches, RestorerRun, draw_truths, load_restorer, make_restorer, measure_loss
from limner.train.upsampling.average import Progress
from limner.train.upsampling.truths import Shelf

RUN = RestorerRun(
    network=TINY_RESTORER, num_truths=3, sides_px=(64, 96), damaged_px=48, cut_px=32, batch_size=4, muon_rate=0.02, adam_rate=0.01,
    max_steps=60, log_every=20,
)  # fmt: skip
CPU = torch.device("cpu")


def ignore(_: object) -> None:
    assert True


@pytest.fixture
def weights(tiny_weights: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_weights, tmp_path / "weights"))


@pytest.fixture
def batches(small_pack: Path) -> Batches:
    return Batches(draw_truths(Shelf.open(small_pack), RUN), RUN, CPU)


def test_pairs_are_the_same_from_a_seed_and_differ_in_colours_alone(batches: Batches, small_pack: Path):
    again = Batches(draw_truths(Shelf.open(small_pack), RUN), RUN, CPU)

    for _ in range(4):
        (given, true), (same, _) = batches.next(), again.next()
        assert given.shape == true.shape == (4, 4, 32, 32)
        assert torch.equal(given, same)
        assert torch.equal(given[:, 3], true[:, 3])


def test_most_are_damaged_and_some_are_whole(batches: Batches):
    pairs = [pair for _ in range(60) for pair in zip(*batches.next(), strict=True)]
    is_whole = [torch.equal(given, true) for given, true in pairs]

    assert 0.02 < np.mean(is_whole) < 0.3


def test_nothing_is_lost_where_nothing_is_wrong():
    true = torch.rand(1, 4, 8, 8)

    assert measure_loss(true, true) == 0
    assert measure_loss(true + 0.1, true) > measure_loss(true + 0.01, true) > 0


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_it_learns_is_written_and_repairs_for_the_snapshots(small_pack: Path, weights: Path):
    reached: list[Progress] = []

    digest = make_restorer("another", None, small_pack, weights, RUN, CPU, note=ignore, report=reached.append)

    part = Catalogue.open(weights).open_helper("restorer")
    assert part is not None
    assert (part.digest, part.manifest["training"]["step"]) == (digest, 60)
    assert reached[-1].loss < reached[0].loss
    assert load_restorer(weights / "another").config == TINY_RESTORER


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_one_goes_on_from_another_and_a_name_is_used_once(small_pack: Path, weights: Path):
    run = replace(RUN, max_steps=1)
    first = make_restorer("first", None, small_pack, weights, run, CPU, note=ignore, report=ignore)

    make_restorer("second", "first", small_pack, weights, run, CPU, note=ignore, report=ignore)

    assert json.loads((weights / "second" / "manifest.json").read_text())["start"] == {"name": "first", "digest": first}
    with pytest.raises(InvalidField, match="choose a new name"):
        make_restorer("second", None, small_pack, weights, run, CPU, note=ignore, report=ignore)
    with pytest.raises(DamagedFile):
        load_restorer(weights / "none")
