"""Floating-point operations: how many ONNX Runtime ran, by its own profile, and how many a second it can."""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper

from limner.engine.drawing.graphs import open_graph

SIDES = (512, 1024, 2048)
MULTIPLYING_S = 1.0
FLOAT_KINDS = frozenset({"MatMul", "FusedMatMul", "Gemm", "FusedGemm", "Conv", "FusedConv"})
BYTE_KINDS = frozenset({"MatMulInteger", "MatMulIntegerToFloat", "DynamicQuantizeMatMul"})
Event = dict[str, Any]


@contextlib.contextmanager
def profiled() -> Iterator[Callable[[onnxruntime.InferenceSession], list[Event]]]:
    """Let every session that is opened within profile itself; what is yielded ends one and returns its events."""
    plain, numbers = onnxruntime.SessionOptions, itertools.count()
    with tempfile.TemporaryDirectory() as folder:

        class Profiling(plain):  # type: ignore[misc, valid-type]
            def __init__(self) -> None:
                super().__init__()
                self.enable_profiling = True
                self.profile_file_prefix = f"{folder}/profile-{next(numbers)}"  # the runtime adds the second, which several share

        onnxruntime.SessionOptions = Profiling
        try:
            yield lambda session: json.loads(Path(session.end_profiling()).read_text())
        finally:
            onnxruntime.SessionOptions = plain


def count_flops(events: list[Event], *, with_bytes: bool = False) -> int:
    """Return two operations for each product of every MatMul, Gemm and Conv of a profile, at the shapes that it ran with.

    Products of bytes count only `with_bytes`.
    """
    counted = FLOAT_KINDS | BYTE_KINDS if with_bytes else FLOAT_KINDS
    ran = (event["args"] for event in events if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"))
    return sum(_flops(one) for one in ran if one.get("op_name") in counted)


def _flops(ran: Event) -> int:
    kind = ran["op_name"]
    shapes = [next(iter(tensor.values())) for tensor in ran["input_type_shape"]]  # weights that were packed are not among them
    products: int = math.prod(shapes[1][1:]) if kind.endswith("Conv") else shapes[0][-1]
    results: int = math.prod(next(iter(ran["output_type_shape"][0].values())))
    return 2 * results * products


def best_rate(threads: int) -> tuple[float, int]:
    """Return the most operations a second of a square float32 MatMul with the runtime's own options, and the side it had."""
    rates = {side: _rate(side, threads) for side in SIDES}
    side = max(rates, key=rates.__getitem__)
    return rates[side], side


def _rate(side: int, threads: int) -> float:
    """Multiply for a while by a constant matrix, as the network does; the fastest counts."""
    shape = [side, side]
    left, product = (helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name in ("left", "product"))
    right = np.random.default_rng(0).standard_normal(shape, np.float32)
    held = onnx.TensorProto(name="right", dims=shape, data_type=onnx.TensorProto.FLOAT, data_location=onnx.TensorProto.EXTERNAL)
    held.external_data.add(key="location", value="right")
    graph = helper.make_graph([helper.make_node("MatMul", ["left", "right"], ["product"])], "multiply", [left], [product], [held])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    session = open_graph(model.SerializeToString(), {"right": right}, threads)
    feeds = {"left": right.T.copy()}
    session.run(None, feeds)
    fastest_s, until = math.inf, time.perf_counter() + MULTIPLYING_S
    while (started := time.perf_counter()) < until:
        session.run(None, feeds)
        fastest_s = min(fastest_s, time.perf_counter() - started)
    return 2 * side**3 / fastest_s
