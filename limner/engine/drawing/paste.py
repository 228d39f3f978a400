"""A drawn view back into its picture: nothing outside the mask is touched, and inside its edge the change fades in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from limner.engine.drawing.views import part_in_grid
from limner.engine.protocol import Background, Mask, Pixels
from limner.media.alpha import Premultiplied, lay_on_white, premultiply, straighten, with_alpha
from limner.media.boxes import Box
from limner.media.masks import depth
from limner.media.resize import Part, enlarge, enlarge_opaque
from limner.model.layout import Grid, Size

FADE = 1.5  # pixels of the model
MAX_FADE_PX = 255
BAND_ROWS = 256  # worked on at once, so that a large picture needs no float copy of itself


@dataclass(frozen=True, kw_only=True, eq=False)
class Overlay:
    """A picture (height, width, 4) of which only what `mask` allows is drawn, and how the drawing lies on it.

    `shown` is where the picture has something that the drawing can fade in from. `change` is the mask's bounding box, `view` the
    part of the picture that the grid stands for, which holds it. Opaque speaks of what is drawn; the rest keeps its alpha.
    """

    source: Pixels
    mask: Mask
    shown: Mask
    change: Box
    view: Box
    grid: Grid
    background: Background

    def paste(self, drawn: Premultiplied) -> Pixels:
        """Return the picture with premultiplied RGBA of the grid, of its sides or any times as large, drawn into it."""
        picture = self.source.copy()
        for band in self._bands():
            shown = enlarge(drawn, self._part(drawn, band), Size(band.width, band.height))
            strength = self._strength_in(band)
            if strength.min() < 1:
                below = premultiply(self.source[band.cut])
                shown = below + (shown - below) * strength[..., None]
            np.copyto(picture[band.cut], straighten(shown), where=self.mask[band.cut][..., None])
        return picture

    def paste_colours(self, drawn: Pixels) -> Pixels:
        """Do as `paste` with colours (height, width, 3) without alpha, in bytes: what is drawn is opaque, on white where it fades."""
        picture = self.source.copy()
        for band in self._bands():
            shown = with_alpha(enlarge_opaque(drawn, self._part(drawn, band), Size(band.width, band.height)))
            strength = self._strength_in(band)
            fading = np.nonzero((strength > 0) & (strength < 1))
            below = lay_on_white(self.source[band.cut][fading][None])[0].astype(np.float32)
            colours = shown[..., :3]
            colours[fading] = np.rint(below + (colours[fading] - below) * strength[fading][:, None])
            np.copyto(picture.view(np.uint32)[band.cut], shown.view(np.uint32), where=self.mask[band.cut][..., None])
        return picture

    def _bands(self) -> Iterator[Box]:
        """Yield the change a band of rows at a time."""
        for top in range(0, self.change.height, BAND_ROWS):
            height = min(BAND_ROWS, self.change.height - top)
            yield Box(self.change.left, self.change.top + top, self.change.width, height)

    def _part(self, drawn: Pixels | Premultiplied, band: Box) -> Part:
        """Return which part of what is drawn (height, width, channels) a band shows."""
        times = drawn.shape[1] / self.grid.size.width
        left, top, right, bottom = (times * edge for edge in part_in_grid(band, self.view, self.grid))
        return left, top, right, bottom

    def _strength_in(self, band: Box) -> npt.NDArray[np.float32]:
        return self._strength[band.moved(-self.change.left, -self.change.top).cut]

    @cached_property
    def _strength(self) -> npt.NDArray[np.float32]:
        """How much of the drawing shows in each pixel of the change's box: it rises from the mask's edge, and is full on nothing."""
        around = Box(self.change.left - 1, self.change.top - 1, self.change.width + 2, self.change.height + 2)
        height, width = self.mask.shape
        outer = around.overlap(Box(0, 0, width, height))
        assert outer is not None, "the change lies in the picture"
        wanted = min(max(1, round(FADE * self.view.width / self.grid.size.width)), MAX_FADE_PX)
        steps = depth(self.mask[outer.cut], wanted)[self.change.moved(-outer.left, -outer.top).cut]
        rising: npt.NDArray[np.float32] = np.divide(steps, steps.max(), dtype=np.float32)
        rising[~self.shown[self.change.cut]] = 1
        return rising
