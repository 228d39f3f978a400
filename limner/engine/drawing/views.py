"""Which part of a picture is drawn: the model has few patches, so a small change in a large picture is drawn from near by."""

from __future__ import annotations

import functools

from limner.media.boxes import Box
from limner.media.resize import Part
from limner.model.layout import MAX_RATIO, Grid, Size, grid_for

CONTEXT = 0.15  # of the change's longer side, on each of its sides; with more, a small object is drawn as a patch of its surroundings
MIN_VIEW_PX = 64
MIN_CONTEXT_PX = 8
MAX_CROP_RATIO = 1.5  # long narrow changes are drawn with more context across, not from a strip
NEAR_SHARE, NEAR_PATCHES = 0.5, 9 / 16  # of the picture's sides, at most; and of the patches of the whole
WHOLE_FROM = 0.6  # of the picture's area; a view that would show this much shows all of it

nearest_grid = functools.lru_cache(maxsize=32)(grid_for)


def choose_view(change: Box, picture: Size, num_patches: int, *, is_square: bool = False) -> tuple[Grid, Box]:
    """Return the grid to draw on, and the box of the picture that it stands for; they have the same ratio, which may have to be 1.

    The view holds the whole change with context around it; a small one has fewer patches, and is still drawn finer than the whole would be.
    It lies inside the picture where its ratio allows; else it reaches
    beyond evenly.
    """
    margin = max(MIN_CONTEXT_PX, CONTEXT * max(change.width, change.height))
    width, height = (max(MIN_VIEW_PX, side + 2 * margin) for side in (change.width, change.height))
    width, height = (max(width, height / MAX_CROP_RATIO), max(height, width / MAX_CROP_RATIO))
    width, height = min(width, picture.width), min(height, picture.height)
    if width * height >= WHOLE_FROM * picture.width * picture.height:
        width, height = picture.width, picture.height
    width, height = max(width, height / MAX_RATIO), max(height, width / MAX_RATIO)
    is_near = max(width / picture.width, height / picture.height) <= NEAR_SHARE
    patches = round(num_patches * NEAR_PATCHES) if is_near else num_patches
    grid = nearest_grid(Size(1, 1) if is_square else Size(round(width), round(height)), patches)
    ratio = grid.columns / grid.rows
    view_width, view_height = (max(round(width), round(height * ratio)), max(round(height), round(width / ratio)))
    left = _place(change.left + change.width / 2, view_width, picture.width)
    top = _place(change.top + change.height / 2, view_height, picture.height)
    return grid, Box(left, top, view_width, view_height)


def part_in_grid(box: Box, view: Box, grid: Grid) -> Part:
    """Return where a box of the picture lies on the grid of a view, in pixels of the grid."""
    across, down = grid.size.width / view.width, grid.size.height / view.height
    left, top = (box.left - view.left) * across, (box.top - view.top) * down
    right, bottom = (box.right - view.left) * across, (box.bottom - view.top) * down
    return (max(left, 0.0), max(top, 0.0), min(right, float(grid.size.width)), min(bottom, float(grid.size.height)))


def _place(centre: float, side: int, limit: int) -> int:
    """Return where a side of a view begins: around the centre, pushed inside the picture, centred on one that is smaller."""
    if side >= limit:
        return (limit - side) // 2
    return min(max(round(centre - side / 2), 0), limit - side)
