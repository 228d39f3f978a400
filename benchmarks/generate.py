"""How long a picture takes and how much memory: cold in a new process, warm per quality, to the first partial picture.

    python benchmarks/generate.py [--repeats N] [--size WIDTHxHEIGHT] [--model NAME] [--watts-per-core W] [--core-hour-price P]

Prints Markdown tables under the machine's name and the date. Memory is the sum of the peak resident sets of the command and its engine
process, sampled from /proc (Linux); pages that both share are counted twice, so it is an upper bound.

Energy and price are of warm pictures. Where the processor counts its own energy (RAPL, `/sys/class/powercap`) and lets us read it, the
joules are what all packages used while the pictures were drawn, other programs included, divided by their number. Elsewhere they are the
processor seconds of this process and the engine's, times the watts a core that `--watts-per-core` says. The price is the same processor
seconds times `--core-hour-price`. Both numbers are assumptions of who asks, and are printed with what they give.
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
from limner.engine.resolve import QUALITIES

PROMPT = "a red kite over a green hill"
LONG_PROMPT = PROMPT + ". " + "The weather of that day was much spoken of in the town. " * 570  # 32,000 characters, nearly
SAMPLE_EVERY_S, MEMORY_RUNS = 0.01, 3
RAPL = Path("/sys/class/powercap")
TELLING_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "avx_vnni", "amx_int8", "amx_bf16")


@dataclass(frozen=True)
class Cold:
    """One run of the command: seconds from start to end, processor seconds and peak resident bytes of all its processes."""

    seconds: float
    processor_s: float
    peak_bytes: int


@dataclass(frozen=True)
class Cost:
    """What one warm picture used: processor seconds of all processes, and joules if the processor counts them."""

    processor_s: float
    joules: float | None


def main() -> None:
    """Measure everything and print the table."""
    options = parse_arguments()
    print(describe_machine())
    print()
    print("| what | median | worst | runs |")
    print("|---|---|---|---|")
    colds = [run_cold(options, wait) for _ in range(options.repeats)]
    print_row("cold `limner generate`, new process, file written", [cold.seconds for cold in colds])
    print_row("the same in processor time, which a busy machine does not change", [cold.processor_s for cold in colds])
    limner.generate(PROMPT, size=options.size, model=options.model)  # starts the engine, which is in no picture's cost
    spent = {quality: spend(lambda quality=quality: time_warm(PROMPT, options, quality=quality)) for quality in QUALITIES}  # type: ignore[misc]
    for quality, (seconds, _) in spent.items():
        print_row(f"warm, {quality}", seconds)
    print_row("warm, medium, prompt of 32,000 characters", time_warm(LONG_PROMPT[:32_000], options, quality="medium"))
    print_row("warm, medium, until the first partial picture", time_first_partial(options))
    peaks = [run_cold(options, watch_memory).peak_bytes / 1e6 for _ in range(min(options.repeats, MEMORY_RUNS))]
    print(f"| peak memory, cold, command and engine | {statistics.median(peaks):.0f} MB | {max(peaks):.0f} MB | {len(peaks)} |")
    print_costs({quality: cost for quality, (_, cost) in spent.items()}, options)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7, help="runs of each measurement")
    parser.add_argument("--size", default="1024x1024")
    parser.add_argument("--model", default="limner")
    parser.add_argument(
        "--watts-per-core", type=float, default=5.0, help="of a busy core, used where RAPL cannot be read (280 W / 64 cores, rounded up)"
    )
    parser.add_argument("--core-hour-price", type=float, default=0.04, help="of one core for an hour, in any currency")
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


def print_costs(costs: dict[str, Cost], options: argparse.Namespace) -> None:
    """Print joules and price of a picture of each quality, and by which method."""
    method = (
        f"RAPL, {len(rapl_counters())} packages" if rapl_counters() else f"{options.watts_per_core:g} W a core, RAPL is not readable here"
    )
    print(f"\n| warm picture | processor seconds | joules ({method}) | price of 1,000 ({options.core_hour_price:g} a core-hour) |")
    print("|---|---|---|---|")
    for quality, cost in costs.items():
        joules = cost.processor_s * options.watts_per_core if cost.joules is None else cost.joules
        price = 1000 * cost.processor_s / 3600 * options.core_hour_price
        print(f"| {quality} | {cost.processor_s:.2f} s | {joules:.1f} J | {price:.4f} |", flush=True)


def spend(draw: Callable[[], list[float]]) -> tuple[list[float], Cost]:
    """Draw, and return the seconds of each picture, and what one cost; the first, which is not timed, counts among them too."""
    counters = rapl_counters()
    before_s, before_j = processor_seconds(), [read_rapl(counter) for counter in counters]
    seconds = draw()
    count = len(seconds) + 1
    used_j = [(read_rapl(counter) - start) % rapl_range(counter) for counter, start in zip(counters, before_j, strict=True)]
    return seconds, Cost((processor_seconds() - before_s) / count, sum(used_j) / count if counters else None)


def processor_seconds() -> float:
    """Return the processor seconds so far of this process and those it started, ended or not."""
    running = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in family(os.getpid()) - {os.getpid()})
    ticks = sum(int(value) for values in running for value in values)
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK") + processor_seconds_of_children()


def rapl_counters() -> list[Path]:
    """Return the energy counters of the processor's packages that can be read here."""
    return [path for path in RAPL.glob("intel-rapl:[0-9]*/energy_uj") if path.parent.name.count(":") == 1 and os.access(path, os.R_OK)]


def read_rapl(counter: Path) -> float:
    """Return the joules that a counter shows."""
    return int(counter.read_text()) / 1e6


def rapl_range(counter: Path) -> float:
    """Return the joules after which a counter begins again."""
    return int(counter.with_name("max_energy_range_uj").read_text()) / 1e6


def print_row(name: str, seconds: list[float]) -> None:
    """Print the median and the worst of some durations."""
    print(f"| {name} | {statistics.median(seconds):.2f} s | {max(seconds):.2f} s | {len(seconds)} |", flush=True)


def run_cold(options: argparse.Namespace, watch: Callable[[subprocess.Popen[bytes]], int]) -> Cold:
    """Run `limner generate` in a new process; `watch` waits for its end and returns the peak resident bytes, if it looks at them."""
    with tempfile.TemporaryDirectory() as folder:
        place = ["-o", f"{folder}/kite.png", "--size", options.size, "--model", options.model]
        command = [sys.executable, "-m", "limner", "generate", PROMPT, *place, "-q"]
        before = processor_seconds_of_children()
        started = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            peak_bytes = watch(process)
            seconds = time.perf_counter() - started
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Cold(seconds, processor_seconds_of_children() - before, peak_bytes)


def wait(process: subprocess.Popen[bytes]) -> int:
    """Wait for the process to end, and look at nothing: what looks takes time from what is timed."""
    process.wait()
    return 0


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
