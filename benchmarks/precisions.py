"""What one pass of the denoiser costs in other precisions than float32, and how far its guess moves, in one run.

    python -m benchmarks.precisions [--model NAME] [--patches SIDE] [--repeats N] [--threads N]

int8 is `onnxruntime.quantization.quantize_dynamic` of MatMul and Gemm: weights by column, activations anew in each pass. float16 is the
whole graph; bfloat16 its MatMuls alone. What ONNX Runtime cannot run on this processor is said in the place of a time. Passes of all
take turns, so that a busy minute hits all; a time is the processor's, of all threads, and elapsed. The guess is compared with
float32's, from noise at time 0.1 under a real prompt, in the network's range of -1 to 1.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime.transformers.float16 import convert_float_to_float16

from benchmarks.generate import PROMPT, describe_machine
from limner.engine.drawing.graphs import open_graph
from limner.engine.drawing.noise import image_noise
from limner.engine.drawing.runtime import Runtime, Shown
from limner.engine.weights import Catalogue, WeightsPart
from limner.model.layout import PATCH_PX, Grid, grid_positions

TIME = 0.1
Feeds = dict[str, npt.NDArray[Any]]


@dataclass
class Row:
    """One precision: its session or why there is none, and what its passes took."""

    session: onnxruntime.InferenceSession | None = None
    refusal: str = ""
    processor_s: list[float] = field(default_factory=list)
    elapsed_s: list[float] = field(default_factory=list)


def main() -> None:
    """Measure all precisions and print a Markdown table."""
    options = parse_arguments()
    logging.disable(logging.WARNING)
    catalogue = Catalogue.open()
    part = catalogue.snapshot(catalogue.resolve(options.model))
    feeds = record_feeds(Runtime(catalogue, part.folder.name, options.threads), options.patches)
    print(f"{describe_machine()}; {part.folder.name}, {options.patches**2} patches, {options.threads} threads, {options.repeats} passes\n")
    rows = {name: open_row(model, options.threads) for name, model in make_models(part).items()}
    for _ in range(options.repeats + 1):
        for row in rows.values():
            run(row, feeds)
    truth = guess(rows["float32"], feeds)
    print("| precision | processor ms | elapsed ms | of float32 | mean and largest change of the guess |\n|---|---|---|---|---|")
    for name, row in rows.items():
        print_row(name, row, rows["float32"], np.abs(guess(row, feeds) - truth) if row.session else None)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="limner")
    parser.add_argument("--patches", type=int, default=8, help="patches of a side of the grid")
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def record_feeds(runtime: Runtime, side: int) -> Feeds:
    """Return what the denoiser is given for a pass of one prompt, as the runtime gives it."""
    kept: Feeds = {}
    session = runtime._denoise

    class Recorder:
        def run(self, outputs: list[str], feeds: Feeds) -> Any:
            kept.update(feeds)
            return session.run(outputs, feeds)

    runtime._denoise = Recorder()
    shown = Shown(background=1, positions=grid_positions(Grid(side, side)))
    runtime.guess(image_noise(0, side * PATCH_PX, side * PATCH_PX), TIME, TIME, shown, runtime.encode(PROMPT).prompted)
    return kept


def make_models(part: WeightsPart) -> dict[str, onnx.ModelProto]:
    """Return the denoiser with its weights in it, in each precision."""
    graph, tensors = part.read("denoise.onnx"), part.tensors()
    whole, half, brief = (merge(onnx.load_from_string(graph), tensors) for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        source, folded, small = (Path(folder) / name for name in ("float32.onnx", "folded.onnx", "int8.onnx"))
        onnx.save(whole, source)
        quant_pre_process(source, folded, skip_symbolic_shape=True)  # weights that are turned in the graph are quantized only when folded
        quantize_dynamic(folded, small, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gemm"])
        int8 = onnx.load(small)
    return {
        "float32": whole,
        "int8, dynamic": int8,
        "float16": convert_float_to_float16(half, keep_io_types=True),
        "bfloat16": multiply_in_bfloat16(brief),
    }


def merge(model: onnx.ModelProto, tensors: Mapping[str, npt.NDArray[np.float32]]) -> onnx.ModelProto:
    """Put the weights into a graph that only names them."""
    for held in model.graph.initializer:
        if held.name in tensors:
            held.CopyFrom(numpy_helper.from_array(tensors[held.name], held.name))
    return model


def multiply_in_bfloat16(model: onnx.ModelProto) -> onnx.ModelProto:
    """Let every MatMul take and give bfloat16, with casts around it."""
    nodes = []
    for node in model.graph.node:
        if node.op_type == "MatMul":
            brief = [f"{name}/{node.name}/brief" for name in (*node.input, *node.output)]
            for wide, narrow in zip(node.input, brief, strict=False):
                nodes.append(onnx.helper.make_node("Cast", [wide], [narrow], to=onnx.TensorProto.BFLOAT16))
            nodes.append(onnx.helper.make_node("MatMul", brief[:2], brief[2:]))
            nodes.append(onnx.helper.make_node("Cast", brief[2:], node.output, to=onnx.TensorProto.FLOAT))
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def open_row(model: onnx.ModelProto, threads: int) -> Row:
    """Open a session with the options that ship, or note why it cannot be."""
    try:
        return Row(open_graph(model.SerializeToString(), {}, threads))
    except Exception as error:  # noqa: BLE001 - what the runtime refuses is a result
        return Row(refusal=str(error).strip().splitlines()[0][:120])


def run(row: Row, feeds: Feeds) -> None:
    """Take one pass and note what it took."""
    if row.session is None:
        return
    started_s, started = time.process_time(), time.perf_counter()
    row.session.run(["clean"], feeds)
    row.processor_s.append(time.process_time() - started_s)
    row.elapsed_s.append(time.perf_counter() - started)


def guess(row: Row, feeds: Feeds) -> npt.NDArray[np.float32]:
    """Return the guess of a pass."""
    assert row.session is not None, "asked of those that run"
    clean: npt.NDArray[np.float32] = row.session.run(["clean"], feeds)[0]
    return clean


def print_row(name: str, row: Row, first: Row, change: npt.NDArray[np.float32] | None) -> None:
    """Print one line of the table; the first pass of each warms it up and does not count."""
    if change is None:
        print(f"| {name} | does not run | {row.refusal} | | |")
        return
    processor, elapsed = (1e3 * statistics.median(seconds[1:]) for seconds in (row.processor_s, row.elapsed_s))
    share = processor / 1e3 / statistics.median(first.processor_s[1:])
    print(f"| {name} | {processor:.1f} | {elapsed:.1f} | {share:.0%} | {change.mean():.4f}, {change.max():.3f} |")


if __name__ == "__main__":
    main()
