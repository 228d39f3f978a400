"""A folder of weights as torch modules, one in the place of each graph that it ships."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from limner.engine.weights import REMEDY, WeightsPart
from limner.errors import DamagedFile
from limner.model.eyes import Eyes, EyesConfig
from limner.model.graphs import DenoiseGraph, DrawingGraph, DrawingPrefixGraph, EyesGraph, PaintGraph, PrefixGraph
from limner.model.minilm import TextConfig, TextEncoder
from limner.model.network import ModelConfig, Network, take_weights
from limner.model.restoring.restorer import Restorer, RestorerConfig
from limner.model.upsampler import Upsampler, UpsamplerConfig

M = TypeVar("M", bound=nn.Module)

COUNTED = "num_batches_tracked"  # by norms while they learn; no release holds it


@dataclass(frozen=True)
class Computation:
    """A module, and the names of what it gives back, in order."""

    module: nn.Module
    outputs: tuple[str, ...]


def open_networks(part: WeightsPart) -> dict[str, Computation]:
    """Load a folder of weights; each computation has the file name of the ONNX graph that it stands for.

    Raises:
        DamagedFile: a file is not what the manifest says, or the weights are of other sizes than the manifest says.
    """
    build = next(make for file, make in BUILDERS.items() if file in part.graphs())
    try:
        return build(part, {name: torch.from_numpy(tensor) for name, tensor in part.tensors().items()})
    except (KeyError, RuntimeError, TypeError) as error:
        raise DamagedFile(f"the weights of {part.folder.name} are not those of its manifest; {REMEDY}") from error


def _text_encoder(part: WeightsPart, tensors: dict[str, Tensor]) -> dict[str, Computation]:
    encoder = _fill(TextEncoder(TextConfig(**part.manifest["config"])), tensors)
    return {"text.onnx": Computation(encoder, ("hidden",))}


def _drawing(part: WeightsPart, tensors: dict[str, Tensor]) -> dict[str, Computation]:
    network = Network(ModelConfig(**part.manifest["config"]))
    take_weights(network, tensors)
    edits = part.abilities.reads_pictures
    prefix = PrefixGraph(network) if edits else DrawingPrefixGraph(network)
    denoise = Computation(DenoiseGraph(network), ("clean", "keep")) if edits else Computation(DrawingGraph(network), ("clean",))
    return {"prefix.onnx": Computation(prefix, ("keys", "values", "prefix_mask", "pooled")), "denoise.onnx": denoise}


def _upsampler(part: WeightsPart, tensors: dict[str, Tensor]) -> dict[str, Computation]:
    upsampler = _fill(Upsampler(UpsamplerConfig(**part.manifest["config"])), tensors)
    return {"upsample.onnx": Computation(upsampler, ("large",)), "paint.onnx": Computation(PaintGraph(upsampler), ("colours",))}


def _restorer(part: WeightsPart, tensors: dict[str, Tensor]) -> dict[str, Computation]:
    said: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in part.manifest["config"].items()}
    return {"restore.onnx": Computation(_fill(Restorer(RestorerConfig(**said)), tensors), ("restored",))}


def _eyes(part: WeightsPart, tensors: dict[str, Tensor]) -> dict[str, Computation]:
    said: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in part.manifest["config"].items()}
    return {"eyes.onnx": Computation(EyesGraph(_fill(Eyes(EyesConfig(**said)), tensors)), ("seen", "named"))}


def _fill(module: M, tensors: Mapping[str, Tensor]) -> M:
    counted = {name: value for name, value in module.state_dict().items() if name.endswith(COUNTED)}
    module.load_state_dict({**tensors, **counted})
    return module


Builder = Callable[[WeightsPart, dict[str, Tensor]], dict[str, Computation]]
BUILDERS: dict[str, Builder] = {  # by a graph that only such a folder has
    "text.onnx": _text_encoder,
    "denoise.onnx": _drawing,
    "upsample.onnx": _upsampler,
    "eyes.onnx": _eyes,
    "restore.onnx": _restorer,
}
