"""Damage that can be repaired: noise, blur, scratches, spots and low resolution, each with words that ask for its repair."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from limner.data.scenes.sprites import Pixels

_ORDERS: Mapping[str, tuple[str, ...]] = {
    "noise": ("remove the noise", "denoise this picture", "take the grain out of the picture", "clean up the noisy picture"),
    "blur": ("sharpen the picture", "make the blurry picture sharp", "remove the blur", "this is blurred, make it sharp"),
    "scratches": ("remove the scratches", "repair the scratched picture", "take the lines and scratches away"),
    "spots": ("remove the spots", "clean the stains off the picture", "take away the blots"),
    "pixels": ("increase the resolution", "make this low resolution picture sharp", "upscale the picture", "smooth out the coarse pixels"),
}
_LEAST = 0.01  # spots may all fall on what is transparent
_ANY = ("restore this picture", "repair the picture", "fix the damage", "clean up this old picture", "make it look like new")


def damage(pixels: Pixels, rng: np.random.Generator, *, side_px: int | None = None) -> tuple[Pixels, str]:
    """Return a damaged copy of (S, S, 4) straight RGBA, its coverage as it was, and an instruction that asks for the repair.

    With `side_px` it is a cut of a picture of that side, and blurred and scratched as that one would be.
    """
    side = side_px or pixels.shape[0]
    for kind in [*rng.permutation(list(_KINDS))[:3].tolist(), "noise"]:
        spoiled = pixels.copy()
        spoiled[..., :3] = _KINDS[kind](pixels[..., :3], rng, side)
        spoiled[pixels[..., 3] == 0] = 0
        if (spoiled != pixels).any(-1).mean() > _LEAST:
            break
    orders = _ORDERS[kind] if rng.random() < 0.7 else _ANY
    return spoiled, orders[int(rng.integers(len(orders)))]


def _noise(colours: Pixels, rng: np.random.Generator, side: int) -> Pixels:
    strength = rng.uniform(14, 44)
    shape = colours.shape if rng.random() < 0.6 else (*colours.shape[:2], 1)
    return np.clip(colours + rng.normal(0, strength, shape), 0, 255).astype(np.uint8)


def _blur(colours: Pixels, rng: np.random.Generator, side: int) -> Pixels:
    radius = float(rng.uniform(0.010, 0.026)) * side
    return np.asarray(Image.fromarray(colours).filter(ImageFilter.GaussianBlur(radius)))


def _scratch(colours: Pixels, rng: np.random.Generator, side: int) -> Pixels:
    image = Image.fromarray(colours)
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(4, 10))):
        start, step = rng.uniform(0, image.width, 2), rng.normal(0, 0.5 * side, 2)
        grey = int(rng.choice([235, 250, 60]))
        bend = start + step / 2 + rng.normal(0, 0.04 * side, 2)
        pen.line([tuple(start), tuple(bend), tuple(start + step)], (grey, grey, grey), width=max(1, side // 100))
    return np.asarray(image)


def _spot(colours: Pixels, rng: np.random.Generator, side: int) -> Pixels:
    image = Image.fromarray(colours)
    pen = ImageDraw.Draw(image)
    tones = ((120, 90, 50), (250, 250, 245), (40, 40, 45))
    tone = tones[int(rng.integers(len(tones)))]
    for _ in range(int(rng.integers(4, 11))):
        (x, y), radius = rng.uniform(0, image.width, 2), float(rng.uniform(0.015, 0.05)) * side
        pen.ellipse((x - radius, y - radius * 0.8, x + radius, y + radius * 0.8), tone)
    return np.asarray(image)


def _coarsen(colours: Pixels, rng: np.random.Generator, side: int) -> Pixels:
    image = Image.fromarray(colours)
    small = max(8, round(image.width / float(rng.uniform(2.6, 4.5))))
    way = Image.Resampling.NEAREST if rng.random() < 0.5 else Image.Resampling.BILINEAR
    return np.asarray(image.resize((small, small), Image.Resampling.BOX).resize(image.size, way))


_KINDS: Mapping[str, Callable[[Pixels, np.random.Generator, int], Pixels]] = {
    "noise": _noise, "blur": _blur, "scratches": _scratch, "spots": _spot, "pixels": _coarsen,
}  # fmt: skip
