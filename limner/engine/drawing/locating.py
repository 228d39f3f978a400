"""Where something is in a source, told by the network itself: what it would change if it were asked to take that thing away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image, ImageFilter

from limner.engine.drawing.edits import Abilities, plan_picture
from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import Sitting, denoise
from limner.engine.protocol import Mask
from limner.engine.wire import Order
from limner.errors import InvalidField

NUM_STEPS = 6
MAX_GROWN_PX = 31
GROWN_SHARE = 0.03  # of the longer side: what comes in its place may stand over a little


def locate(runtime: Runtime, order: Order) -> Order:
    """Return the order with a mask of what its `words` name in the source; an order without words comes back as it is.

    Raises:
        InvalidField: the snapshot reads no pictures, or the network finds nothing or cannot tell it from the rest.
    """
    if not order.words:
        return order
    if not runtime.reads_pictures:
        raise InvalidField("region", f"snapshot {order.snapshot!r} finds nothing by words; give a box or a polygon, or use another model")
    return replace(order, mask=settle(order.words, changed_by_removing(runtime, order)), words="")


def settle(words: str, found: Mask | None) -> Mask:
    """Return what was found, grown a little, as the mask of what may change.

    Raises:
        InvalidField: nothing was found, or everything.
    """
    if found is None or not found.any():
        raise InvalidField("region", f"{words!r} was not found in the image; name it otherwise, or give a box, a polygon or a mask")
    if found.all():
        raise InvalidField("region", f"{words!r} was not told from the rest of the image; give a box, a polygon or a mask")
    side = 2 * round(GROWN_SHARE * max(found.shape) / 2) + 1
    grown = Image.fromarray(found.astype(np.uint8) * np.uint8(255)).filter(ImageFilter.MaxFilter(min(side, MAX_GROWN_PX)))
    mask: Mask = np.asarray(grown) > 0
    return mask


def changed_by_removing(runtime: Runtime, order: Order) -> Mask | None:
    """Return what the network changes of the source when it is asked to take away what the order's words name, None for nothing."""
    height, width = order.images[0].shape[:2]
    asked = replace(
        order, prompt=f"remove {order.words}", words="", images=order.images[:1], mask=None, place=None, width=width, height=height
    )
    sampling = replace(runtime.sampling(order.quality), num_steps=NUM_STEPS, guidance_scale=1.0)
    plan = plan_picture(asked, sampling.num_patches, Abilities(knows_ratios=sampling.knows_ratios))
    condition = runtime.encode(asked.prompt, plan.pictures)
    sitting = Sitting(condition=condition, sampling=sampling, background=order.background, seed=order.seed, ground=plan.ground)
    *_, last = denoise(runtime, sitting)
    assert plan.overlay is not None, "an edit is laid over its source"
    assert plan.keeping is not None, "a network that reads pictures tells what it keeps"
    narrowed = plan.keeping.narrow(plan.overlay, last)
    return None if narrowed is None else narrowed.mask
