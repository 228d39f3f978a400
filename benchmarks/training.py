"""What a training step costs: pictures a second, where the time goes, and how far it is from the machine's own floor.

    python benchmarks/training.py [RECIPE] [--steps N] [--threads N] [--device cpu|cuda] [--batch N]

The floor is the arithmetic of the step (counted by PyTorch's own counter, forward, backward and optimizer) at the rate at which the
machine multiplies large matrices. Prints a Markdown table under the machine's name and the date. The bottleneck is the largest share.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from limner.data.packing.packages import default_corpus_dir
from limner.engine.weights import weights_folder
from limner.model.network import Network
from limner.train.objective import Batch, draw_noise
from limner.train.optim import has_fast_bfloat16, lr_scale
from limner.train.pretrain import Place, Run
from limner.train.recipes import RECIPES
from limner.train.seeing import FrozenEyes
from limner.train.text import FrozenText

PEAK_SIDE = {"cpu": 1024, "cuda": 8192}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", nargs="?", default="limner-1", choices=list(RECIPES))
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", choices=["cpu", "cuda"])
    parser.add_argument("--batch", type=int)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as folder:
        run = open_run(options.recipe, options.batch, options.device, Path(folder))
        report(run, options.recipe, options.steps)


def open_run(name: str, batch: int | None, device: str | None, folder: Path) -> Run:
    """Return a run of the first lesson of the recipe that is not begun yet, its drawings taken from the cache of the corpus."""
    recipe = RECIPES[name]()
    config = replace(recipe.train, batch_size=batch or recipe.train.batch_size, start="")
    place = Place.find(device)
    text = FrozenText(weights_folder(), place.device)
    course = recipe.open_course(default_corpus_dir() / "parts", default_corpus_dir() / "cache")
    eyes = FrozenEyes.open(weights_folder(), config.eyes, recipe.model.seen_width, place.device)
    return Run(Network(recipe.model), text, eyes, course[:1], config, folder, place)


def report(run: Run, name: str, steps: int) -> None:
    """Take a few steps and print what they cost."""
    device = run.place.device
    flops = count_flops(run)
    peak = multiply_rate(device)
    spent = time_phases(run, steps)
    whole = sum(spent.values())
    pictures = run.config.batch_size / whole
    floor = flops / peak
    where = f"{torch.get_num_threads()} threads" if device.type == "cpu" else torch.cuda.get_device_name(device)
    millions = sum(parameter.numel() for parameter in run.network.parameters()) / 1e6
    bottleneck = max(spent, key=lambda phase: spent[phase])
    print(f"{processor()}, {where}, torch {torch.__version__}, {datetime.datetime.now(datetime.UTC):%Y-%m-%d}")
    print(f"recipe {name}, batch {run.config.batch_size}, {run.course[0][1].size_px} px, {millions:.1f} M parameters\n")
    print("| phase | ms a step | share |\n|---|---|---|")
    for phase, seconds in spent.items():
        print(f"| {phase} | {1000 * seconds:.0f} | {seconds / whole:.0%} |")
    print(f"\n{pictures:.1f} pictures/s; {flops / 1e9:.0f} GFLOP a step, {flops / whole / 1e9:.0f} of {peak / 1e9:.0f} GFLOP/s: ", end="")
    print(f"{floor / whole:.0%} of the peak, {run.config.batch_size / floor:.1f} pictures/s at most; bottleneck: {bottleneck}")


def count_flops(run: Run) -> float:
    """Return the floating-point operations of one step, the optimizer's products included."""
    batch = next(run._batches())
    with FlopCounterMode(display=False) as counter:
        backward(run, batch)
        run.optimizers.step(lr_scale(0.3))
    return float(counter.get_total_flops())


def multiply_rate(device: torch.device) -> float:
    """Return how many operations a second a large product reaches, in the precision of training."""
    side = PEAK_SIDE[device.type]
    dtype = torch.bfloat16 if has_fast_bfloat16(device) else torch.float32
    first, second = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    best = 0.0
    for _ in range(5):
        best = max(best, 4 / seconds(lambda: [first @ second for _ in range(4)], device))
    return best * 2 * side**3


def time_phases(run: Run, steps: int) -> dict[str, float]:
    """Return the seconds of each phase of a step, the mean of `steps` after two that warm up."""
    device, side, size = run.place.device, run.course[0][1].size_px, run.config.batch_size
    batches: Iterator[Batch] = run._batches()
    found: list[Batch] = []
    phases: dict[str, Callable[[], object]] = {
        "wait for pictures": lambda: found.append(next(batches)),
        "draw noise": lambda: draw_noise(run.draw_ways, size, side, seed=0, step=0, device=device),
        "forward and backward": lambda: backward(run, found[-1]),
        "optimizer": lambda: run.optimizers.step(lr_scale(0.3)),
    }
    taken = [{phase: seconds(work, device) for phase, work in phases.items()} for _ in range(steps + 2)][2:]
    return {phase: sum(step[phase] for step in taken) / steps for phase in phases}


def backward(run: Run, batch: Batch) -> None:
    """Add up the gradients of a batch, as training does."""
    side = batch.pixels.shape[1]
    run._backward(batch, *draw_noise(run.draw_ways, run.config.batch_size, side, seed=0, step=0, device=run.place.device))


def seconds(work: Callable[[], object], device: torch.device) -> float:
    """Return how long a piece of work takes, the device's queue emptied before and after."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    begun = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - begun


def processor() -> str:
    """Return the name of the processor."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    main()
