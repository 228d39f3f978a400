"""Masks as people draw them: a box, a rough blob or something generous, always over all that changes."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from limner.data.editing.pair import Mask


def region_over(changed: Mask, rng: np.random.Generator, *, share_generous: float = 1 / 3) -> Mask:
    """Return a mask (S, S) that covers all of `changed`, which must not be empty: close or generous, with straight or round edges."""
    side = changed.shape[0]
    grow = rng.uniform(0.12, 0.30) if rng.random() < share_generous else rng.uniform(0.0, 0.06)
    padding = round(grow * side)
    return _box(changed, padding, rng) if rng.random() < 0.6 else grown(changed, padding + 1)


def bounds(mask: Mask) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of what is True, the last two just behind it."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def grown(mask: Mask, by: int) -> Mask:
    """Return the mask with a rounded margin of about `by` pixels, its holes closed where they are small."""
    wide = mask
    for axis in (0, 1):
        padded = np.pad(wide, [(by, by) if each == axis else (0, 0) for each in (0, 1)])
        wide = np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * by + 1, axis).any(-1))
    soft = Image.fromarray(wide.astype(np.uint8) * 255).filter(ImageFilter.BoxBlur(by))
    return (np.asarray(soft) >= 96) | mask


def _box(changed: Mask, padding: int, rng: np.random.Generator) -> Mask:
    left, top, right, bottom = bounds(changed)
    pads = [int(padding * share) for share in rng.uniform(0.5, 1.5, 4)]
    region = np.zeros_like(changed)
    region[max(0, top - pads[0]) : bottom + pads[1], max(0, left - pads[2]) : right + pads[3]] = True
    return region


def hole_in(size: int, rng: np.random.Generator, *, middle: tuple[float, float] | None = None) -> Mask:
    """Return a region (size, size) to be filled: a box or an ellipse, around `middle` (x, y in fractions) or anywhere."""
    x, y = middle or (float(rng.uniform(0.25, 0.75)), float(rng.uniform(0.25, 0.75)))
    half_width, half_height = (float(half) for half in rng.uniform(0.12, 0.26, 2))
    down, across = (np.mgrid[:size, :size] + 0.5) / size
    box: Mask = (abs(across - x) < half_width) & (abs(down - y) < half_height)
    ellipse: Mask = ((across - x) / half_width) ** 2 + ((down - y) / half_height) ** 2 < 1.3
    return box if rng.random() < 0.5 else ellipse


def window_in(size: int, rng: np.random.Generator) -> tuple[Mask, str]:
    """Return the part (size, size) of a picture that is shown, and where the rest is: "left", "right", "top", "bottom" or ""."""
    shown = np.zeros((size, size), np.bool_)
    side = ("left", "right", "top", "bottom", "", "")[int(rng.integers(6))]
    kept = round(size * float(rng.uniform(0.5, 0.75)))
    if not side:
        margins = [round(size * float(margin)) for margin in rng.uniform(0.1, 0.25, 4)]
        shown[margins[0] : size - margins[1], margins[2] : size - margins[3]] = True
    elif side in {"left", "right"}:
        shown[:, size - kept :] = True
    else:
        shown[size - kept :, :] = True
    return (shown[:, ::-1].copy() if side == "right" else shown[::-1].copy() if side == "bottom" else shown), side
