"""A whole server on the tiny network, on a socket of this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from limner.server.assembly import Opened
from limner.server.running import listen, make_server


@dataclass(frozen=True, kw_only=True)
class Listening:
    """A server on a socket, and the key of its first project."""

    port: int
    key: str


@pytest.fixture
def listening(opened: Opened) -> Iterator[Listening]:
    """The same server on a socket."""
    with serving(opened) as server:
        yield server


@contextmanager
def serving(opened: Opened) -> Iterator[Listening]:
    with listen("127.0.0.1", 0) as listener:
        server = make_server(opened.services)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="listening")
        thread.start()
        try:
            yield Listening(port=listener.getsockname()[1], key=str(opened.first_secret))
        finally:
            server.should_exit = True
            thread.join()
