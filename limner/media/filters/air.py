"""What the air in front of a picture is full of: rain, falling snow, fog, fireflies; and the glow of a light over all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Air = Literal["rain", "falling snow", "fog", "fireflies"]
_OVERSAMPLE = 2
_DROPS, _FLAKES, _FLIES, _FOG = 90, 75, 24, 7  # fog is as good at the size of a thumbnail
_FLY, _GLOW = (255, 246, 150), (226, 214, 70)


def fill_air(pixels: npt.NDArray[np.uint8], air: Air, seed: int) -> npt.NDArray[np.uint8]:
    """Return (H, W, 4) pixels with rain, falling snow, fog or fireflies in front of everything; the same air at any size."""
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, 0xA18], np.uint64)))
    image = Image.fromarray(pixels[..., :3])
    filled = np.array(_AIRS[air](image, rng))
    return np.concatenate([filled, pixels[..., 3:]], axis=-1)


def _overlay(image: Image.Image) -> tuple[Image.Image, ImageDraw.ImageDraw, int]:
    mask = Image.new("L", (image.width * _OVERSAMPLE, image.height * _OVERSAMPLE))
    return mask, ImageDraw.Draw(mask), min(mask.size)


def _rain(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    dim = Image.blend(image, Image.new("RGB", image.size, (92, 106, 126)), 0.34)
    mask, draw, short = _overlay(image)
    for _ in range(_DROPS):
        x, y, length = rng.uniform(-0.05, 1.1) * mask.width, rng.uniform(-0.1, 1.0) * mask.height, rng.uniform(0.05, 0.10) * short
        draw.line((x, y, x - 0.28 * length, y + length), fill=int(rng.integers(150, 235)), width=max(1, round(short * 0.0075)))
    dim.paste((226, 238, 250), mask=mask.reduce(_OVERSAMPLE))
    return dim


def _falling_snow(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    dim = Image.blend(image, Image.new("RGB", image.size, (176, 194, 216)), 0.16)
    mask, draw, short = _overlay(image)
    for _ in range(_FLAKES):
        x, y, radius = rng.uniform(0, 1) * mask.width, rng.uniform(0, 1) * mask.height, float(rng.choice([0.006, 0.009, 0.014])) * short
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=int(rng.integers(190, 256)))
    dim.paste((255, 255, 255), mask=mask.reduce(_OVERSAMPLE))
    return dim


def _fog(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    clouds = Image.fromarray(rng.integers(0, 80, (_FOG, _FOG)).astype(np.uint8)).resize(image.size, Image.Resampling.BICUBIC)
    depth = 1 - np.abs(np.linspace(-0.62, 0.55, image.height))[:, None]
    share = np.clip(0.24 * depth**2 * 255 + 70 + 0.55 * np.asarray(clouds, np.float32), 0, 200).astype(np.uint8)
    veiled = image.copy()
    veiled.paste((222, 228, 232), mask=Image.fromarray(np.broadcast_to(share, (image.height, image.width)).copy()))
    return veiled


@cache
def _spot(side: int) -> Image.Image:
    axis = np.linspace(-1, 1, side)
    return Image.fromarray((255 * np.clip(1 - np.hypot(axis[None, :], axis[:, None]), 0, 1) ** 1.6).astype(np.uint8))


def _fireflies(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    lit, short = image.copy(), min(image.size)
    mask, draw, _ = _overlay(image)
    for _ in range(_FLIES):
        x, y, radius = rng.uniform(0.02, 0.98) * image.width, rng.uniform(0.28, 0.97) * image.height, rng.uniform(0.6, 1.2)
        side = max(5, round(0.085 * radius * short))
        lit.paste(_GLOW, (round(x - side / 2), round(y - side / 2)), _spot(side))
        core = 0.011 * radius * short * _OVERSAMPLE
        draw.ellipse((x * _OVERSAMPLE - core, y * _OVERSAMPLE - core, x * _OVERSAMPLE + core, y * _OVERSAMPLE + core), fill=255)
    lit.paste(_FLY, mask=mask.reduce(_OVERSAMPLE))
    return lit


_AIRS: Mapping[Air, Callable[[Image.Image, np.random.Generator], Image.Image]] = {
    "rain": _rain, "falling snow": _falling_snow, "fog": _fog, "fireflies": _fireflies,
}  # fmt: skip
