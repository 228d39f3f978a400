"""The networks in torch, which a GPU draws with, against the graphs that a CPU draws with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from limner.engine.drawing.edits import plan_picture
from limner.engine.drawing.plan import Plan
from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import Guess, Sitting, denoise
from limner.engine.machine import has_fast_int8
from limner.engine.weights import Catalogue, WeightsPart
from limner.engine.wire import Order
from limner.errors import DamagedFile
from limner.gpu.graphs import open_graphs
from limner.media.alpha import lay_on_white

CLOSE = 2e-4  # between two orders of the same float32 sums, over the steps of a picture
CLOSE_WITH_INT8 = 0.3  # and between those and products of bytes
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def both(catalogue: Catalogue, snapshot: str, device: str) -> tuple[Runtime, Runtime]:
    in_torch = Runtime(catalogue, snapshot, 1, lambda part, _: open_graphs(part, torch.device(device)))
    return in_torch, Runtime(catalogue, snapshot, threads=1)


def order_for(**changes: object) -> Order:
    facts = {"request_id": "r", "index": 0, "prompt": "a red apple", "snapshot": "tiny-1", "width": 512, "height": 256, "quality": "low"}
    return Order(**{**facts, "background": "transparent", "seed": 7, "num_partials": 0, **changes})


def guesses_of(runtime: Runtime, order: Order) -> tuple[Plan, list[Guess]]:
    sampling = runtime.sampling(order.quality)
    plan = plan_picture(order, sampling.num_patches, runtime.abilities)
    condition = runtime.encode(order.prompt, plan.pictures)
    sitting = Sitting(condition=condition, sampling=sampling, background=order.background, seed=order.seed, ground=plan.ground)
    return plan, list(denoise(runtime, sitting))


def draw_on_white(runtime: Runtime, order: Order) -> np.ndarray:
    plan, guesses = guesses_of(runtime, order)
    pixels = plan.develop(guesses[-1], runtime.upsamplers)
    return (lay_on_white(pixels) if pixels.shape[-1] == 4 else pixels).astype(int)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("snapshot", ["tiny-0", "tiny-1"])
@pytest.mark.parametrize("background", ["transparent", "opaque"])
def test_a_picture_from_words_is_the_one_that_the_graphs_draw(tiny_weights: Path, snapshot: str, device: str, background: str):
    catalogue, order = Catalogue.open(tiny_weights), order_for(snapshot=snapshot, background=background)

    drawn, expected = (draw_on_white(runtime, order) for runtime in both(catalogue, snapshot, device))

    assert drawn.shape == expected.shape
    assert expected.std() > 10
    assert np.abs(drawn - expected).max() <= 1


@pytest.mark.parametrize("device", DEVICES)
def test_damage_is_taken_out_alike(tiny_weights: Path, device: str):
    damaged = np.random.default_rng(2).uniform(-1, 1, (1, 4, 64, 96)).astype(np.float32)

    in_torch, on_cpu = both(Catalogue.open(tiny_weights), "tiny-1", device)

    assert in_torch.restorer is not None
    assert on_cpu.restorer is not None
    found, wanted = (runtime.restorer.run(["restored"], {"damaged": damaged})[0] for runtime in (in_torch, on_cpu))
    np.testing.assert_allclose(found, wanted, atol=CLOSE)
    assert np.abs(wanted - damaged).max() > 10 * CLOSE


@pytest.mark.parametrize("device", DEVICES)
def test_an_edit_reads_its_pictures_through_the_same_eyes(tiny_weights: Path, device: str):
    catalogue = Catalogue.open(tiny_weights)
    images = tuple(np.random.default_rng(seed).integers(0, 256, (256, 256, 4), np.uint8) for seed in range(2))
    order = order_for(images=images, has_source=True, width=256)

    drawn, expected = (draw_on_white(runtime, order) for runtime in both(catalogue, "tiny-1", device))

    assert np.mean(np.abs(drawn - expected) <= 1) > 0.999  # what is kept is decided by a threshold


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("snapshot", ["limner-1", "limner-1.6", "limner-1.5"])
def test_released_networks_guess_alike(snapshot: str, device: str):
    catalogue = Catalogue.open()
    order = order_for(snapshot=snapshot, width=256, quality="medium")
    near = CLOSE_WITH_INT8 if has_fast_int8() and snapshot != "limner-1" else CLOSE

    first, second = (guesses_of(runtime, order)[1][0].clean for runtime in both(catalogue, snapshot, device))

    assert np.abs(first - second).max() < near


def test_weights_of_other_sizes_than_their_manifest_says_are_refused(tiny_weights: Path, tmp_path: Path):
    shutil.copytree(tiny_weights / "tiny-up", tmp_path / "tiny-up")
    manifest = json.loads((tmp_path / "tiny-up" / "manifest.json").read_text())
    manifest["config"]["width"] *= 2
    (tmp_path / "tiny-up" / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(DamagedFile, match="the weights of tiny-up are not those of its manifest"):
        open_graphs(WeightsPart.open(tmp_path / "tiny-up", digest=None), torch.device("cpu"))
