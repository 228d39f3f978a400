"""A whole server in this process, on the tiny network: real engine, real SQLite, real files."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from limner.engine.local import LocalEngine
from limner.server.app import create_app
from limner.server.assembly import Opened, open_services
from limner.server.settings import ServerSettings
from limner.store.settings import StoreSettings


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def tiny_engine(tiny_weights: Path) -> Iterator[LocalEngine]:
    """One engine for all servers of these tests: starting a process for each would be most of their time."""
    with closing(LocalEngine(tiny_weights, threads=1)) as engine:
        yield engine


@pytest.fixture
def make_server(
    tmp_path: Path, tiny_weights: Path, tiny_engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Opened]]:
    """Opens the parts of a server in a new data folder; takes settings."""
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    with ExitStack() as stack:

        def make(**settings: Any) -> Opened:
            folder = tmp_path / f"server-{len(os.listdir(tmp_path))}"
            store = StoreSettings(data_dir=folder, database=folder / "limner.db", blobs=folder / "blobs")
            chosen = ServerSettings(store=store, **{"moderation": "off", **settings})
            return stack.enter_context(open_services(chosen, engine=tiny_engine))

        yield make


@pytest.fixture
def opened(make_server: Callable[..., Opened]) -> Opened:
    return make_server()


@pytest.fixture
async def client(opened: Opened) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that speaks to the server with its first key."""
    headers = {"authorization": f"Bearer {opened.first_secret}"}
    transport = httpx2.ASGITransport(create_app(opened.services))
    async with httpx2.AsyncClient(transport=transport, base_url="http://limner.test", headers=headers, timeout=120) as client:
        yield client
