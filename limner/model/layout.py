"""Where things are: picture sizes, the grid of patches, and the positions that attention sees. Numpy only."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from limner.errors import UnsupportedSize

PATCH_PX = 16
MIN_SIDE_PX, MAX_SIDE_PX, SIDE_STEP_PX, MAX_RATIO = 256, 2048, 16, 3
NAMED_SIZES = {
    "auto": "1024x1024",
    "square": "1024x1024",
    "portrait": "1024x1536",
    "landscape": "1536x1024",
}
POSITION_SCALE = 8.0  # a square grid spans [-4, 4], whatever its number of patches


@dataclass(frozen=True, order=True)
class Size:
    """Width and height in pixels. On the wire `1536x1024` is width x height; arrays are (height, width)."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


def parse_size(text: str, *, largest_side: int = MAX_SIDE_PX) -> Size:
    """Read `WIDTHxHEIGHT` or a name of `NAMED_SIZES`.

    Raises:
        UnsupportedSize: malformed, a side not a multiple of 16 within 256 to `largest_side`, or a ratio beyond 3:1.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})", NAMED_SIZES.get(text, text))
    rule = (
        f"use WIDTHxHEIGHT with sides from {MIN_SIDE_PX} to {largest_side} that are multiples of {SIDE_STEP_PX} "
        f"and a ratio up to {MAX_RATIO}:1, or one of {', '.join(NAMED_SIZES)}"
    )
    if match is None:
        raise UnsupportedSize(f"size {text!r} is not understood; {rule}")
    width, height = int(match[1]), int(match[2])
    legal = all(MIN_SIDE_PX <= side <= largest_side and side % SIDE_STEP_PX == 0 for side in (width, height))
    if not legal or max(width, height) > MAX_RATIO * min(width, height):
        raise UnsupportedSize(f"size {text!r} cannot be drawn; {rule}")
    return Size(width, height)


@dataclass(frozen=True)
class Grid:
    """Rows and columns of patches."""

    rows: int
    columns: int

    @property
    def size(self) -> Size:
        """Pixels of the whole grid."""
        return Size(self.columns * PATCH_PX, self.rows * PATCH_PX)


def grid_for(size: Size, num_patches: int) -> Grid:
    """Return the grid of at most `num_patches` patches whose ratio is nearest to the size's; ties go to more patches."""

    def distance(grid: Grid) -> tuple[float, int]:
        stretch = abs(math.log(grid.columns / grid.rows) - math.log(size.width / size.height))
        return round(stretch, 2), -grid.rows * grid.columns

    every = (Grid(rows, columns) for rows in range(1, num_patches + 1) for columns in range(1, num_patches // rows + 1))
    large = (grid for grid in every if grid.rows * grid.columns * 4 >= num_patches * 3)
    return min(large, key=distance)


def grid_positions(grid: Grid) -> npt.NDArray[np.float32]:
    """Return (rows, columns, 3) positions (sequence, y, x), centred, the same span whatever the resolution."""
    scale = POSITION_SCALE / math.sqrt(grid.rows * grid.columns)
    y = (np.arange(grid.rows) - (grid.rows - 1) / 2) * scale
    x = (np.arange(grid.columns) - (grid.columns - 1) / 2) * scale
    positions = np.zeros((grid.rows, grid.columns, 3), np.float32)
    positions[..., 1] = y[:, None]
    positions[..., 2] = x[None, :]
    return positions


def sequence_positions(count: int) -> npt.NDArray[np.float32]:
    """Return (count, 3) positions of a run of words or characters: only the first axis moves."""
    positions = np.zeros((count, 3), np.float32)
    positions[:, 0] = np.arange(count)
    return positions
