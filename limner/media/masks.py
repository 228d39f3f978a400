"""Which pixels may change: boolean arrays (height, width), True where they may. Rounding is always in favour of what is kept."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from limner.errors import IncompatibleFields, InvalidField, InvalidMask
from limner.media.alpha import Pixels
from limner.media.boxes import Box
from limner.media.resize import Part, Sides, centred_part

Mask = npt.NDArray[np.bool_]
MaskMode = Literal["alpha", "luma"]  # what says that a pixel may change: being fully transparent, or being white
MASK_MODES: tuple[MaskMode, ...] = get_args(MaskMode)

WHOLE_ENOUGH = 0.9  # of its outline: then what a transparent band surrounds counts as a rectangle
BAND_ROWS = 256  # worked on at once, so that a large mask needs little memory beside it
MASK_HELP = "make what may change fully transparent in an RGBA PNG or WebP, or send mask_mode luma, where white may change and black stays"
WHITE_HELP = "if white is what may change, send mask_mode luma, or make white fully transparent in an RGBA PNG or WebP"
MOSTLY = 0.98  # of its pixels: then a picture is called black and white
NEARLY = 16  # of 255; as near as this to black or white is black or white
_ROUNDING = 1e-6  # pixels; an edge this near to a pixel's edge is that edge


def parse_mask_mode(name: str, *, has_mask: bool) -> MaskMode:
    """Read the name of a mask's mode.

    Raises:
        InvalidField: no such mode.
        IncompatibleFields: it says how a mask is read, and there is none.
    """
    if name not in MASK_MODES:
        raise InvalidField("mask_mode", f"mask_mode {name!r} is not known; use alpha (transparent may change) or luma (white may change)")
    if name != "alpha" and not has_mask:
        raise IncompatibleFields("mask_mode", "mask_mode says how a mask is read, and there is no mask; send one, or leave mask_mode out")
    return "luma" if name == "luma" else "alpha"


def read_mask(pixels: Pixels, mode: MaskMode, sides: Sides, *, has_alpha: bool) -> Mask:
    """Turn a mask picture into a mask of a source with these sides.

    Mode `alpha`: a pixel may change where the mask is fully transparent. Mode `luma`: where it is white or nearer to white than to
    black; what is transparent there counts as black. `has_alpha` says whether the picture's file could say what is transparent.

    Raises:
        InvalidMask: another size than the source, no alpha channel in mode `alpha`, or nothing may change.
    """
    height, width = pixels.shape[:2]
    if (width, height) != (sides.width, sides.height):
        wanted = f"{sides.width}x{sides.height}"
        raise InvalidMask(f"the mask is {width}x{height} and its image is {wanted}; make both the same size: scale the mask to {wanted}")
    if mode == "luma":
        white = _is_white(pixels)
        if not white.any():
            raise InvalidMask("the mask has no white, so nothing may change; paint white what may change")
        return white
    clear: Mask = np.equal(pixels[..., 3], 0)
    if not has_alpha or not clear.any():
        raise InvalidMask(_say_why_not(pixels, has_alpha))
    return clear


def bounding_box(mask: Mask) -> Box | None:
    """Return the smallest rectangle that holds every True pixel, None if there is none."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    left, top = int(columns[0]), int(rows[0])
    return Box(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)


def all_within(mask: Mask, part: Part, size: Sides) -> Mask:
    """Lay a grid of `size` over a part of the mask; a cell is True if each mask pixel that it touches is True."""
    if mask.all():
        return np.ones((size.height, size.width), np.bool_)
    lines = _any_between(~mask, *_touched(part[1], part[3], size.height, mask.shape[0]))
    return ~_any_between(lines.T, *_touched(part[0], part[2], size.width, mask.shape[1])).T


def fit_mask(mask: Mask, size: Sides) -> Mask:
    """Scale and cut a mask as `limner.media.resize.fit` does its picture; a pixel that touches one to be kept is kept."""
    height, width = mask.shape
    return mask if (width, height) == (size.width, size.height) else all_within(mask, centred_part(width, height, size), size)


def depth(mask: Mask, limit: int) -> npt.NDArray[np.uint8]:
    """Return how many steps, across or down, each pixel is from the nearest False one, `limit` (1 to 255) where it is more.

    The edge of the array is no border.
    """
    steps = np.empty(mask.shape, np.uint8)
    for top in range(0, len(mask), BAND_ROWS):
        above, bottom = max(0, top - limit), min(top + BAND_ROWS, len(mask))
        steps[top:bottom] = _steps(mask[above : bottom + limit], limit)[top - above : bottom - above]
    return steps


def find_border_band(pixels: Pixels) -> Mask | None:
    """Return the fully transparent band around (or along) a rectangular picture as a mask, None if there is no such band.

    What the band leaves is a picture if something shows on at least `WHOLE_ENOUGH` of its outline: a photograph on a larger
    canvas does, a sticker cut out of its background does not.
    """
    shows = pixels[..., 3] > 0
    inner = bounding_box(shows)
    if inner is None or (inner.height, inner.width) == shows.shape:
        return None
    seen = shows[inner.cut]
    outline = np.concatenate([seen[0], seen[-1], seen[:, 0], seen[:, -1]])
    if outline.mean() < WHOLE_ENOUGH:
        return None
    band = np.ones(shows.shape, np.bool_)
    band[inner.cut] = False
    return band


def _say_why_not(pixels: Pixels, has_alpha: bool) -> str:  # noqa: FBT001 - said beside the pixels that it speaks of
    """Say why transparency does not tell what may change, and how to tell it."""
    alpha = pixels[..., 3]
    partly = int((alpha < 255).sum())
    if not partly and _is_black_and_white(pixels):
        lacks = "is opaque everywhere" if has_alpha else "has no alpha channel"
        return f"the mask is black and white and {lacks}, and mask_mode alpha reads transparency alone; {WHITE_HELP}"
    if not has_alpha:
        return f"the mask has no alpha channel, so it does not say what may change; {MASK_HELP}"
    seen = f"{partly:,} of its pixels are partly transparent, and only alpha 0 counts" if partly else "it is opaque everywhere"
    return f"the mask lets nothing change: {seen}; {MASK_HELP}"


def _is_black_and_white(pixels: Pixels) -> bool:
    """Say whether a look at some rows shows little else; both must be there."""
    colours = pixels[:: max(1, len(pixels) // BAND_ROWS), :, :3]
    black, white = (colours <= NEARLY).all(axis=-1), (colours >= 255 - NEARLY).all(axis=-1)
    return bool(black.any() and white.any() and black.mean() + white.mean() >= MOSTLY)


def _is_white(pixels: Pixels) -> Mask:
    """In whole numbers, exact, a band of rows at a time: the weights of red, green and blue add up to 256."""
    allowed = np.empty(pixels.shape[:2], np.bool_)
    for top in range(0, len(pixels), BAND_ROWS):
        red, green, blue, alpha = (pixels[top : top + BAND_ROWS, :, channel].astype(np.uint16) for channel in range(4))
        luma = (red * 77 + green * 150 + blue * 29) >> 8
        np.greater_equal(luma * alpha, 128 * 255, out=allowed[top : top + BAND_ROWS])
    return allowed


def _steps(mask: Mask, limit: int) -> npt.NDArray[np.signedinteger]:
    """Count the steps to the nearest False pixel up to a limit: first along the columns, then along the rows."""
    number = np.int16 if max(mask.shape) + limit < np.iinfo(np.int16).max else np.int32
    steps = np.where(mask, number(limit), number(0))
    for axis, count in enumerate(mask.shape):
        place = np.arange(count, dtype=number).reshape((-1, 1) if axis == 0 else (1, -1))
        before = np.minimum.accumulate(steps - place, axis=axis) + place
        after = np.flip(np.minimum.accumulate(np.flip(steps + place, axis), axis=axis), axis) - place
        steps = np.minimum(np.minimum(before, after), number(limit))
    return steps


def _any_between(mask: Mask, first: npt.NDArray[np.intp], last: npt.NDArray[np.intp]) -> Mask:
    """Return for each pair whether any of the rows from `first` to before `last` is True, column by column."""
    pairs = np.stack([first, last], axis=1).ravel()
    return np.asarray(np.logical_or.reduceat(np.pad(mask, ((0, 1), (0, 0))), pairs, axis=0)[::2])


def _touched(start: float, end: float, count: int, limit: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Split [start, end] into `count` cells; return the first pixel that each touches, and the first after it."""
    edges = start + (end - start) * np.arange(count + 1) / count
    first = np.floor(edges[:-1] + _ROUNDING).astype(np.intp).clip(0, limit - 1)
    last = np.ceil(edges[1:] - _ROUNDING).astype(np.intp).clip(1, limit)
    return first, np.maximum(last, first + 1)


def greatest_around(field: npt.NDArray[np.uint8], side_px: int) -> npt.NDArray[np.uint8]:
    """Return, for every pixel of (H, W), the greatest value of the square of `side_px` (odd) around it; in steps that double."""
    for axis in (0, 1):
        pad = [(side_px // 2, side_px // 2) if each == axis else (0, 0) for each in (0, 1)]
        field, window = np.moveaxis(np.pad(field, pad, mode="edge"), axis, 0), 1
        while window < side_px:
            step = min(window, side_px - window)
            field, window = np.maximum(field[:-step], field[step:]), window + step
        field = np.moveaxis(field, 0, axis)
    return field
