"""One resize for every picture: antialiased, never a stretch, always the exact size."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from PIL import Image

from limner.media.alpha import Premultiplied


class Sides(Protocol):
    """Anything with a width and a height in pixels."""

    @property
    def width(self) -> int:
        """Pixels from left to right."""

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""


def fit(premultiplied: Premultiplied, size: Sides) -> Premultiplied:
    """Scale premultiplied RGBA (height, width, 4) until it covers `size`, and cut what stands over evenly on both sides.

    Premultiplied, so colours never bleed from where nothing shows; what Lanczos overshoots is clipped back into range.
    """
    height, width = premultiplied.shape[:2]
    if (width, height) == (size.width, size.height):
        return premultiplied
    box = _centred_box(width, height, size)
    planes = [_resize_plane(premultiplied[..., channel], size, box) for channel in range(4)]
    alpha = planes[3].clip(0, 1)
    return np.stack([*(plane.clip(0, alpha) for plane in planes[:3]), alpha], axis=-1)


def _centred_box(width: int, height: int, size: Sides) -> tuple[float, float, float, float]:
    """Return the largest centred box of the source that has the ratio of `size`: left, top, right, bottom."""
    box_width = min(float(width), height * size.width / size.height)
    box_height = min(float(height), width * size.height / size.width)
    left, top = (width - box_width) / 2, (height - box_height) / 2
    return left, top, left + box_width, top + box_height


def _resize_plane(plane: Premultiplied, size: Sides, box: tuple[float, float, float, float]) -> Premultiplied:
    image = Image.fromarray(np.ascontiguousarray(plane))
    return np.asarray(image.resize((size.width, size.height), Image.Resampling.LANCZOS, box=box), np.float32)
