"""Upsamplers against Lanczos: on held-out drawings, whose truth is known, and in time; and a sheet to look at.

    python benchmarks/upsampler.py UPSAMPLER_FOLDER ... [--size PX ...] [--parts DIR] [--count N] [--repeats N] [--sheet FILE]

Prints Markdown tables under the machine's name and the date. Drawings that training never sees are drawn at each size, reduced to 128 or
256, exactly or worn as pictures of a network are, and enlarged again. Times are processor time of one thread, from the last guess on.
"""

from __future__ import annotations

import argparse
import datetime
import time
from collections.abc import Iterator, Sequence
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
from limner.engine.drawing.enlarging import Upsamplers, develop, enlarge_towards
from limner.engine.drawing.runtime import Runtime, open_upsampler
from limner.engine.drawing.sampler import Ground, Sitting, denoise
from limner.engine.machine import instruction_set
from limner.engine.protocol import Background
from limner.engine.weights import Catalogue, WeightsPart
from limner.media.alpha import Pixels, lay_on_white
from limner.media.resize import fit
from limner.model import flow
from limner.model.layout import Grid, Size
from limner.model.upsampler import SCALE
from limner.train.upsampling.truths import draw_turned
from limner.train.upsampling.wear import clamp, wear

LARGE = Size(1024, 1024)
BACKGROUNDS: tuple[Background, ...] = ("transparent", "opaque")
SMALL_PX = (128, 256)
NEAR_PX = 8
SMALL_NEAR = 2  # small pixels around a pixel that is looked at for an edge
EDGE, FLAT = 0.1, 2 / 255  # contrast, in [0, 1], around an edge and within what is flat
STARK = 0.4  # of black to white: what counts as an edge
MAX_POINTS = 1500
PROMPTS = ("a house", "a panda", "a castle", "a robot", "a red apple", "a rocket")
Floats = npt.NDArray[np.float32]
Ways = dict[str, Upsamplers | None]


@dataclass(frozen=True, kw_only=True)
class Error:
    """How far an enlarged drawing is from the true one: outline in its pixels, decibels near edges, noise of 255 on what is flat."""

    outline_px: float
    edge_db: float
    flat_noise: float


def main() -> None:
    """Measure everything, print the tables and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("upsamplers", type=Path, nargs="+", metavar="UPSAMPLER_FOLDER")
    parser.add_argument("--size", type=int, nargs="+", default=[LARGE.width], help="sides in pixels, powers of 2 from 256")
    parser.add_argument("--parts", type=Path, default=default_corpus_dir() / "parts")
    parser.add_argument("--count", type=int, default=24, help="drawings, at least 6")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    ways: Ways = {"Lanczos": None}
    for folder in options.upsamplers:
        upsampler = open_upsampler(WeightsPart.open(folder, digest=None), threads=1)
        ways[folder.name] = Upsamplers(upsampler, upsampler)
    print(f"{instruction_set()}, one thread, {datetime.datetime.now(datetime.UTC):%Y-%m-%d}\n")
    for side_px in options.size:
        print_errors(list(draw_held_out(options.parts, options.count, side_px)), ways)
    runtime = Runtime(Catalogue.open(), Catalogue.open().resolve(), threads=1)
    guesses = [draw_small(runtime, prompt, seed) for seed, prompt in enumerate(PROMPTS)]
    print_widths(guesses, options.size, ways)
    print_times(guesses[0], options.size, ways, options.repeats)
    if options.sheet:
        write_sheet(options.sheet, list(draw_held_out(options.parts, len(PROMPTS), LARGE.width)), guesses, ways)


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


def enlarge_fully(small: Floats, size: Size, upsamplers: Upsamplers | None) -> Floats:
    """Enlarge as the engine does."""
    return fit(flow.to_premultiplied(enlarge_towards(small, size, upsamplers)), size)


def print_errors(truths: list[torch.Tensor], ways: Ways) -> None:
    """Print the table of errors at the size of the truths."""
    size = Size(truths[0].shape[-1], truths[0].shape[-2])
    print(f"\n{len(truths)} held-out drawings at {size.width}\n")
    print("| from | way | outline off by | near edges | noise on flat areas |\n|---|---|---|---|---|")
    for side_px in (side for side in SMALL_PX if side < size.width):
        for is_worn in (False, True):
            draw = torch.Generator().manual_seed(7)
            smalls = [reduce_truth(truth, side_px, draw if is_worn else None) for truth in truths]
            for name, way in ways.items():
                errors = [compare(enlarge_fully(small, size, way), truth) for small, truth in zip(smalls, truths, strict=True)]
                outline, decibels, noise = (np.mean([getattr(error, key) for error in errors]) for key in Error.__dataclass_fields__)
                print(
                    f"| {side_px}{', worn' if is_worn else ''} | {name} | {outline:.2f} px | {decibels:.1f} dB | {noise:.2f} |", flush=True
                )


def reduce_truth(truth: torch.Tensor, side_px: int, draw: torch.Generator | None) -> Floats:
    """Return the small channels (4, side, side) of a drawing: what each pixel covers, worn if a generator is given."""
    if draw is not None:
        return wear(F.interpolate(truth, scale_factor=SCALE * side_px / truth.shape[-1], mode="area"), draw)[0].numpy()
    return clamp(F.avg_pool2d(truth, truth.shape[-1] // side_px))[0].numpy()


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


def print_widths(guesses: list[Floats], sizes: Sequence[int], ways: Ways) -> None:
    """Print how many pixels an edge takes in opaque pictures that the default snapshot draws, whose truth nobody knows."""
    print("\n| size | way | edges of its own pictures |\n|---|---|---|")
    for side_px in sizes:
        for name, way in ways.items():
            widths = [edge_widths(develop(guess, Size(side_px, side_px), "opaque", way)) for guess in guesses]
            print(f"| {side_px} | {name} | {np.median(np.concatenate(widths)):.1f} px |", flush=True)


def edge_widths(pixels: Pixels) -> Floats:
    """Return for each pixel near an edge its contrast by its steepest slope, in pixels: how far black is from white."""
    grey = torch.from_numpy(pixels.astype(np.float32).mean(axis=-1) / 255)[None, None]
    reach = max(2, SMALL_NEAR * pixels.shape[1] // SMALL_PX[0])
    around = {"kernel_size": 2 * reach + 1, "stride": 1, "padding": reach}
    contrast = F.max_pool2d(grey, **around) + F.max_pool2d(-grey, **around)
    down, across = torch.gradient(grey[0, 0])
    slope = F.max_pool2d(torch.hypot(down, across)[None, None], **around)
    widths: Floats = (contrast / slope.clamp(min=1e-3))[contrast > STARK].numpy()
    return widths


def print_times(guess: Floats, sizes: Sequence[int], ways: Ways, repeats: int) -> None:
    """Print how long it takes from the last guess to the picture."""
    print("\n| size | way | transparent | opaque |\n|---|---|---|---|")
    for side_px in sizes:
        for name, way in ways.items():
            seconds = [time_picture(guess, Size(side_px, side_px), way) for _ in range(repeats)]
            transparent, opaque = 1000 * np.median(seconds, axis=0)
            print(f"| {side_px} | {name} | {transparent:.1f} ms | {opaque:.1f} ms |", flush=True)


def time_picture(guess: Floats, size: Size, way: Upsamplers | None) -> tuple[float, float]:
    """Return processor seconds of a transparent and of an opaque picture."""
    marks = [time.process_time()]
    for background in BACKGROUNDS:
        develop(guess, size, background, way)
        marks.append(time.process_time())
    transparent, opaque = np.diff(marks)
    return transparent, opaque


def draw_small(runtime: Runtime, prompt: str, seed: int) -> Floats:
    """Return the last guess of a picture, (4, side, side)."""
    sampling = runtime.sampling("medium")
    side = int(sampling.num_patches**0.5)
    ground = Ground(grid=Grid(side, side))
    *_, last = denoise(
        runtime, Sitting(condition=runtime.encode(prompt), sampling=sampling, background="transparent", seed=seed, ground=ground)
    )
    return last.clean


def write_sheet(path: Path, truths: list[torch.Tensor], guesses: list[Floats], ways: Ways) -> None:
    """Write parts of pictures at 1024: held-out drawings true and each way, then the snapshot's own each way."""
    draw = torch.Generator().manual_seed(7)
    trues = [truth[0].numpy() for truth in truths[: len(PROMPTS)]]
    smalls = [reduce_truth(truth, SMALL_PX[0], draw) for truth in truths[: len(PROMPTS)]]
    rows = [[cut(true, small, None) for true, small in zip(trues, smalls, strict=True)]]
    rows += [[cut(small, small, way) for small in drawn] for drawn in (smalls, guesses) for way in ways.values()]
    Image.fromarray(np.concatenate([np.concatenate(row, axis=1) for row in rows])).save(path, quality=80)


def cut(channels: Floats, small: Floats, way: Upsamplers | None, side_px: int = 340) -> Pixels:
    """Return a square of a picture at 1024 on white, over the left end of what the small one shows."""
    pixels = develop(channels, LARGE, "transparent", way)
    shown = np.argwhere(small[3] > 0)
    leftmost = shown[np.argsort(shown[:, 1])[: max(1, len(shown) // 4)]] * (LARGE.width / small.shape[-1])
    top, left = (int(np.clip(np.median(place) - side_px / 2, 0, LARGE.width - side_px)) for place in leftmost.T)
    return lay_on_white(pixels)[top : top + side_px, left : left + side_px]


if __name__ == "__main__":
    main()
