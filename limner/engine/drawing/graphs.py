"""A folder of weights in ONNX Runtime: graphs that hold no weights, over arrays that were checked first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

import numpy.typing as npt
import onnxruntime

from limner.engine.machine import has_fast_int8
from limner.engine.weights import WeightsPart

INT8_GRAPH = "-int8.onnx"
Array = npt.NDArray[Any]


class Put(Protocol):
    """One input of a graph."""

    @property
    def name(self) -> str:
        """What it is given by."""


class Graph(Protocol):
    """A network, whatever computes it: a session of ONNX Runtime, or `limner.gpu`."""

    def get_inputs(self) -> Sequence[Put]:
        """Return what is asked for, in order."""

    def run(self, outputs: Sequence[str], feeds: Mapping[str, Array]) -> list[Array]:
        """Compute the outputs of these names from arrays by the names of the inputs."""


GraphsOf = Callable[[WeightsPart, int], Mapping[str, Graph]]


def open_graphs(part: WeightsPart, threads: int) -> dict[str, onnxruntime.InferenceSession]:
    """Build a session for each graph of a folder; the arrays are copied into them and dropped when this returns.

    Where this machine multiplies bytes fast, a graph is the one that does so, if the folder has it: `NAME-int8.onnx` for `NAME.onnx`.
    """
    graphs = part.graphs()
    files = {file: _narrower(file, graphs) for file in graphs if not file.endswith(INT8_GRAPH)}
    arrays = part.arrays({name for file in files.values() for name in graphs[file]})
    return {name: open_graph(part.read(file), {name: arrays[name] for name in graphs[file]}, threads) for name, file in files.items()}


def _narrower(file: str, graphs: Collection[str]) -> str:
    narrow = file.removesuffix(".onnx") + INT8_GRAPH
    return narrow if narrow in graphs and has_fast_int8() else file


def open_graph(graph: bytes, tensors: Mapping[str, npt.NDArray[Any]], threads: int) -> onnxruntime.InferenceSession:
    """Build a session for one graph, whose initializers of these names are the tensors."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(tensor) for tensor in tensors.values()]
    options.add_external_initializers(list(tensors), values)
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
