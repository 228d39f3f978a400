"""Something new, drawn alone by the snapshot that draws, to be laid into a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from limner.engine.arranging.cutouts import Cutout, cut_between, without_specks
from limner.engine.drawing.edits import plan_picture
from limner.engine.drawing.locating import IsWanted, finish
from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import Sitting
from limner.engine.wire import Order
from limner.model.prompts.english import correct_articles

SIDE, LEAST_PX, MOST_PX = 0.6, 128, 512  # of the shorter side of the picture that it comes into
SOLID_ALPHA = 24


def draw_alone(runtime: Runtime, order: Order, name: str, is_wanted: IsWanted) -> Cutout | None:
    """Return a thing that words name, drawn with the seed and the quality of an order; None if nothing came of it.

    Raises:
        Unwanted: `is_wanted` said so.
    """
    side = max(LEAST_PX, min(MOST_PX, round(SIDE * min(order.width, order.height))))
    alone = replace(order, images=(), mask=None, background="transparent", width=side, height=side)
    asked = replace(alone, prompt=correct_articles(f"a {name} on a transparent background"))
    sampling = runtime.sampling(order.quality)
    plan = plan_picture(asked, sampling.num_patches, runtime.abilities)
    condition = runtime.encode(asked.prompt, plan.pictures)
    sitting = Sitting(condition=condition, sampling=sampling, background="transparent", seed=order.seed, ground=plan.ground)
    drawn = plan.develop(finish(runtime, sitting, is_wanted), runtime.upsamplers)
    return cut_between(drawn, np.zeros_like(drawn), without_specks(drawn[..., 3] > SOLID_ALPHA))
