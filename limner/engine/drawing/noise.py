"""The noise that a picture starts from: counter-based, so it depends on the picture's seed and shape and on nothing else."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

CHANNELS = 4  # red, green, blue and alpha, as `flow` defines them
_UNIT = 2.0**-53


def image_noise(seed: int, height: int, width: int) -> npt.NDArray[np.float32]:
    """Return standard normal noise (4, height, width) for a seed in [0, MAX_SEED].

    The raw words come from Philox keyed by the seed, whose stream is fixed for ever; the Box-Muller transform is done here in
    double precision, because the stream of numpy's own normal draws may change between its releases.
    """
    count = CHANNELS * height * width
    words = np.random.Philox(key=seed).random_raw(count + count % 2).reshape(2, -1)
    radius_draw, angle_draw = (words >> np.uint64(11)).astype(np.float64) * _UNIT
    radius = np.sqrt(-2.0 * np.log1p(-radius_draw))
    angle = 2.0 * np.pi * angle_draw
    normal = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])
    return normal[:count].astype(np.float32).reshape(CHANNELS, height, width)
