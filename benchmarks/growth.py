"""How the cost of a picture grows with its pixels, its steps and the images that are read for it, and how far it is from the arithmetic.

    python -m benchmarks.growth [--rounds N] [--model NAME]

Prints a Markdown table under the machine's name and the date: processor seconds of a warm picture, from order to PNG, every prompt and
image new; and the *floor*, the operations of all its networks, those on bytes too, at the machine's best float32 rate (`flops.py`). Kinds
take turns. What the floor leaves out, resizing, pasting and encoding, grows with the pixels; the networks draw on a grid of one size
whatever is asked for. Several clients at once are measured by `concurrency.py`.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from queue import SimpleQueue
from typing import Any

import numpy as np

import limner
from benchmarks.flops import best_rate, count_flops, profiled
from benchmarks.generate import PROMPT, describe_machine, processor_seconds
from limner.engine.drawing.runtime import Runtime
from limner.engine.library import find_snapshot, open_catalogue
from limner.engine.machine import default_threads
from limner.engine.process import DrawingLoop
from limner.engine.protocol import Pixels, Quality
from limner.engine.resolve import QUALITIES
from limner.engine.settings import read_settings
from limner.engine.wire import Order

SIZES, NUMBERS_OF_IMAGES = (256, 512, 1024, 1536, 2048), (1, 2, 4, 8, 16)
USUAL_PX, IMAGE_PX = 512, 256
numbers = count()


@dataclass(frozen=True)
class Kind:
    """One way to ask for a picture; `num_images` are composed."""

    name: str
    side_px: int = USUAL_PX
    quality: Quality = "medium"
    num_images: int = 0

    def draw(self, model: str) -> float:
        """Draw one and return its processor seconds."""
        number, before_s = next(numbers), processor_seconds()
        said: dict[str, Any] = {"size": f"{self.side_px}x{self.side_px}", "quality": self.quality, "model": model, "background": "opaque"}
        images = make_images(self.num_images, number)
        prompt = f"{PROMPT}, number {number:03}"
        pictures = limner.compose(images, prompt, seed=number, **said) if images else limner.generate(prompt, seed=number, **said)
        pictures[0].to_bytes("png")
        return processor_seconds() - before_s

    def count_operations(self, model: str, threads: int) -> int:
        """Return the floating-point operations of all networks that one such picture takes."""
        catalogue = open_catalogue()
        snapshot = catalogue.resolve_editor(model) if self.num_images else find_snapshot(model)
        order = Order(
            request_id="counted", index=0, prompt=PROMPT, snapshot=snapshot, width=self.side_px, height=self.side_px, quality=self.quality,
            background="opaque", seed=0, num_partials=0, images=tuple(make_images(self.num_images, 0)),
        )  # fmt: skip
        with profiled() as profile:
            runtime = Runtime(catalogue, snapshot, threads)
            loop = DrawingLoop(lambda _: runtime, SimpleQueue(), lambda *_: None)
            loop._draw(order)
            sessions = [runtime._text, runtime._prefix, runtime._denoise, *([runtime._eyes] if runtime._eyes else [])]
            if runtime.upsamplers:
                upsamplers = {id(one): one for one in (runtime.upsamplers.near, runtime.upsamplers.far)}
                sessions += [graph for one in upsamplers.values() for graph in (one._enlarge, one._paint) if graph]
            return sum(count_flops(profile(session), with_bytes=True) for session in sessions)


KINDS = {
    "pixels": [Kind(f"{side_px} x {side_px}", side_px=side_px) for side_px in SIZES],
    "steps": [Kind(quality, quality=quality) for quality in QUALITIES],
    "images composed": [Kind(f"{number}", num_images=number) for number in NUMBERS_OF_IMAGES],
}


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--model", default="limner")
    options = parser.parse_args()
    threads = read_settings(os.environ).threads or default_threads()
    print(f"{describe_machine()}; {options.rounds} pictures of each kind, in turns\n")
    spent = measure(options.model, options.rounds)
    best, _ = best_rate(threads)
    rate = best / threads  # operations of one processor second
    print(f"Best float32 MatMul: {best / 1e9:.0f} GFLOP/s on {threads} threads\n")
    print("| grows with | | processor seconds | of the first | floor | times the floor |\n|---|---|---|---|---|---|")
    for what, kinds in KINDS.items():
        for kind in kinds:
            seconds, floor_s = statistics.median(spent[kind]), kind.count_operations(options.model, threads) / rate
            first = statistics.median(spent[kinds[0]])
            print(
                f"| {what} | {kind.name} | {seconds:.3f} s | {seconds / first:.2f} | {floor_s:.3f} s | {seconds / floor_s:.1f} |",
                flush=True,
            )


def measure(model: str, rounds: int) -> dict[Kind, list[float]]:
    """Return the processor seconds of each kind; the first round, which wakes the engine, is not counted."""
    spent: dict[Kind, list[float]] = defaultdict(list)
    for turn in range(rounds + 1):
        for kind in (kind for kinds in KINDS.values() for kind in kinds):
            seconds = kind.draw(model)
            if turn:
                spent[kind].append(seconds)
    return spent


def make_images(how_many: int, seed: int) -> list[Pixels]:
    """Return pictures of plain colours with a square each, no two alike."""
    random = np.random.default_rng(seed)
    images = []
    for _ in range(how_many):
        image = np.full((IMAGE_PX, IMAGE_PX, 4), 255, np.uint8)
        image[..., :3] = random.integers(0, 256, 3)
        image[IMAGE_PX // 4 : -IMAGE_PX // 4, IMAGE_PX // 4 : -IMAGE_PX // 4, :3] = random.integers(0, 256, 3)
        images.append(image)
    return images


if __name__ == "__main__":
    main()
