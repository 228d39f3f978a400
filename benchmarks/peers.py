"""What a picture costs beside what a person would pick instead on the same machine, at the same size, in one run.

    python -m benchmarks.peers [--size WIDTHxHEIGHT] [--repeats N] [--rounds N] [--peer-python PATH] [--peers NAME,NAME]

The peers are pipelines of diffusers with random weights (`peer_diffusers.py` says why that is fair for time; nothing is said of quality),
in bfloat16 where the processor is fast with it, else in float32. They live in an environment of their own:

    python -m venv peers && peers/bin/pip install torch==2.13.0 diffusers transformers accelerate
    python -m benchmarks.peers --peer-python peers/bin/python

With `--peers sd-turbo,sdcpp-sd-turbo` stable-diffusion.cpp draws SD-Turbo too, from weights in half precision, once
`peers/bin/pip install stable-diffusion-cpp-python==0.4.7` has built it from its source (a C++ compiler, CMake, some minutes).

Ours and theirs take turns, so that a busy minute hits all. Prints a Markdown table; a ratio is their median to ours at medium.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.generate import PROMPT, describe_machine, time_warm

DIFFUSERS, SDCPP = (str(Path(__file__).with_name(name)) for name in ("peer_diffusers.py", "peer_sdcpp.py"))
IN_DIFFUSERS = {"sd-turbo": "SD-Turbo, 1 step", "sdxl-turbo": "SDXL-Turbo, 1 step", "lcm": "LCM (SD 1.5), 4 steps"}
TITLES = {**IN_DIFFUSERS, "sdcpp-sd-turbo": "SD-Turbo in stable-diffusion.cpp, 1 step"}
OURS = ("low", "medium", "high")


@dataclass
class Row:
    """What was measured of one way to draw."""

    seconds: list[float] = field(default_factory=list)
    processor_s: list[float] = field(default_factory=list)
    peak_bytes: int = 0
    parameters: int = 0


def main() -> None:
    """Measure all, in turns, and print the table."""
    options = parse_arguments()
    print(describe_machine(), f"; {options.size}\n", sep="")
    ours, theirs = {quality: Row() for quality in OURS}, {peer: Row() for peer in options.peers.split(",")}
    for _ in range(options.rounds):
        for quality, row in ours.items():
            row.seconds += time_warm(PROMPT, options, quality=quality)
        for peer, row in theirs.items():
            add(row, ask(peer, options))
    medium = statistics.median(ours["medium"].seconds)
    print("| what | median | worst | times ours at medium | processor seconds | peak memory | parameters |\n|---|---|---|---|---|---|---|")
    for quality, row in ours.items():
        print_row(f"limner, {quality}", row, medium)
    for peer, row in theirs.items():
        print_row(TITLES[peer], row, medium)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="1024x1024")
    parser.add_argument("--model", default="limner")
    parser.add_argument("--repeats", type=int, default=3, help="pictures of each in a round, after one that is not counted")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--peer-python", default=sys.executable, help="a Python that has diffusers and transformers")
    parser.add_argument("--peers", default=",".join(IN_DIFFUSERS), help=f"of {', '.join(TITLES)}")
    return parser.parse_args()


def ask(peer: str, options: argparse.Namespace) -> dict[str, object]:
    """Let a peer draw in a process of its own, with as many threads as there are cores."""
    threads = {"OMP_NUM_THREADS": str(len(os.sched_getaffinity(0)))}
    command = [options.peer_python, DIFFUSERS if peer in IN_DIFFUSERS else SDCPP, peer, options.size, str(options.repeats)]
    done = subprocess.run(command, check=False, env={**os.environ, **threads}, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def add(row: Row, said: dict[str, object]) -> None:
    """Add what a peer reports to its row."""
    measured = Row(**said)  # type: ignore[arg-type]
    row.seconds += measured.seconds
    row.processor_s.append(float(str(measured.processor_s)) / len(measured.seconds))
    row.peak_bytes, row.parameters = max(row.peak_bytes, measured.peak_bytes), measured.parameters


def print_row(title: str, row: Row, medium: float) -> None:
    """Print one row; what was not measured stays empty."""
    median = statistics.median(row.seconds)
    processor = f"{statistics.median(row.processor_s):.1f}" if row.processor_s else ""
    memory, size = f"{row.peak_bytes / 1e9:.1f} GB" if row.peak_bytes else "", f"{row.parameters / 1e6:,.0f} M" if row.parameters else ""
    print(f"| {title} | {median:.2f} s | {max(row.seconds):.2f} s | {median / medium:.1f} | {processor} | {memory} | {size} |", flush=True)


if __name__ == "__main__":
    main()
