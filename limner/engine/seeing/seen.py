"""What eyes say of a picture: how likely each thing is in each of its patches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limner.engine.protocol import Pixels
from limner.engine.weights import Floats

GROUND = 0  # the number of what is no thing


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture and what eyes say of it: `pixels` (H, W, 4), straight alpha, at the last size that was looked at.

    `chances` are (rows, columns, 1 + things) for each size, the ground first; a patch's add up to 1.
    """

    pixels: Pixels
    chances: tuple[Floats, ...]


def chances_of(named: Floats, vectors: Floats) -> Floats:
    """Return the chances (rows, columns, 1 + things) of patches by their names (rows, columns, E) and those of all things."""
    logits = named @ vectors.T
    raised: Floats = np.exp(logits - logits.max(-1, keepdims=True))
    chances: Floats = raised / raised.sum(-1, keepdims=True)
    return chances
