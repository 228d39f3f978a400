"""How a picture is made from pictures: what is drawn, over which ground, from when, and how that becomes the result.

Three kinds, told apart by the order alone. No images: from noise, on the grid whose ratio is nearest to the size's. Images and
no mask: they are laid out on the grid, and drawing starts when the flow has them still under noise. Images and a mask (or a
place, which masks whatever the source leaves uncovered): a view around the change is drawn, its known pixels are imposed at
every step, and the last guess is pasted into the source inside the mask.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limner.engine.drawing.enlarging import Upsample, enlarge_towards
from limner.engine.drawing.paste import Overlay
from limner.engine.drawing.references import lay_in_mask, lay_in_rows
from limner.engine.drawing.sampler import Channels, Ground, develop
from limner.engine.drawing.views import choose_view, nearest_grid, part_in_grid
from limner.engine.protocol import Background, Fidelity, Mask, Pixels
from limner.engine.wire import Order
from limner.errors import InvalidMask
from limner.media.alpha import Premultiplied, flatten
from limner.media.boxes import Box
from limner.media.masks import all_within, bounding_box, fit_mask
from limner.media.resize import centred_part, cut_out, fit_pixels
from limner.media.surround import surround
from limner.model import flow
from limner.model.layout import Grid, Size

Starts = dict[Fidelity, float]
IMAGE_STARTS: Starts = {"low": 0.04, "high": 0.12}  # from images: what a picture shows is decided before time 0.1
WORDLESS_STARTS: Starts = {"low": 0.04, "high": 0.09}  # from images, with nothing but the noise to lead away from them
MASKED_STARTS: Starts = {"low": 0.0, "high": 0.03}  # inside a mask: from pure noise, or from what the source has there


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """How one picture is drawn; with an `overlay` what is drawn is a part of it."""

    size: Size
    background: Background
    ground: Ground
    overlay: Overlay | None = None
    is_square: bool = False

    def develop(self, guess: Channels, upsample: Upsample | None) -> Pixels:
        """Turn a guess of the grid into the whole picture, straight-alpha RGBA of exactly `size`."""
        if self.overlay:
            return self.overlay.paste(enlarge_towards(guess, self.overlay.view, upsample))
        side = min(self.size.width, self.size.height)
        size = Size(side, side) if self.is_square else self.size
        pixels = develop(enlarge_towards(guess, size, upsample), size, self.background)
        return surround(pixels, self.size) if self.is_square else pixels


def plan_picture(order: Order, num_patches: int, *, knows_ratios: bool = True) -> Plan:
    """Settle how an order is drawn with a grid of that many patches.

    A snapshot that was shown squares alone draws a square, and what is left of the size continues its ground.
    """
    size = Size(order.width, order.height)
    if not order.images and not knows_ratios:
        ground = Ground(grid=nearest_grid(Size(1, 1), num_patches))
        return Plan(size=size, background=order.background, ground=ground, is_square=True)
    if not order.images:
        return Plan(size=size, background=order.background, ground=Ground(grid=nearest_grid(size, num_patches)))
    if order.mask is None and order.place is None:
        return _plan_whole(order, size, nearest_grid(size, num_patches))
    return _plan_inside(order, size, num_patches)


def _plan_whole(order: Order, size: Size, grid: Grid) -> Plan:
    """Plan an edit in which everything may change: the grid starts as what the images show."""
    left, top, right, bottom = (round(edge) for edge in centred_part(grid.size.width, grid.size.height, size))
    laid = lay_in_rows(order.images, Size(right - left, bottom - top))
    laid = np.pad(laid, ((top, grid.size.height - bottom), (left, grid.size.width - right), (0, 0)), "edge")
    ground = Ground(grid=grid, content=_channels(laid, order.background), start_time=_starts(order)[order.fidelity])
    return Plan(size=size, background=order.background, ground=ground)


def _plan_inside(order: Order, size: Size, num_patches: int) -> Plan:
    """Plan an edit in which a mask says what may change.

    Raises:
        InvalidMask: nothing may change once the mask is fitted to the size.
    """
    source, mask, shown = lay_out(order, size)
    change = bounding_box(mask)
    if change is None:
        raise InvalidMask(f"nothing is left of the mask at size {str(size)!r}; mark a larger area or choose another size")
    grid, view = choose_view(change, size, num_patches)
    overlay = Overlay(source=source, mask=mask, shown=shown, change=change, view=view, grid=grid, background=order.background)
    return Plan(size=size, background=order.background, ground=_ground(order, overlay), overlay=overlay)


def lay_out(order: Order, size: Size) -> tuple[Pixels, Mask, Mask]:
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


def _ground(order: Order, overlay: Overlay) -> Ground:
    """Bring the view to the grid: what it shows, and which pixels of the grid touch nothing that may change."""
    picture = Box(0, 0, order.width, order.height)
    inner = overlay.view.overlap(picture)
    assert inner is not None, "a view holds a part of its picture"
    left, top, right, bottom = (round(edge) for edge in part_in_grid(inner, overlay.view, overlay.grid))
    size, whole = (Size(max(1, right - left), max(1, bottom - top)), (0.0, 0.0, float(inner.width), float(inner.height)))
    content = cut_out(overlay.source[inner.cut], whole, size, footprint_only=True)
    if order.background == "opaque":
        content = flatten(content)
    content = spread(content, all_within(overlay.shown[inner.cut], whole, size))
    is_known = all_within(~overlay.mask[inner.cut], whole, size)
    if order.images[1:]:
        content = lay_in_mask(order.images[1:], ~is_known, content)
    beyond = ((top, overlay.grid.size.height - top - size.height), (left, overlay.grid.size.width - left - size.width))
    return Ground(
        grid=overlay.grid,
        content=flow.from_premultiplied(np.pad(content, (*beyond, (0, 0)), "edge")),
        start_time=_starts(order)[order.fidelity],
        is_known=np.pad(is_known, beyond),
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
