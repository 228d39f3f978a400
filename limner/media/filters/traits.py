"""Numbers that tell one medium from another: colours, edges, the frame of a picture, and how fine its grain is and how regular."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image

from limner.media.alpha import Pixels, lay_on_white

Floats = npt.NDArray[np.float32]

SIDE_PX = 192
BINS = 8
QUANTILES, FLAT = (0.5, 0.9, 0.98), 0.004
FRAME_PX = ((0, 4), (4, 8), (8, 14))
RINGS_PX = (1, 3, 6, 10, 15, 21, 28, 36, 46, 58, 72, 96)  # waves in the side
NUM_TRAITS = 10 + 2 * BINS + 2 * (len(QUANTILES) + 2) + 6 * len(FRAME_PX) + 2 * (len(RINGS_PX) - 1)


def measure_traits(pixels: Pixels) -> Floats:
    """Return the (NUM_TRAITS,) traits of a picture (H, W, 4), looked at on white, in a square of `SIDE_PX`."""
    image = Image.fromarray(lay_on_white(pixels))
    how = Image.Resampling.BOX if min(image.size) >= SIDE_PX else Image.Resampling.BICUBIC
    image = image.resize((SIDE_PX, SIDE_PX), how)
    return np.fromiter(_traits(image), np.float32, NUM_TRAITS)


def _traits(image: Image.Image) -> Iterator[float]:
    rgb, hsv = (np.asarray(image.convert(mode), np.float32) / 255 for mode in ("RGB", "HSV"))
    tone: Floats = (rgb @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.float32)
    for planes in (rgb, hsv[..., 1:]):
        yield from planes.mean((0, 1))
        yield from planes.std((0, 1))
    yield from np.histogram(tone, BINS, (0, 1))[0] / tone.size
    yield from np.histogram(hsv[..., 0], BINS, (0, 1), weights=hsv[..., 1])[0] / tone.size
    for axis in (1, 0):
        steps = np.abs(np.diff(tone, axis=axis))
        yield steps.mean()
        yield from np.quantile(steps, QUANTILES)
        yield (steps < FLAT).mean()
    for outer, inner in FRAME_PX:
        frame = np.zeros(tone.shape, np.bool_)
        frame[outer : SIDE_PX - outer, outer : SIDE_PX - outer] = True
        frame[inner : SIDE_PX - inner, inner : SIDE_PX - inner] = False
        yield from rgb[frame].mean(0)
        yield from rgb[frame].std(0)
    yield from _grain(tone)


def _grain(tone: Floats) -> Iterator[float]:
    """Yield for each ring of waves how strong they are, and how much the strongest is above the rest."""
    window = np.hanning(SIDE_PX)[:, None] * np.hanning(SIDE_PX)
    power = np.abs(np.fft.fftshift(np.fft.fft2((tone - tone.mean()) * window))) ** 2
    down, across = np.indices(power.shape) - SIDE_PX // 2
    waves = np.hypot(across, down)
    for low, high in pairwise(RINGS_PX):
        ring = power[(waves >= low) & (waves < high)]
        yield float(np.log(ring.mean() + 1e-6))
        yield float(np.log(ring.max() / (ring.mean() + 1e-9) + 1e-6))
