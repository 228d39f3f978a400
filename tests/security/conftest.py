"""A whole server on the tiny network: in this process, or on a socket of it."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from limner.engine.local import LocalEngine
from limner.server.app import create_app
from limner.server.assembly import Opened, open_services
from limner.server.running import listen, make_server
from limner.server.settings import ServerSettings
from limner.store.settings import StoreSettings


@dataclass(frozen=True, kw_only=True)
class Listening:
    """A server on a socket, and the key of its first project."""

    port: int
    key: str


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def tiny_engine(tiny_weights: Path) -> Iterator[LocalEngine]:
    """One engine for all servers of these tests: starting a process for each would be most of their time."""
    with closing(LocalEngine(tiny_weights, threads=1)) as engine:
        yield engine


@pytest.fixture
def open_server(
    tmp_path: Path, tiny_weights: Path, tiny_engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Opened]]:
    """Opens the parts of a server in a new data folder; takes settings."""
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    with ExitStack() as stack:

        def open_parts(**settings: Any) -> Opened:
            folder = tmp_path / f"server-{len(os.listdir(tmp_path))}"
            store = StoreSettings(data_dir=folder, database=folder / "limner.db", blobs=folder / "blobs")
            chosen = ServerSettings(store=store, **{"moderation": "off", "grace_s": 1.0, **settings})
            return stack.enter_context(open_services(chosen, engine=tiny_engine))

        yield open_parts


@pytest.fixture
def opened(open_server: Callable[..., Opened]) -> Opened:
    return open_server()


@pytest.fixture
async def client(opened: Opened) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that speaks to the server with its first key, without a socket."""
    headers = {"authorization": f"Bearer {opened.first_secret}"}
    transport = httpx2.ASGITransport(create_app(opened.services))
    async with httpx2.AsyncClient(transport=transport, base_url="http://limner.test", headers=headers, timeout=60) as client:
        yield client


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
