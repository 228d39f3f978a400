"""Training of the upsampler: what it is shown, and that it learns and is written."""

from __future__ import annotations

import copy
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from limner.data.heldout import is_held_out_asset, is_held_out_word
from limner.data.packing.pack import Asset, SetInfo, write_vectors
from limner.engine.drawing.runtime import Runtime, open_upsampler
from limner.engine.weights import Catalogue, WeightsPart
from limner.errors import InvalidField
from limner.model import flow
from limner.model.upsampler import TINY_UPSAMPLER, Upsampler
from limner.train.upsampling.truths import Shelf, draw_truth
from limner.train.upsampling.upsampler import (
    Batches,
    Progress,
    UpsamplerRun,
    make_pairs,
    make_upsampler,
    measure_loss,
    reissue_upsampler,
    train_upsampler,
)
from limner.train.upsampling.wear import reduce_exactly, wear

RUN = UpsamplerRun(
    network=TINY_UPSAMPLER, num_truths=3, num_redrawn=2, side_px=64, cut_px=32, batch_size=4, rate=5e-3, max_steps=60, log_every=30
)
INFO = SetInfo("A set", "Somebody", "MIT", "https://example.org")
CPU = torch.device("cpu")


def ignore(_: object) -> None:
    assert True


@pytest.fixture
def weights(tiny_weights: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_weights, tmp_path / "weights"))


def test_held_out_drawings_and_words_are_on_no_shelf(tmp_path: Path):
    def make(concept: str, code: str, set_name: str) -> Asset:
        return Asset(set_name, concept, concept, (), "objects", code, 32.0, 32.0, 0.0, 0.0, "svg", b'<path d="M0 0h32v32H0z"/>')

    kept, never = make("kite", "", "noto"), [make("cat face", "", "flat-ui"), make("llama", "1f999", "noto")]
    write_vectors(tmp_path / "vectors-a.jsonl.xz", name="a", sets={"noto": INFO, "flat-ui": INFO}, assets=[kept, *never])

    shelf = Shelf.open(tmp_path)

    assert all(map(is_held_out_asset, never))
    assert [asset.concept for drawings in shelf.by_set.values() for asset in drawings] == ["kite"]
    assert not any(map(is_held_out_word, shelf.words))


def test_true_pictures_are_the_same_each_time_and_differ(small_pack: Path):
    shelf = Shelf.open(small_pack)

    first, again, other = (draw_truth(shelf, 0, index, 128) for index in (0, 0, 1))

    assert first.pixels.shape == (128, 128, 4)
    np.testing.assert_array_equal(first.pixels, again.pixels)
    assert not np.array_equal(first.pixels, other.pixels)


def test_worn_pictures_stay_pictures_of_the_same_and_some_are_not_worn():
    large = torch.full((16, 4, 128, 128), -1.0)
    large[:, :3] = 0
    large[:, 3, 40:90, 40:90] = 1
    large[:, 0, 40:90, 40:90] = 0.8

    worn, again = (wear(large, torch.Generator().manual_seed(3)) for _ in range(2))

    exact = reduce_exactly(large)
    strayed = (worn - exact).abs().amax(dim=(1, 2, 3))
    assert torch.equal(worn, again)
    assert (worn[:, 3].abs() <= 1).all()
    assert (worn[:, :3].abs() <= (worn[:, 3:] + 1) / 2 + 1e-6).all()
    assert 0 < (strayed < 1e-4).sum() < 16
    assert (worn - exact).abs().mean() < 0.1


def test_cuts_of_what_was_redrawn_lie_over_their_truth(small_pack: Path, tiny_weights: Path):
    runtime = Runtime(Catalogue.open(tiny_weights), "tiny-1", threads=1)
    pairs = make_pairs(Shelf.open(small_pack), runtime, RUN, ignore)
    channels = torch.stack([torch.from_numpy(flow.to_channels(truth.numpy())) for truth in pairs.truths[:2]])
    exact = replace(pairs, redrawn=reduce_exactly(channels).half())
    batches = Batches(exact, RUN, CPU)

    found = [batches._vary(*(torch.stack(side) for side in zip(*[batches._cut(is_redrawn=True)], strict=True))) for _ in range(12)]

    assert pairs.redrawn.shape == (2, 4, 64, 64)
    assert not torch.equal(pairs.redrawn, exact.redrawn)
    for small, large in found:
        torch.testing.assert_close(reduce_exactly(large), small, atol=2e-3, rtol=0)


def test_the_loss_is_of_edges_first_and_alpha_may_go_beyond_its_range():
    large = torch.full((1, 4, 64, 64), 1.0)
    large[:, :3, :, :30] = -1
    beyond, at_edge, on_flat = (large.clone() for _ in range(3))
    beyond[:, 3] = 1.4
    at_edge[:, 0, 30, 31] += 0.5
    on_flat[:, 0, 30, 50] += 0.5

    losses = [measure_loss(guess, large, RUN).item() for guess in (beyond, on_flat, at_edge)]

    assert losses[0] == 0
    assert 0 < losses[1] < losses[2] / 2


def test_training_brings_the_average_nearer_to_the_truth_than_lanczos(small_pack: Path, tiny_weights: Path):
    runtime = Runtime(Catalogue.open(tiny_weights), "tiny-1", threads=1)
    run = replace(RUN, num_redrawn=0, max_steps=40)
    pairs = make_pairs(Shelf.open(small_pack), runtime, run, ignore)
    torch.manual_seed(0)
    untrained, reached, saved = Upsampler(TINY_UPSAMPLER), list[Progress](), list[Upsampler]()

    train_upsampler(copy.deepcopy(untrained), pairs, run, CPU, reached.append, lambda average, _: saved.append(copy.deepcopy(average)))

    trial = Batches(pairs, replace(run, seed=1, batch_size=16), CPU).next()
    before, after = (measure_loss(network(trial[0]), trial[1], run) for network in (untrained, saved[-1]))
    assert [progress.step for progress in reached] == [30, 40]
    assert after < before


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_what_was_trained_is_written_once_and_others_go_on_from_it(small_pack: Path, weights: Path):
    run = replace(RUN, num_truths=1, num_redrawn=1, max_steps=2)

    digest = make_upsampler("up-1", None, small_pack, weights, run, CPU, note=ignore, report=ignore)
    make_upsampler("up-2", "up-1", small_pack, weights, run, CPU, note=ignore, report=ignore)

    first, second = (WeightsPart.open(weights / name, digest=None) for name in ("up-1", "up-2"))
    first.verify()
    assert first.digest == digest
    assert first.manifest["training"]["step"] == run.max_steps
    assert second.manifest["start"] == {"name": "up-1", "digest": digest}
    assert open_upsampler(first, threads=1).enlarge(np.zeros((4, 8, 8), np.float32)).shape == (4, 32, 32)
    with pytest.raises(InvalidField, match="'up-1' is in the weights folder already"):
        make_upsampler("up-1", None, small_pack, weights, run, CPU, note=ignore, report=ignore)


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_what_is_issued_again_draws_the_same_with_the_graphs_of_today(weights: Path):
    (weights / "tiny-up" / "paint.onnx").unlink()

    digest = reissue_upsampler("tiny-up", "up-2", weights)

    again = WeightsPart.open(weights / "up-2", digest=digest)
    again.verify()
    assert again.manifest["weights_of"] == "tiny-up"
    assert all(
        np.array_equal(tensor, WeightsPart.open(weights / "tiny-up", digest=None).tensors()[name])
        for name, tensor in again.tensors().items()
    )
    assert open_upsampler(again, threads=1).paint(np.zeros((4, 8, 8), np.float32)).shape == (32, 32, 3)
    with pytest.raises(InvalidField, match="'up-2' is in the weights folder already"):
        reissue_upsampler("tiny-up", "up-2", weights)
