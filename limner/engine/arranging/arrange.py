"""Orders that put things somewhere: what is shown is cut out and laid where it belongs, and stays what it was to the pixel where it can.

The network says where a thing is that words name, and draws what is new. Behind what goes away is the ground, where that is clear, plain
or a gradient; before anything else the network draws the picture without the thing, and that shows where the thing was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from limner.engine.arranging.changing import Finish, change, change_ground, paint
from limner.engine.arranging.completing import complete, gather
from limner.engine.arranging.cutouts import resize_mask
from limner.engine.arranging.desk import Desk, NotArrangedError, inside
from limner.engine.arranging.putting import compose, put
from limner.engine.arranging.treating import treat
from limner.engine.drawing.locating import IsWanted, settle
from limner.engine.drawing.runtime import Runtime
from limner.engine.protocol import Pixels
from limner.engine.wire import Order
from limner.engine.words.arrangements import Arrangement, read_arrangements, read_name
from limner.engine.words.captions import read_caption
from limner.engine.words.likeness import read_likeness
from limner.engine.words.treatments import Restyle
from limner.media.alpha import with_alpha
from limner.media.boxes import Box
from limner.media.resize import reduce_pixels
from limner.model.layout import Size

MARKED_AT_PX = 2048  # the longer side; what words name in a larger source is found in a smaller copy


@dataclass(frozen=True, kw_only=True, eq=False)
class Staged:
    """What the network is to draw, and what becomes of source and drawing, both (height, width, 4) of the result; None is the drawing."""

    order: Order
    finish: Callable[[Pixels, Pixels], Pixels] | None = None


def mark(runtime: Runtime, order: Order, is_wanted: IsWanted) -> Order:
    """Return an order with a mask of the part that its `words` name, if its source can be taken apart and has such a part; else as it is.

    Raises:
        Unwanted: `is_wanted` said so.
    """
    if not order.words or not runtime.abilities.reads_pictures:
        return order
    source = order.images[0]
    small = reduce_pixels(source, MARKED_AT_PX)
    desk = Desk(
        runtime, replace(order, images=(small,), place=None, width=small.shape[1], height=small.shape[0]), is_wanted, lambda: runtime
    )
    named = read_name(order.words)
    if desk.scene is None or named is None:
        return order
    try:
        return replace(order, mask=settle(order.words, resize_mask(desk.find(named), source.shape[1], source.shape[0])), words="")
    except NotArrangedError:
        return order


def arrange(runtime: Runtime, order: Order, is_wanted: IsWanted, open_drawer: Callable[[], Runtime]) -> Staged | Pixels:
    """Return the picture (height, width, 4) of an order that only puts things somewhere, or what is left for the network to draw.

    `open_drawer` opens the snapshot that draws what is new.

    Raises:
        Unwanted: `is_wanted` said so.
    """
    if order.words or not order.images or not runtime.abilities.reads_pictures:
        return Staged(order=order)
    try:
        laid = order if order.place is None else _lay_out(order)
        return _arrange_in_turn(laid, _read(runtime, order), lambda rest: Desk(runtime, rest, is_wanted, open_drawer))
    except NotArrangedError:
        return Staged(order=order)


def _read(runtime: Runtime, order: Order) -> tuple[Arrangement, ...]:
    """Return what an order asks for; on a larger canvas that is only to complete it.

    Raises:
        NotArrangedError: it asks for the style of an image that is made in no medium.
    """
    wishes: tuple[Arrangement, ...] = ()
    if order.place is None and (like := read_likeness(order.prompt, has_source=order.has_source)) and like[1] <= len(order.images):
        return _read_like(runtime, order, *like)
    if order.place is None:
        wishes = read_arrangements(order.prompt, len(order.images), has_source=order.has_source, is_marked=order.mask is not None)
    if not wishes and (not order.has_source or len(order.images) == 1):
        wishes = tuple(filter(None, [read_caption(order.prompt)]))
    return wishes


def _read_like(runtime: Runtime, order: Order, caption: str, number: int) -> tuple[Arrangement, ...]:
    """Return what is made in the medium of an image: what a caption names, or image 1."""
    medium = runtime.media.read(order.images[number - 1]) if runtime.media is not None else ""
    if not medium or len(order.images) > (2 if order.has_source else 1):
        raise NotArrangedError
    restyled = Arrangement(kind="treat", subjects=(), treatment=Restyle(medium))
    if order.has_source:
        return (restyled,)
    shown = read_caption(caption)
    if shown is None or not shown.subjects:
        raise NotArrangedError
    return replace(shown, kind="compose"), restyled


def _lay_out(order: Order) -> Order:
    """Return an order whose source has its place on a canvas that shows nothing else, all of which may change.

    Raises:
        NotArrangedError: a part of the source may change as well.
    """
    if order.mask is not None or order.place is None:
        raise NotArrangedError
    canvas, shown = np.zeros((order.height, order.width, 4), np.uint8), with_alpha(order.images[0])
    box = Box(*order.place, shown.shape[1], shown.shape[0])
    seen = inside(box, Size(order.width, order.height))
    canvas[seen.cut] = shown[seen.moved(-box.left, -box.top).cut]
    free = np.ones(canvas.shape[:2], np.bool_)
    free[seen.cut] = False
    return replace(order, images=(canvas, *order.images[1:]), mask=free, place=None)


def _arrange_in_turn(order: Order, wishes: tuple[Arrangement, ...], lay_out: Callable[[Order], Desk]) -> Staged | Pixels:
    """Fulfil wishes one after the other; what the network has to draw for is a wish alone."""
    arranged: Staged | Pixels = Staged(order=order)
    for wish in wishes:
        arranged = _arranged(lay_out(order), wish)
        if isinstance(arranged, Staged):
            if len(wishes) > 1:
                raise NotArrangedError
            return arranged
        order = replace(order, images=(arranged,))
    return arranged


def _arranged(desk: Desk, arrangement: Arrangement) -> Staged | Pixels:
    if desk.free is not None and not desk.free.any():
        raise NotArrangedError
    if arrangement.kind == "complete" and not desk.order.has_source:
        arrangement = gather(desk, arrangement)
    if arrangement.kind == "compose":
        return compose(desk, arrangement)
    if arrangement.kind == "complete" or (arrangement.kind == "fill" and desk.hole is not None):
        return complete(desk, arrangement)
    if arrangement.treatment is not None:
        return treat(desk, arrangement.treatment)
    if arrangement.kind in ("put", "fill"):
        return put(desk, arrangement)
    if desk.scene is not None:
        return (change_ground if arrangement.kind == "ground" else change)(desk, desk.scene, arrangement)
    if arrangement.kind == "paint":
        return paint(desk, arrangement)
    if arrangement.kind in ("swap", "ground", "remove"):
        raise NotArrangedError
    first, *others = arrangement.subjects
    new = desk.cut(others[0]) if others else None
    order = replace(desk.order, prompt=f"remove the {first.name}")
    return Staged(order=order, finish=Finish(desk=desk, arrangement=arrangement, place=desk.spoken_of(first), new=new))
