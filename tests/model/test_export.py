"""Graphs of a network: those that read pictures, those of a snapshot that only draws, and products in int8."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from limner.engine.drawing import graphs as shipped
from limner.engine.machine import has_fast_int8
from limner.engine.weights import WeightsPart
from limner.model.export import Graph, export_denoise, export_prefix, write_snapshot
from limner.model.layout import Grid, grid_positions
from limner.model.narrow import narrow
from limner.model.network import SIZES, Network
from limner.model.pictures import SOURCE_CHANNELS
from limner.model.release import NUMBERS, SCALE

CONFIG = replace(SIZES["tiny"], width=128, depth=1)  # wide enough for matrices that are stored as int8
SIDE = 4
WIDE_ONLY = {"source": np.zeros((2, SOURCE_CHANNELS, 64, 64), np.float32), "seen": np.zeros((2, SIDE, SIDE, CONFIG.seen_width), np.float32)}


@pytest.fixture(scope="module")
def network() -> Network:
    """A network whose every weight says something."""
    torch.manual_seed(0)
    network = Network(CONFIG).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.03 * torch.randn_like(parameter))
    return network


@pytest.fixture(scope="module")
def graphs(network: Network) -> Mapping[str, Graph]:
    """The graphs of one that draws alone, with the denoiser in int8 too, and `whole.onnx`, the denoiser that reads pictures."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own
        drawing = export_denoise(network, edits=False)
        whole = export_denoise(network)
    return {"denoise.onnx": drawing, "denoise-int8.onnx": narrow(drawing), "whole.onnx": whole}


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory, network: Network, graphs: Mapping[str, Graph]) -> WeightsPart:
    """The folder that holds them."""
    folder = tmp_path_factory.mktemp("narrow") / "wide-1"
    return WeightsPart.open(folder, digest=write_snapshot(folder, network, graphs, {"name": "wide-1"}))


def sessions(part: WeightsPart, monkeypatch: pytest.MonkeyPatch, *, is_fast: bool) -> dict[str, onnxruntime.InferenceSession]:
    monkeypatch.setattr(shipped, "has_fast_int8", lambda: is_fast)
    return shipped.open_graphs(part, threads=1)


def feeds() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    cache = rng.standard_normal((CONFIG.depth, 2, CONFIG.num_heads, 9, CONFIG.width // CONFIG.num_heads)).astype(np.float32)
    return {
        "noisy": rng.standard_normal((2, 4, 64, 64)).astype(np.float32),
        "time": np.array([0.1, 0.6], np.float32),
        "span": np.array([0.3, 0.1], np.float32),
        "background": np.array([0, 1]),
        "positions": grid_positions(Grid(SIDE, SIDE)),
        "keys": cache,
        "values": cache[::, ::-1].copy(),
        "prefix_mask": np.ones((2, 9), np.float32),
        "pooled": rng.standard_normal((2, CONFIG.width)).astype(np.float32),
    }


def test_one_that_only_draws_guesses_what_the_whole_network_guesses_without_a_source(part: WeightsPart, monkeypatch: pytest.MonkeyPatch):
    opened = sessions(part, monkeypatch, is_fast=False)

    (drawn,) = opened["denoise.onnx"].run(None, feeds())

    whole, keep = opened["whole.onnx"].run(["clean", "keep"], feeds() | WIDE_ONLY)
    np.testing.assert_allclose(drawn, whole, atol=1e-5)
    assert not keep.any()
    assert {put.name for put in opened["denoise.onnx"].get_inputs()} == set(feeds())


def test_products_in_int8_are_near_those_in_float_and_the_same_every_time(part: WeightsPart, monkeypatch: pytest.MonkeyPatch):
    (wide,) = sessions(part, monkeypatch, is_fast=False)["denoise.onnx"].run(None, feeds())

    opened = sessions(part, monkeypatch, is_fast=True)
    first, second = (opened["denoise.onnx"].run(None, feeds())[0] for _ in range(2))

    assert first.tobytes() == second.tobytes()
    assert not np.array_equal(first, wide)
    if has_fast_int8():  # elsewhere bytes may be added up in 16 bits, which is why nobody draws so there
        assert np.abs(first - wide).mean() < 0.02 * np.abs(wide).mean()
    assert set(opened) == {"denoise.onnx", "whole.onnx"}


def test_matrices_that_are_stored_as_int8_are_asked_for_as_they_are_stored(graphs: Mapping[str, Graph], part: WeightsPart):
    narrowed = {name.removesuffix(NUMBERS) for name in graphs["denoise-int8.onnx"].tensors if name.endswith(NUMBERS)}

    assert {f"blocks.0.{name}.weight" for name in ("attention.qkv", "attention.out", "mlp.down")} <= narrowed
    assert not any(name.startswith("head.") for name in narrowed)
    assert narrowed.isdisjoint(graphs["denoise-int8.onnx"].tensors)
    tensors = part.tensors()
    for name, stored in part.arrays(graphs["denoise-int8.onnx"].tensors).items():
        if name.endswith(NUMBERS):
            matrix = name.removesuffix(NUMBERS)
            scale = part.arrays([matrix + SCALE])[matrix + SCALE]
            assert stored.dtype == np.int8
            np.testing.assert_array_equal(stored * scale[:, None], tensors[matrix])


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_the_prefix_of_one_that_only_draws_asks_for_nothing_that_eyes_saw(network: Network):
    assert "patch_seen_in.weight" in export_prefix(network).tensors
    assert "patch_seen_in.weight" not in export_prefix(network, edits=False).tensors
