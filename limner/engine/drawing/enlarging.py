"""From the grid's pixels towards as many as are wanted: four times the sides by the snapshot's upsampler, where it has one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from limner.media.resize import Sides

Channels = npt.NDArray[np.float32]
Upsample = Callable[[Channels], Channels]


def enlarge_towards(channels: Channels, wanted: Sides, upsample: Upsample | None) -> Channels:
    """Return channels (4, height, width) that show the same: four times the sides, where those that are there do not cover `wanted`.

    One pass, whatever is wanted: the rest of the way is the resize that makes the exact size. Without an upsampler nothing changes.
    """
    height, width = channels.shape[1:]
    if upsample is None or (width >= wanted.width and height >= wanted.height):
        return channels
    return upsample(channels)
