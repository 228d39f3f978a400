"""One resize for every picture: antialiased, never a stretch, always the exact size.

What shrinks is Pillow's to do. What grows is two products with weights of Lanczos, across and then down, a band of new pixels at a time:
nothing is as quick on a processor as a product of matrices, so they take a third of the time of a general resize.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
import numpy.typing as npt
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
LOBES = 3
BAND_PX = 16  # new pixels of one product: the more they are, the less of what they see is seen by all
BAND_ROWS = 128  # widened at once, so that they stay in the processor's cache
PARTS = 2.0**15  # of 1 in whole ones of which all weights are: what bytes add up to stays under 24 bits, so float32 holds it exactly
MAX_KEPT = 8  # stretches whose weights are kept

Starts = npt.NDArray[np.intp]
Weights = npt.NDArray[np.float32]
Stretch = tuple[float, float, int]  # from one place of a line of pixels to another, fractions allowed, as so many new pixels, not fewer
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
    if _grows(part, size):
        return _enlarge_bytes(colours, part, size)
    return np.asarray(Image.fromarray(colours).resize((size.width, size.height), Resampling.LANCZOS, box=part))


def centred_part(width: int, height: int, size: Sides) -> Part:
    """Return the largest centred part of a picture that has the ratio of `size`."""
    part_width = min(float(width), height * size.width / size.height)
    part_height = min(float(height), width * size.height / size.width)
    left, top = (width - part_width) / 2, (height - part_height) / 2
    return left, top, min(left + part_width, float(width)), min(top + part_height, float(height))


def _grows(part: Part, size: Sides) -> bool:
    """Tell whether a part grows, or stays as it is, in both directions."""
    return part[2] - part[0] <= size.width and part[3] - part[1] <= size.height


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
        plane = np.ascontiguousarray(plane)
        if resampling is Resampling.LANCZOS and _grows(part, size):
            return _enlarge_plane(plane, part, size)
        image = Image.fromarray(plane)
        return np.asarray(image.resize((size.width, size.height), resampling, box=part), np.float32)

    with ThreadPoolExecutor(len(planes)) as pool:
        *colours, alpha = pool.map(resize, planes)
    stacked = np.empty((len(planes), *alpha.shape), np.float32)
    np.clip(alpha, 0, 1, out=stacked[-1])
    for plane, colour in zip(stacked, colours, strict=False):
        np.minimum(np.maximum(colour, 0, out=plane), stacked[-1], out=plane)
    return np.moveaxis(stacked, 0, -1)


def _enlarge_bytes(colours: Pixels, part: Part, size: Sides) -> Pixels:
    """Scale a part of colours (height, width, channels) that grows; what Lanczos overshoots is clipped after each of the two products.

    The same bytes on every machine, since in whatever order such sums are made nothing is lost.
    """
    height, width, channels = colours.shape
    starts, weights = weigh(height, (part[1], part[3], size.height))
    seen = colours[starts[0] : starts[-1] + weights.shape[-1]].reshape(-1, width * channels)
    places, shares = _weigh_apart(width, (part[0], part[2], size.width), channels)
    wide = np.empty((len(seen), size.width * channels), np.uint8)
    for top in range(0, len(seen), BAND_ROWS):
        rows = seen[top : top + BAND_ROWS].astype(np.float32)
        wide[top : top + BAND_ROWS] = _whole(_widen(rows, places, shares))[:, : wide.shape[1]]
    large = np.empty((size.height, wide.shape[1]), np.uint8)
    for place, band in _lengthen(wide, starts - starts[0], weights, size.height):
        large[place] = _whole(band)
    return large.reshape(size.height, size.width, channels)


def _enlarge_plane(plane: Premultiplied, part: Part, size: Sides) -> Premultiplied:
    """Scale a part of a plane (height, width) that grows; what Lanczos overshoots is left."""
    height, width = plane.shape
    starts, weights = weigh(height, (part[1], part[3], size.height))
    places, shares = weigh(width, (part[0], part[2], size.width))
    seen = plane[starts[0] : starts[-1] + weights.shape[-1]]
    wide = _widen(seen, places, shares.swapaxes(1, 2))[:, : size.width]
    large = np.empty((size.height, size.width), np.float32)
    for place, band in _lengthen(wide, starts - starts[0], weights, size.height):
        large[place] = band
    return large


@functools.lru_cache(MAX_KEPT)
def weigh(num_old: int, stretch: Stretch) -> tuple[Starts, Weights]:
    """Return of what each band of `BAND_PX` new pixels is made in a line of old ones; the last band may reach beyond the end.

    The first old pixel that each sees, and weights (bands, `BAND_PX`, seen) that add up to 1 exactly; all see as many, weighed or not.
    """
    start, end, num_new = stretch
    step = (end - start) / num_new
    num_bands = math.ceil(num_new / BAND_PX)
    centres = start + step * (np.arange(num_bands * BAND_PX) + 0.5).clip(max=num_new).reshape(num_bands, BAND_PX, 1)
    num_seen = min(num_old, math.ceil(step * BAND_PX) + 2 * LOBES)
    starts = np.floor(centres[:, 0, 0] - LOBES + 0.5).astype(np.intp).clip(0, num_old - num_seen)
    distances = starts[:, None, None] + np.arange(num_seen) + 0.5 - centres
    sums = np.cumsum(np.sinc(distances) * np.sinc(distances / LOBES) * (np.abs(distances) < LOBES), axis=-1)
    parts = np.diff(np.rint(PARTS * sums / sums[..., -1:]), axis=-1, prepend=0)
    return starts, (parts / PARTS).astype(np.float32)


@functools.lru_cache(MAX_KEPT)
def _weigh_apart(num_old: int, stretch: Stretch, channels: int) -> tuple[Starts, Weights]:
    """Return the same of pixels whose channels lie side by side and never mix: weights (bands, seen * channels, `BAND_PX` * channels)."""
    starts, weights = weigh(num_old, stretch)
    num_bands, _, num_seen = weights.shape
    apart = np.zeros((num_bands, num_seen, channels, BAND_PX, channels), np.float32)
    for channel in range(channels):
        apart[:, :, channel, :, channel] = weights.swapaxes(1, 2)
    return starts * channels, apart.reshape(num_bands, num_seen * channels, BAND_PX * channels)


def _widen(rows: Premultiplied, starts: Starts, weights: Weights) -> Premultiplied:
    """Return rows (number, width) by weights (bands, seen, new) as (number, bands * new)."""
    num_bands, num_seen, num_new = weights.shape
    wide = np.empty((len(rows), num_bands, num_new), np.float32)
    for band, (start, some) in enumerate(zip(starts, weights, strict=True)):
        np.matmul(rows[:, start : start + num_seen], some, out=wide[:, band])
    return wide.reshape(len(rows), -1)


def _lengthen(wide: Premultiplied | Pixels, starts: Starts, weights: Weights, num_new: int) -> Iterator[tuple[slice, Premultiplied]]:
    """Yield for each band of the new rows where it belongs, and its rows (up to `BAND_PX`, width)."""
    for top, start, some in zip(range(0, num_new, BAND_PX), starts, weights, strict=True):
        seen = wide[start : start + some.shape[1]].astype(np.float32, copy=False)
        yield slice(top, top + BAND_PX), some[: num_new - top] @ seen


def _whole(colours: Premultiplied) -> Premultiplied:
    """Round to whole numbers from 0 to 255, in place."""
    return np.rint(colours.clip(0, 255, out=colours), out=colours)
