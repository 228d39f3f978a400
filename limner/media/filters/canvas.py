"""What every look is made of: noise, blurs, edges and stripes in units of the picture, so that a look is the same at any size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Field = npt.NDArray[np.floating[Any]]
Rgb = tuple[float, float, float]
_UNITS = 128
_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114


def rgb(text: str) -> Field:
    """Return (3,) in [0, 1] of "#rrggbb"."""
    return np.array([int(text[place : place + 2], 16) for place in (1, 3, 5)], np.float32) / 255


@dataclass(frozen=True)
class Canvas:
    """A picture to be made again in another medium.

    `picture` is (H, W, 3) in [0, 1]; `mask` is (H, W), 1 where something stands before the ground. One `unit` is 1/128 of the shorter side.
    """

    picture: Field
    mask: Field
    rng: np.random.Generator

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.picture.shape[1], self.picture.shape[0]

    @cached_property
    def unit(self) -> float:
        """Pixels in 1/128 of the shorter side."""
        return min(self.size) / _UNITS

    @cached_property
    def grid(self) -> tuple[Field, Field]:
        """(x, y) of every pixel in units, (1, W) and (H, 1)."""
        width, height = self.size
        return (np.arange(width, dtype=np.float32)[None, :] + 0.5) / self.unit, (
            np.arange(height, dtype=np.float32)[:, None] + 0.5
        ) / self.unit

    @cached_property
    def tone(self) -> Field:
        """Lightness of every pixel, (H, W) in [0, 1]."""
        return luminance(self.picture)

    def noise(self, cell: float) -> Field:
        """Return smooth noise in [-1, 1] whose spots are `cell` units wide."""
        width, height = (max(2, round(side / self.unit / cell) + 1) for side in self.size)
        coarse = self.rng.uniform(-1, 1, (height, width)).astype(np.float32)
        return np.asarray(Image.fromarray(coarse).resize(self.size, Image.Resampling.BICUBIC))

    def blur(self, field: Field, radius: float) -> Field:
        """Return (H, W) or (H, W, 3) in [0, 1] blurred by `radius` units."""
        image = Image.fromarray(to_bytes(field)).filter(ImageFilter.GaussianBlur(radius * self.unit))
        return np.asarray(image, np.float32) / 255

    def edges(self, field: Field, width: float = 1.0) -> Field:
        """Return how steeply the colours change at every pixel, (H, W), about 0 on flat ground and 1 from black to white."""
        soft = self.blur(field, 0.45 * width)
        step = max(1, round(0.6 * width * self.unit))
        padded = np.pad(soft, [(step, step), (step, step), *([(0, 0)] * (soft.ndim - 2))], mode="edge")
        across = padded[step:-step, 2 * step :] - padded[step:-step, : -2 * step]
        down = padded[2 * step :, step:-step] - padded[: -2 * step, step:-step]
        steep = np.sqrt(across**2 + down**2)
        return steep.max(-1) if steep.ndim == 3 else steep

    @cached_property
    def lines(self) -> Field:
        """The drawing as lines, (H, W) in [0, 1]: outlines of what stands in front, and what divides colours elsewhere."""
        inner = ramp(self.edges(self.picture), 0.10, 0.32)
        outline = ramp(self.edges(self.mask), 0.25, 0.7)
        return np.maximum(inner * (0.55 + 0.45 * self.mask), outline)

    def stripes(self, angle_deg: float, period: float, wobble: float = 0.0) -> Field:
        """Return stripes in [0, 1], `period` units apart, drawn by a hand that shakes by `wobble` units."""
        x, y = self.grid
        angle = np.deg2rad(angle_deg)
        along = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
        if wobble:
            along = along + wobble * self.noise(14)
        return (0.5 + 0.5 * np.cos(along * np.float32(2 * np.pi / period))).astype(np.float32)

    def shifted(self, field: Field, right: float, down: float) -> Field:
        """Return a field moved by so many units, its edges continued."""
        return np.asarray(_moved(field, round(right * self.unit), round(down * self.unit)))

    def from_edge(self) -> Field:
        """Return the distance of every pixel from the nearest side, in units, (H, W)."""
        x, y = self.grid
        width, height = self.size[0] / self.unit, self.size[1] / self.unit
        return np.asarray(np.minimum(np.minimum(x, width - x), np.minimum(y, height - y)))


def luminance(picture: Field) -> Field:
    """Return the lightness of (H, W, 3)."""
    tone: Field = picture[..., 0] * _RED + picture[..., 1] * _GREEN + picture[..., 2] * _BLUE
    return tone


def ramp(field: Field, low: float, high: float) -> Field:
    """Return 0 below `low`, 1 above `high`, a straight line between."""
    risen: Field = np.clip((field - np.float32(low)) / np.float32(high - low), 0, 1)
    return risen


def mix(first: Field, second: Field, share: Field) -> Field:
    """Return `first` where the (H, W) share is 0, `second` where it is 1."""
    mixed: Field = first + (second - first) * share[..., None]
    return mixed


def to_bytes(field: Field) -> npt.NDArray[np.uint8]:
    """Return [0, 1] as bytes."""
    return (np.clip(field, 0, 1) * 255 + 0.5).astype(np.uint8)


def _moved(field: Field, right: int, down: int) -> Field:
    pad = [(max(down, 0), max(-down, 0)), (max(right, 0), max(-right, 0)), *([(0, 0)] * (field.ndim - 2))]
    height, width = field.shape[:2]
    padded = np.pad(field, pad, mode="edge")
    top, left = max(-down, 0), max(-right, 0)
    return padded[top : top + height, left : left + width]
