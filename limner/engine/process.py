"""The engine's process: reads orders from standard input, draws one picture at a time, answers on standard output.

Started by `limner.engine.local` as `python -m limner.engine.process`. It ends when its standard input does, so it never
outlives the program that asked; the system's signal for Ctrl-C is left to that program.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import queue
import signal
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from limner.engine.arranging.arrange import Staged, arrange, mark
from limner.engine.drawing.edits import plan_picture
from limner.engine.drawing.locating import Unwanted, locate
from limner.engine.drawing.plan import Plan
from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import Sitting, denoise, partial_steps
from limner.engine.protocol import Pixels
from limner.engine.settings import DEBUG_VARIABLE, is_debugging
from limner.engine.weights import Catalogue, Sampling
from limner.engine.wire import Frame, Order, Source, read_frame, write_frame
from limner.errors import EngineDied, EngineError, LimnerError

MAX_KEPT_SNAPSHOTS = 2
log = logging.getLogger("limner.engine")

Planned = tuple[str, Plan] | Pixels  # the words to encode and how they are drawn, or the picture where nothing is drawn
Inbox = queue.SimpleQueue[Frame | None]


class Send(Protocol):
    """Sends a frame to whoever gave the orders."""

    def __call__(self, kind: str, fields: dict[str, Any], *parts: memoryview | bytes) -> None:
        """Raises BrokenPipeError when nobody listens any more."""


class DrawingLoop:
    """Draws what the inbox orders, one denoising step at a time, and looks for a cancellation before each."""

    def __init__(self, open_runtime: Callable[[str], Runtime], inbox: Inbox, send: Send) -> None:
        self._open_runtime = open_runtime
        self._inbox = inbox
        self._send = send
        self._unread: deque[Frame | None] = deque()
        self._runtimes: OrderedDict[str, Runtime] = OrderedDict()
        self._planned: tuple[str, tuple[str, Plan]] | None = None

    def run(self) -> None:
        """Work until the inbox gives None. An error ends the order that caused it, never the loop."""
        while (frame := self._unread.popleft() if self._unread else self._inbox.get()) is not None:
            if frame.kind == "draw":
                self._answer(Order.of_frame(frame))
            del frame  # its pixels may be large, and the next one may be long in coming

    def _answer(self, order: Order) -> None:
        pixels = None
        try:
            pixels = self._draw(order)
            self._check_wanted(order)
        except BrokenPipeError:
            raise
        except Unwanted:
            self._send("cancelled", {"request_id": order.request_id})
        except LimnerError as error:
            self._fail(order, error)
        except Exception as error:
            failed = f"({type(error).__name__}); set {DEBUG_VARIABLE}=1 to see where"
            log.exception("picture %d of request %s failed %s", order.index, order.request_id, failed, exc_info=is_debugging(os.environ))
            self._fail(order, EngineError(f"the engine failed on this request {failed}"))
        else:
            self._send_pixels("picture", order, pixels)
        finally:
            if pixels is None or order.is_last:
                self._planned = None

    def _draw(self, order: Order) -> Pixels:
        """Draw one picture.

        Raises:
            Unwanted: nobody wants it any more.
        """
        runtime = self._runtime(order.snapshot)
        sampling = runtime.sampling(order.quality)
        due = partial_steps(sampling.num_steps, order.num_partials)
        planned = self._plan_once(runtime, order, sampling)
        if isinstance(planned, np.ndarray):
            self._send("started", {"request_id": order.request_id, "encoded_prompt": order.prompt})
            return planned
        prompt, plan = planned
        condition = runtime.encode(prompt, plan.pictures)
        self._send("started", {"request_id": order.request_id, "encoded_prompt": condition.text})
        sitting = Sitting(condition=condition, sampling=sampling, background=order.background, seed=order.seed, ground=plan.ground)
        guesses = denoise(runtime, sitting)
        for step in range(1, sampling.num_steps + 1):
            self._check_wanted(order)
            guess = next(guesses)
            progress = {"request_id": order.request_id, "index": order.index, "step": step, "num_steps": sampling.num_steps}
            self._send("step", progress)
            if step in due:
                self._send_pixels("partial", order, plan.develop(guess, runtime.upsamplers), partial_index=due.index(step))
        self._check_wanted(order)
        return plan.develop(guess, runtime.upsamplers)

    def _plan_once(self, runtime: Runtime, order: Order, sampling: Sampling) -> Planned:
        """Plan the first picture of a request; the others, which differ in their seeds alone, are drawn by the same plan.

        Where things are put somewhere, each picture has a plan of its own, or is there without one.

        Raises:
            Unwanted: nobody wants it any more.
        """
        if self._planned is not None and self._planned[0] == order.request_id:
            return self._planned[1]
        is_wanted = partial(self._is_wanted, order.request_id)
        marked = locate(runtime, mark(runtime, order, is_wanted), is_wanted)
        staged = arrange(runtime, marked, is_wanted, lambda: self._runtime(runtime.drawer))
        if not isinstance(staged, Staged):
            return staged
        plan = plan_picture(staged.order, sampling.num_patches, runtime.abilities)
        if staged.finish is not None:
            return staged.order.prompt, replace(plan, finish=staged.finish)
        self._planned = order.request_id, (staged.order.prompt, plan)
        return self._planned[1]

    def _check_wanted(self, order: Order) -> None:
        if not self._is_wanted(order.request_id):
            raise Unwanted

    def _is_wanted(self, request_id: str) -> bool:
        """Read what has come in and say whether the picture in hand is still wanted; it is not if nobody listens any more."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._unread.append(self._inbox.get_nowait())
        withdrawn = (frame is None or (frame.kind == "cancel" and frame.fields["request_id"] == request_id) for frame in self._unread)
        return not any(withdrawn)

    def _runtime(self, snapshot: str) -> Runtime:
        if snapshot not in self._runtimes:
            while len(self._runtimes) >= MAX_KEPT_SNAPSHOTS:
                self._runtimes.popitem(last=False)
            self._runtimes[snapshot] = self._open_runtime(snapshot)
        self._runtimes.move_to_end(snapshot)
        return self._runtimes[snapshot]

    def _send_pixels(self, kind: str, order: Order, pixels: Pixels, **more: int) -> None:
        place = {"request_id": order.request_id, "index": order.index, "width": order.width, "height": order.height}
        self._send(kind, place | more, pixels.data.cast("B"))

    def _fail(self, order: Order, error: LimnerError) -> None:
        said = {"code": error.code, "message": error.message, "param": error.param}
        self._send("failed", {"request_id": order.request_id, **said})


def read_orders(stream: Source, inbox: Inbox) -> None:
    """Move frames from the stream to the inbox until it ends, then put None."""
    with contextlib.suppress(EngineDied):
        while (frame := read_frame(stream)) is not None:
            inbox.put(frame)
            del frame
    inbox.put(None)


def make_parser(prog: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser of what every process that draws is told."""
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("--weights-dir", type=Path, help="folder with snapshots.json; the package's own unless given")
    parser.add_argument("--threads", type=int, required=True, help="threads that one picture is drawn with")
    return parser


def serve(open_runtime: Callable[[str], Runtime]) -> None:
    """Draw what the program that started this process orders, until it closes standard input; `open_runtime` loads a snapshot."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    inbox: Inbox = queue.SimpleQueue()
    orders = os.fdopen(os.dup(0), "rb", buffering=0)
    threading.Thread(target=read_orders, args=(orders, inbox), name="limner-orders", daemon=True).start()
    with contextlib.suppress(BrokenPipeError), os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # whatever a library prints must not land among the frames
        DrawingLoop(open_runtime, inbox, partial(write_frame, answers)).run()


def main() -> None:
    """Serve the program that started this process, with ONNX Runtime."""
    arguments = make_parser("python -m limner.engine.process", __doc__).parse_args()
    serve(lambda snapshot: Runtime(Catalogue.open(arguments.weights_dir), snapshot, arguments.threads))


if __name__ == "__main__":
    main()
