"""Notices that something no longer answers, which a dead process says by itself and a hung one never does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Watchdog:
    """Calls `on_silence` when a sign that is awaited has not come for `limit_s` seconds. Safe from several threads.

    `on_silence` is called from the watchdog's own thread, and is told for how long nothing came; then nothing is awaited any more.
    """

    def __init__(self, limit_s: float, on_silence: Callable[[float], None]) -> None:
        self._limit_s = limit_s
        self._on_silence = on_silence
        self._deadline_s: float | None = None
        self._is_closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._watch, name="limner-watchdog", daemon=True)
        self._thread.start()

    def expect(self) -> None:
        """Await a sign from now on, `limit_s` long at the most; each call begins anew."""
        with self._changed:
            is_idle = self._deadline_s is None
            self._deadline_s = time.monotonic() + self._limit_s
            if is_idle:
                self._changed.notify()

    @property
    def is_awaiting(self) -> bool:
        """Whether a sign has been awaited since the last silence."""
        with self._changed:
            return self._deadline_s is not None

    def rest(self) -> None:
        """Await nothing."""
        with self._changed:
            self._deadline_s = None

    def close(self) -> None:
        """Await nothing ever again, and end the thread."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _watch(self) -> None:
        while self._wait_for_silence():
            self._on_silence(self._limit_s)

    def _wait_for_silence(self) -> bool:
        """Return True when a deadline has passed, False when the watchdog is closed."""
        with self._changed:
            while not self._is_closed:
                if self._deadline_s is None:
                    self._changed.wait()
                elif (left_s := self._deadline_s - time.monotonic()) > 0:
                    self._changed.wait(left_s)
                else:
                    self._deadline_s = None
                    return True
        return False
