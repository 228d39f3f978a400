"""Where something is in a source, told by the network itself: what it would change if it were asked to take that thing away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from limner.engine.drawing.edits import plan_picture
from limner.engine.drawing.plan import Plan
from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import Guess, Sitting, denoise
from limner.engine.protocol import Mask
from limner.engine.wire import Order
from limner.errors import InvalidField
from limner.media.masks import depth

IsWanted = Callable[[], bool]
NUM_STEPS = 6
SEED = 0
MAX_GROWN_PX = 60
GROWN_SHARE = 0.015  # of the longer side: what comes in its place may stand over a little


def locate(runtime: Runtime, order: Order, is_wanted: IsWanted) -> Order | None:
    """Return the order with a mask of what its `words` name in the source; an order without words comes back as it is.

    `is_wanted` is asked after each step; None is the answer as soon as it says no. The mask depends on source and words alone, so that
    all pictures of a request have the same.

    Raises:
        InvalidField: the snapshot reads no pictures, or the network finds nothing or cannot tell it from the rest.
    """
    if not order.words:
        return order
    if not runtime.abilities.reads_pictures:
        raise InvalidField("region", f"snapshot {order.snapshot!r} finds nothing by words; give a box or a polygon, or use another model")
    sitting, plan = _ask(runtime, order)
    guesses = []
    for guess in denoise(runtime, sitting):
        guesses.append(guess)
        if not is_wanted():
            return None
    return replace(order, mask=settle(order.words, _changed(plan, guesses[-1])), words="")


def settle(words: str, found: Mask | None) -> Mask:
    """Return what was found, grown a little, as the mask of what may change.

    Raises:
        InvalidField: nothing was found, or everything.
    """
    if found is None or not found.any():
        raise InvalidField("region", f"{words!r} was not found in the image; name it otherwise, or give a box, a polygon or a mask")
    if found.all():
        raise InvalidField("region", f"{words!r} was not told from the rest of the image; give a box, a polygon or a mask")
    steps = min(max(1, round(GROWN_SHARE * max(found.shape))), MAX_GROWN_PX)
    mask: Mask = depth(~found, steps + 1) <= steps
    return mask


def _ask(runtime: Runtime, order: Order) -> tuple[Sitting, Plan]:
    """Ask for the source without what the order's words name."""
    height, width = order.images[0].shape[:2]
    asked = replace(
        order, prompt=f"remove {order.words}", words="", images=order.images[:1], mask=None, place=None, width=width, height=height
    )
    sampling = replace(runtime.sampling(order.quality), num_steps=NUM_STEPS, guidance_scale=1.0, late=())
    plan = plan_picture(asked, sampling.num_patches, runtime.abilities)
    condition = runtime.encode(asked.prompt, plan.pictures)
    return Sitting(condition=condition, sampling=sampling, background=order.background, seed=SEED, ground=plan.ground), plan


def _changed(plan: Plan, guess: Guess) -> Mask | None:
    assert plan.overlay is not None, "an edit is laid over its source"
    assert plan.keeping is not None, "a network that reads pictures tells what it keeps"
    narrowed = plan.keeping.narrow(plan.overlay, guess, with_doubts=True)
    return None if narrowed is None else narrowed.mask
