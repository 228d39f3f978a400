"""The source of an edit: at the result's size with what may change, and then as much of it as the grid shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limner.engine.drawing.paste import Overlay
from limner.engine.drawing.views import choose_view, part_in_grid
from limner.engine.protocol import Background, Mask, Pixels
from limner.engine.wire import Order
from limner.errors import InvalidMask
from limner.media.alpha import Premultiplied, flatten
from limner.media.boxes import Box
from limner.media.masks import all_within, bounding_box, fit_mask
from limner.media.resize import cut_out, fit_pixels
from limner.model.layout import Size

Laid = tuple[Pixels, Mask, Mask]


def lay_out(order: Order, size: Size) -> Laid:
    """Return the source at the result's size, where it may change, and where it shows something to start from.

    Where a source shows nothing and the result is opaque, or where a canvas is larger than its source, there is nothing.
    """
    source = order.images[0]
    given = np.zeros(source.shape[:2], np.bool_) if order.mask is None else order.mask
    if order.place is None:
        source, mask = fit_pixels(source, size), fit_mask(given, size)
        return (source, mask, source[..., 3] > 0 if order.background == "opaque" else np.ones_like(mask))
    canvas = np.zeros((size.height, size.width, 4), np.uint8)
    mask, shown = (np.ones(canvas.shape[:2], np.bool_), np.zeros(canvas.shape[:2], np.bool_))
    covered = Box(*order.place, source.shape[1], source.shape[0]).overlap(Box(0, 0, size.width, size.height))
    if covered is not None:
        inside = covered.moved(-order.place[0], -order.place[1]).cut
        canvas[covered.cut], mask[covered.cut] = source[inside], given[inside]
        shown[covered.cut] = source[inside][..., 3] > 0 if order.background == "opaque" else True
    return canvas, mask, shown


def lay_under(laid: Laid, background: Background, num_patches: int, *, is_square: bool = False) -> Overlay:
    """Return what was laid out as what a drawing of the part that may change is pasted into, seen by a view around that part.

    Raises:
        InvalidMask: nothing may change.
    """
    source, mask, shown = laid
    size = Size(mask.shape[1], mask.shape[0])
    change = bounding_box(mask)
    if change is None:
        raise InvalidMask(f"nothing is left of the mask at size {str(size)!r}; mark a larger area or choose another size")
    grid, view = choose_view(change, size, num_patches, is_square=is_square)
    return Overlay(source=source, mask=mask, shown=shown, change=change, view=view, grid=grid, background=background)


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """What the grid of a view shows of a source, all (height, width) of the grid or of the part of it at `place` that lies in the picture.

    `content` is premultiplied RGBA, `shown` where it shows something, `is_known` where nothing may change. `beyond` is how
    many pixels of the grid lie above and below, left and right of the picture.
    """

    content: Premultiplied
    shown: Mask
    is_known: Mask
    beyond: tuple[tuple[int, int], tuple[int, int]]


def see(overlay: Overlay) -> Seen:
    """Bring the view of an overlay to its grid; a pixel of the grid is known or shown only if all that it touches is."""
    height, width = overlay.mask.shape
    inner = overlay.view.overlap(Box(0, 0, width, height))
    assert inner is not None, "a view holds a part of its picture"
    left, top, right, bottom = (round(edge) for edge in part_in_grid(inner, overlay.view, overlay.grid))
    size, whole = (Size(max(1, right - left), max(1, bottom - top)), (0.0, 0.0, float(inner.width), float(inner.height)))
    content = cut_out(overlay.source[inner.cut], whole, size, footprint_only=True, in_bytes=True)
    if overlay.background == "opaque":
        content = flatten(content)
    grid = overlay.grid.size
    return Seen(
        content=content,
        shown=all_within(overlay.shown[inner.cut], whole, size),
        is_known=all_within(~overlay.mask[inner.cut], whole, size),
        beyond=((top, grid.height - top - size.height), (left, grid.width - left - size.width)),
    )
