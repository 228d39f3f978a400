"""What an edit leaves alone, found in the guess itself: there the source's own pixels come back, not a drawing of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFilter

from limner.engine.drawing.paste import Overlay
from limner.engine.drawing.sampler import Channels, Guess
from limner.engine.protocol import Fidelity, Mask
from limner.media.boxes import Box
from limner.media.masks import bounding_box
from limner.model.pictures import PIXEL_CHANNELS

KEPT_FROM: dict[Fidelity, float] = {"low": 0.6, "high": 0.35}  # how much of the source a pixel must ask for
SURE_BELOW: dict[Fidelity, float] = {"low": 0.2, "high": 0.1}  # without a mask; what asks for less is changed without a doubt
LEAST_SURE = 0.01  # of the picture; a guess that is sure of less counts with its doubts
SAME_WITHIN: dict[Fidelity, float] = {"low": 0.04, "high": 0.12}  # of a channel's range: nearer than this the guess is the source
SPECK_PX = 5  # of the model: what is changed is settled by the median of a square of this side
GROWN_PX = 5
OPAQUE = 255
WHOLE_FROM = 0.9  # of what may change; an edit that changes so much changes all of it


@dataclass(frozen=True, kw_only=True, eq=False)
class Keeping:
    """How a guess is compared with its source (6, height, width), as the network reads it."""

    source: Channels
    fidelity: Fidelity

    @property
    def free(self) -> Mask:
        """Return which pixels of the grid may change."""
        found: Mask = self.source[PIXEL_CHANNELS + 1] == 0
        return found

    def changes(self, guess: Guess, *, with_doubts: bool = False) -> Mask:
        """Return which pixels of the grid the guess changes, specks left out and the rest grown a little.

        Where a mask says what may change, or `with_doubts`, those count too that are half kept; else only if there are no others.
        """
        is_shown = self.source[PIXEL_CHANNELS] > 0
        settled = self._settled(guess, KEPT_FROM[self.fidelity])
        if self.free.all() and not with_doubts:
            sure = self._settled(guess, SURE_BELOW[self.fidelity])
            settled = sure if (sure & is_shown).mean() >= LEAST_SURE else settled
        grown = _as_grey(settled).filter(ImageFilter.MaxFilter(GROWN_PX))
        found: Mask = (np.asarray(grown) > 0) | ~is_shown
        return found

    def _settled(self, guess: Guess, level: float) -> Mask:
        """Return which pixels are not the source's and keep less of it than a level, by majority."""
        assert guess.keep is not None, "a network that reads a source tells what it keeps"
        apart = np.abs(guess.clean - self.source[:PIXEL_CHANNELS]).max(axis=0)
        changed = (self.source[PIXEL_CHANNELS] <= 0) | ((guess.keep < level) & (apart > SAME_WITHIN[self.fidelity]))
        settled: Mask = _median(changed) | (
            changed & self.free & ~_median(self.free)
        )  # of a mask too thin for a majority every pixel counts
        return settled

    def narrow(self, overlay: Overlay, guess: Guess, *, with_doubts: bool = False) -> Overlay | None:
        """Return the overlay with a mask of what the guess changes, None if that is nothing; opaque, of what is translucent too."""
        changed = self.changes(guess, with_doubts=with_doubts)
        if changed[self.free].mean() >= WHOLE_FROM:
            return overlay
        drawn = _in_picture(changed, overlay)
        if overlay.background == "opaque":
            drawn |= overlay.source[..., 3] < OPAQUE
        mask = overlay.mask & drawn
        change = bounding_box(mask)
        return None if change is None else replace(overlay, mask=mask, change=change)


def _as_grey(mask: Mask) -> Image.Image:
    return Image.fromarray(mask.astype(np.uint8) * np.uint8(255))


def _median(mask: Mask) -> Mask:
    found: Mask = np.asarray(_as_grey(mask).filter(ImageFilter.MedianFilter(SPECK_PX))) > 0
    return found


def _in_picture(changed: Mask, overlay: Overlay) -> Mask:
    """Bring a mask of the grid to the picture; outside the view nothing changes."""
    height, width = overlay.mask.shape
    inner = overlay.view.overlap(Box(0, 0, width, height))
    assert inner is not None, "a view holds a part of its picture"
    across, down = changed.shape[1] / overlay.view.width, changed.shape[0] / overlay.view.height
    seen = inner.moved(-overlay.view.left, -overlay.view.top)
    part = (seen.left * across, seen.top * down, seen.right * across, seen.bottom * down)
    found = np.zeros((height, width), np.bool_)
    found[inner.cut] = np.asarray(_as_grey(changed).resize((inner.width, inner.height), Image.Resampling.BILINEAR, box=part)) > 127
    return found
