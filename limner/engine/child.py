"""The parent's side of the engine's process: start it, talk to it, notice when it ends."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from limner.engine.settings import Device, is_debugging
from limner.engine.wire import Frame, Message, read_frame, write_frame
from limner.errors import EngineDied

PROCESS_MODULES: dict[Device, str] = {"cpu": "limner.engine.process", "cuda": "limner.gpu.process"}
PIPE_BYTES = 1 << 20  # what a program without privileges may ask for: a picture crosses in three turns, not in fifty
STOP_TIMEOUT_S = 2.0
log = logging.getLogger("limner.engine")


class ChildProcess:
    """One running engine process. `on_frame` and `on_end` are called from its reading thread, `on_end` once and last."""

    def __init__(
        self,
        weights_dir: Path,
        threads: int,
        device: Device,
        *,
        on_frame: Callable[[ChildProcess, Frame], None],
        on_end: Callable[[ChildProcess, str], None],
    ) -> None:
        self._on_frame, self._on_end = on_frame, on_end
        self._outgoing: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        command = [sys.executable, "-P", "-m", PROCESS_MODULES[device]]
        self._process = subprocess.Popen(
            [*command, "--weights-dir", str(weights_dir), "--threads", str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pipesize=PIPE_BYTES,
            env=_environment(),
            start_new_session=True,  # Ctrl-C in a terminal is for the program that asked
        )
        for work in (self._write, self._read):
            threading.Thread(target=work, name=f"limner-engine{work.__name__}", daemon=True).start()

    @property
    def process_id(self) -> int:
        """The system's number of the process."""
        return self._process.pid

    def send(self, message: Message) -> None:
        """Send a message in the background, in order; what a dead process cannot take is dropped."""
        self._outgoing.put(message)

    def kill(self) -> None:
        """End the process at once; `on_end` follows."""
        self._process.kill()

    def stop(self) -> None:
        """End the process, by force if it does not end by itself within a moment."""
        self._outgoing.put(None)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _write(self) -> None:
        assert isinstance(self._process.stdin, io.BufferedWriter), "started with a pipe"
        with contextlib.suppress(OSError), self._process.stdin as stream:
            while (message := self._outgoing.get()) is not None:
                write_frame(stream, message.kind, message.fields, *message.parts)
                del message  # its arrays may be large, and the next one may be long in coming

    def _read(self) -> None:
        assert isinstance(self._process.stdout, io.BufferedReader), "started with a pipe"
        try:
            with self._process.stdout as stream:
                while (frame := read_frame(stream)) is not None:
                    self._on_frame(self, frame)
                    del frame  # its pixels may be large, and the next one may be long in coming
        except EngineDied:
            self._process.kill()
        except Exception as error:
            what = repr(error)
            log.exception("what the engine's process sent cannot be used: %s", what, exc_info=is_debugging(os.environ))
            self._process.kill()
        finally:
            self._outgoing.put(None)
            self._on_end(self, _describe_end(self._process.wait()))


def _environment() -> dict[str, str]:
    """The parent's environment and module path, so that both import the same code; the arithmetic threads are the runtime's.

    The runtime would otherwise count what it draws for its vendor.
    """
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
    quiet = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
    return {**os.environ, "PYTHONPATH": path, **quiet}


def _describe_end(status: int) -> str:
    if status >= 0:
        return f"ended with exit status {status}"
    with contextlib.suppress(ValueError):
        return f"was ended by signal {-status} ({signal.Signals(-status).name})"
    return f"was ended by signal {-status}"
