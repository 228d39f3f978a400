"""Where a picture begins: of several beginnings, each taken through its first steps, the one that shows best what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, islice

from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import Guess, Sitting, denoise
from limner.engine.seeing.choosing import rate

SKETCH_STEPS = 3  # what a picture shows is decided by then
IsWanted = Callable[[], bool]


def draw_best(runtime: Runtime, sitting: Sitting, is_wanted: IsWanted) -> Iterator[Guess] | None:
    """Return the steps of a picture, as `denoise`: from the first beginning of its seed, unless another shows the prompt better.

    Nothing is sketched where the snapshot takes one beginning at this quality, where pictures are the ground of the new one, or where
    the prompt names nothing that the eyes know. `is_wanted` is asked before each sketch; None is the answer as soon as it says no.

    Raises:
        DamagedFile: the eyes of the snapshot have no names.
    """
    ground, num_sketches = sitting.ground, sitting.sampling.num_sketches
    if num_sketches == 1 or ground.content is not None or ground.source is not None:
        return denoise(runtime, sitting)
    numbers = runtime.chooser.read(sitting.condition.text)
    if not numbers:
        return denoise(runtime, sitting)
    sketched: list[tuple[float, Iterator[Guess]]] = []
    for beginning in range(num_sketches):
        if not is_wanted():
            return None
        guesses = denoise(runtime, replace(sitting, beginning=beginning))
        sketch = list(islice(guesses, SKETCH_STEPS))
        sketched.append((rate(runtime.name_things(sketch[-1].clean), numbers), chain(sketch, guesses)))
    return max(sketched, key=lambda rated: rated[0])[1]
