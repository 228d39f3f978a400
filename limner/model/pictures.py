"""Pictures as the network reads them: the source under the noise, and any picture as a few patches of the prefix. Numpy only.

Shape letters: H and W pixels of the target, S pixels of a square picture, G patches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from limner.media.resize import cut_out
from limner.model.flow import from_premultiplied
from limner.model.layout import PATCH_PX, Grid, Size, grid_positions

PIXEL_CHANNELS = 4
SOURCE_CHANNELS = 6  # those of pixels, then where the source shows something, then where it must stay
EYES_CHANNELS = 5  # of a picture that eyes look at: those of pixels, and where it shows something
SOURCE_SEGMENT, FIRST_REFERENCE_SEGMENT = 5, 8  # network.Segment.SOURCE and .REFERENCE
OVERVIEW_PX = 64
REFERENCE_SIDES_PX = (64, 128)  # what training shows
PATCHES_OF = {side: (side // PATCH_PX) ** 2 for side in REFERENCE_SIDES_PX}
MAX_REFERENCES = 16

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class PatchRun:
    """Patches of the prefix: values (G, 1024), positions (G, 3), the tag of each (G,)."""

    patches: Floats
    positions: Floats
    segments: Integers

    @classmethod
    def join(cls, runs: Sequence[PatchRun]) -> PatchRun:
        """Return all patches of the runs, in order; of no runs, none."""
        every = [NO_PICTURES, *runs]
        return cls(
            np.concatenate([run.patches for run in every]),
            np.concatenate([run.positions for run in every]),
            np.concatenate([run.segments for run in every]),
        )


NO_PICTURES = PatchRun(np.zeros((0, 4 * PATCH_PX**2), np.float32), np.zeros((0, 3), np.float32), np.zeros(0, np.int64))


def overview(pixels: Pixels, shown: Mask | None = None) -> PatchRun:
    """Return a whole source, straight-alpha RGBA (height, width, 4), as patches; empty where it shows nothing."""
    return _patches(pixels if shown is None or shown.all() else pixels * shown[..., None], OVERVIEW_PX, 0, SOURCE_SEGMENT)


def reference(pixels: Pixels, number: int, side_px: int) -> PatchRun:
    """Return picture `number` of a request, counted from 1, straight-alpha RGBA (height, width, 4), as patches of a square of that side."""
    assert 1 <= number <= MAX_REFERENCES, "a request has at most so many pictures"
    return _patches(pixels, side_px, number, FIRST_REFERENCE_SEGMENT + number - 1)


def find_references(segments: Integers) -> list[slice]:
    """Return where in a row of patches, whose tags are (G,), each reference lies: patches in row order that follow one another."""
    ends = [*(np.flatnonzero(np.diff(segments)) + 1).tolist(), len(segments)]
    runs = zip([0, *ends[:-1]], ends, strict=True)
    return [slice(start, end) for start, end in runs if end > start and segments[start] >= FIRST_REFERENCE_SEGMENT]


def lay_patches(patches: Floats) -> Floats:
    """Return a reference (4, S, S) whose patches (G, 1024) these are: as channels, straight from what the network reads."""
    side = math.isqrt(len(patches))
    cut = patches.reshape(side, side, PIXEL_CHANNELS, PATCH_PX, PATCH_PX)
    return np.ascontiguousarray(cut.transpose(2, 0, 3, 1, 4).reshape(PIXEL_CHANNELS, side * PATCH_PX, side * PATCH_PX))


def source_channels(channels: Floats, shown: Mask, kept: Mask) -> Floats:
    """Return (6, H, W) of a source: its channels (4, H, W) as `flow` defines them, where it shows something, and where it must stay."""
    return np.concatenate([channels * shown, shown[None], kept[None]]).astype(np.float32)


def _patches(pixels: Pixels, side_px: int, number: int, segment: int) -> PatchRun:
    side = side_px // PATCH_PX
    cut = from_premultiplied(_squared(pixels, side_px)).reshape(4, side, PATCH_PX, side, PATCH_PX)
    positions = grid_positions(Grid(side, side)).reshape(-1, 3)
    positions[:, 0] = number
    patches = np.ascontiguousarray(cut.transpose(1, 3, 0, 2, 4).reshape(side * side, -1))
    return PatchRun(patches, positions, np.full(side * side, segment, np.int64))


def _squared(pixels: Pixels, side_px: int) -> Floats:
    """Fit a whole picture into a square, premultiplied; what is left of the square is empty."""
    height, width = pixels.shape[:2]
    scale = side_px / max(height, width)
    size = Size(max(1, round(width * scale)), max(1, round(height * scale)))
    square = np.zeros((side_px, side_px, 4), np.float32)
    top, left = (side_px - size.height) // 2, (side_px - size.width) // 2
    whole = (0.0, 0.0, float(width), float(height))
    square[top : top + size.height, left : left + size.width] = cut_out(pixels, whole, size, in_bytes=True)
    return square
