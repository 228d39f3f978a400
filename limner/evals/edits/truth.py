"""Was the edit made? The changed part of the picture, looked at from so far that only what was asked counts, against the truth.

A result is right when it lies nearer to the truth than to the source and to every other edit of the same source (`other_edits`), is
at most `NEAR` of the way from source to truth away from the truth, and is not much rougher than the truth: noise is grey from afar.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from limner.engine.protocol import Mask, Pixels
from limner.evals.edits.cases import EditCase
from limner.media.alpha import premultiply, with_alpha
from limner.media.resize import fit_pixels
from limner.model.layout import Size

NEAR = 0.5
MOST_SPAN = 0.3  # root mean square of a full range of 1; what is further from the truth than half of this is never right
ROUGHER, ROUGH = 2.0, 0.05  # times the truth's fine detail, and so much more (root mean square), is too rough
DETAIL_SHARE = 1 / 48  # of the side: what is finer is detail
CELLS = 32  # of the longer side: what is looked at is blurred to this, so that a stroke more or less says nothing
FINE_CELLS = {"restore": 128, "text": 64}  # where the change itself is fine
GROWN_CELLS = 1  # how much the changed part is grown
LEAST_APART = 0.35  # of the way from source to truth; an other edit nearer to the truth than this is no other edit

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Nearness:
    """Distances of a result, each divided by that from source to truth: 0 is the same, 1 as far as when nothing was done.

    `other` is the distance to the nearest other edit, `sent` that to the nearest image that was sent, of a new picture; `is_rough` says
    that there is more fine detail than the truth can explain.
    """

    truth: float
    source: float
    other: float
    is_rough: bool
    sent: float = np.inf

    @property
    def is_done(self) -> bool:
        """Whether this is the edit that was asked for."""
        return self.truth <= NEAR and self.truth < min(self.source, self.other) and not self.is_rough


class Yardstick:
    """Measures results of one case, (H, W, 4) as large as the case."""

    def __init__(self, case: EditCase) -> None:
        self._cells = FINE_CELLS.get(case.set, CELLS)
        weight = np.asarray(Image.fromarray(case.changed).convert("L").resize((self._cells, self._cells), Image.Resampling.BOX)) > 0
        self._part = ndimage.binary_dilation(weight, np.ones((3, 3)), iterations=GROWN_CELLS)
        self._truth, self._source = self._look(case.truth), self._look(case.before)
        self._span = float(np.clip(_apart(self._truth, self._source), 1e-6, MOST_SPAN))
        self._changed = case.changed
        self._most_detail = ROUGHER * self._detail(case.truth) + ROUGH
        sides = Size(case.truth.shape[1], case.truth.shape[0])
        self._sent = [] if case.source is not None else [self._look(with_alpha(fit_pixels(each, sides))) for each in case.references]
        others = (self._look(pixels) for pixels in other_edits(case))
        self._others = [other for other in others if _apart(other, self._truth) >= LEAST_APART * self._span]

    def measure(self, pixels: Pixels) -> Nearness:
        """Return how near a result is to what was asked for, to the source, and to what was not asked for."""
        seen = self._look(pixels)
        other = min((_apart(seen, other) for other in self._others), default=np.inf)
        return Nearness(
            truth=_apart(seen, self._truth) / self._span,
            source=_apart(seen, self._source) / self._span,
            other=float(other) / self._span,
            is_rough=self._detail(pixels) > self._most_detail,
            sent=float(min((_apart(seen, sent) for sent in self._sent), default=np.inf)) / self._span,
        )

    def _detail(self, pixels: Pixels) -> float:
        """Return the root mean square of what is finer than a blur, in the changed part."""
        planes = premultiply(pixels)
        side = max(3, round(len(planes) * DETAIL_SHARE))
        fine = planes - ndimage.uniform_filter(planes, (side, side, 0))
        return float(np.sqrt(np.mean(fine[self._changed] ** 2)))

    def _look(self, pixels: Pixels) -> Floats:
        planes = premultiply(pixels)
        size = self._cells, self._cells
        small = np.stack([np.asarray(Image.fromarray(planes[..., k]).resize(size, Image.Resampling.BOX)) for k in range(4)], axis=-1)
        blurred = small if self._cells > CELLS else ndimage.gaussian_filter(small, (0.6, 0.6, 0))
        return np.asarray(blurred[self._part], np.float32)


def other_edits(case: EditCase) -> Iterator[Pixels]:
    """Yield what other instructions would have made of the source: the changed part in other colours, mirrored, and wiped out."""
    for turn in (1 / 3, 2 / 3):
        yield np.where(case.changed[..., None], turn_hues(case.truth, turn), case.truth)
    yield _mirrored(case)
    yield _wiped(case)


def turn_hues(pixels: Pixels, turn: float) -> Pixels:
    """Return a picture, (H, W, 4), whose hues are turned by a share of the circle; greys become colours too, so that they tell."""
    angle = 2 * np.pi * turn
    luma = np.array([0.299, 0.587, 0.114])
    rgb = pixels[..., :3].astype(np.float64)
    grey = rgb @ luma
    red, blue = rgb[..., 0] - grey, rgb[..., 2] - grey
    across, along = red * np.cos(angle) - blue * np.sin(angle), red * np.sin(angle) + blue * np.cos(angle)
    tint = np.array(colorsys.hsv_to_rgb(turn, 1, 1)) * 90
    new_red, new_blue = grey + across, grey + along
    new_green = (grey - luma[0] * new_red - luma[2] * new_blue) / luma[1]
    turned = np.stack([new_red, new_green, new_blue], axis=-1) + (tint - tint.mean())
    return np.concatenate([np.rint(turned.clip(0, 255)).astype(np.uint8), pixels[..., 3:]], axis=-1)


def crop_box(mask: Mask, margin: float = 0.0) -> tuple[slice, slice]:
    """Return the rows and columns of the box around a mask, grown by a share of its longer side; all of it where the mask is empty."""
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    if not len(rows):
        return slice(0, mask.shape[0]), slice(0, mask.shape[1])
    grown = round(margin * max(rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1))
    return slice(max(0, int(rows[0]) - grown), int(rows[-1]) + 1 + grown), slice(
        max(0, int(columns[0]) - grown), int(columns[-1]) + 1 + grown
    )


def _mirrored(case: EditCase) -> Pixels:
    """Return the source with the change on the other side of the picture."""
    flipped = case.changed[:, ::-1]
    return np.where(flipped[..., None], case.truth[:, ::-1], case.before)


def _wiped(case: EditCase) -> Pixels:
    """Return the source with the mean colour of what surrounds the changed part in its place."""
    near = ndimage.binary_dilation(case.changed, np.ones((3, 3)), iterations=max(2, len(case.changed) // 24)) & ~case.changed
    around = case.before[near] if near.any() else np.zeros((1, 4), np.uint8)
    return np.where(case.changed[..., None], np.median(around, axis=0).astype(np.uint8), case.before)


def _apart(one: Floats, other: Floats) -> float:
    return float(np.sqrt(np.mean((one - other) ** 2)))
