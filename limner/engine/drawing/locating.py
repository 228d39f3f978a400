"""Where something is in a source, told by the network itself: what it would change if it were asked to take that thing away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from limner.engine.drawing.edits import plan_picture
from limner.engine.drawing.plan import Plan
from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import Guess, Sitting, denoise
from limner.engine.protocol import Mask
from limner.engine.weights import Floats
from limner.engine.wire import Order
from limner.errors import InvalidField
from limner.media.masks import depth

IsWanted = Callable[[], bool]  # asked after each step

NUM_STEPS = 6
SEED = 0
MAX_GROWN_PX = 60
GROWN_SHARE = 0.015  # of the longer side: what comes in its place may stand over a little


class Unwanted(Exception):
    """Nobody wants any more what is looked for or drawn."""


def locate(runtime: Runtime, order: Order, is_wanted: IsWanted) -> Order:
    """Return the order with a mask of what its `words` name in the source; an order without words comes back as it is.

    The mask depends on source and words alone, so that all pictures of a request have the same.

    Raises:
        Unwanted: `is_wanted` said so.
        InvalidField: the snapshot reads no pictures, or the network finds nothing or cannot tell it from the rest.
    """
    if not order.words:
        return order
    if not runtime.abilities.reads_pictures:
        raise InvalidField("region", f"snapshot {order.snapshot!r} finds nothing by words; give a box or a polygon, or use another model")
    found = find(runtime, order, order.words, is_wanted)
    return replace(order, mask=settle(order.words, found), words="")


def find(runtime: Runtime, order: Order, words: str, is_wanted: IsWanted) -> Mask | None:
    """Return what the network would change in the first image, (height, width), to take away what words name; None if that is nothing.

    Raises:
        Unwanted: `is_wanted` said so.
    """
    sitting, plan = _ask(runtime, order, words)
    return _changed(plan, finish(runtime, sitting, is_wanted))


def finish(runtime: Runtime, sitting: Sitting, is_wanted: IsWanted) -> Guess:
    """Take all steps of one picture and return the last guess.

    Raises:
        Unwanted: `is_wanted` said so.
    """
    guesses = denoise(runtime, sitting)
    for guess in guesses:
        last = guess
        if not is_wanted():
            raise Unwanted
    return last


def recognise(runtime: Runtime, order: Order, words: str) -> Floats | None:
    """Return how much words speak of what eyes see at each pixel of the first image, (height, width), patch by patch; None without eyes.

    Of a thing that has that name they speak with 10 to 25, of others mostly with less than 8.
    """
    sitting, plan = _ask(runtime, order, words)
    seen = runtime.look(sitting.ground.source, runtime.encode(words), is_guided=False)
    if seen is None:
        return None
    assert plan.overlay is not None, "an edit is laid over its source"
    spoken, view = seen[0, ..., -1], plan.overlay.view
    rows = (np.arange(plan.size.height) - view.top) * spoken.shape[0] // view.height
    columns = (np.arange(plan.size.width) - view.left) * spoken.shape[1] // view.width
    found: Floats = spoken[rows][:, columns]
    return found


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


def _ask(runtime: Runtime, order: Order, words: str) -> tuple[Sitting, Plan]:
    """Ask for the source without what words name."""
    height, width = order.images[0].shape[:2]
    asked = replace(order, prompt=f"remove {words}", words="", images=order.images[:1], mask=None, place=None, width=width, height=height)
    sampling = replace(runtime.sampling(order.quality), num_steps=NUM_STEPS, guidance_scale=1.0, late=())
    plan = plan_picture(asked, sampling.num_patches, runtime.abilities)
    condition = runtime.encode(asked.prompt, plan.pictures)
    return Sitting(condition=condition, sampling=sampling, background=order.background, seed=SEED, ground=plan.ground), plan


def _changed(plan: Plan, guess: Guess) -> Mask | None:
    assert plan.overlay is not None, "an edit is laid over its source"
    assert plan.keeping is not None, "a network that reads pictures tells what it keeps"
    narrowed = plan.keeping.narrow(plan.overlay, guess, with_doubts=True)
    return None if narrowed is None else narrowed.mask
