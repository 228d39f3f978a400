"""What is behind the things of a picture: nothing, one colour, or colours that fade into each other; and so, what stands before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from limner.engine.protocol import Mask, Pixels
from limner.engine.weights import Floats

GroundKind = Literal["transparent", "plain", "gradient", "unknown"]
CLEAR_SHARE = 0.06  # of the picture that is clear where a ground is transparent
SAME_COLOUR = 26  # of 255 in any channel: what is nearer to the ground is ground
MAX_STRANGE_SHARE = 0.2  # of the ground that may be unlike it, grid lines and edges of things
PLAIN_RANGE = 20  # of 255, from end to end
MIN_GROUND_SHARE = 0.15  # of a row, for its ground to be read
MAX_JUMP = 14  # of 255, within a fiftieth of the way: what changes faster is no gradient but a horizon
SOLID_ALPHA = 128


@dataclass(frozen=True, eq=False)
class Ground:
    """Its kind, its `colours` as (red, green, blue): one of a plain one, those of both ends of a gradient; and where something stands.

    `standing` (H, W) is None where the ground could not be told from what stands on it.
    """

    kind: GroundKind
    colours: tuple[tuple[int, int, int], ...]
    standing: Mask | None


def find_ground(pixels: Pixels, is_ground: Mask) -> Ground:
    """Read the ground of a picture (H, W, 4) from where it is thought to be, (H, W)."""
    solid = pixels[..., 3] >= SOLID_ALPHA
    if 1 - solid.mean() >= CLEAR_SHARE:
        return Ground("transparent", (), solid)
    if not is_ground.any():
        return Ground("unknown", (), None)
    colours = pixels[..., :3].astype(np.float32)
    models = [_model(colours, is_ground), _model(colours.swapaxes(0, 1), is_ground.T).swapaxes(0, 1)]
    strange = [np.abs(colours - model).max(-1) > SAME_COLOUR for model in models]
    best = int(strange[1][is_ground].mean() < strange[0][is_ground].mean())
    if strange[best][is_ground].mean() > MAX_STRANGE_SHARE:
        return Ground("unknown", (), None)
    return _describe(models[best].swapaxes(0, best), strange[best])


def _model(colours: Floats, is_ground: Mask) -> Floats:
    """Return (H, W, 3): in each row the middle of the ground there, between the nearest rows where there is little."""
    counts = is_ground.sum(1)
    rows = np.flatnonzero(counts >= min(MIN_GROUND_SHARE * is_ground.shape[1], counts.max()))
    ordered = np.sort(np.where(is_ground[rows, :, None], colours[rows], np.inf), axis=1)
    below, above = (ordered[np.arange(len(rows)), place] for place in ((counts[rows] - 1) // 2, counts[rows] // 2))
    middles = (below + above) / 2
    every = np.stack([np.interp(np.arange(len(colours)), rows, middles[:, channel]) for channel in range(3)], axis=-1)
    return np.broadcast_to(every[:, None].astype(np.float32), colours.shape)


def _describe(model: Floats, strange: Mask) -> Ground:
    along = model[:, 0]
    if float(np.ptp(along, axis=0).max()) <= PLAIN_RANGE:
        return Ground("plain", (_rgb(np.median(along, axis=0)),), strange)
    apart = len(along) // 50 + 1
    if float(np.abs(along[apart:] - along[:-apart]).max()) > MAX_JUMP:
        return Ground("unknown", (), strange)
    return Ground("gradient", (_rgb(along[: len(along) // 10 + 1].mean(0)), _rgb(along[-(len(along) // 10 + 1) :].mean(0))), strange)


def _rgb(colour: Floats) -> tuple[int, int, int]:
    red, green, blue = (round(float(part)) for part in colour)
    return red, green, blue
