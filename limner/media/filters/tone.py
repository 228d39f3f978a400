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
_WARMTH = (1.08, 1.0, 0.88)  # of red, green and blue
_SEPIA = ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131))


def adjust(pixels: npt.NDArray[np.uint8], tone: Tone, amount: float = 1.0) -> npt.NDArray[np.uint8]:
    """Return (H, W, 4) straight-alpha pixels adjusted; what is mirrored or blurred takes its alpha along, of all else the alpha stays.

    `amount` is how much of what is usual, of a tone that is `GRADUAL`.
    """
    if tone == "mirrored":
        return np.ascontiguousarray(pixels[:, ::-1])
    if tone == "upside down":
        return np.ascontiguousarray(pixels[::-1])
    if tone == "blurred":
        blur = ImageFilter.GaussianBlur(amount * _BLUR_SHARE * min(pixels.shape[:2]))
        bands = Image.fromarray(pixels).convert("RGBa").split()
        return np.asarray(Image.merge("RGBa", [band.filter(blur) for band in bands]).convert("RGBA"))
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    coloured = _GRADUAL[tone](image, amount) if tone in _GRADUAL else _WHOLE[tone](image)
    return np.dstack([np.asarray(coloured), pixels[..., 3]])


def _bend(image: Image.Image, exponent: float) -> Image.Image:
    return image.point([round(255 * (level / 255) ** exponent) for level in range(256)] * 3)


def _warm(image: Image.Image, amount: float) -> Image.Image:
    return image.point([min(255, round(level * gain**amount)) for gain in _WARMTH for level in range(256)])


_GRADUAL: Mapping[Tone, Callable[[Image.Image, float], Image.Image]] = {
    "brighter": lambda image, amount: _bend(image, _GAMMA**amount),
    "darker": lambda image, amount: _bend(image, _GAMMA**-amount),
    "more contrast": lambda image, amount: ImageEnhance.Contrast(image).enhance(1.4**amount),
    "less contrast": lambda image, amount: ImageEnhance.Contrast(image).enhance(0.7**amount),
    "more colourful": lambda image, amount: ImageEnhance.Color(image).enhance(1.6**amount),
    "less colourful": lambda image, amount: ImageEnhance.Color(image).enhance(0.5**amount),
    "warmer": _warm,
    "cooler": lambda image, amount: _warm(image, -amount),
}
_WHOLE: Mapping[Tone, Callable[[Image.Image], Image.Image]] = {
    "grey": lambda image: ImageOps.grayscale(image).convert("RGB"),
    "sepia": lambda image: image.convert("RGB", tuple(value for row in _SEPIA for value in (*row, 0))),
    "negative": ImageOps.invert,
}
GRADUAL: frozenset[Tone] = frozenset({*_GRADUAL, "blurred"})
