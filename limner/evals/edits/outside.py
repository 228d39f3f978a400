"""What was left alone: pixels that must not change, or need not, counted one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from limner.engine.protocol import Mask, Pixels
from limner.evals.edits.cases import EditCase
from limner.media.alpha import premultiply

GROWN_SHARE = 1 / 32  # of the side: soft edges of what changed are no fault
LEAST_SHARE = 0.02  # of the picture; less than this left alone is not measured


@dataclass(frozen=True, kw_only=True)
class Outside:
    """The pixels that an edit leaves alone: how many, how many are equal in all their bytes, and the mean difference, 0 to 1."""

    count: int
    equal: int
    difference: float

    @property
    def is_untouched(self) -> bool:
        """Whether every byte is the one of the source."""
        return self.equal == self.count


def left_alone(case: EditCase) -> Mask:
    """Return which pixels an edit leaves alone: all that its mask keeps, or without one all that is not near to what the truth changes."""
    if case.free is not None:
        return ~case.free
    grown = max(1, round(len(case.changed) * GROWN_SHARE))
    near: Mask = ndimage.binary_dilation(case.changed, np.ones((3, 3)), iterations=grown)
    return ~near


def compare(result: Pixels, source: Pixels, kept: Mask) -> Outside | None:
    """Count the pixels of a part, (H, W), that are equal in two pictures (H, W, 4); None where the part is too small to say anything."""
    count = int(kept.sum())
    if count < LEAST_SHARE * kept.size:
        return None
    equal = int((result[kept] == source[kept]).all(axis=-1).sum())
    difference = float(np.abs(premultiply(result)[kept] - premultiply(source)[kept]).mean())
    return Outside(count=count, equal=equal, difference=difference)
