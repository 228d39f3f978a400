"""Torch modules that are asked as ONNX graphs are: arrays by name in, arrays by name out, on the device of the caller's choice.

On a GPU what is computed for inputs of one shape is recorded once and then replayed, so that a step of many small kernels is one launch.
Prompts and pictures are padded to few lengths, so there are few shapes.
"""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from limner.engine.weights import WeightsPart
from limner.gpu.networks import Computation, open_networks

NUM_WARM_UPS = 3
MAX_RECORDED = 24  # shapes of one network
Array = npt.NDArray[Any]


def open_graphs(part: WeightsPart, device: torch.device) -> dict[str, TorchGraph]:
    """Load a folder of weights onto a device; each network has the file name of the ONNX graph that it stands for.

    Raises:
        DamagedFile: as `open_networks`.
    """
    return {file: TorchGraph(computation, device) for file, computation in open_networks(part).items()}


@dataclass(frozen=True)
class Put:
    """One input of a graph."""

    name: str


class TorchGraph:
    """A network of a release in torch, for one thread."""

    def __init__(self, computation: Computation, device: torch.device) -> None:
        self._module = computation.module.eval().requires_grad_(False).to(device)
        self._outputs, self._device = computation.outputs, device
        self._inputs = tuple(inspect.signature(self._module.forward).parameters)
        self._recorded: OrderedDict[tuple[torch.Size, ...], Recording] = OrderedDict()

    def get_inputs(self) -> list[Put]:
        """Return what is asked for, in order."""
        return [Put(name) for name in self._inputs]

    @torch.inference_mode()
    def run(self, outputs: Sequence[str], feeds: Mapping[str, Array]) -> list[Array]:
        """Compute the outputs of these names from arrays of numbers by the names of the inputs."""
        given = [torch.from_numpy(np.ascontiguousarray(feeds[name])) for name in self._inputs]
        computed = self._replay(given) if self._device.type == "cuda" else _as_tuple(self._module(*given))
        named = dict(zip(self._outputs, computed, strict=True))
        return [named[name].cpu().numpy() for name in outputs]

    def _replay(self, given: list[Tensor]) -> tuple[Tensor, ...]:
        shapes = tuple(tensor.shape for tensor in given)
        if shapes not in self._recorded:
            self._recorded[shapes] = Recording(self._module, [tensor.to(self._device) for tensor in given])
        self._recorded.move_to_end(shapes)
        if len(self._recorded) > MAX_RECORDED:
            self._recorded.popitem(last=False)
        return self._recorded[shapes].replay(given)


class Recording:
    """One call of a module as a CUDA graph, with the places of its inputs and outputs on the GPU."""

    def __init__(self, module: nn.Module, inputs: list[Tensor]) -> None:
        self._inputs = inputs
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):  # what libraries set up at their first call must not be recorded
            for _ in range(NUM_WARM_UPS):
                module(*inputs)
        torch.cuda.current_stream().wait_stream(aside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._outputs = _as_tuple(module(*inputs))

    def replay(self, given: list[Tensor]) -> tuple[Tensor, ...]:
        """Compute anew from other inputs of the same shapes; what is returned is overwritten by the next call."""
        for place, tensor in zip(self._inputs, given, strict=True):
            place.copy_(tensor)
        self._graph.replay()
        return self._outputs


def _as_tuple(computed: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return (computed,) if isinstance(computed, Tensor) else computed
