"""Eyes looking at a whole picture: how likely each thing is in each patch, at two sizes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from limner.engine.drawing.graphs import open_graphs
from limner.engine.protocol import Pixels
from limner.engine.seeing.seen import Seen, chances_of
from limner.engine.weights import Floats, WeightsPart
from limner.media.alpha import straighten
from limner.media.resize import cut_out, reduce_pixels
from limner.model.flow import to_channels
from limner.model.layout import PATCH_PX, Size

LONGER_SIDES_PX = (128, 160)  # eyes learnt at the first; the second shows small things better, and misleads about large ones
FIRST_REDUCED_PX = 1024

Look = Callable[[Pixels], Seen]


def open_look(eyes: WeightsPart, vectors: Floats, threads: int) -> Look:
    """Load eyes; what it returns looks at straight-alpha RGBA, uint8, (height, width, 4) of any size.

    Raises:
        DamagedFile: one of their files is not what its manifest says.
    """
    session = open_graphs(eyes, threads)["eyes.onnx"]

    def look(pixels: Pixels) -> Seen:
        reduced = reduce_pixels(pixels, FIRST_REDUCED_PX)
        sizes = [_fit(reduced, longer) for longer in LONGER_SIDES_PX]
        named = [session.run(["named"], {"picture": _to_picture(sized)})[0][0] for sized in sizes]
        return Seen(sizes[-1], tuple(chances_of(told, vectors) for told in named))

    return look


def _fit(pixels: Pixels, longer_px: int) -> Pixels:
    """Scale to a longer side, both sides whole patches, all of the picture in it."""
    height, width = pixels.shape[:2]
    rows, columns = (max(1, round(longer_px / PATCH_PX * side / max(height, width))) for side in (height, width))
    size = Size(columns * PATCH_PX, rows * PATCH_PX)
    return straighten(cut_out(pixels, (0.0, 0.0, float(width), float(height)), size))


def _to_picture(pixels: Pixels) -> Floats:
    channels = to_channels(pixels)
    return np.concatenate([channels, np.ones_like(channels[:1])])[None]
