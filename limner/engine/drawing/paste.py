"""A drawn view back into its picture: nothing outside the mask is touched, and inside its edge the change fades in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from limner.engine.drawing.views import part_in_grid
from limner.engine.protocol import Background, Mask, Pixels
from limner.media.alpha import Premultiplied, flatten, premultiply, straighten
from limner.media.boxes import Box
from limner.media.masks import depth
from limner.media.resize import enlarge
from limner.model import flow
from limner.model.layout import Grid, Size

FADE = 1.5  # pixels of the model
MAX_FADE_PX = 255
BAND_ROWS = 256  # worked on at once, so that a large picture needs no float copy of itself

Channels = npt.NDArray[np.float32]


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

    def paste(self, channels: Channels) -> Pixels:
        """Return the picture with channels (4, height, width) of the grid, or as many times as many, drawn into it."""
        picture = self.source.copy()
        drawn = flow.to_premultiplied(channels)
        if self.background == "opaque":
            drawn = flatten(drawn)
        for top in range(0, self.change.height, BAND_ROWS):
            height = min(BAND_ROWS, self.change.height - top)
            self._paste_band(picture, drawn, Box(self.change.left, self.change.top + top, self.change.width, height))
        return picture

    def _paste_band(self, picture: Pixels, drawn: Premultiplied, band: Box) -> None:
        times = drawn.shape[1] / self.grid.size.width
        left, top, right, bottom = (times * edge for edge in part_in_grid(band, self.view, self.grid))
        shown = enlarge(drawn, (left, top, right, bottom), Size(band.width, band.height))
        strength = self._strength[band.moved(-self.change.left, -self.change.top).cut]
        if strength.min() < 1:
            below = premultiply(self.source[band.cut])
            if self.background == "opaque":
                below = flatten(below)
            shown = below + (shown - below) * strength[..., None]
        np.copyto(picture[band.cut], straighten(shown), where=self.mask[band.cut][..., None])

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
