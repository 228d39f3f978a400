"""A picture in the middle of a larger one, whose ground goes on around it."""

from __future__ import annotations

import numpy as np

from limner.media.alpha import Pixels
from limner.media.resize import Sides

BORDER_SHARE = 0.04  # of the shorter side; what lies in it is taken for the ground


def surround(pixels: Pixels, size: Sides) -> Pixels:
    """Return pixels (height, width, channels) in the middle of `size`, at least as large; around it lies the most usual of the border."""
    height, width = pixels.shape[:2]
    if (width, height) == (size.width, size.height):
        return pixels
    top, left = (size.height - height) // 2, (size.width - width) // 2
    whole = np.empty((size.height, size.width, pixels.shape[-1]), np.uint8)
    whole[:] = _ground(pixels)
    whole[top : top + height, left : left + width] = pixels
    return whole


def _ground(pixels: Pixels) -> Pixels:
    depth = max(1, round(BORDER_SHARE * min(pixels.shape[:2])))
    sides = (pixels[:depth], pixels[-depth:], pixels[:, :depth], pixels[:, -depth:])
    border = np.concatenate([side.reshape(-1, pixels.shape[-1]) for side in sides])
    usual: Pixels = np.median(border, axis=0).astype(np.uint8)
    return usual
