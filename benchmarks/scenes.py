"""How fast the corpus draws on one core: single drawings, scenes by layout and by medium, and whole examples, at 128 and 256 pixels.

    python benchmarks/scenes.py [--parts-dir DIR] [--cache-dir DIR] [--count N]

Prints a Markdown table under the machine's name and the date. Rates are per second of processor time, which other work on the machine
changes little, and per second of the clock.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from limner.data.corpus import Corpus, example_rng
from limner.data.packing.packages import default_corpus_dir
from limner.data.recipes import core
from limner.data.scenes.compose import TEMPLATE_SHARES, compose_scene
from limner.data.scenes.render import render_scene
from limner.data.scenes.scene import MEDIA, Canvas, MediumName, Scene


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts-dir", type=Path, default=default_corpus_dir() / "parts")
    parser.add_argument("--cache-dir", type=Path, default=default_corpus_dir() / "cache")
    parser.add_argument("--count", type=int, default=400)
    options = parser.parse_args()
    print(f"{_processor()}, one core, Python {platform.python_version()}, {datetime.datetime.now(datetime.UTC):%Y-%m-%d}\n")
    print("| what | size | per processor second | per second |\n|---|---|---|---|")
    for size_px in (128, 256):
        _measure_size(options, size_px)


def _measure_size(options: argparse.Namespace, size_px: int) -> None:
    corpus = Corpus.open(options.parts_dir, core(), size_px, options.cache_dir)
    stock, canvas = corpus.stock, Canvas(size_px, size_px)
    _report("single drawing with caption", size_px, options.count, corpus.example)
    for layout in TEMPLATE_SHARES:
        scenes = [compose_scene(stock, example_rng(0, index), canvas=canvas, layout=layout) for index in range(options.count // 4)]
        _report(f"draw: {layout}", size_px, len(scenes), _drawing(corpus, scenes))
    scenes = [corpus.scene(index) for index in range(options.count)]
    _report("**draw: scenes in their shares**", size_px, options.count, _drawing(corpus, scenes))
    plain = [replace(scene, air="clear", medium="none") for scene in scenes if scene.layout in ("single", "relation", "landscape")]
    for medium in MEDIA:
        _report(f"draw: in {medium}" if medium != "none" else "draw: pictures", size_px, 40, _drawing(corpus, _in_medium(plain, medium)))
    _report("compose, draw and describe", size_px, options.count, corpus.scene_example)


def _in_medium(scenes: Sequence[Scene], medium: MediumName) -> list[Scene]:
    return [replace(scene, medium=medium) for scene in scenes]


def _drawing(corpus: Corpus, scenes: Sequence[Scene]) -> Callable[[int], object]:
    return lambda index: render_scene(scenes[index % len(scenes)], corpus.sprites, corpus.fonts)


def _report(name: str, size_px: int, count: int, work: Callable[[int], object]) -> None:
    for index in range(min(count, 100)):
        work(index)
    clock, processor = time.perf_counter(), time.process_time()
    for index in range(count):
        work(index)
    per_second, per_processor = count / (time.perf_counter() - clock), count / (time.process_time() - processor)
    print(f"| {name} | {size_px} | {per_processor:.0f} | {per_second:.0f} |")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
