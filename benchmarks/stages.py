"""What a warm picture's time goes to, stage by stage, and how near the denoiser is to the fastest arithmetic of the machine.

    python -m benchmarks.stages [--size WIDTHxHEIGHT ...] [--model NAME] [--repeats N] [--background KIND] [--alt-text]

Prints Markdown tables under the machine's name and the date. Pictures are drawn by `limner.generate` in the processes that ship, each with
a prompt that was not read before; `stage_clock.py` wraps the functions of both. A cell is a median, and its share of the median
picture. Stages follow each other, so what none of them holds is left: threads that wait for their turn, events, copies.

Floating-point operations are counted from what ONNX Runtime says it ran while one picture was drawn: two for each product of MatMul, Gemm
and Conv at the shapes that came by; nothing else is counted. The best rate is that of the fastest of some square float32 MatMuls in a
session with the same options and threads, in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import limner
from benchmarks.flops import best_rate, count_flops, profiled
from benchmarks.generate import PROMPT, describe_machine
from benchmarks.stage_clock import ALPHA, NOISE, PASSES, REPORT_VARIABLE, RESIZE, SOURCE, UPSAMPLE, Clock, replace
from benchmarks.stage_clock import PROMPT as READ_PROMPT
from limner.engine import child, pictures, wire
from limner.engine.drawing.runtime import Runtime
from limner.engine.library import find_snapshot, shared_describer
from limner.engine.machine import default_threads
from limner.engine.process import DrawingLoop
from limner.engine.resolve import QUALITIES
from limner.engine.settings import read_settings
from limner.engine.weights import Catalogue
from limner.engine.wire import Order

BORDER, DESCRIBE, FILE, LEFT = "cross the process border", "describe", "encode PNG", "what is left"
ORDER = (READ_PROMPT, SOURCE, NOISE, PASSES, UPSAMPLE, RESIZE, ALPHA, BORDER, DESCRIBE, FILE, LEFT)
SHOWN_S = 1e-4


@dataclass(frozen=True)
class Drawn:
    """One picture: seconds by stage, seconds in all, processor seconds of both processes, passes of the denoiser."""

    seconds: dict[str, float]
    whole_s: float
    processor_s: float
    passes: int


Table = dict[str, list[Drawn]]  # by quality


class Border:
    """Wraps this process's side of the pipes: when the order was handed over, and when the picture had come."""

    def __init__(self) -> None:
        self.handed_at = self.came_at = 0.0
        replace(child, write_frame=self.write, read_frame=self.read)

    def write(self, stream: Any, kind: str, fields: Any, *parts: Any) -> None:
        """Write a frame and note when it was begun."""
        if kind == "draw":
            self.handed_at = time.perf_counter()
        wire.write_frame(stream, kind, fields, *parts)

    def read(self, stream: Any) -> Any:
        """Read a frame and note when it was there."""
        frame = wire.read_frame(stream)
        if frame is not None and frame.kind == "picture":
            self.came_at = time.perf_counter()
        return frame


def main() -> None:
    """Measure all sizes and qualities, and print."""
    options = parse_arguments()
    print(f"{describe_machine()}; {options.model}, {options.background}, {threads_of_settings()} threads, {options.repeats} pictures\n")
    with tempfile.TemporaryDirectory() as folder:
        os.environ[REPORT_VARIABLE] = str(Path(folder) / "stages")
        child.PROCESS_MODULES["cpu"] = "benchmarks.stage_clock"
        border, clock = Border(), Clock()
        clock.wrap(pictures, "encode", FILE)
        if options.alt_text:
            shared_describer().prepare()
            clock.wrap(type(shared_describer()), "describe", DESCRIBE)
        tables: dict[str, Table] = {
            size: {quality: draw_some(options, size, quality, border, clock) for quality in QUALITIES} for size in options.size
        }
    for size, table in tables.items():
        print_stages(size, table)
    print_rates(options, tables[options.size[-1]])


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", nargs="+", default=["256x256", "512x512", "1024x1024"])
    parser.add_argument("--model", default="limner")
    parser.add_argument("--repeats", type=int, default=9, help="pictures of each size and quality, after two that are not counted")
    parser.add_argument("--background", default="opaque", choices=("opaque", "transparent"))
    parser.add_argument("--alt-text", action="store_true", help="describe the pictures too")
    return parser.parse_args()


def threads_of_settings() -> int:
    """Return how many threads the engine of this process draws with."""
    return read_settings(os.environ).threads or default_threads()


def draw_some(options: argparse.Namespace, size: str, quality: str, border: Border, clock: Clock) -> list[Drawn]:
    """Draw pictures of new prompts; the first two, which wake the engine, are not counted."""
    drawn = [draw_one(options, size, quality, border, clock) for _ in range(options.repeats + 2)]
    return drawn[2:]


def draw_one(options: argparse.Namespace, size: str, quality: str, border: Border, clock: Clock) -> Drawn:
    """Draw one picture to its PNG, and bring together what both processes noted."""
    report = Path(os.environ[REPORT_VARIABLE])
    reports = report.read_text().splitlines() if report.exists() else []
    before_s, number = time.process_time(), len(reports)
    clock.take()
    started = time.perf_counter()
    picture = limner.generate(
        prompt_of(number),
        size=size,
        quality=quality,
        model=options.model,
        background=options.background,
        seed=number,
        alt_text=options.alt_text,
    )[0]
    picture.to_bytes("png")
    whole_s = time.perf_counter() - started
    said, engine_before_s = (json.loads(report.read_text().splitlines()[-1]), json.loads(reports[-1])["processor_s"] if reports else 0.0)
    crossing_s = said["came_at"] - border.handed_at + border.came_at - said["sent_at"]
    seconds = {**said["seconds"], **clock.take(), BORDER: crossing_s}
    seconds[LEFT] = whole_s - sum(seconds.values())
    return Drawn(seconds, whole_s, time.process_time() - before_s + said["processor_s"] - engine_before_s, said["passes"])


def prompt_of(number: int) -> str:
    """Return a prompt of the same length for each number below a thousand, so that each is read anew and all are like."""
    return f"{PROMPT}, number {number:03}"


def print_stages(size: str, table: Table) -> None:
    """Print the stages of one size, a column for each quality."""
    print(f"| {size} | {' | '.join(table)} |\n|---|{'---|' * len(table)}")
    for stage in ORDER:
        if any(drawn.seconds.get(stage, 0.0) > SHOWN_S for some in table.values() for drawn in some):
            print(f"| {stage} | {' | '.join(show(stage, some) for some in table.values())} |")
    print(f"| **in all** | {' | '.join(f'**{statistics.median(one.whole_s for one in some):.3f} s**' for some in table.values())} |")
    processor = (statistics.median(one.processor_s for one in some) for some in table.values())
    print(f"| processor seconds | {' | '.join(f'{seconds:.3f} s' for seconds in processor)} |\n", flush=True)


def show(stage: str, some: list[Drawn]) -> str:
    """Return the median of a stage in milliseconds, and its share."""
    seconds = statistics.median(one.seconds.get(stage, 0.0) for one in some)
    return f"{1e3 * seconds:.1f} ms ({seconds / statistics.median(one.whole_s for one in some):.0%})"


def print_rates(options: argparse.Namespace, table: Table) -> None:
    """Print how many operations a second the denoiser reached, against the best of the machine."""
    threads = threads_of_settings()
    best, side = best_rate(threads)
    print(f"Best float32 MatMul: {best / 1e9:.0f} GFLOP/s ({side} x {side}, {threads} threads)\n")
    print("| denoiser | passes | GFLOP a pass | ms a pass | GFLOP/s | of the best |\n|---|---|---|---|---|---|")
    for (quality, some), flops in zip(table.items(), denoiser_flops(options, list(table), threads), strict=True):
        passes, seconds = some[0].passes, statistics.median(one.seconds[PASSES] for one in some)
        facts = f"{flops / passes / 1e9:.2f} | {1e3 * seconds / passes:.1f} | {flops / seconds / 1e9:.0f} | {flops / seconds / best:.0%}"
        print(f"| {quality} | {passes} | {facts} |", flush=True)


def denoiser_flops(options: argparse.Namespace, qualities: list[str], threads: int) -> Iterator[int]:
    """Yield the operations of all passes of one picture of each quality, drawn in this process under ONNX Runtime's own profile."""
    width, height = map(int, options.size[-1].split("x"))
    snapshot = find_snapshot(options.model)
    place = {"width": width, "height": height, "background": options.background, "seed": 0, "num_partials": 0}
    for quality in qualities:
        with profiled() as profile:
            runtime = Runtime(Catalogue.open(read_settings(os.environ).weights_dir), snapshot, threads)
            loop = DrawingLoop(lambda _, runtime=runtime: runtime, SimpleQueue(), lambda *_: None)  # type: ignore[misc]
            loop._draw(Order(request_id="counted", index=0, prompt=prompt_of(0), snapshot=snapshot, quality=quality, **place))  # type: ignore[arg-type]
            yield count_flops(profile(runtime._denoise))


if __name__ == "__main__":
    main()
