"""How several input images come into one picture as long as the network reads none: they are laid where it starts to draw.

Arithmetic on premultiplied RGBA, float32 (height, width, 4) in [0, 1], at the resolution of the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from limner.engine.protocol import Mask, Pixels
from limner.media.alpha import Premultiplied
from limner.media.boxes import Box
from limner.media.resize import centred_part, cut_out
from limner.model.layout import MAX_RATIO, Size

Cells = npt.NDArray[np.intp]


def lay_in_rows(images: Sequence[Pixels], size: Size) -> Premultiplied:
    """Lay images on an empty sheet, in order, in centred rows that are each as wide as the sheet allows; one image covers it all.

    Images keep their ratio, up to 3:1; nothing overlaps and nothing is left out.
    """
    if len(images) == 1:
        return _covering(images[0], size)
    ratios = [float(np.clip(image.shape[1] / image.shape[0], 1 / MAX_RATIO, MAX_RATIO)) for image in images]
    sheet = np.zeros((size.height, size.width, 4), np.float32)
    for image, box in zip(images, _best_rows(ratios, size), strict=True):
        sheet[box.cut] = _covering(image, Size(box.width, box.height))
    return sheet


def lay_in_mask(images: Sequence[Pixels], free: Mask, ground: Premultiplied) -> Premultiplied:
    """Lay images over the ground in the free pixels alone: each gets its share of them, near together, and covers it."""
    laid = ground.copy()
    cells = np.argwhere(free)
    for share, shown in _shares(cells, images) if len(cells) else ():
        top, left = share.min(axis=0)
        bottom, right = share.max(axis=0) + 1
        tiles = [_covering(image, Size(int(right - left), int(bottom - top))) for image in shown]
        rows, columns = share[:, 0], share[:, 1]
        colours = np.mean(tiles, axis=0)[rows - top, columns - left]
        laid[rows, columns] = colours + laid[rows, columns] * (1 - colours[:, 3:])
    return laid


def _covering(image: Pixels, size: Size) -> Premultiplied:
    return cut_out(image, centred_part(image.shape[1], image.shape[0], size), size)


def _best_rows(ratios: Sequence[float], size: Size) -> list[Box]:
    """Return a box for each ratio, in the number of rows that covers most of the sheet."""
    layouts = [_break_rows(ratios, count) for count in range(1, len(ratios) + 1)]
    rows = max(layouts, key=lambda rows: _covered(rows, size))
    scale = min(1.0, size.height / (size.width * sum(1 / sum(row) for row in rows)))
    heights = [scale * size.width / sum(row) for row in rows]
    edges = [(size.height - sum(heights)) / 2 + edge for edge in accumulate(heights, initial=0.0)]
    boxes = []
    for number, row in enumerate(rows):
        widths = [ratio * heights[number] for ratio in row]
        lefts = [(size.width - sum(widths)) / 2 + edge for edge in accumulate(widths, initial=0.0)]
        for column in range(len(row)):
            boxes.append(_whole_box(lefts[column], edges[number], lefts[column + 1], edges[number + 1]))
    return boxes


def _break_rows(ratios: Sequence[float], count: int) -> list[list[float]]:
    """Break a list into `count` rows of about the same sum, none empty."""
    rows: list[list[float]] = [[]]
    for number, ratio in enumerate(ratios):
        done = sum(map(sum, rows)) + ratio / 2
        rows_left, images_left = count - len(rows), len(ratios) - number
        is_due = done > sum(ratios) * len(rows) / count or images_left <= rows_left
        if rows[-1] and rows_left and is_due:
            rows.append([])
        rows[-1].append(ratio)
    return rows


def _covered(rows: list[list[float]], size: Size) -> float:
    """Return how much of the sheet rows of full width cover, once they are shrunk to fit."""
    height = size.width * sum(1 / sum(row) for row in rows)
    return min(height / size.height, size.height / height)


def _whole_box(left: float, top: float, right: float, bottom: float) -> Box:
    return Box(round(left), round(top), max(1, round(right) - round(left)), max(1, round(bottom) - round(top)))


def _shares(cells: Cells, images: Sequence[Pixels]) -> Iterator[tuple[Cells, Sequence[Pixels]]]:
    """Halve the cells across their longer extent until each share has one image, or one cell has several."""
    if len(images) == 1 or len(cells) == 1:
        yield cells, images
        return
    axis = int(np.argmax(np.ptp(cells, axis=0)))
    ordered = cells[np.argsort(cells[:, axis], kind="stable")]
    half = len(images) // 2
    cut = min(max(len(cells) * half // len(images), 1), len(cells) - 1)
    yield from _shares(ordered[:cut], images[:half])
    yield from _shares(ordered[cut:], images[half:])
