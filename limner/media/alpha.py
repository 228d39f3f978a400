"""Colour and coverage: straight 8-bit pixels on the outside, premultiplied floats wherever pixels are mixed, and other paint."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]
Premultiplied = npt.NDArray[np.float32]
Colour = tuple[int, int, int]  # 0 to 255 a channel

WHITE: Colour = (255, 255, 255)
LEAST_VIVID = 32  # pixels, for a drawing to have a colour
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


def is_paintable(pixels: Pixels) -> bool:
    """Say whether straight-alpha RGBA (height, width, 4) has colour enough to be painted in another."""
    return bool(_vivid(pixels).sum() >= LEAST_VIVID)


def recolour(pixels: Pixels, colour: Colour) -> Pixels:
    """Return the drawing with its most common saturated hue painted in `colour`; greys and other hues stay."""
    vivid = _vivid(pixels)
    if vivid.sum() < LEAST_VIVID:
        return pixels
    hsv = np.array(Image.fromarray(pixels[..., :3]).convert("HSV"))
    hue, saturation, value = (hsv[..., channel].astype(np.int16) for channel in range(3))
    main = int(np.argmax(np.convolve(np.tile(np.bincount(hue[vivid], minlength=256), 3), np.bartlett(15), "same")[256:512]))
    distance = np.abs((hue - main + 128) % 256 - 128)
    painted = (distance < 24) & (saturation > 40)
    core = painted & vivid
    wanted = np.array(Image.new("RGB", (1, 1), (colour[0], colour[1], colour[2])).convert("HSV"))[0, 0].astype(np.float32)
    gains = [wanted[1] / max(1.0, float(np.median(saturation[core]))), wanted[2] / max(1.0, float(np.median(value[core])))]
    new = np.stack(
        [(hue - main + int(wanted[0])) % 256, np.clip(saturation * gains[0], 0, 255), np.clip(value * gains[1], 0, 255)], axis=-1
    )
    rgb = np.array(Image.fromarray(new.astype(np.uint8), "HSV").convert("RGB"))
    result = pixels.copy()
    result[..., :3][painted] = rgb[painted]
    return result


def _vivid(pixels: Pixels) -> npt.NDArray[np.bool_]:
    hsv = np.asarray(Image.fromarray(pixels[..., :3]).convert("HSV"))
    found: npt.NDArray[np.bool_] = (pixels[..., 3] > 128) & (hsv[..., 1] > 60) & (hsv[..., 2] > 50)
    return found
