"""One generation of the model against the one before, in one run: seconds and processor seconds of warm pictures, taken in turns.

    python -m benchmarks.generations [BEFORE AFTER] [--size WIDTHxHEIGHT ...] [--rounds N] [--core-hour-price P]

A busy minute hits both alike. Every picture has a prompt that was not read before. A ratio is the median of BEFORE to that of AFTER; the
cost is processor seconds times one price, so its saving is theirs. How good either draws is `paired.py`'s to say.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from itertools import count

import limner
from benchmarks.generate import describe_machine, processor_seconds
from limner.engine.resolve import QUALITIES

THINGS = ("house", "rocket", "mushroom", "guitar", "penguin", "umbrella", "clock")
COLOURS = ("red", "blue", "green", "yellow", "purple", "orange", "brown", "white", "grey", "pink", "black")
numbers = count()

Spent = list[tuple[float, float]]  # seconds and processor seconds of each picture


def main() -> None:
    """Measure both, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("snapshots", nargs="*", default=["limner-1", "limner-1.5"], metavar="SNAPSHOT", help="BEFORE and AFTER")
    parser.add_argument("--size", nargs="+", default=["256x256", "512x512", "1024x1024"])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--core-hour-price", type=float, default=0.04, help="of one core for an hour, in any currency")
    options = parser.parse_args()
    before, after = options.snapshots
    print(f"{describe_machine()}; {options.rounds} pictures of each, in turns\n")
    print(f"| size, quality | {before} | {after} | times as fast | price of 1,000 | | less |\n|---|---|---|---|---|---|---|")
    for size in options.size:
        for quality in QUALITIES:
            print_row(f"{size}, {quality}", measure((before, after), size, quality, options.rounds), options.core_hour_price)


def measure(snapshots: tuple[str, str], size: str, quality: str, rounds: int) -> tuple[Spent, Spent]:
    """Draw with each in turns; the first round, which wakes the engine, is not counted."""
    spent: dict[str, Spent] = defaultdict(list)
    for _ in range(rounds + 1):
        for snapshot in snapshots:
            spent[snapshot].append(draw(snapshot, size, quality))
    before, after = (spent[snapshot][1:] for snapshot in snapshots)
    return before, after


def draw(snapshot: str, size: str, quality: str) -> tuple[float, float]:
    """Draw one opaque picture to its PNG; return the seconds and the processor seconds that it took."""
    number = next(numbers)
    colour, thing = COLOURS[number % len(COLOURS)], THINGS[number // len(COLOURS) % len(THINGS)]
    started, used = time.perf_counter(), processor_seconds()
    picture = limner.generate(f"a {colour} {thing}, number {number}", model=snapshot, size=size, quality=quality, background="opaque")[0]
    picture.to_bytes("png")
    return time.perf_counter() - started, processor_seconds() - used


def print_row(name: str, both: tuple[Spent, Spent], core_hour_price: float) -> None:
    """Print the medians, and how one stands to the other; processor seconds are counted in hundredths, so they are added up."""
    seconds = [statistics.median(picture[0] for picture in spent) for spent in both]
    prices = [1000 * statistics.fmean(picture[1] for picture in spent) / 3600 * core_hour_price for spent in both]
    times, saved = seconds[0] / seconds[1], 1 - prices[1] / prices[0]
    print(
        f"| {name} | {seconds[0]:.3f} s | {seconds[1]:.3f} s | {times:.1f} | {prices[0]:.4f} | {prices[1]:.4f} | {saved:.0%} |", flush=True
    )


if __name__ == "__main__":
    main()
