"""The upsampler against Lanczos: on held-out drawings, whose truth is known, and in time; and a sheet to look at.

    python benchmarks/upsampler.py UPSAMPLER_FOLDER [--size PX ...] [--parts DIR] [--count N] [--repeats N] [--sheet FILE]

Prints Markdown tables under the machine's name and the date. Drawings that training never sees are drawn at each size, reduced to 128 or
256, exactly or worn as pictures of a network are, and enlarged again. Times are of one thread, in processor seconds, at 1024.
"""

from __future__ import annotations

import argparse
import datetime
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image

from limner.data.corpus import example_rng
from limner.data.heldout import is_held_out_asset
from limner.data.packing.pack import Asset, iterate_assets, list_parts
from limner.data.packing.packages import default_corpus_dir
from limner.engine.drawing.enlarging import Upsample, enlarge_towards
from limner.engine.drawing.runtime import Runtime, open_upsample
from limner.engine.drawing.sampler import Ground, Sitting, denoise, develop
from limner.engine.machine import instruction_set
from limner.engine.resolve import QUALITIES
from limner.engine.weights import Catalogue, WeightsPart
from limner.media.alpha import Pixels, lay_on_white
from limner.media.resize import fit
from limner.model import flow
from limner.model.layout import Grid, Size
from limner.model.upsampler import SCALE
from limner.train.upsampling.truths import draw_turned
from limner.train.upsampling.wear import clamp, reduce_exactly, wear

LARGE = Size(1024, 1024)
NEAR_PX = 8
EDGE, FLAT = 0.1, 2 / 255  # contrast, in [0, 1], around an edge and within what is flat
MAX_POINTS = 1500
PROMPTS = ("a house", "a panda", "a castle", "a robot", "a red apple", "a rocket")
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Error:
    """How far an enlarged drawing is from the true one: outline in its pixels, decibels near edges, noise of 255 on what is flat."""

    outline_px: float
    edge_db: float
    flat_noise: float


def main() -> None:
    """Measure everything, print the tables and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("upsampler", type=Path)
    parser.add_argument("--size", type=int, nargs="+", default=[LARGE.width], help="sides in pixels, from 512")
    parser.add_argument("--parts", type=Path, default=default_corpus_dir() / "parts")
    parser.add_argument("--count", type=int, default=24, help="drawings, at least 6")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    upsample = open_upsample(WeightsPart.open(options.upsampler, digest=None), threads=1)
    print(f"{instruction_set()}, one thread, {datetime.datetime.now(datetime.UTC):%Y-%m-%d}\n")
    for side_px in options.size:
        print_errors(list(draw_held_out(options.parts, options.count, side_px)), upsample)
    runtime = Runtime(Catalogue.open(), Catalogue.open().resolve(), threads=1)
    print_times(runtime, upsample, options.repeats)
    if options.sheet:
        write_sheet(options.sheet, list(draw_held_out(options.parts, len(PROMPTS), LARGE.width)), runtime, upsample)


def draw_held_out(parts_dir: Path, count: int, side_px: int) -> Iterator[torch.Tensor]:
    """Yield held-out drawings as channels (1, 4, side, side): of every set in turn, anywhere in the picture, some turned."""
    by_set: dict[str, list[Asset]] = {}
    for asset in iterate_assets(list_parts(parts_dir, "vectors")):
        if is_held_out_asset(asset):
            by_set.setdefault(asset.set, []).append(asset)
    for index in range(count):
        rng = example_rng(0x4E1D, index)
        drawings = list(by_set.values())[index % len(by_set)]
        side = round(rng.uniform(0.6, 0.9) * side_px)
        drawing = draw_turned(drawings[int(rng.integers(len(drawings)))], side, float(rng.choice([0, rng.uniform(-180, 180)])))
        if drawing is not None:
            picture = Image.new("RGBA", (side_px, side_px))
            left, top = (int(place) for place in rng.integers(0, side_px - side, 2))
            picture.paste(drawing, (left, top))
            yield torch.from_numpy(flow.to_channels(np.array(picture)))[None]


def enlarge_twice(small: Floats, size: Size, upsample: Upsample) -> Floats:
    """Enlarge by one pass, reduce to a quarter of what is wanted, and by another pass."""
    again = fit(flow.to_premultiplied(upsample(small)), Size(size.width // SCALE, size.height // SCALE))
    return flow.to_premultiplied(upsample(flow.from_premultiplied(again)))


def enlarge_fully(small: Floats, size: Size, upsample: Upsample | None) -> Floats:
    """Enlarge as the engine does."""
    return fit(flow.to_premultiplied(enlarge_towards(small, size, upsample)), size)


def print_errors(truths: list[torch.Tensor], upsample: Upsample) -> None:
    """Print the table of errors at the size of the truths."""
    size = Size(truths[0].shape[-1], truths[0].shape[-2])
    ways: dict[str, Callable[[Floats], Floats]] = {
        "Lanczos": lambda small: enlarge_fully(small, size, None),
        "two passes": lambda small: enlarge_twice(small, size, upsample),
        "as drawn, one pass": lambda small: enlarge_fully(small, size, upsample),
    }
    print(f"\n{len(truths)} held-out drawings at {size.width}\n")
    print("| from | way | outline off by | near edges | noise on flat areas |\n|---|---|---|---|---|")
    for side_px in (side for side in (128, 256) if side * SCALE <= size.width):
        for is_worn in (False, True):
            draw = torch.Generator().manual_seed(7)
            smalls = [reduce_truth(truth, side_px, draw if is_worn else None) for truth in truths]
            for name, way in ways.items() if side_px == 128 else [*ways.items()][::2]:
                errors = [compare(way(small), truth) for small, truth in zip(smalls, truths, strict=True)]
                outline, decibels, noise = (np.mean([getattr(error, key) for error in errors]) for key in Error.__dataclass_fields__)
                print(
                    f"| {side_px}{', worn' if is_worn else ''} | {name} | {outline:.2f} px | {decibels:.1f} dB | {noise:.2f} |", flush=True
                )


def reduce_truth(truth: torch.Tensor, side_px: int, draw: torch.Generator | None) -> Floats:
    """Return the small channels (4, side, side) of a drawing: what each pixel covers, worn if a generator is given."""
    true = F.avg_pool2d(truth, truth.shape[-1] // side_px // SCALE)
    return clamp(reduce_exactly(true) if draw is None else wear(true, draw))[0].numpy()


def compare(drawn: Floats, truth: torch.Tensor) -> Error:
    """Measure premultiplied RGBA (side, side, 4) against a true drawing."""
    true = flow.to_premultiplied(truth[0].numpy())
    contrast = spread_of(torch.from_numpy(np.moveaxis(true, -1, 0).copy())[None]).amax(dim=1)[0].numpy()
    wrong = ((drawn - true) ** 2).mean(axis=-1)
    return Error(
        outline_px=between(outline(drawn[..., 3]), outline(true[..., 3])),
        edge_db=float(-10 * np.log10(wrong[contrast > EDGE].mean())),
        flat_noise=float(255 * np.sqrt(wrong[contrast < FLAT].mean())),
    )


def spread_of(pictures: torch.Tensor) -> torch.Tensor:
    """Return how much each channel changes within NEAR_PX of each pixel."""

    def highest(values: torch.Tensor) -> torch.Tensor:
        rows = F.max_pool2d(values, (2 * NEAR_PX + 1, 1), 1, (NEAR_PX, 0))
        return F.max_pool2d(rows, (1, 2 * NEAR_PX + 1), 1, (0, NEAR_PX))

    return highest(pictures) + highest(-pictures)


def outline(alpha: Floats) -> Floats:
    """Return points (N, 2), at most MAX_POINTS, at which alpha is one half, between pixels."""
    found = []
    for turned in (alpha, alpha.T):
        before, after = turned[:, :-1] - 0.5, turned[:, 1:] - 0.5
        rows, columns = np.nonzero(before * after < 0)
        step = before[rows, columns] / (before[rows, columns] - after[rows, columns])
        points = np.stack([rows, columns + step], axis=1)
        found.append(points if turned is alpha else points[:, ::-1])
    points = np.concatenate(found).astype(np.float32)
    return points[:: max(1, len(points) // MAX_POINTS)]


def between(first: Floats, second: Floats) -> float:
    """Return the mean distance from each point of either outline to the nearest of the other."""
    if not len(first) or not len(second):
        return float("nan")
    distances = np.sqrt(((first[:, None] - second[None]) ** 2).sum(axis=-1))
    return float((distances.min(axis=0).mean() + distances.min(axis=1).mean()) / 2)


def print_times(runtime: Runtime, upsample: Upsample, repeats: int) -> None:
    """Print how long the steps take, and how long both ways to 1024 after them."""
    print("\n| quality | steps | Lanczos to 1024 | upsampler to 1024 | the upsampler's share of the picture |\n|---|---|---|---|---|")
    for quality in QUALITIES:
        seconds = np.array([time_picture(runtime, upsample, quality, seed) for seed in range(repeats)])
        steps, lanczos, upsampled = np.median(seconds, axis=0)
        share = upsampled / (steps + upsampled)
        print(f"| {quality} | {steps:.2f} s | {lanczos:.2f} s | {upsampled:.2f} s | {share:.0%} |", flush=True)


def time_picture(runtime: Runtime, upsample: Upsample, quality: str, seed: int) -> tuple[float, float, float]:
    """Return processor seconds of the steps, of Lanczos and of the upsampler."""
    marks = [time.process_time()]
    guess = draw_small(runtime, PROMPTS[0], quality, seed)
    marks.append(time.process_time())
    for way in (None, upsample):
        develop(enlarge_towards(guess, LARGE, way), LARGE, "transparent")
        marks.append(time.process_time())
    steps, lanczos, upsampled = np.diff(marks)
    return steps, lanczos, upsampled


def draw_small(runtime: Runtime, prompt: str, quality: str, seed: int) -> Floats:
    """Return the last guess of a picture, (4, side, side)."""
    sampling = runtime.sampling(quality)
    side = int(sampling.num_patches**0.5)
    ground = Ground(grid=Grid(side, side))
    *_, last = denoise(
        runtime, Sitting(condition=runtime.encode(prompt), sampling=sampling, background="transparent", seed=seed, ground=ground)
    )
    return last.clean


def write_sheet(path: Path, truths: list[torch.Tensor], runtime: Runtime, upsample: Upsample) -> None:
    """Write parts of pictures at 1024: held-out drawings true, by Lanczos and by the upsampler, then the snapshot's own both ways."""
    draw = torch.Generator().manual_seed(7)
    trues = [truth[0].numpy() for truth in truths[: len(PROMPTS)]]
    smalls = [reduce_truth(truth, 128, draw) for truth in truths[: len(PROMPTS)]]
    guesses = [draw_small(runtime, prompt, "medium", seed) for seed, prompt in enumerate(PROMPTS)]
    rows = [[cut(true, small, None) for true, small in zip(trues, smalls, strict=True)]]
    rows += [[cut(small, small, way) for small in smalls] for way in (None, upsample)]
    rows += [[cut(guess, guess, way) for guess in guesses] for way in (None, upsample)]
    Image.fromarray(np.concatenate([np.concatenate(row, axis=1) for row in rows])).save(path, quality=80)


def cut(channels: Floats, small: Floats, upsample: Upsample | None, side_px: int = 340) -> Pixels:
    """Return a square of a picture at 1024 on white, over the left end of what the small one shows."""
    pixels = develop(enlarge_towards(channels, LARGE, upsample), LARGE, "transparent")
    shown = np.argwhere(small[3] > 0)
    leftmost = shown[np.argsort(shown[:, 1])[: max(1, len(shown) // 4)]] * (LARGE.width / small.shape[-1])
    top, left = (int(np.clip(np.median(place) - side_px / 2, 0, LARGE.width - side_px)) for place in leftmost.T)
    return lay_on_white(pixels)[top : top + side_px, left : left + side_px]


if __name__ == "__main__":
    main()
