"""How long a picture takes and how much memory: cold in a new process, warm per quality, to the first partial picture.

    python benchmarks/generate.py [--repeats N] [--size WIDTHxHEIGHT] [--model NAME]

Prints a Markdown table under the machine's name and the date. Memory is the sum of the peak resident sets of the command and its engine
process, sampled from /proc (Linux); pages that both share are counted twice, so it is an upper bound.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import limner
from limner.engine.machine import instruction_set, num_cores

PROMPT = "a red kite over a green hill"
LONG_PROMPT = PROMPT + ". " + "The weather of that day was much spoken of in the town. " * 570  # 32,000 characters, nearly
SAMPLE_EVERY_S = 0.01
TELLING_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "avx_vnni", "amx_int8", "amx_bf16")


@dataclass(frozen=True)
class Cold:
    """One run of the command: seconds from start to end, processor seconds and peak resident bytes of all its processes."""

    seconds: float
    processor_s: float
    peak_bytes: int


def main() -> None:
    """Measure everything and print the table."""
    options = parse_arguments()
    print(describe_machine())
    print()
    print("| what | median | worst | runs |")
    print("|---|---|---|---|")
    colds = [run_cold(options.size, options.model) for _ in range(options.repeats)]
    print_row("cold `limner generate`, new process, file written", [cold.seconds for cold in colds])
    print_row("the same in processor time, which a busy machine does not change", [cold.processor_s for cold in colds])
    for quality in ("low", "medium", "high"):
        print_row(f"warm, {quality}", time_warm(PROMPT, options, quality=quality))
    print_row("warm, medium, prompt of 32,000 characters", time_warm(LONG_PROMPT[:32_000], options, quality="medium"))
    print_row("warm, medium, until the first partial picture", time_first_partial(options))
    peaks = [cold.peak_bytes / 1e6 for cold in colds]
    print(f"| peak memory, cold, command and engine | {statistics.median(peaks):.0f} MB | {max(peaks):.0f} MB | {len(peaks)} |")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7, help="runs of each measurement")
    parser.add_argument("--size", default="1024x1024")
    parser.add_argument("--model", default="limner")
    return parser.parse_args()


def describe_machine() -> str:
    """Return the date, the processor, its cores and the instruction sets that matter, and the versions in use."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    values = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    flags = [flag for flag in TELLING_FLAGS if flag in values.get("flags", "").split()]
    load = os.getloadavg()[0]
    name = values.get("model name", platform.machine())
    return (
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {name}, {num_cores()} of {os.cpu_count()} cores"
        f" ({instruction_set()}; {' '.join(flags)}), load {load:.1f} at the start, Python {platform.python_version()},"
        f" onnxruntime {metadata.version('onnxruntime')}, limner {metadata.version('limner')}"
    )


def print_row(name: str, seconds: list[float]) -> None:
    """Print the median and the worst of some durations."""
    print(f"| {name} | {statistics.median(seconds):.2f} s | {max(seconds):.2f} s | {len(seconds)} |", flush=True)


def run_cold(size: str, model: str) -> Cold:
    """Run `limner generate` in a new process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "limner", "generate", PROMPT, "-o", f"{folder}/kite.png", "--size", size, "--model", model, "-q"]
        before = processor_seconds_of_children()
        started = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            peak_bytes = watch_memory(process)
            seconds = time.perf_counter() - started
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Cold(seconds, processor_seconds_of_children() - before, peak_bytes)


def processor_seconds_of_children() -> float:
    """Return the user and system seconds of every descendant that has ended and was waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def watch_memory(process: subprocess.Popen[bytes]) -> int:
    """Wait for the process to end; return the summed peak resident bytes of it and its descendants."""
    peaks: dict[int, int] = {}
    while process.poll() is None:
        for pid in family(process.pid):
            peaks[pid] = max(peaks.get(pid, 0), peak_resident_bytes(pid))
        time.sleep(SAMPLE_EVERY_S)
    return sum(peaks.values())


def family(root: int) -> set[int]:
    """Return a process and its descendants, as far as they still run."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = {root}
    for pid in sorted(parents):  # a child of the command is younger than it, and has the larger number
        if parents[pid] in found:
            found.add(pid)
    return found


def peak_resident_bytes(pid: int) -> int:
    """Return the peak resident set of a process; 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def time_warm(prompt: str, options: argparse.Namespace, *, quality: str) -> list[float]:
    """Return the seconds of each picture after one that is not counted; every picture has another seed."""
    return timed(options.repeats, lambda seed: limner.generate(prompt, size=options.size, model=options.model, quality=quality, seed=seed))


def timed(repeats: int, draw: Callable[[int], object]) -> list[float]:
    """Return how long `draw(seed)` takes for the seeds 1 to `repeats`, after a warm-up with seed 0."""
    draw(0)
    seconds = []
    for seed in range(1, repeats + 1):
        started = time.perf_counter()
        draw(seed)
        seconds.append(time.perf_counter() - started)
    return seconds


def time_first_partial(options: argparse.Namespace) -> list[float]:
    """Return the seconds from the call to the first partial picture in hand."""
    arrivals: list[float] = []

    def note_arrival(_: limner.PartialPicture) -> None:
        arrivals.append(time.perf_counter())

    starts = []
    for seed in range(options.repeats):
        starts.append(time.perf_counter())
        limner.generate(PROMPT, size=options.size, model=options.model, seed=seed, partials=1, on_partial=note_arrival)
    return [arrival - started for started, arrival in zip(starts, arrivals, strict=True)]


if __name__ == "__main__":
    main()
