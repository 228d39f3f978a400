"""What the contract tests share: real servers, each started once as its user starts it, and the clients and pictures to call them with."""

from __future__ import annotations

import base64
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from openai import AsyncOpenAI, OpenAI
from PIL import Image

START_TIMEOUT_S, STOP_TIMEOUT_S, CALL_TIMEOUT_S = 120.0, 40.0, 120.0
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/v1")
SIDE_PX = 256


def clean_environment() -> dict[str, str]:
    """Return this process's environment without what would steer a server or a client."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("LIMNER_", "OPENAI_", "TEST_API_"))}


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running server. `url` ends in `/v1`; `log` is the file that takes its stderr."""

    url: str
    key: str
    log: Path

    @property
    def root(self) -> str:
        """Its address without `/v1`."""
        return self.url.removesuffix("/v1")

    def client(self, **options: Any) -> OpenAI:
        """Return a client of `openai` for it, which does not ask again unless told to."""
        return OpenAI(**{"base_url": self.url, "api_key": self.key, "max_retries": 0, "timeout": CALL_TIMEOUT_S} | options)

    def async_client(self, **options: Any) -> AsyncOpenAI:
        """Return an asynchronous client of `openai` for it."""
        return AsyncOpenAI(**{"base_url": self.url, "api_key": self.key, "max_retries": 0, "timeout": CALL_TIMEOUT_S} | options)

    def environment(self) -> dict[str, str]:
        """Return the environment in which the vendors' clients find it by themselves."""
        return clean_environment() | {"OPENAI_BASE_URL": self.url, "OPENAI_API_KEY": self.key}


@contextmanager
def serving(folder: Path, *options: str, variables: dict[str, str] | None = None) -> Iterator[Served]:
    """Run `limner serve` on a free port with its data in `folder`; at the end, ask it to stop and look at how it ended."""
    log, said = folder / "log", folder / "said"
    command = [sys.executable, "-m", "limner", "serve", "--port", "0", "--data-dir", str(folder / "data"), *options]
    with log.open("wb") as stderr, said.open("wb") as stdout:
        process = subprocess.Popen(command, env=clean_environment() | (variables or {}), stdout=stdout, stderr=stderr)
    try:
        url = wait_for_address(process, log)
        yield Served(url=url, key=said.read_text("utf-8").split()[0], log=log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            ended = process.wait(STOP_TIMEOUT_S)
        finally:
            process.kill()
    assert ended == 0, f"the server ended with {ended}:\n{log.read_text('utf-8')[-3000:]}"
    assert "Traceback" not in log.read_text("utf-8"), log.read_text("utf-8")[-6000:]


def wait_for_address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        found = ADDRESS.search(log.read_text("utf-8"))
        if found:
            return found.group()
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text('utf-8')[-3000:]}")


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the released weights: the real model behind the real wire."""
    with serving(tmp_path_factory.mktemp("released")) as server:
        yield server


@pytest.fixture(scope="session")
def unjudged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the released weights for clients that choose no seed: one drawing in some hundreds is nudity to NudeNet."""
    with serving(tmp_path_factory.mktemp("unjudged"), "--moderation", "off") as server:
        yield server


@pytest.fixture(scope="session")
def identity_issuer(make_issuer: Callable[..., Any]) -> Iterator[Any]:
    """The provider whose tokens the tiny server takes."""
    with closing(make_issuer()) as issuer:
        yield issuer


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, tiny_weights: Path, identity_issuer: Any) -> Iterator[Served]:
    """A server with the tiny network, for everything that needs many calls."""
    identity = ["--oidc-issuer", identity_issuer.url, "--oidc-audience", identity_issuer.audience]
    with serving(tmp_path_factory.mktemp("tiny"), *identity, variables={"LIMNER_WEIGHTS_DIR": str(tiny_weights)}) as server:
        yield server


@pytest.fixture(scope="session")
def conforming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that answers vendors' test suites."""
    with serving(tmp_path_factory.mktemp("conforming"), "--conformance") as server:
        yield server


@pytest.fixture(scope="session")
def client(tiny: Served) -> Iterator[OpenAI]:
    """A client of the tiny server."""
    with tiny.client() as client:
        yield client


@pytest.fixture(scope="session")
def wire(tiny: Served) -> Iterator[httpx2.Client]:
    """A plain HTTP client of the tiny server, with its key; paths begin with `/v1`."""
    with httpx2.Client(base_url=tiny.root, headers={"authorization": f"Bearer {tiny.key}"}, timeout=CALL_TIMEOUT_S) as client:
        yield client


class Pictures:
    """Makes input pictures and reads what came back."""

    def draw(self, width: int = SIDE_PX, height: int = SIDE_PX, *, seed: int = 0, file_format: str = "png", mode: str = "RGB") -> bytes:
        """Return a picture of random colours, no two pixels of which are alike on purpose."""
        pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
        return self.write(Image.fromarray(pixels).convert(mode), file_format)

    def mask(self, box: tuple[int, int, int, int], width: int = SIDE_PX, height: int = SIDE_PX) -> bytes:
        """Return a mask that lets a box (left, top, right, bottom) change."""
        mask = Image.new("RGBA", (width, height), (0, 0, 0, 255))
        mask.paste((0, 0, 0, 0), box)
        return self.write(mask, "png")

    def write(self, picture: Image.Image, file_format: str) -> bytes:
        """Return a picture's file."""
        stream = io.BytesIO()
        picture.save(stream, file_format)
        return stream.getvalue()

    def content(self, item: Any) -> bytes:
        """Return the bytes of one item or event of an answer."""
        return base64.b64decode(item.b64_json, validate=True)

    def read(self, item: Any) -> Image.Image:
        """Return one item or event of an answer, decoded."""
        picture = Image.open(io.BytesIO(self.content(item)))
        picture.load()
        return picture

    def changed(self, before: bytes, after: bytes) -> np.ndarray:
        """Return where two pictures of one size differ: bool (height, width)."""
        first, second = (np.asarray(Image.open(io.BytesIO(content)).convert("RGBA")) for content in (before, after))
        return (first != second).any(-1)


@pytest.fixture(scope="session")
def pictures() -> Pictures:
    """Makes input pictures and reads what came back."""
    return Pictures()


@pytest.fixture(scope="session")
def run_client() -> Callable[..., str]:
    """Runs a program that calls a server, and returns what it printed; a failure shows both of its streams."""

    def run(command: list[str], environment: dict[str, str] | None, *, folder: Path | None = None, timeout_s: float = 300.0) -> str:
        ran = subprocess.run(command, check=False, env=environment, cwd=folder, capture_output=True, text=True, timeout=timeout_s)
        assert ran.returncode == 0, f"{command} ended with {ran.returncode}:\n{ran.stdout[-3000:]}\n{ran.stderr[-6000:]}"
        return ran.stdout

    return run


@pytest.fixture(scope="session")
def make_environment(cached: Callable[[str], AbstractContextManager[Path]], run_client: Callable[..., str]) -> Callable[..., Path]:
    """Makes a virtual environment of its own from a pinned list and more requirements; returns its interpreter."""

    def make(name: str, requirements: Path, *more: str) -> Path:
        uv = [sys.executable, "-m", "uv", "--quiet"]
        with cached(f"contract-{name}") as folder:
            python = folder / "bin" / "python"
            if not python.exists():
                run_client([*uv, "venv", "--allow-existing", "--python", sys.executable, str(folder)], None)
            run_client([*uv, "pip", "install", "--python", str(python), "--requirements", str(requirements), *more], None)
        return python

    return make


def program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is not on the path: install Node.js 20 or newer, with npm (Debian: apt-get install nodejs npm)"
    return found


@pytest.fixture(scope="session")
def node() -> str:
    """The interpreter of JavaScript."""
    return program("node")
