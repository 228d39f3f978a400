"""Eyes: they learn to name what stands where, ship as they were trained, and never change."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from limner.data.recipes import CorpusRecipe
from limner.data.sight import GROUND, UNTOLD
from limner.engine.drawing.graphs import open_graphs
from limner.engine.weights import WeightsPart
from limner.errors import InvalidField
from limner.model.eyes import TINY_EYES
from limner.model.pictures import EYES_CHANNELS
from limner.train.eyes import EyesRun, iterate_looks, make_eyes, measure_loss
from limner.train.recipes import Lesson
from limner.train.seeing import load_eyes

CORPUS = CorpusRecipe(name="shapes", sets=(("fluent-emoji-flat", 1.0),), categories=("objects",), share_transparent=0.5, share_plain=0.5)
RUN = EyesRun(network=replace(TINY_EYES, widths=(8, 8, 16, 16)), lesson=Lesson(corpus=CORPUS, size_px=64), max_steps=60, num_held_back=64)


@pytest.fixture
def writable_weights(tmp_path: Path, tiny_weights: Path) -> Path:
    return Path(shutil.copytree(tiny_weights, tmp_path / "weights"))


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_eyes_learn_to_name_what_stands_where_and_are_written_once(tmp_path: Path, small_pack: Path, writable_weights: Path):
    losses: list[float] = []

    def make() -> tuple[str, float]:
        return make_eyes(
            "shapes-eyes", small_pack, tmp_path, writable_weights, RUN, torch.device("cpu"), report=lambda done: losses.append(done.loss)
        )

    digest, right = make()

    assert losses[-1] < 0.8 * losses[0]
    assert right > 0.15  # of twelve things
    part = WeightsPart.open(writable_weights / "shapes-eyes", digest=digest)
    assert part.manifest["training"]["named_right"] == pytest.approx(right, abs=1e-4)
    with pytest.raises(InvalidField, match="never change"):
        make()


@torch.no_grad()
def test_the_shipped_graph_sees_and_names_as_torch_does(tiny_weights: Path):
    part = WeightsPart.open(tiny_weights / "tiny-eyes", digest=None)
    picture = torch.rand(1, EYES_CHANNELS, 32, 64)
    eyes = load_eyes(part).eval()

    seen, named = open_graphs(part, threads=1)["eyes.onnx"].run(["seen", "named"], {"picture": picture.numpy()})

    assert seen.shape == (1, 2, 4, 8)
    assert np.allclose(seen, eyes(picture).numpy(), atol=1e-4)
    assert np.allclose(named, eyes.name(eyes(picture)).numpy(), atol=1e-4)


def test_what_is_untold_counts_nothing_and_the_ground_little():
    names = torch.eye(3)
    wrong = torch.tensor([[[[0.0, 0.0, 9.0]]]])
    told, ground, untold = (torch.tensor([[[number]]]) for number in (1, GROUND, UNTOLD))
    both = torch.cat([wrong, wrong], dim=2)

    assert measure_loss(wrong, names, told, 0.25) > 8
    assert measure_loss(wrong, names, untold, 0.25) == 0
    known = torch.tensor([[[[0.0, 9.0, 0.0], [0.0, 0.0, 9.0]]]])
    mixed = measure_loss(known, names, torch.cat([told, ground], dim=2), 0.25)
    assert mixed == pytest.approx(measure_loss(both, names, torch.cat([ground, ground], dim=2), 0.25).item() * 0.2, rel=0.01)


def test_both_pictures_of_an_edit_are_looked_at(small_pack: Path, tmp_path: Path):
    lesson = Lesson(corpus=replace(CORPUS, share_transparent=0.5, share_plain=0.5), size_px=64, share_edit=1.0)
    examples = lesson.open(small_pack, tmp_path)

    looks = next(iterate_looks(examples, 8))

    with_source = [example for example in map(examples.example, range(8)) if example.source is not None]
    assert len(looks.pixels) in {8, 9}
    assert len(with_source) >= 3
    assert looks.channels().shape == (len(looks.pixels), EYES_CHANNELS, 64, 64)
