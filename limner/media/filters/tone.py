"""Adjustments of a whole picture: its brightness, contrast and colours; and mirroring it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

Tone = Literal[
    "brighter", "darker", "more contrast", "less contrast", "more colourful", "less colourful", "warmer", "cooler", "grey", "sepia",
    "negative", "mirrored", "upside down", "blurred",
]  # fmt: skip
TONES: tuple[Tone, ...] = get_args(Tone)

_GAMMA, _BLUR_SHARE = 0.7, 0.008  # the exponent of light; and of the shorter side
_WARM = (1.08, 1.0, 0.88)
_SEPIA = ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131))


def adjust(pixels: npt.NDArray[np.uint8], tone: Tone) -> npt.NDArray[np.uint8]:
    """Return (H, W, 4) straight-alpha pixels adjusted; what is mirrored or blurred takes its alpha along, of all else the alpha stays."""
    if tone == "mirrored":
        return np.ascontiguousarray(pixels[:, ::-1])
    if tone == "upside down":
        return np.ascontiguousarray(pixels[::-1])
    if tone == "blurred":
        radius = _BLUR_SHARE * min(pixels.shape[:2])
        premultiplied = Image.fromarray(pixels).convert("RGBa")
        return np.asarray(Image.merge("RGBa", [_blur(band, radius) for band in premultiplied.split()]).convert("RGBA"))
    coloured = _ADJUST[tone](Image.fromarray(np.ascontiguousarray(pixels[..., :3])))
    return np.dstack([np.asarray(coloured), pixels[..., 3]])


def _blur(band: Image.Image, radius: float) -> Image.Image:
    return band.filter(ImageFilter.GaussianBlur(radius))


def _bend(exponent: float) -> Callable[[Image.Image], Image.Image]:
    table = [round(255 * (level / 255) ** exponent) for level in range(256)]
    return lambda image: image.point(table * 3)


def _scale(red: float, green: float, blue: float) -> Callable[[Image.Image], Image.Image]:
    table = [min(255, round(level * gain)) for gain in (red, green, blue) for level in range(256)]
    return lambda image: image.point(table)


def _tint_sepia(image: Image.Image) -> Image.Image:
    return image.convert("RGB", tuple(value for row in _SEPIA for value in (*row, 0)))


_ADJUST: Mapping[Tone, Callable[[Image.Image], Image.Image]] = {
    "brighter": _bend(_GAMMA),
    "darker": _bend(1 / _GAMMA),
    "more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.4),
    "less contrast": lambda image: ImageEnhance.Contrast(image).enhance(0.7),
    "more colourful": lambda image: ImageEnhance.Color(image).enhance(1.6),
    "less colourful": lambda image: ImageEnhance.Color(image).enhance(0.5),
    "warmer": _scale(*_WARM),
    "cooler": _scale(*_WARM[::-1]),
    "grey": lambda image: ImageOps.grayscale(image).convert("RGB"),
    "sepia": _tint_sepia,
    "negative": ImageOps.invert,
}
