"""Colour and coverage: straight 8-bit pixels on the outside, premultiplied floats wherever pixels are mixed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]
Premultiplied = npt.NDArray[np.float32]
Colour = tuple[int, int, int]  # 0 to 255 a channel

WHITE: Colour = (255, 255, 255)
BAND_ROWS = 64  # worked on at once, so that a band's planes stay in the processor's cache


def premultiply(pixels: Pixels) -> Premultiplied:
    """Turn straight-alpha RGBA (..., height, width, 4) into premultiplied RGBA in [0, 1]."""
    unit: Premultiplied = pixels.astype(np.float32) / np.float32(255)
    unit[..., :3] *= unit[..., 3:]
    return unit


def straighten(premultiplied: Premultiplied, *, behind: Colour | None = None) -> Pixels:
    """Turn premultiplied RGBA in [0, 1], shape (..., height, width, 4), into straight alpha; where nothing shows, colour is 0.

    With `behind` it is laid on that colour first, as by `flatten`.
    """
    straight = np.empty(premultiplied.shape, np.uint8)
    for top in range(0, premultiplied.shape[-3], BAND_ROWS):
        band = np.s_[..., top : top + BAND_ROWS, :, :]
        _straighten_band(premultiplied[band] if behind is None else flatten(premultiplied[band], behind), straight[band])
    return straight


def _straighten_band(premultiplied: Premultiplied, straight: Pixels) -> None:
    alpha = premultiplied[..., 3].clip(0, 1)
    alpha *= 255
    np.rint(alpha, out=alpha)
    shows = alpha > 0
    coverage = np.where(shows, premultiplied[..., 3], 1)
    straight[..., 3] = alpha
    for channel in range(3):  # one after the other: what lies together is read together
        colour = premultiplied[..., channel] * 255
        colour /= coverage
        np.rint(colour.clip(0, 255, out=colour), out=colour)
        colour *= shows
        straight[..., channel] = colour


def flatten(premultiplied: Premultiplied, colour: Colour = WHITE) -> Premultiplied:
    """Lay premultiplied RGBA in [0, 1] on a plain colour; the answer is opaque everywhere."""
    behind: Premultiplied = np.array([*colour, 255], np.float32) / np.float32(255)
    flat = np.empty((4, *premultiplied.shape[:-1]), np.float32)
    uncovered = 1 - premultiplied[..., 3]
    for channel, plane in enumerate(flat):
        np.multiply(behind[channel], uncovered, out=plane)
        plane += premultiplied[..., channel]
    return np.moveaxis(flat, 0, -1)


def with_alpha(colours: Pixels) -> Pixels:
    """Return colours (height, width, 3) as RGBA that is opaque everywhere."""
    return np.array(Image.fromarray(colours).convert("RGBA"))


def lay_on_white(pixels: Pixels) -> Pixels:
    """Return the colours (height, width, 3) that straight-alpha RGBA shows on white paper; colours without alpha as they are."""
    if pixels.shape[-1] == 3:
        return pixels
    if pixels[..., 3].min(initial=255) == 255:
        return np.asarray(Image.fromarray(pixels).convert("RGB"))  # as a slice, but in a quarter of its time
    alpha = pixels[..., 3:].astype(np.uint16)
    return ((pixels[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
