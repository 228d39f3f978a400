"""One resize for every picture: antialiased, never a stretch, always the exact size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
from PIL import Image
from PIL.Image import Resampling

from limner.media.alpha import Pixels, Premultiplied, straighten


class Sides(Protocol):
    """Anything with a width and a height in pixels."""

    @property
    def width(self) -> int:
        """Pixels from left to right."""

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""


OPAQUE = 255
REDUCING_GAP = 3.0  # what is read is halved by means until it is so many times too large
LANCZOS_REACH = 4  # pixels, more when it shrinks
Part = tuple[float, float, float, float]  # left, top, right, bottom in pixels of a picture, fractions allowed


def fit(premultiplied: Premultiplied, size: Sides) -> Premultiplied:
    """Scale premultiplied RGBA (height, width, 4) until it covers `size`, and cut what stands over evenly on both sides.

    Premultiplied, so colours never bleed from where nothing shows; what Lanczos overshoots is clipped back into range.
    """
    height, width = premultiplied.shape[:2]
    if (width, height) == (size.width, size.height):
        return premultiplied
    return enlarge(premultiplied, centred_part(width, height, size), size)


def fit_pixels(pixels: Pixels, size: Sides) -> Pixels:
    """Do as `fit` to straight-alpha RGBA; at its own size not a byte changes, not even colour where nothing shows."""
    height, width = pixels.shape[:2]
    if (width, height) == (size.width, size.height):
        return pixels
    return straighten(cut_out(pixels, centred_part(width, height, size), size))


def fit_opaque(pixels: Pixels, size: Sides) -> Pixels:
    """Do as `fit_pixels` to colours (height, width, 3) without alpha: bytes all the way, in a third of the time."""
    height, width = pixels.shape[:2]
    if (width, height) == (size.width, size.height):
        return pixels
    return enlarge_opaque(pixels, centred_part(width, height, size), size)


def reduce_pixels(pixels: Pixels, longest_px: int) -> Pixels:
    """Shrink straight-alpha RGBA until no side is over `longest_px`; what is within already comes back as it is."""
    height, width = pixels.shape[:2]
    if max(height, width) <= longest_px:
        return pixels
    scale = longest_px / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = Image.fromarray(np.ascontiguousarray(pixels), "RGBA")
    return np.asarray(image.resize(size, Resampling.LANCZOS, reducing_gap=REDUCING_GAP))


def cut_out(pixels: Pixels, part: Part, size: Sides, *, footprint_only: bool = False, in_bytes: bool = False) -> Premultiplied:
    """Scale a part of straight-alpha RGBA to `size`; return it premultiplied.

    With `footprint_only` nothing outside the part is read, and a pixel of a shrunk picture holds what it covers alone. With `in_bytes`
    what shrinks is as exact as premultiplied bytes are, in a fifth of the time: for what is read, not for what is given back.
    """
    margin = 0 if footprint_only else LANCZOS_REACH * math.ceil(max(1, (part[2] - part[0]) / size.width, (part[3] - part[1]) / size.height))
    left, top = max(0, int(part[0]) - margin), max(0, int(part[1]) - margin)
    within = pixels[top : math.ceil(part[3]) + margin, left : math.ceil(part[2]) + margin]
    moved = part[0] - left, part[1] - top, part[2] - left, part[3] - top
    is_smaller = part[2] - part[0] >= size.width and part[3] - part[1] >= size.height
    resampling = Resampling.BOX if footprint_only and is_smaller else Resampling.LANCZOS
    if in_bytes and is_smaller:
        return _shrink_bytes(within, moved, size, resampling)
    unit = np.float32(255)
    alpha = within[..., 3].astype(np.float32) / unit
    colours = (within[..., channel].astype(np.float32) / unit * alpha for channel in range(3))
    return _resize([*colours, alpha], size, moved, resampling)


def enlarge(premultiplied: Premultiplied, part: Part, size: Sides) -> Premultiplied:
    """Scale a part of premultiplied RGBA (height, width, 4), in range, to `size`; a part of whole pixels of that size is them."""
    left, top, right, bottom = (round(edge) for edge in part)
    if part == (left, top, right, bottom) and (right - left, bottom - top) == (size.width, size.height):
        return premultiplied[top:bottom, left:right]
    return _resize([premultiplied[..., channel] for channel in range(4)], size, part)


def enlarge_opaque(colours: Pixels, part: Part, size: Sides) -> Pixels:
    """Scale a part of colours (height, width, 3) to `size`; a part of whole pixels of that size is them."""
    left, top, right, bottom = (round(edge) for edge in part)
    if part == (left, top, right, bottom) and (right - left, bottom - top) == (size.width, size.height):
        return colours[top:bottom, left:right]
    return np.asarray(Image.fromarray(colours).resize((size.width, size.height), Resampling.LANCZOS, box=part))


def centred_part(width: int, height: int, size: Sides) -> Part:
    """Return the largest centred part of a picture that has the ratio of `size`."""
    part_width = min(float(width), height * size.width / size.height)
    part_height = min(float(height), width * size.height / size.width)
    left, top = (width - part_width) / 2, (height - part_height) / 2
    return left, top, min(left + part_width, float(width)), min(top + part_height, float(height))


def _shrink_bytes(pixels: Pixels, part: Part, size: Sides, resampling: Resampling) -> Premultiplied:
    is_opaque = pixels[..., 3].min() == OPAQUE
    image = Image.fromarray(np.ascontiguousarray(pixels)).convert("RGB" if is_opaque else "RGBa")  # premultiplying takes ten times as long
    gap = REDUCING_GAP if resampling is Resampling.LANCZOS else None  # means of halves would reach over a footprint
    shrunk = np.asarray(image.resize((size.width, size.height), resampling, box=part, reducing_gap=gap))
    small = np.ones((size.height, size.width, 4), np.float32)
    small[..., : shrunk.shape[-1]] = shrunk / np.float32(OPAQUE)
    np.minimum(small[..., :3], small[..., 3:], out=small[..., :3])
    return small


def _resize(planes: Sequence[Premultiplied], size: Sides, part: Part, resampling: Resampling = Resampling.LANCZOS) -> Premultiplied:
    """Scale a part of premultiplied planes, alpha last, each on a thread of its own; return them stacked, in range."""

    def resize(plane: Premultiplied) -> Premultiplied:
        image = Image.fromarray(np.ascontiguousarray(plane))
        return np.asarray(image.resize((size.width, size.height), resampling, box=part), np.float32)

    with ThreadPoolExecutor(len(planes)) as pool:
        *colours, alpha = pool.map(resize, planes)
    stacked = np.empty((len(planes), *alpha.shape), np.float32)
    np.clip(alpha, 0, 1, out=stacked[-1])
    for plane, colour in zip(stacked, colours, strict=False):
        np.minimum(np.maximum(colour, 0, out=plane), stacked[-1], out=plane)
    return np.moveaxis(stacked, 0, -1)
