"""How well and how fast moderation judges: held-out sentences, innocent prompts, needles in long texts, our own drawings, time.

    python benchmarks/moderation.py [--pictures N] [--parts FOLDER]

Prints Markdown under the machine's name and the date. `--pictures` are drawn with the default model; `--parts` is a folder of data parts,
whose drawings of people are judged too.
"""

from __future__ import annotations

import argparse
import datetime
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import limner
from limner.engine.machine import instruction_set, num_cores
from limner.engine.protocol import Pixels
from limner.engine.weights import weights_folder
from limner.moderation.local import LocalModerator
from limner.moderation.phrases import read_phrases
from limner.moderation.text import TextJudge
from limner.moderation.verdict import STRICTNESSES, Verdict
from limner.train.moderation import measure

INNOCENT = Path(__file__).with_name("innocent_prompts.txt")
LONG_CHARACTERS = 32_000
NEEDLES = 60
SUBJECTS = (
    "woman, man, baby, girl, boy, mermaid, dancer, swimmer, peach, egg, hand, foot, heart, cat, pig, monkey, doughnut, sword, skull, bikini"
)


def main() -> None:
    """Measure everything and print it."""
    options = parse_arguments()
    today = datetime.datetime.now(datetime.UTC).date()
    print(f"{today}, {num_cores()} cores ({instruction_set()}), load {os.getloadavg()[0]:.1f} at the start")
    moderator = LocalModerator()
    print_held_out()
    print_innocents(moderator)
    print_needles(moderator)
    print_times(moderator)
    print_pictures(moderator, "pictures that the model drew, low, 256 x 256", draw_pictures(options.pictures))
    if options.parts:
        print_pictures(moderator, "drawings of people in the corpus, 256 x 256", read_drawings(options.parts, 150))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=60, help="pictures to draw and judge")
    parser.add_argument("--parts", type=Path, help="folder of data parts")
    return parser.parse_args()


def innocent_prompts() -> list[str]:
    """Return the prompts that must pass."""
    return [line for line in INNOCENT.read_text("utf-8").splitlines() if not line.startswith("#")]


def print_held_out() -> None:
    """Print the figures of the held-out sentences by category."""
    report = measure(TextJudge.open(weights_folder()), read_phrases("held"), "")
    print("\n| category | sentences | recall | recall, low | refused at all | false alarms | mixed up |\n|---|---|---|---|---|---|---|")
    for row in report.rows:
        shares = (row.recall, row.recall_low, row.refused, row.false_alarms, row.mixed_up)
        print(f"| {row.category} | {row.sentences} | {' | '.join(f'{share:.1%}' for share in shares)} |")
    print(f"\n{report.innocents} innocent sentences refused: {report.false_blocks:.1%}, at low {report.false_blocks_low:.1%}")


def print_innocents(moderator: LocalModerator) -> None:
    """Print how many innocent prompts are refused, and which."""
    verdicts = {prompt: moderator.judge_text(prompt) for prompt in innocent_prompts()}
    for strictness in STRICTNESSES:
        refused = {prompt: verdict.blocked(strictness) for prompt, verdict in verdicts.items() if verdict.blocked(strictness)}
        print(f"\n{len(refused)} of {len(verdicts)} innocent prompts refused at {strictness} ({len(refused) / len(verdicts):.1%})")
        for prompt, names in refused.items():
            print(f"- {prompt} ({', '.join(f'{name} {verdicts[prompt].scores[name]:.2f}' for name in names)})")


def print_needles(moderator: LocalModerator) -> None:
    """Print how many harmful sentences are found that stand alone, and somewhere in 32,000 characters of innocent prompts."""
    draw = random.Random(0)
    straw = [prompt for prompt in innocent_prompts() if not moderator.judge_text(prompt).flagged]
    needles = draw.sample([phrase.text for phrase in read_phrases("held") if phrase.category], NEEDLES)
    alone = [bool(moderator.judge_text(needle).flagged) for needle in needles]
    hidden = [bool(moderator.judge_text(hide(needle, straw, draw)).flagged) for needle in needles]
    clean = sum(bool(moderator.judge_text(hide("", straw, draw)).flagged) for _ in range(NEEDLES))
    both = sum(first and second for first, second in zip(alone, hidden, strict=True))
    print(f"\nof {NEEDLES} harmful sentences {sum(alone)} are found alone, {both} of these in {LONG_CHARACTERS:,} characters, too")
    print(f"of {NEEDLES} texts of {LONG_CHARACTERS:,} characters made of prompts that pass alone, {clean} are refused")


def hide(needle: str, straw: list[str], draw: random.Random) -> str:
    """Return 32,000 characters of prompts in a random order, with a sentence somewhere."""
    lines: list[str] = []
    while sum(len(line) + 2 for line in lines) < LONG_CHARACTERS - len(needle) - max(map(len, straw)):
        lines.append(draw.choice(straw))
    lines.insert(draw.randrange(len(lines)), needle)
    return ". ".join(lines)


def print_times(moderator: LocalModerator) -> None:
    """Print how long texts and images take; no text is judged twice."""
    draw = random.Random(1)
    prompts = innocent_prompts()
    image = np.random.default_rng(0).integers(0, 256, (1024, 1024, 4), np.uint8)
    moderator.judge_image(image)
    times = {
        "a prompt of about 70 characters": timed(lambda index: moderator.judge_text(f"{prompts[index]} {index}"), 30),
        "four prompts in one, about 300 characters": timed(lambda index: moderator.judge_text(". ".join(draw.sample(prompts, 4))), 20),
        "32,000 characters": timed(lambda _: moderator.judge_text(hide("", prompts, draw)), 8),
        "32,000 characters without a space": timed(lambda index: moderator.judge_text(str(index) + "ab1!" * 8000), 5),
        "the same prompt again": timed(lambda _: moderator.judge_text(prompts[0]), 30),
        "an image of 1024 x 1024": timed(lambda _: moderator.judge_image(image), 15),
    }
    print("\n| what | median | worst |\n|---|---|---|")
    for name, seconds in times.items():
        print(f"| {name} | {statistics.median(seconds) * 1e3:.1f} ms | {max(seconds) * 1e3:.1f} ms |")


def timed(judge: Callable[[int], Verdict], repeats: int) -> list[float]:
    """Return the seconds that each call takes."""
    seconds = []
    for index in range(repeats):
        started = time.perf_counter()
        judge(index)
        seconds.append(time.perf_counter() - started)
    return seconds


def print_pictures(moderator: LocalModerator, name: str, pictures: Iterator[tuple[str, Pixels]]) -> None:
    """Print how many pictures are refused, and why."""
    verdicts = [(title, moderator.judge_image(pixels)) for title, pixels in pictures]
    for strictness in STRICTNESSES:
        refused = [(title, verdict.evidence) for title, verdict in verdicts if verdict.blocked(strictness)]
        print(f"\n{len(refused)} of {len(verdicts)} {name}, refused at {strictness}: {refused}")


def draw_pictures(count: int) -> Iterator[tuple[str, Pixels]]:
    """Draw subjects that could be taken for skin, and others."""
    subjects = SUBJECTS.split(", ")
    for seed in range(count):
        prompt = subjects[seed % len(subjects)]
        yield prompt, limner.generate(prompt, quality="low", size="256x256", seed=seed)[0].pixels


def read_drawings(parts: Path, count: int) -> Iterator[tuple[str, Pixels]]:
    """Rasterise drawings of people out of the corpus."""
    from limner.data.packing.pack import read_part  # noqa: PLC0415  # needs the train extra
    from limner.data.scenes.sprites import rasterise  # noqa: PLC0415

    assets = [asset for asset in read_part(parts / "vectors-emoji-1.jsonl.xz").assets if asset.category == "people-body"]
    for asset in random.Random(1).sample(assets, count):
        pixels = rasterise(asset, 256)
        if pixels is not None:
            yield asset.concept, pixels


if __name__ == "__main__":
    main()
