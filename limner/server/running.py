"""A server's life: it opens its parts, listens, and ends without tearing an answer."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType

import uvicorn
from anyio import to_thread
from starlette.types import ASGIApp

from limner.errors import InvalidField, LimnerError
from limner.server.app import create_app
from limner.server.assembly import Opened, open_services
from limner.server.conformance import create_conformance_app
from limner.server.protocol import BoundedHttp
from limner.server.services import Services
from limner.server.settings import ServerSettings

SWEEP_EVERY_S = 300.0
LAST_STEPS_S = 1.0  # after the grace time: ended drawings become answers
LAST_WORDS_S = 5  # after that: answers reach their clients
LOOK_EVERY_S = 0.05
KEEP_ALIVE_S = 65
M_MMAP_THRESHOLD, LARGE_BUFFER_BYTES = -3, 32 * 1024  # of malloc.h; mallopt(3)
log = logging.getLogger("limner.server")


class Server(uvicorn.Server):
    """uvicorn's server, with another way to end: it goes on listening, to refuse, until the work in hand is done or ended."""

    def __init__(self, config: uvicorn.Config, services: Services, on_started: Callable[[], None] | None = None) -> None:
        super().__init__(config)
        self._services, self._on_started = services, on_started
        self._num_signals = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if self._on_started is not None:
            self._on_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal: the first begins the end, the second ends the grace time, the third cuts answers off."""
        self._num_signals += 1
        self.should_exit = True
        self.force_exit = self._num_signals > 2

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Refuse new work, let the work in hand go on within the grace time, end what is left with an error, close.

        Queued work is let go of at once: the next process goes on with it.
        """
        studio = self._services.studio
        studio.refuse_orders()
        await self._services.work.stop()
        self._services.generations.events.close()
        if self.server_state.tasks:
            grace = f"{self._services.settings.grace_s:g} s; another signal ends them now"
            log.info("stopping: %d open requests may go on for %s", len(self.server_state.tasks), grace)
        await self._wait_while(self._is_busy, self._services.settings.grace_s, num_signals=2)
        studio.end_drawings()
        await self._wait_while(self._is_busy, LAST_STEPS_S, num_signals=3)
        await self._wait_while(self._is_answering, LAST_WORDS_S, num_signals=3)
        for task in list(self.server_state.tasks):
            task.cancel()
        await super().shutdown(sockets)

    def _is_busy(self) -> bool:
        return bool(self.server_state.tasks)

    def _is_answering(self) -> bool:
        """Say whether an answer has begun that is not out yet: a large one takes its reader a while."""
        cycles = [getattr(connection, "cycle", None) for connection in self.server_state.connections]
        return any(cycle is not None and cycle.response_started and not cycle.response_complete for cycle in cycles)

    async def _wait_while(self, is_going_on: Callable[[], bool], seconds: float, *, num_signals: int) -> None:
        """Wait until it is over, the time is, or so many signals have come."""
        deadline = time.monotonic() + seconds
        while is_going_on() and time.monotonic() < deadline and self._num_signals < num_signals:  # noqa: ASYNC110 - signals set no event
            await asyncio.sleep(LOOK_EVERY_S)

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen until a signal says to stop."""
        sweeping = asyncio.create_task(sweep_regularly(self._services))
        try:
            async with self._services.work.running():
                await super().serve(sockets)
        finally:
            sweeping.cancel()


def serve(settings: ServerSettings, *, on_open: Callable[[Opened, int], None]) -> None:
    """Serve until SIGTERM or Ctrl-C; `on_open` hears of the parts and of the port as soon as connections are taken.

    Raises:
        DamagedFile, InvalidField: as `open_services`, or the address cannot be listened on.
    """
    with listen(settings.host, settings.port) as listener, open_services(settings) as opened:
        port = listener.getsockname()[1]
        make_server(opened.services, on_started=lambda: on_open(opened, port)).run(sockets=[listener])


def give_back_large_buffers() -> None:
    """Let each buffer as large as a picture go back to the system when it is freed.

    glibc raises this limit by itself as it meets larger ones, and from then on pictures leave holes in the arenas of many threads.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(M_MMAP_THRESHOLD, LARGE_BUFFER_BYTES)


def make_server(services: Services, *, on_started: Callable[[], None] | None = None) -> Server:
    """Return a server of opened parts; it listens on the sockets that its `run` is given, and calls `on_started` when it does."""
    give_back_large_buffers()
    settings = services.settings
    app: ASGIApp = create_conformance_app() if settings.is_conformance else create_app(services)
    config = uvicorn.Config(
        app,
        http=BoundedHttp,
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=LAST_WORDS_S,
    )
    return Server(config, services, on_started)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections; port 0 takes a free one.

    Raises:
        InvalidField: the address is taken, or is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise InvalidField("port", f"{host}:{port} cannot be listened on ({error.strerror}); choose another --host or --port") from error


async def sweep_regularly(services: Services) -> None:
    """Remove expired files, kept pictures and results, now and every few minutes; what fails is tried again the next time."""
    while True:
        shelf = services.responses.shelf
        kept = (
            services.files,
            services.pictures,
            services.results,
            shelf.responses,
            shelf.conversations,
            shelf.attachments,
            services.generations.store,
            services.webhooks.deliveries,
        )
        for store in kept:
            try:
                await to_thread.run_sync(store.delete_expired, round(time.time()))
            except LimnerError as error:
                log.warning("expired contents could not be removed (%s); trying again in %d s", error.message, SWEEP_EVERY_S)
        await asyncio.sleep(SWEEP_EVERY_S)
