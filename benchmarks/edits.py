"""What an edit costs beside a picture from words of the same size and quality, in one run: ratios, not seconds.

    python benchmarks/edits.py [--repeats N] [--size WIDTHxHEIGHT] [--model NAME]

Kinds take turns, so that what else the machine does falls on all of them alike. Prints a Markdown table under the machine's name and date.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Mapping

import numpy as np
from generate import describe_machine  # type: ignore[import-not-found]  # the script beside this one

from limner.engine.library import draw, find_snapshot, shared_engine
from limner.engine.protocol import GenerateRequest, Mask, Pixels
from limner.engine.resolve import GenerateOptions, resolve
from limner.engine.resolve_edit import EditOptions, resolve_composition, resolve_edit
from limner.model.layout import parse_size

COLOURS = "red blue yellow green purple orange pink white black brown".split()
SMALL_SHARE = 0.25  # of each side
WORDS = "generation"


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each measurement")
    parser.add_argument("--size", default="1024x1024")
    parser.add_argument("--model", default="limner")
    options = parser.parse_args()
    print(describe_machine())
    print()
    print("| what | median | of a generation | runs |")
    print("|---|---|---|---|")
    for quality in ("low", "medium", "high"):
        requests = requests_of(options.size, options.model, quality)
        print_rows(quality, time_by_turns(requests, options.repeats))


def prompt_of(seed: int) -> str:
    """Return words that were not read before."""
    return f"a {COLOURS[seed // 1000 % len(COLOURS)]} kite over a {COLOURS[seed // 10_000 % len(COLOURS)]} hill"


def requests_of(size: str, model: str, quality: str) -> Mapping[str, Callable[[int], GenerateRequest]]:
    """Return each kind of request as a function of its seed; sources and words are new, so nothing that was read before is remembered."""
    width, height = (side := parse_size(size)).width, side.height

    def options(seed: int) -> EditOptions:
        return EditOptions(model=model, size=size, seed=seed, quality=quality)

    def picture(seed: int) -> Pixels:
        pixels = np.random.default_rng(seed).integers(0, 256, (height // 32, width // 32, 4), np.uint8).repeat(32, 0).repeat(32, 1)
        pixels[..., 3] = 255
        return pixels

    def mask(share: float) -> Mask:
        marked = np.zeros((height, width), np.bool_)
        marked[: round(height * share), : round(width * share)] = True
        return marked

    def edit(seed: int, count: int = 1, marked: Mask | None = None) -> GenerateRequest:
        images = [picture(seed + number) for number in range(count)]
        return resolve_edit(f"add image 2, {prompt_of(seed)}", options(seed), images, marked, find_snapshot=find_snapshot)

    def words(seed: int) -> GenerateRequest:
        return resolve(prompt_of(seed), GenerateOptions(model=model, size=size, seed=seed, quality=quality), find_snapshot=find_snapshot)

    def composition(seed: int) -> GenerateRequest:
        return resolve_composition(
            prompt_of(seed), options(seed), [picture(seed + number) for number in range(16)], find_snapshot=find_snapshot
        )

    return {
        WORDS: words,
        "edit of the whole": edit,
        "edit, a mask of half": lambda seed: edit(seed, marked=mask(0.7)),
        "edit, a mask of 1/16": lambda seed: edit(seed, marked=mask(SMALL_SHARE)),
        "edit with one other image": lambda seed: edit(seed, count=2),
        "composition of 16 images": composition,
    }


def time_by_turns(requests: Mapping[str, Callable[[int], GenerateRequest]], repeats: int) -> dict[str, list[float]]:
    """Return the seconds of each kind, one after the other in each round; the first round only warms up."""
    engine = shared_engine()
    seconds: dict[str, list[float]] = {name: [] for name in requests}
    for turn in range(repeats + 1):
        for place, (name, request_for) in enumerate(requests.items()):
            request = request_for(1000 * (turn * len(requests) + place))
            started = time.perf_counter()
            draw(request, engine, lambda event: None)
            if turn:
                seconds[name].append(time.perf_counter() - started)
    return seconds


def print_rows(quality: str, seconds: Mapping[str, list[float]]) -> None:
    """Print a row for each kind."""
    whole = statistics.median(seconds[WORDS])
    for name, runs in seconds.items():
        print(f"| {quality}, {name} | {statistics.median(runs):.2f} s | {statistics.median(runs) / whole:.2f} | {len(runs)} |", flush=True)


if __name__ == "__main__":
    main()
