"""The engine of this machine: requests in, events out, the drawing in a supervised process of its own.

All state stands behind one lock. Events go through one thread in the order in which they happened, so a slow listener delays
other listeners but never the drawing.
"""

from __future__ import annotations

import atexit
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from limner.engine.child import ChildProcess
from limner.engine.machine import default_threads, machine_kind
from limner.engine.protocol import (
    LAST_EVENTS,
    MAX_INPUT_IMAGES,
    Cancelled,
    Capabilities,
    Drawn,
    EditRequest,
    Event,
    Failed,
    Finished,
    GenerateRequest,
    Partial,
    Pixels,
    Progress,
    Queued,
    Started,
)
from limner.engine.resolve import BACKGROUNDS, FIDELITIES, MAX_PARTIALS, QUALITIES
from limner.engine.scheduler import Pace, Scheduler, Turn
from limner.engine.settings import Device
from limner.engine.watchdog import Watchdog
from limner.engine.weights import Catalogue, weights_folder
from limner.engine.wire import MAX_PAYLOAD_BYTES, Frame, Message, Order
from limner.errors import EngineDied, EngineError, InvalidField, QueueFull

MAX_WAITING = 64
SILENCE_LIMIT_S = 120.0  # far more than loading the weights, one step, or laying out the largest edit take
JOIN_TIMEOUT_S = 2.0
OnEvent = Callable[[Event], None]
log = logging.getLogger("limner.engine")


@dataclass
class _Open:
    """An accepted request that has not ended."""

    request: GenerateRequest
    on_event: OnEvent
    is_started: bool = False
    is_cancelled: bool = False
    drawn: list[Drawn] = field(default_factory=list)


class LocalEngine:
    """Draws on this machine with the snapshots of a weights folder. Safe from several threads.

    Nothing is started before the first request. If the process ends while it draws, or gives no sign for `silence_limit_s`,
    that request fails with `engine_died` and the waiting ones are drawn by a new process.
    """

    def __init__(
        self,
        weights_dir: Path | str | None = None,
        threads: int | None = None,
        device: Device = "cpu",
        *,
        max_waiting: int = MAX_WAITING,
        silence_limit_s: float = SILENCE_LIMIT_S,
    ) -> None:
        """Prepare to draw on a device; on a GPU `threads` are those of what surrounds it.

        Raises:
            InvalidField: the device is not here.
        """
        self._weights_dir = weights_folder(weights_dir)
        self._threads = threads or default_threads()
        self._device: Device = device
        self._machine_kind = machine_kind(self._threads, device)
        self._lock = threading.Lock()
        self._scheduler, self._pace = Scheduler(max_waiting), Pace()
        self._open: dict[str, _Open] = {}
        self._turn: Turn | None = None
        self._child: ChildProcess | None = None
        self._silence_s: float | None = None
        self._is_closed = False
        self._watchdog = Watchdog(silence_limit_s, self._on_silence)
        self._outbox: queue.SimpleQueue[tuple[OnEvent, Event] | None] = queue.SimpleQueue()
        self._teller = threading.Thread(target=_tell_all, args=(self._outbox,), name="limner-events", daemon=True)
        self._teller.start()
        atexit.register(self.close)

    def submit(self, request: GenerateRequest, on_event: OnEvent) -> None:
        """Accept the request and return at once; `on_event` is called from another thread, in order, to the last event.

        Raises:
            QueueFull: too many requests wait; `retry_after_s` estimates when one of them will have begun its last picture.
            InvalidField: the id is in use, or the images are too large together.
            EngineError: the engine is closed.
        """
        _check_payload(request)
        with self._lock:
            self._check_usable()
            if request.request_id in self._open:
                raise InvalidField("request_id", f"request {request.request_id!r} is being drawn already; give each request its own id")
            self._line_up(request)
            self._open[request.request_id] = entry = _Open(request, on_event)
            self._tell(entry, Queued(request.request_id))
            self._give_next_turn()

    def events(self, request: GenerateRequest) -> Iterator[Event]:
        """Submit the request at the first `next` and yield its events to the last; closing the iterator cancels the request."""
        inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.submit(request, inbox.put)
        try:
            while True:
                event = inbox.get()
                yield event
                if isinstance(event, LAST_EVENTS):
                    return
        finally:
            self.cancel(request.request_id)

    def cancel(self, request_id: str) -> None:
        """End the request with `Cancelled` within one step; a request that has ended stays as it is."""
        with self._lock:
            entry = self._open.get(request_id)
            if entry is None or entry.is_cancelled:
                return
            if self._turn and self._child and self._turn.request_id == request_id:
                entry.is_cancelled = True
                self._child.send(Message("cancel", {"request_id": request_id}))
            else:
                self._end(entry, Cancelled(request_id))

    def capabilities(self) -> Capabilities:
        """What this engine draws.

        Raises:
            DamagedFile: the weights folder has no readable catalogue.
        """
        catalogue = Catalogue.open(self._weights_dir)
        return Capabilities(
            snapshots=tuple(name for name in catalogue.names() if name in catalogue.snapshots),
            qualities=QUALITIES,
            backgrounds=BACKGROUNDS,
            num_partials=MAX_PARTIALS,
            fidelities=FIDELITIES,
            num_input_images=MAX_INPUT_IMAGES,
            machine_kind=self._machine_kind,
        )

    def seconds_until_end(self, owner: str | None = None) -> float | None:
        """Estimate when a request will have ended, of this owner or of anybody, by how long recent pictures took; None before the first."""
        with self._lock:
            is_at_its_end = self._turn is not None and self._turn_ends_request(self._turn, owner)
            turns = 0 if is_at_its_end else self._scheduler.turns_until_end(owner) or 0
            return self._pace.seconds_until(turns, time.monotonic())

    @property
    def process_id(self) -> int | None:
        """The system's number of the drawing process, None while there is none."""
        with self._lock:
            return self._child.process_id if self._child else None

    def close(self) -> None:
        """Cancel what runs and free everything. Harmless if closed already."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            for entry in list(self._open.values()):
                self._end(entry, Cancelled(entry.request.request_id))
            child, self._child, self._turn = self._child, None, None
        atexit.unregister(self.close)
        self._watchdog.close()
        if child is not None:
            child.stop()
        self._outbox.put(None)
        if threading.current_thread() is not self._teller:
            self._teller.join(JOIN_TIMEOUT_S)

    # Everything below runs with the lock held, but for the entry points of the child's reading thread and the watchdog's.

    def _check_usable(self) -> None:
        if self._is_closed:
            raise EngineError("the engine is closed; open another one")

    def _line_up(self, request: GenerateRequest) -> None:
        try:
            self._scheduler.add(request.request_id, owner=request.owner, num_images=request.num_images, priority=request.priority)
        except QueueFull as full:
            num_turns = (self._scheduler.turns_until_end() or 1) - 1  # there is room as soon as the last picture begins
            raise QueueFull(full.message, retry_after_s=self._pace.seconds_until(num_turns, time.monotonic())) from None

    def _turn_ends_request(self, turn: Turn, owner: str | None) -> bool:
        entry = self._open[turn.request_id]
        is_last = entry.is_cancelled or turn.index == entry.request.num_images - 1
        return is_last and owner in (None, entry.request.owner)

    def _running_child(self) -> ChildProcess:
        if self._child is None:
            self._child = ChildProcess(self._weights_dir, self._threads, self._device, on_frame=self._on_frame, on_end=self._on_end)
        return self._child

    def _give_next_turn(self) -> None:
        while self._turn is None and (turn := self._scheduler.next_turn()) is not None:
            entry = self._open[turn.request_id]
            try:
                self._running_child().send(_order(entry.request, turn.index).to_message())
            except OSError as error:
                self._end(entry, _died(entry, f"could not be started ({error.strerror})"))
            else:
                self._turn = turn
                self._pace.begin(time.monotonic())
                self._watchdog.expect()

    def _tell(self, entry: _Open, event: Event) -> None:
        self._outbox.put((entry.on_event, event))

    def _end(self, entry: _Open, event: Event) -> None:
        """Tell the last event of a request and forget it; the one way in which a request ends."""
        del self._open[entry.request.request_id]
        self._scheduler.remove(entry.request.request_id)
        self._tell(entry, event)

    def _on_frame(self, child: ChildProcess, frame: Frame) -> None:
        with self._lock:
            entry = self._open.get(frame.fields["request_id"])
            if child is not self._child or entry is None:
                return
            self._watchdog.expect()
            if frame.kind in ("picture", "failed", "cancelled"):
                self._pace.end(time.monotonic(), is_drawn=frame.kind == "picture")
                self._finish_turn(entry, frame)
                self._turn = None
                self._watchdog.rest()
                self._give_next_turn()
            elif not entry.is_cancelled:
                self._tell_progress(entry, frame)

    def _finish_turn(self, entry: _Open, frame: Frame) -> None:
        request = entry.request
        if entry.is_cancelled:
            self._end(entry, Cancelled(request.request_id))
        elif frame.kind == "failed":
            self._end(entry, Failed(**frame.fields))
        else:
            index = frame.fields["index"]
            entry.drawn.append(Drawn(pixels=_pixels(frame), seed=request.seed_of(index), index=index))
            if len(entry.drawn) == request.num_images:
                self._end(entry, Finished(request.request_id, tuple(entry.drawn), self._machine_kind))

    def _tell_progress(self, entry: _Open, frame: Frame) -> None:
        fields = frame.fields
        if frame.kind == "step":
            self._tell(entry, Progress(**fields))
        elif frame.kind == "partial":
            self._tell(entry, Partial(fields["request_id"], fields["index"], fields["partial_index"], _pixels(frame)))
        elif not entry.is_started:
            entry.is_started = True
            self._tell(entry, Started(**fields))

    def _on_end(self, child: ChildProcess, how: str) -> None:
        with self._lock:
            if child is not self._child:
                return
            self._watchdog.rest()
            silence_s, self._silence_s = self._silence_s, None
            if silence_s is not None:
                how = f"gave no sign for {silence_s:g} s and was ended"
            turn, self._child, self._turn = self._turn, None, None
            self._pace.end(time.monotonic(), is_drawn=False)
            if turn is not None:
                entry = self._open[turn.request_id]
                self._end(entry, _died(entry, how))
            self._give_next_turn()

    def _on_silence(self, silence_s: float) -> None:
        with self._lock:
            has_begun_anew = self._watchdog.is_awaiting
            if self._turn is not None and self._child is not None and not has_begun_anew:
                log.error("process %d gave no sign for %g s and is ended", self._child.process_id, silence_s)
                self._silence_s = silence_s
                self._child.kill()


def _died(entry: _Open, how: str) -> Event:
    request_id = entry.request.request_id
    if entry.is_cancelled:
        return Cancelled(request_id)
    message = f"the engine's process {how} before this request was done; ask again, a new one starts by itself"
    return Failed(request_id, EngineDied.code, message)


def _order(request: GenerateRequest, index: int) -> Order:
    return Order(
        request_id=request.request_id,
        index=index,
        prompt=request.prompt,
        snapshot=request.snapshot,
        width=request.size.width,
        height=request.size.height,
        quality=request.quality,
        background=request.background,
        seed=request.seed_of(index),
        num_partials=request.num_partials,
        is_last=index == request.num_images - 1,
        **_inputs(request),
    )


def _inputs(request: GenerateRequest) -> dict[str, Any]:
    if not isinstance(request, EditRequest):
        return {}
    names = ("images", "mask", "fidelity", "place", "words", "has_source")
    return {name: getattr(request, name) for name in names}


def _check_payload(request: GenerateRequest) -> None:
    if not isinstance(request, EditRequest):
        return
    num_bytes = sum(image.nbytes for image in request.images) + (request.mask.nbytes if request.mask is not None else 0)
    if num_bytes > MAX_PAYLOAD_BYTES:
        raise InvalidField("image", f"images of {num_bytes:,} bytes of pixels are too large together; send smaller or fewer ones")


def _pixels(frame: Frame) -> Pixels:
    return np.frombuffer(frame.payload, np.uint8).reshape(frame.fields["height"], frame.fields["width"], -1)


def _tell_all(outbox: queue.SimpleQueue[tuple[OnEvent, Event] | None]) -> None:
    """Call listeners until None comes; what a listener raises is logged and concerns nobody else."""
    while (message := outbox.get()) is not None:
        on_event, event = message
        try:
            on_event(event)
        except Exception:
            log.exception("a listener failed on %s of request %s", type(event).__name__, event.request_id)
        del message, on_event, event  # its pictures may be large, and the next one may be long in coming
