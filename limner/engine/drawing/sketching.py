"""Where a picture begins: of several beginnings, each sketched in one step, the one that shows best what is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import Sitting, denoise
from limner.engine.seeing.choosing import rate

IsWanted = Callable[[], bool]


def choose_beginning(runtime: Runtime, sitting: Sitting, is_wanted: IsWanted) -> Sitting | None:
    """Return the sitting with the beginning to go on with: the first, unless another shows the prompt better.

    Nothing is sketched where the snapshot takes one beginning at this quality, where pictures are the ground of the new one, or where
    the prompt names nothing that the eyes know. `is_wanted` is asked before each sketch; None is the answer as soon as it says no.

    Raises:
        DamagedFile: the eyes of the snapshot have no names.
    """
    ground, sampling = sitting.ground, sitting.sampling
    if sampling.num_sketches == 1 or ground.content is not None or ground.source is not None:
        return sitting
    numbers = runtime.chooser.read(sitting.condition.text)
    if not numbers:
        return sitting
    ratings = []
    for beginning in range(sampling.num_sketches):
        if not is_wanted():
            return None
        sketch = next(denoise(runtime, replace(sitting, sampling=replace(sampling, num_steps=1), beginning=beginning)))
        ratings.append(rate(runtime.name_things(sketch.clean), numbers))
    return replace(sitting, beginning=ratings.index(max(ratings)))
