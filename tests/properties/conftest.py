"""A whole server on the tiny network, on a socket of this process, and a client that speaks to it as any client does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, settings

from limner.engine.local import LocalEngine
from limner.engine.weights import PACKAGED_WEIGHTS
from limner.jobs.moderate import Gate
from limner.moderation.local import LocalModerator
from limner.server.assembly import open_services
from limner.server.running import listen, make_server
from limner.server.settings import ServerSettings
from limner.store.keys import KeyStore
from limner.store.settings import StoreSettings

ANSWER_TIMEOUT_S = 60.0  # what takes longer hangs
ERROR_TYPES = {"invalid_request_error", "image_generation_user_error", "server_error", "requests"}
MAX_ERROR_CHARS = 1000

settings.register_profile("wire", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running server: its address without `/v1`, the key of its first project, and where it keeps all keys."""

    url: str
    key: str
    keys: KeyStore

    @property
    def headers(self) -> dict[str, str]:
        """What a request needs."""
        return {"authorization": f"Bearer {self.key}"}


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project with an admin's key, and a client that sends it."""

    project_id: str
    client: httpx2.Client
    keys: KeyStore

    def call(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """Ask, and return whatever is answered."""
        return self.client.request(method, path, **request)

    def make(self, path: str, **request: Any) -> Any:
        """Ask for what must succeed, and return its JSON."""
        answer = self.client.post(path, **request)
        assert answer.is_success, f"POST {path}: {answer.text[:1000]}"
        return answer.json()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, tiny_weights: Path) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    store = StoreSettings(data_dir=folder, database=folder / "limner.db", blobs=folder / "blobs")
    chosen = ServerSettings(store=store, moderation="off", grace_s=1.0)
    with ExitStack() as stack:
        engine = stack.enter_context(closing(LocalEngine(tiny_weights, threads=1)))
        listener = stack.enter_context(listen(chosen.host, 0))
        with pytest.MonkeyPatch.context() as environment:  # for other tests it must not stay set
            environment.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
            opened = stack.enter_context(open_services(chosen, engine=engine))
        moderator = stack.enter_context(closing(LocalModerator(PACKAGED_WEIGHTS)))
        gate = Gate(moderator, ThreadPoolExecutor(1))  # for its route alone: what is drawn is noise
        server = make_server(replace(opened.services, gate=gate))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="served")
        thread.start()
        try:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            yield Served(url=url, key=str(opened.first_secret), keys=opened.services.keys)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def wire(served: Served) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=served.url, headers=served.headers, timeout=ANSWER_TIMEOUT_S) as client:
        yield client


@pytest.fixture(scope="session")
def check_failure() -> Callable[[httpx2.Response], None]:
    """Holds an answer that is no success to the one shape of errors."""

    def check(answer: httpx2.Response) -> None:
        assert 400 <= answer.status_code < 500, f"{answer.status_code}: {answer.text[:500]}"
        assert answer.headers["content-type"] == "application/json"
        error = answer.json()["error"]
        assert answer.json().keys() == {"error"}
        assert error.keys() - {"moderation_details"} == {"message", "type", "param", "code"}
        assert isinstance(error["message"], str)
        assert 0 < len(error["message"]) <= MAX_ERROR_CHARS, len(error["message"])
        assert error["type"] in ERROR_TYPES
        assert isinstance(error["param"], str | None)
        assert isinstance(error["code"], str)

    return check


@pytest.fixture(scope="module")
def owner(served: Served) -> Iterator[Project]:
    """Whose things are asked for."""
    with opened_project(served) as project:
        yield project


@pytest.fixture(scope="module")
def stranger(served: Served) -> Iterator[Project]:
    """Who asks for them: another project's admin."""
    with opened_project(served) as project:
        yield project


@contextmanager
def opened_project(served: Served) -> Iterator[Project]:
    key, secret = served.keys.create("isolation", role="admin")
    with httpx2.Client(base_url=served.url, headers={"authorization": f"Bearer {secret}"}, timeout=ANSWER_TIMEOUT_S) as client:
        yield Project(project_id=key.project_id, client=client, keys=served.keys)
