"""Damage taken out of a picture by the restorer, whatever damage it is; its shape stays."""

from __future__ import annotations

import numpy as np

from limner.engine.drawing.graphs import Graph
from limner.engine.protocol import Pixels
from limner.media.alpha import straighten
from limner.media.resize import fit_pixels, reduce_pixels
from limner.model import flow
from limner.model.layout import Size

RESTORED_AT_PX = 1024  # the longer side; what is larger is repaired in a smaller copy, and shows no more than that
STRIDE = 32  # what the sides of a picture are made multiples of


def restore(restorer: Graph, pixels: Pixels) -> Pixels:
    """Return a picture (height, width, 4) without noise, blur, scratches, spots and coarse pixels; its alpha stays."""
    small = reduce_pixels(pixels, RESTORED_AT_PX)
    height, width = small.shape[:2]
    padded = np.pad(small, ((0, -height % STRIDE), (0, -width % STRIDE), (0, 0)), mode="edge")
    restored = restorer.run(["restored"], {"damaged": flow.to_channels(padded)[None]})[0][0, :, :height, :width]
    clean = straighten(flow.to_premultiplied(flow.clamp_pixels(restored)))
    large = fit_pixels(clean, Size(pixels.shape[1], pixels.shape[0]))
    shown = np.dstack([large[..., :3], pixels[..., 3]])
    return np.where(pixels[..., 3:] == 0, pixels, shown)
