"""What is done to drawings in one ink: painted, outlined, given two tones or a gradient, put on a badge, made a sticker.

Works on sprites, small enough for training to treat each picture anew. Every choice is told, so that a caption can say it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from limner.data.colours import COLOURS, Rgb, colour_distance, name_colour

Alpha = npt.NDArray[np.uint8]
Kind = Literal["painted", "outlined", "duotone", "gradient", "badge", "sticker"]
Shape = Literal["", "circle", "rounded square", "square"]
SHARES: dict[Kind, float] = {"painted": 0.42, "outlined": 0.1, "duotone": 0.08, "gradient": 0.1, "badge": 0.2, "sticker": 0.1}
SHAPES: tuple[Shape, ...] = ("circle", "circle", "rounded square", "rounded square", "square")
_INKS = tuple(COLOURS)
_WHITE: Rgb = (255, 255, 255)
_CONTRAST = 0.3  # in OKLab, where black to white is 1
_OVERSAMPLE = 4


@dataclass(frozen=True, kw_only=True)
class Treated:
    """A treated drawing, (P, P, 4) straight-alpha RGBA, and what was done to it.

    `ink` and `second` are names of `COLOURS`, `second` only for two tones and gradients; `ground` and `shape` tell the badge.
    """

    pixels: npt.NDArray[np.uint8]
    kind: Kind
    ink: str
    second: str = ""
    ground: str = ""
    shape: Shape = ""
    has_long_shadow: bool = False


def treat(alpha: Alpha, rng: np.random.Generator, *, kind: Kind | None = None) -> Treated:
    """Treat a drawing in one ink, given as (P, P) coverage: in the way that is named, or else in one that suits it.

    What does not suit is painted plainly: outlines need a solid drawing, two tones a drawing that has them.
    """
    kinds = tuple(SHARES)
    chosen = kind or kinds[int(rng.choice(len(kinds), p=np.array(tuple(SHARES.values()))))]
    tone = half_tone(alpha)
    if tone and kind is None and chosen in {"painted", "outlined"} and rng.random() < 0.7:
        chosen = "duotone"
    if (chosen == "outlined" and not is_solid(alpha)) or (chosen == "duotone" and not tone):
        chosen = "painted"
    first = _jitter(_INKS[int(rng.integers(len(_INKS)))], rng)
    if chosen == "badge":
        return _badge(alpha, first, rng)
    if chosen == "sticker":
        return _sticker(alpha, _contrasting(first, _WHITE, rng), rng)
    if chosen in {"duotone", "gradient"}:
        return _two_colours(alpha, first, rng, tone=tone if chosen == "duotone" else 0)
    drawn = _ring(alpha, max(2, alpha.shape[0] // 22)) if chosen == "outlined" else alpha
    return Treated(pixels=_paint(drawn, first), kind=chosen, ink=name_colour(first))


def is_solid(alpha: Alpha) -> bool:
    """Say whether most of a drawing is filled areas, not lines."""
    drawn = alpha > 128
    return bool(drawn.any()) and float((_grow(255 - alpha, max(1, alpha.shape[0] // 26)) < 128).sum() / drawn.sum()) > 0.42


def half_tone(alpha: Alpha) -> int:
    """Return the coverage of the second tone of a drawing, 25 to 215, or 0 where it has but one."""
    counts = np.bincount(alpha.ravel(), minlength=256)
    middle = counts[25:216]
    best = int(middle.argmax())
    near = middle[max(0, best - 2) : best + 3].sum()
    return best + 25 if near > 0.12 * max(1, counts[25:].sum()) else 0


def _jitter(name: str, rng: np.random.Generator) -> Rgb:
    red, green, blue = (int(min(255, max(0, value + shift))) for value, shift in zip(COLOURS[name], rng.integers(-6, 7, 3), strict=True))
    return red, green, blue


def _contrasting(colour: Rgb, other: Rgb, rng: np.random.Generator) -> Rgb:
    """Return the colour, or the first of some others that stands out from `other`."""
    for _ in range(12):
        if colour_distance(colour, other) >= _CONTRAST:
            return colour
        colour = _jitter(_INKS[int(rng.integers(len(_INKS)))], rng)
    return (24, 26, 30) if colour_distance(_WHITE, other) < 0.5 else _WHITE


def _paint(alpha: Alpha, colour: Rgb) -> npt.NDArray[np.uint8]:
    pixels = np.empty((*alpha.shape, 4), np.uint8)
    pixels[..., :3] = colour
    pixels[..., 3] = alpha
    return pixels


def _grow(alpha: Alpha, steps: int) -> Alpha:
    """Return the drawing grown by `steps` pixels on every side, corners rounded."""
    grown = alpha.copy()
    for step in range(steps):
        rows = grown.copy()
        np.maximum(rows[1:], grown[:-1], out=rows[1:])
        np.maximum(rows[:-1], grown[1:], out=rows[:-1])
        source = rows if step % 2 else grown
        result = rows.copy()
        np.maximum(result[:, 1:], source[:, :-1], out=result[:, 1:])
        np.maximum(result[:, :-1], source[:, 1:], out=result[:, :-1])
        grown = result
    return grown


def _ring(alpha: Alpha, width: int) -> Alpha:
    return np.minimum(alpha, _grow(np.pad(255 - alpha, width, constant_values=255), width)[width:-width, width:-width])


def _two_colours(alpha: Alpha, first: Rgb, rng: np.random.Generator, *, tone: int) -> Treated:
    second = _contrasting(_jitter(_INKS[int(rng.integers(len(_INKS)))], rng), first, rng)
    ramp = np.linspace(0, 1, alpha.shape[0], dtype=np.float32)
    if tone:
        mix = np.clip((255 - _grow(alpha, 1).astype(np.float32)) / (255 - tone), 0, 1)  # grown, or soft edges take the other colour
        cover = np.minimum(255, alpha.astype(np.float32) * (255 / tone)).astype(np.uint8)
    else:
        mix = np.broadcast_to(ramp[:, None] if rng.random() < 0.7 else ramp[None, :], alpha.shape)
        cover = alpha
    pixels = np.empty((*alpha.shape, 4), np.uint8)
    for channel in range(3):
        pixels[..., channel] = first[channel] + (second[channel] - first[channel]) * mix
    pixels[..., 3] = cover
    return Treated(pixels=pixels, kind="duotone" if tone else "gradient", ink=name_colour(first), second=name_colour(second))


def _shrink(alpha: Alpha, share: float) -> Alpha:
    """Return the drawing at `share` of its size in the middle of the same square."""
    side = alpha.shape[0]
    small = max(2, round(side * share))
    canvas = np.zeros_like(alpha)
    start = (side - small) // 2
    resized = Image.fromarray(alpha).resize((small, small), Image.Resampling.BILINEAR, reducing_gap=2.0)
    canvas[start : start + small, start : start + small] = np.asarray(resized)
    return canvas


@cache
def _badge_mask(shape: Shape, side: int) -> Alpha:
    large = Image.new("L", (side * _OVERSAMPLE, side * _OVERSAMPLE))
    corners = (0, 0, large.width - 1, large.height - 1)
    draw = ImageDraw.Draw(large)
    if shape == "circle":
        draw.ellipse(corners, fill=255)
    else:
        draw.rounded_rectangle(corners, large.width * (0.22 if shape == "rounded square" else 0.0), fill=255)
    return np.asarray(large.reduce(_OVERSAMPLE))


def _badge(alpha: Alpha, ground: Rgb, rng: np.random.Generator) -> Treated:
    shape = SHAPES[int(rng.integers(len(SHAPES)))]
    ink = _contrasting(_WHITE if rng.random() < 0.5 else _jitter(_INKS[int(rng.integers(len(_INKS)))], rng), ground, rng)
    icon = _shrink(alpha, 0.56 if shape == "circle" else 0.64)
    has_long_shadow = bool(rng.random() < 0.25) and is_solid(alpha)
    pixels = _paint(_badge_mask(shape, alpha.shape[0]), ground)
    if has_long_shadow:
        _blend(pixels, _long_shadow(icon), (ground[0] * 3 // 4, ground[1] * 3 // 4, ground[2] * 3 // 4))
    _blend(pixels, icon, ink)
    names = {"ink": name_colour(ink), "ground": name_colour(ground)}
    return Treated(pixels=pixels, kind="badge", shape=shape, has_long_shadow=has_long_shadow, **names)


def _blend(pixels: npt.NDArray[np.uint8], cover: Alpha, colour: Rgb) -> None:
    share = cover.astype(np.float32)[..., None] / 255
    pixels[..., :3] = pixels[..., :3] * (1 - share) + np.array(colour, np.float32) * share


def _long_shadow(alpha: Alpha) -> Alpha:
    """Return all that lies to the lower right of the drawing, on a slope of 45 degrees."""
    shadow, step = alpha.copy(), 1
    while step < alpha.shape[0]:
        np.maximum(shadow[step:, step:], shadow[:-step, :-step].copy(), out=shadow[step:, step:])
        step *= 2
    return shadow


def add_border(pixels: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Return a drawing in colour, (P, P, 4), a little smaller and with a white border all around it."""
    side = pixels.shape[0]
    border = max(2, side // 18 + int(rng.integers(0, 3)))
    small = side - round(2.4 * border)
    icon = Image.new("RGBA", (side, side))
    icon.paste(Image.fromarray(pixels).resize((small, small), Image.Resampling.BICUBIC), ((side - small) // 2, (side - small) // 2))
    ground = Image.fromarray(_paint(_grow(np.asarray(icon.getchannel("A")), border), _WHITE))
    ground.alpha_composite(icon)
    return np.asarray(ground)


def _sticker(alpha: Alpha, ink: Rgb, rng: np.random.Generator) -> Treated:
    border = max(2, alpha.shape[0] // 16 + int(rng.integers(0, 3)))
    icon = _shrink(alpha, 1 - 2.4 * border / alpha.shape[0])
    pixels = _paint(_grow(icon, border), _WHITE)
    _blend(pixels, icon, ink)
    return Treated(pixels=pixels, kind="sticker", ink=name_colour(ink))
