"""How long each stage of a picture takes, told by the functions that ship: each is wrapped, none is copied.

As `python -m benchmarks.stage_clock` this is the engine's process with its stages timed; `benchmarks/stages.py` starts it in the place of
`limner.engine.process`. Before a picture is sent, one line of JSON with its stages goes to the file that `REPORT_VARIABLE` names.
Times of both processes are of one clock (Linux).
"""

from __future__ import annotations

import functools
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from limner.engine import process, wire
from limner.engine.drawing import enlarging, sampler
from limner.engine.drawing.enlarging import Upsampler
from limner.engine.drawing.runtime import Runtime
from limner.model import flow

REPORT_VARIABLE = "LIMNER_STAGES_FILE"

PROMPT, PASSES, SOURCE = "encode the prompt", "denoiser passes", "look at a source"
NOISE, UPSAMPLE, RESIZE, ALPHA = "plan and noise", "upsample", "resize to the exact size", "straighten alpha"


class Clock:
    """Sums what named stages took. What a stage calls that is a stage itself is not counted twice. For one thread."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()
        self._inner_s = [0.0]

    def wrap(self, owner: object, attribute: str, stage: str) -> None:
        """Put a timed form in the place of a function of a module or class."""
        setattr(owner, attribute, self.timed(getattr(owner, attribute), stage))

    def timed(self, call: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """Return the same function; what it takes is added to the stage."""

        @functools.wraps(call)
        def timed(*arguments: Any, **options: Any) -> Any:
            started = time.perf_counter()
            self._inner_s.append(0.0)
            try:
                return call(*arguments, **options)
            finally:
                whole_s = time.perf_counter() - started
                self.seconds[stage] += whole_s - self._inner_s.pop()
                self.calls[stage] += 1
                self._inner_s[-1] += whole_s

        return timed

    def take(self) -> dict[str, float]:
        """Return the stages so far and begin anew."""
        seconds = dict(self.seconds)
        self.seconds.clear()
        self.calls.clear()
        return seconds


def wrap_drawing(clock: Clock) -> None:
    """Time the stages of drawing in this process."""
    clock.wrap(Runtime, "encode", PROMPT)
    clock.wrap(Runtime, "_read_prompt", PROMPT)  # no prompt is read when guidance first asks for it
    clock.wrap(Runtime, "guess", PASSES)
    clock.wrap(Runtime, "look", SOURCE)
    clock.wrap(process, "plan_picture", NOISE)
    clock.wrap(sampler, "image_noise", NOISE)
    clock.wrap(Upsampler, "enlarge", UPSAMPLE)
    clock.wrap(Upsampler, "paint", UPSAMPLE)
    clock.wrap(enlarging, "fit", RESIZE)
    clock.wrap(enlarging, "fit_opaque", RESIZE)
    clock.wrap(enlarging, "straighten", ALPHA)
    clock.wrap(flow, "to_premultiplied", ALPHA)


def replace(owner: object, **others: Callable[..., Any]) -> None:
    """Put other functions in the places of those of a module."""
    for name, other in others.items():
        setattr(owner, name, other)


def serve() -> None:
    """Be the engine's process, and report each picture."""
    clock = Clock()
    wrap_drawing(clock)
    came_at = 0.0
    report = Path(os.environ[REPORT_VARIABLE])

    def read(stream: Any) -> Any:
        nonlocal came_at
        frame = wire.read_frame(stream)
        came_at = time.perf_counter()
        return frame

    def write(stream: Any, kind: str, fields: dict[str, Any], *parts: Any) -> None:
        if kind == "picture":
            passes = clock.calls[PASSES]
            said = {"came_at": came_at, "passes": passes, "processor_s": time.process_time()}
            with report.open("a") as file:
                print(json.dumps({**said, "seconds": clock.take(), "sent_at": time.perf_counter()}), file=file)
        wire.write_frame(stream, kind, fields, *parts)

    replace(process, read_frame=read, write_frame=write)
    process.main()


if __name__ == "__main__":
    serve()
