"""Networks as ONNX graphs without weights: the graph names its initializers, the release's shards hold their numbers."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor, nn
from torch.export import Dim

from limner.model.eyes import Eyes, EyesConfig
from limner.model.graphs import DenoiseGraph, DrawingGraph, DrawingPrefixGraph, EyesGraph, PaintGraph, PrefixGraph
from limner.model.minilm import TextEncoder
from limner.model.network import PATCH_NUMBERS, ModelConfig, Network
from limner.model.pictures import EYES_CHANNELS, SOURCE_CHANNELS
from limner.model.release import write_release
from limner.model.restoring.restorer import Restorer, RestorerConfig
from limner.model.upsampler import CHANNELS, Upsampler, UpsamplerConfig

OPSET = 20
PRECISE = frozenset(
    {"patch_in", "source_in", "seen_in", "patch_seen_in", "head", "time_in", "span_in", "segment", "background_in", "positions"}
)  # not worth a rounding error


@dataclass(frozen=True)
class Graph:
    """A weightless ONNX file and the names of the tensors that it asks for."""

    content: bytes
    tensors: tuple[str, ...]


def export_text(encoder: TextEncoder) -> Graph:
    """Return the graph of a text encoder."""
    B, L = Dim("B", min=1, max=64), Dim("L", min=2, max=encoder.config.max_tokens)
    inputs = {"token_ids": (torch.zeros(2, 16, dtype=torch.long), {0: B, 1: L}), "token_mask": (torch.ones(2, 16), {0: B, 1: L})}
    return _export(encoder, inputs, ["hidden"])


def export_prefix(network: Network, *, edits: bool = True) -> Graph:
    """Return the graph of `Network.encode_prefix`; of a snapshot that edits nothing it asks for no `patch_seen`."""
    B, L, C, G = (Dim(name, min=1, max=512) for name in "BLCG")
    inputs = {
        "text": (torch.randn(2, 16, network.config.text_width), {0: B, 1: L}),
        "text_mask": (torch.ones(2, 16), {0: B, 1: L}),
        "char_ids": (torch.zeros(2, 5, dtype=torch.long), {0: B, 1: C}),
        "char_mask": (torch.ones(2, 5), {0: B, 1: C}),
        "patches": (torch.randn(2, 7, PATCH_NUMBERS), {0: B, 1: G}),
        "patch_positions": (torch.zeros(2, 7, 3), {0: B, 1: G}),
        "patch_segments": (torch.zeros(2, 7, dtype=torch.long), {0: B, 1: G}),
        "patch_mask": (torch.ones(2, 7), {0: B, 1: G}),
        "patch_seen": (torch.randn(2, 7, network.config.seen_width), {0: B, 1: G}),
    }
    if not edits:
        del inputs["patch_seen"]
    graph = PrefixGraph(network) if edits else DrawingPrefixGraph(network)
    return _export(graph, inputs, ["keys", "values", "prefix_mask", "pooled"])


def export_denoise(network: Network, *, edits: bool = True) -> Graph:
    """Return the graph of one denoising step, `Network.forward`; of a snapshot that edits nothing it asks for no source."""
    config = network.config
    B, P, R, C = (Dim(name, min=1, max=1024) for name in ("B", "P", "rows", "columns"))
    cache = torch.randn(config.depth, 2, config.num_heads, 9, config.width // config.num_heads)
    inputs = {
        "noisy": (torch.randn(2, 4, 48, 80), {0: B, 2: 16 * R, 3: 16 * C}),
        "time": (torch.rand(2), {0: B}),
        "span": (torch.rand(2), {0: B}),
        "background": (torch.zeros(2, dtype=torch.long), {0: B}),
        "positions": (torch.zeros(3, 5, 3), {0: R, 1: C}),
        "source": (torch.zeros(2, SOURCE_CHANNELS, 48, 80), {0: B, 2: 16 * R, 3: 16 * C}),
        "seen": (torch.randn(2, 3, 5, config.seen_width), {0: B, 1: R, 2: C}),
        "keys": (cache, {1: B, 3: P}),
        "values": (cache.clone(), {1: B, 3: P}),
        "prefix_mask": (torch.ones(2, 9), {0: B, 1: P}),
        "pooled": (torch.randn(2, config.width), {0: B}),
    }
    if not edits:
        del inputs["source"], inputs["seen"]
        return _export(DrawingGraph(network), inputs, ["clean"])
    return _export(DenoiseGraph(network), inputs, ["clean", "keep"])


@functools.cache
def export_upsampler(config: UpsamplerConfig) -> Mapping[str, Graph]:
    """Return the graphs of upsamplers of this configuration by file name; one picture at a time, its sides even.

    One gives channels four times as large, not clamped. The other takes what is opaque, and gives its colours in 0 to 255, uint8
    (3, 4, 4, H, W): rows and columns of each small pixel.
    """
    H, W = (2 * Dim(name, min=4, max=1024) for name in ("H", "W"))
    small = {"small": (torch.randn(1, CHANNELS, 48, 80), {2: H, 3: W})}
    upsampler = Upsampler(config)
    return {"upsample.onnx": _export(upsampler, small, ["large"]), "paint.onnx": _export(PaintGraph(upsampler), small, ["colours"])}


@functools.cache
def export_restorer(config: RestorerConfig) -> Graph:
    """Return the graph of restorers of this configuration; one picture at a time, its sides multiples of the configuration's stride."""
    H, W = (config.stride * Dim(name, min=2, max=1024) for name in ("H", "W"))
    damaged = {"damaged": (torch.randn(1, CHANNELS, 3 * config.stride, 5 * config.stride), {2: H, 3: W})}
    return _export(Restorer(config), damaged, ["restored"])


@functools.cache
def export_eyes(config: EyesConfig) -> Graph:
    """Return the graph of eyes of this configuration; one picture at a time, its sides multiples of 16."""
    R, C = (Dim(name, min=1, max=1024) for name in ("rows", "columns"))
    return _export(EyesGraph(Eyes(config)), {"picture": (torch.randn(1, EYES_CHANNELS, 48, 80), {2: 16 * R, 3: 16 * C})}, ["seen", "named"])


def _export(module: nn.Module, inputs: Mapping[str, tuple[Tensor, Mapping[int, Any]]], outputs: list[str]) -> Graph:
    program = torch.onnx.export(
        module.eval(),
        tuple(tensor for tensor, _ in inputs.values()),
        input_names=list(inputs),
        output_names=outputs,
        dynamic_shapes={name: dict(shape) for name, (_, shape) in inputs.items()},
        opset_version=OPSET,
        dynamo=True,
        external_data=False,
        optimize=False,
        verbose=False,
    )
    return _strip_weights(program.model_proto, frozenset(module.state_dict()))


def _strip_weights(model: onnx.ModelProto, learnt: frozenset[str]) -> Graph:
    """Leave of every learnt initializer its name, type and shape; what is not learnt (shapes, frequencies) stays in the file."""
    names = {tensor.name: tensor.name.removeprefix("network.") for tensor in model.graph.initializer if tensor.name in learnt}
    for tensor in model.graph.initializer:
        if tensor.name in names:
            tensor.name = names[tensor.name]
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value="manifest")
    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    for holder in (model, model.graph, *model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer):
        holder.ClearField("metadata_props")
        holder.ClearField("doc_string")
    model.graph.ClearField("value_info")
    return Graph(model.SerializeToString(deterministic=True), tuple(names.values()))


@functools.cache
def export_network(config: ModelConfig, *, edits: bool = True) -> Mapping[str, Graph]:
    """Return both graphs of networks of this configuration by file name."""
    network = Network(config)
    return {"prefix.onnx": export_prefix(network, edits=edits), "denoise.onnx": export_denoise(network, edits=edits)}


def write_text_encoder(folder: Path, encoder: TextEncoder, tokenizer: bytes, facts: Mapping[str, Any]) -> str:
    """Write a text encoder as it ships; return its digest. `facts` are its name, licence and source."""
    facts = {**facts, "config": dataclasses.asdict(encoder.config)}
    return _write(folder, encoder, {"text.onnx": export_text(encoder)}, {"tokenizer.json": tokenizer}, facts)


def write_snapshot(folder: Path, network: Network, graphs: Mapping[str, Graph], facts: Mapping[str, Any]) -> str:
    """Write a network as it ships; return its digest. `facts` are its name, sampler, text encoder, corpus, training and licence."""
    return _write(folder, network, graphs, {}, {**facts, "config": dataclasses.asdict(network.config)})


def write_upsampler(folder: Path, upsampler: Upsampler, graphs: Mapping[str, Graph], facts: Mapping[str, Any]) -> str:
    """Write an upsampler as it ships; return its digest. `facts` are its name, training and licence."""
    every = frozenset(name for name, _ in upsampler.named_children())
    return _write(folder, upsampler, graphs, {}, {**facts, "config": dataclasses.asdict(upsampler.config)}, every)


def write_restorer(folder: Path, restorer: Restorer, graph: Graph, facts: Mapping[str, Any]) -> str:
    """Write a restorer as it ships; return its digest. `facts` are its name, corpus, training and licence."""
    every = frozenset(name for name, _ in restorer.named_children())
    return _write(folder, restorer, {"restore.onnx": graph}, {}, {**facts, "config": dataclasses.asdict(restorer.config)}, every)


def write_eyes(folder: Path, eyes: Eyes, graph: Graph, facts: Mapping[str, Any]) -> str:
    """Write eyes as they ship; return their digest. `facts` are their name, corpus, training and licence."""
    every = frozenset(name for name, _ in eyes.named_children())
    return _write(folder, eyes, {"eyes.onnx": graph}, {}, {**facts, "config": dataclasses.asdict(eyes.config)}, every)


def _write(
    folder: Path,
    module: nn.Module,
    graphs: Mapping[str, Graph],
    files: Mapping[str, bytes],
    facts: Mapping[str, Any],
    precise: frozenset[str] = PRECISE,
) -> str:
    tensors = {name: tensor.cpu().float().numpy() for name, tensor in module.state_dict().items() if tensor.is_floating_point()}
    asked = {file: list(graph.tensors) for file, graph in graphs.items()}
    extra = {**files, **{file: graph.content for file, graph in graphs.items()}}
    return write_release(folder, tensors, precise=precise, extra_files=extra, facts={**facts, "graphs": asked})
