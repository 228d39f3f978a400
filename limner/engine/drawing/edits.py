"""How a picture is made from pictures and words: what is drawn, over which ground, what the network reads of the images.

A source rides under the noise. Where a mask (or a place, which masks whatever the source leaves uncovered) says what may change, a
view around the change is drawn; without one the view is all of it. What the guess keeps of the source is not pasted: the source's
own pixels stay. The other images, or all of them where there is no source, are patches of the prefix.
"""

from __future__ import annotations

import numpy as np

from limner.engine.drawing.keeping import Keeping
from limner.engine.drawing.laid import plan_inside, plan_whole
from limner.engine.drawing.paste import Overlay
from limner.engine.drawing.plan import Plan
from limner.engine.drawing.sampler import Channels, Ground
from limner.engine.drawing.source import Laid, lay_out, lay_under, see
from limner.engine.drawing.views import nearest_grid
from limner.engine.protocol import Mask
from limner.engine.weights import Abilities
from limner.engine.wire import Order
from limner.media.alpha import lay_on_white, with_alpha
from limner.model import flow
from limner.model.layout import Size
from limner.model.pictures import NO_PICTURES, PATCHES_OF, REFERENCE_SIDES_PX, PatchRun, overview, reference, source_channels

OPAQUE = 255
MAX_REFERENCE_PATCHES = 256  # of all images together
LEARNT_ALL = Abilities()


def plan_picture(order: Order, num_patches: int, abilities: Abilities = LEARNT_ALL) -> Plan:
    """Settle how an order is drawn with a grid of that many patches.

    A snapshot that was shown squares alone draws a square, and what is left of the size continues its ground.

    Raises:
        InvalidMask: nothing may change once the mask is fitted to the size.
    """
    size = Size(order.width, order.height)
    is_laid = not abilities.reads_pictures or not order.prompt
    has_scope = order.mask is not None or order.place is not None
    if order.images and is_laid:
        return plan_inside(order, size, num_patches) if has_scope else plan_whole(order, size, nearest_grid(size, num_patches))
    if order.images and order.has_source:
        return _plan_edit(order, size, num_patches, abilities)
    is_square = not abilities.knows_ratios
    ground = Ground(grid=nearest_grid(Size(1, 1) if is_square else size, num_patches))
    pictures = _read_references(order) if order.images else NO_PICTURES
    return Plan(size=size, background=order.background, ground=ground, pictures=pictures, is_square=is_square)


def _plan_edit(order: Order, size: Size, num_patches: int, abilities: Abilities) -> Plan:
    overlay = lay_under(_scope(order, size), order.background, num_patches, is_square=not abilities.knows_ratios)
    under, is_known = _under_noise(overlay)
    ground = Ground(grid=overlay.grid, content=under[:4], is_known=is_known, source=under)
    pictures = PatchRun.join([overview(overlay.source, overlay.shown), _read_references(order)])
    keeping = Keeping(source=under, fidelity=order.fidelity)
    return Plan(size=size, background=order.background, ground=ground, pictures=pictures, overlay=overlay, keeping=keeping)


def _scope(order: Order, size: Size) -> Laid:
    """Return the source at the result's size, where it may change, and where it shows something to start from."""
    source, mask, shown = lay_out(order, size)
    if order.mask is not None or order.place is not None:
        return source, mask, shown
    if order.background == "opaque" and source[..., 3].min() < OPAQUE:
        source = with_alpha(lay_on_white(source))
    return source, np.ones_like(mask), np.ones_like(mask)


def _under_noise(overlay: Overlay) -> tuple[Channels, Mask]:
    """Return the source as the network reads it (6, height, width) of the grid, and where nothing may change."""
    seen = see(overlay)
    content = np.pad(seen.content, (*seen.beyond, (0, 0)))
    is_known = np.pad(seen.is_known, seen.beyond)
    return source_channels(flow.from_premultiplied(content), np.pad(seen.shown, seen.beyond), is_known), is_known


def _read_references(order: Order) -> PatchRun:
    """Return the images that are not the source as patches: the more there are and the lower the fidelity, the fewer of each."""
    first = 1 if order.has_source else 0
    images = order.images[first:]
    small, large = REFERENCE_SIDES_PX
    is_large = order.fidelity == "high" and len(images) * PATCHES_OF[large] <= MAX_REFERENCE_PATCHES
    return PatchRun.join([reference(image, number, large if is_large else small) for number, image in enumerate(images, first + 1)])
