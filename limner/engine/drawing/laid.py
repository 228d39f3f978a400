"""Edits by a snapshot that reads no pictures, and variations: what the pictures show is laid where drawing starts.

Without a mask they are laid out on the grid, and drawing starts when the flow has them still under noise. With one (or a
place, which masks whatever the source leaves uncovered) a view around the change is drawn, its known pixels are imposed at every step,
and the last guess is pasted into the source inside the mask.
"""

from __future__ import annotations

import numpy as np

from limner.engine.drawing.paste import Overlay
from limner.engine.drawing.plan import Plan
from limner.engine.drawing.references import lay_in_mask, lay_in_rows
from limner.engine.drawing.sampler import Channels, Ground
from limner.engine.drawing.source import lay_out, lay_under, see
from limner.engine.protocol import Background, Fidelity, Mask
from limner.engine.wire import Order
from limner.media.alpha import Premultiplied, flatten
from limner.media.resize import centred_part
from limner.model import flow
from limner.model.layout import Grid, Size

Starts = dict[Fidelity, float]
IMAGE_STARTS: Starts = {"low": 0.04, "high": 0.12}  # from images: what a picture shows is decided before time 0.1
WORDLESS_STARTS: Starts = {"low": 0.04, "high": 0.09}  # from images, with nothing but the noise to lead away from them
MASKED_STARTS: Starts = {"low": 0.0, "high": 0.03}  # inside a mask: from pure noise, or from what the source has there


def plan_whole(order: Order, size: Size, grid: Grid) -> Plan:
    """Plan an edit in which everything may change: the grid starts as what the images show."""
    left, top, right, bottom = (round(edge) for edge in centred_part(grid.size.width, grid.size.height, size))
    laid = lay_in_rows(order.images, Size(right - left, bottom - top))
    laid = np.pad(laid, ((top, grid.size.height - bottom), (left, grid.size.width - right), (0, 0)), "edge")
    ground = Ground(grid=grid, content=_channels(laid, order.background), start_time=_starts(order)[order.fidelity])
    return Plan(size=size, background=order.background, ground=ground)


def plan_inside(order: Order, size: Size, num_patches: int) -> Plan:
    """Plan an edit in which a mask says what may change.

    Raises:
        InvalidMask: nothing may change once the mask is fitted to the size.
    """
    overlay = lay_under(lay_out(order, size), order.background, num_patches)
    return Plan(size=size, background=order.background, ground=_ground(order, overlay), overlay=overlay)


def _ground(order: Order, overlay: Overlay) -> Ground:
    """Lay what the view shows on the grid, continued to where it shows nothing."""
    seen = see(overlay)
    content = spread(seen.content, seen.shown)
    if order.images[1:]:
        content = lay_in_mask(order.images[1:], ~seen.is_known, content)
    return Ground(
        grid=overlay.grid,
        content=flow.from_premultiplied(np.pad(content, (*seen.beyond, (0, 0)), "edge")),
        start_time=_starts(order)[order.fidelity],
        is_known=np.pad(seen.is_known, seen.beyond),
    )


def spread(content: Premultiplied, shown: Mask) -> Premultiplied:
    """Continue what is shown to where nothing is: a pixel takes the mean of the smallest square around it that shows something."""
    if shown.all() or not shown.any():
        return content
    height, width = shown.shape
    sums: Premultiplied = np.pad(content * shown[..., None], ((0, height % 2), (0, width % 2), (0, 0)))
    counts = np.pad(shown.astype(np.float32), ((0, height % 2), (0, width % 2)))
    sums = sums[::2, ::2] + sums[1::2, ::2] + sums[::2, 1::2] + sums[1::2, 1::2]
    counts = counts[::2, ::2] + counts[1::2, ::2] + counts[::2, 1::2] + counts[1::2, 1::2]
    means = sums / np.maximum(counts, np.float32(1))[..., None]
    coarse = spread(means.astype(np.float32), counts > 0)
    fine = coarse.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    return np.where(shown[..., None], content, fine)


def _starts(order: Order) -> Starts:
    if (order.mask is not None or order.place is not None) and not order.images[1:]:
        return MASKED_STARTS
    return IMAGE_STARTS if order.prompt else WORDLESS_STARTS


def _channels(premultiplied: Premultiplied, background: Background) -> Channels:
    return flow.from_premultiplied(flatten(premultiplied) if background == "opaque" else premultiplied)
