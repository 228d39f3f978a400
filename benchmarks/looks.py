"""Measure the looks of the real styles with the judge, for `limner eval`: `python benchmarks/looks.py PARTS`. Prints their ceiling."""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from limner.data.heldout import is_held_out_asset
from limner.data.packing.pack import Asset, iterate_assets, list_parts
from limner.data.scenes.sprites import rasterise
from limner.engine.weights import PACKAGED_WEIGHTS
from limner.evals.judge import Judge
from limner.evals.metrics.styles import LOOKS_FILE, Looks
from limner.evals.prompts.looks import STYLES

DRAWINGS_A_STYLE = 240
SIDE_PX, DRAWN_PX = 256, 208
FACES = frozenset({"smileys-emotion", "people-body", "flags", "symbols"})
KEPT_PERCENT = 33  # of the things: they say how good the rest is


def bucket(text: str) -> int:
    """Return a number from 0 to 99 that depends on the text alone."""
    return hashlib.sha256(text.encode()).digest()[0] * 100 // 256


def choose(parts: Path) -> Iterator[Asset]:
    """Yield so many drawings of things in each style, chosen by hash."""
    assets = [
        asset
        for asset in iterate_assets([*list_parts(parts, "vectors"), *list_parts(parts, "raster")])
        if asset.set in STYLES and asset.category not in FACES
    ]
    for style in STYLES:
        own = [asset for asset in assets if asset.set == style and not is_held_out_asset(asset)]
        yield from sorted(own, key=lambda asset: hashlib.sha256(asset.slug.encode()).digest())[:DRAWINGS_A_STYLE]


def look_at(judge: Judge, asset: Asset) -> npt.NDArray[np.float32] | None:
    """Return the features of a drawing on clear ground, as the benchmark's pictures are drawn; None when it draws nothing."""
    drawing = rasterise(asset, DRAWN_PX)
    if drawing is None:
        return None
    pixels = np.zeros((SIDE_PX, SIDE_PX, 4), np.uint8)
    edge = (SIDE_PX - DRAWN_PX) // 2
    pixels[edge : edge + DRAWN_PX, edge : edge + DRAWN_PX] = drawing
    return judge.features(pixels)


def main() -> None:
    """Measure, print the ceiling style by style, and write the file that ships."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", type=Path)
    judge = Judge.open(PACKAGED_WEIGHTS / "judge")
    began = time.perf_counter()
    seen = [(asset, features) for asset in choose(parser.parse_args().parts) if (features := look_at(judge, asset)) is not None]
    vectors = np.stack([features for _, features in seen])
    labels = np.array([asset.set for asset, _ in seen])
    is_kept = np.array([bucket(f"kept:{asset.concept}") < KEPT_PERCENT for asset, _ in seen])
    learnt = Looks.measure(vectors[~is_kept], list(labels[~is_kept]))
    is_right = np.array([learnt.nearest(features) for features in vectors[is_kept]]) == labels[is_kept]
    for style in STYLES:
        own = is_right[labels[is_kept] == style]
        print(f"{style:28} {int(own.sum()):4} of {len(own):4} real drawings")
    ceiling = int(is_right.sum()), len(is_right)
    print(f"{'all':28} {ceiling[0]:4} of {ceiling[1]:4}; {len(seen)} drawings, {time.perf_counter() - began:.0f} s, judge {judge.digest}")
    Looks.measure(vectors, list(labels), ceiling).write(LOOKS_FILE, judge.digest)


if __name__ == "__main__":
    main()
