"""One server on a socket for all tests of Oxen's dialect, and a client with a new project for each of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from limner.engine.local import LocalEngine
from limner.server.assembly import Opened, open_services
from limner.server.running import listen, make_server
from limner.server.settings import ServerSettings
from limner.store.settings import StoreSettings

KEEP_ALIVE_S = 0.5  # a second of silence is enough to see it, and to end a curl whose reader has gone
WAIT_S = 60.0
SMALL = {"model": "gpt-image-1-5", "prompt": "a red ball", "size": "256x256", "quality": "low", "seed": 7}


@dataclass(frozen=True, kw_only=True)
class Hub:
    """A running server; `folder` is for files of the tests."""

    url: str
    opened: Opened
    folder: Path

    def client(self) -> httpx2.Client:
        """Return a client with the key of a new project."""
        headers = {"authorization": f"Bearer {self.opened.services.keys.create('oxen', role='admin')[1]}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=WAIT_S)


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory, tiny_weights: Path, tiny_engine: LocalEngine) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hub")
    store = StoreSettings(data_dir=folder, database=folder / "limner.db", blobs=folder / "blobs")
    chosen = ServerSettings(store=store, moderation="off", grace_s=1.0, keep_alive_s=KEEP_ALIVE_S)
    with ExitStack() as stack:
        listener = stack.enter_context(listen(chosen.host, 0))
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
            opened = stack.enter_context(open_services(chosen, engine=tiny_engine))
        server = make_server(opened.services)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="hub")
        thread.start()
        try:
            yield Hub(url=f"http://127.0.0.1:{listener.getsockname()[1]}", opened=opened, folder=folder)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def client(hub: Hub) -> Iterator[httpx2.Client]:
    with hub.client() as client:
        yield client


@pytest.fixture
def other(hub: Hub) -> Iterator[httpx2.Client]:
    """A client of another project."""
    with hub.client() as client:
        yield client


@pytest.fixture(scope="session")
def enqueue() -> Callable[..., list[str]]:
    """Enqueues small generations, with other fields if any, and returns their ids."""

    def post(client: httpx2.Client, **fields: Any) -> list[str]:
        answer = client.post("/api/ai/queue", json={**SMALL, **fields})
        assert answer.status_code == 200, answer.text
        return [item["generation_id"] for item in answer.json()["generations"]]

    return post


@pytest.fixture(scope="session")
def poll() -> Callable[..., dict[str, Any]]:
    """Asks for a generation until it has ended."""

    def ask(client: httpx2.Client, generation_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            found: dict[str, Any] = client.get(f"/api/ai/queue/{generation_id}").json()
            if found["status"] not in ("queued", "processing"):
                return found
            time.sleep(0.03)
        raise AssertionError(f"{generation_id} did not end")

    return ask
