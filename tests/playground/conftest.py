"""What the tests of the playground share: real servers, keys of two projects, a Chromium, and pages that may not complain.

Tests are coroutines: `async def test_...(page: Page, served: Served)`, marked by `pytestmark = pytest.mark.anyio`.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

START_TIMEOUT_S, STOP_TIMEOUT_S, CALL_TIMEOUT_S = 120.0, 40.0, 120.0
STEP_TIMEOUT_MS = 30_000
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LIMNER = [sys.executable, "-m", "limner"]
SMALL = {"prompt": "a red ball", "size": "256x256", "quality": "low", "seed": 1, "keep": True}
NewPage = Callable[..., Awaitable[Page]]
SignIn = Callable[..., Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running server with keys of two projects: `key`, an admin's, and `other_key`. `url` is where the page is."""

    url: str
    key: str
    other_key: str
    data: Path
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def token(self) -> str:
        """The token of the link that it printed at its start."""
        return re.findall(r"#sign-in=(\S+)", self.log.read_text("utf-8"))[0]

    def call(self, method: str, path: str, *, key: str | None = None, **content: Any) -> httpx2.Response:
        """Call the server as a program does."""
        headers = {"authorization": f"Bearer {key or self.key}"}
        return httpx2.request(method, f"{self.url}{path}", headers=headers, timeout=CALL_TIMEOUT_S, **content)

    def make_key(self, name: str, project: str | None = None) -> str:
        """Make a key with the command line; return its secret."""
        return make_key(name, self.data, project)

    def draw(self, *, key: str | None = None, **fields: Any) -> str:
        """Draw and keep one small picture; return its id."""
        answer = self.call("POST", "/v1/images/generations", key=key, json={**SMALL, **fields})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"][0]["limner"]["picture_id"])

    def edit(self, picture: str, prompt: str, **fields: Any) -> str:
        """Edit a kept picture; return the new one's id."""
        body = {**SMALL, "prompt": prompt, "images": [{"file_id": picture}], **fields}
        answer = self.call("POST", "/v1/images/edits", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"][0]["limner"]["picture_id"])


@contextmanager
def serving(folder: Path, *options: str, weights: Path | None = None) -> Iterator[Served]:
    """Run `limner serve` on a free port with its data in `folder`, on the released weights unless others are given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIMNER_")}
    environment = kept | {"LIMNER_THREADS": "1"} | ({"LIMNER_WEIGHTS_DIR": str(weights)} if weights else {})
    data, log, said = ["--data-dir", str(folder / "data")], folder / "log", folder / "said"
    with log.open("wb") as stderr, said.open("wb") as stdout:
        process = subprocess.Popen([*LIMNER, "serve", "--port", "0", *data, *options], env=environment, stdout=stdout, stderr=stderr)
    try:
        url = wait_for_address(process, log)
        key = said.read_text("utf-8").split()[0] if "--dev" not in options else ""
        yield Served(url=url, key=key, other_key=make_key("other", folder / "data"), data=folder / "data", log=log, process=process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_TIMEOUT_S)
        finally:
            process.kill()
            process.wait()


def make_key(name: str, data: Path, project: str | None = None) -> str:
    options = ["--name", name, "--data-dir", str(data), *(["--project", project] if project else [])]
    made = subprocess.run([*LIMNER, "keys", "create", *options], check=True, capture_output=True, text=True)
    return made.stdout.strip()


def wait_for_address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := ADDRESS.search(log.read_text("utf-8")):
            return found.group()
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text('utf-8')[-3000:]}")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for a file of tests, because the browser lives in it; no longer, because others run loops of their own."""
    return "asyncio"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, tiny_weights: Path) -> Iterator[Served]:
    """One server on the tiny network for all tests that leave it running; pictures of other tests are in its history."""
    with serving(tmp_path_factory.mktemp("playground"), "--moderation", "off", weights=tiny_weights) as server:
        yield server


@pytest.fixture
def start_server(tmp_path: Path, tiny_weights: Path) -> Callable[..., Any]:
    """Starts a server of a test's own: `with start_server("--dev") as server`; `weights=None` takes the released ones."""

    def start(*options: str, weights: Path | None = tiny_weights) -> Any:
        folder = tmp_path / f"server-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return serving(folder, *options, weights=weights)

    return start


@pytest.fixture(scope="module")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    """One Chromium for a file of tests, the system's own."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path is not None, "these tests need a browser: apt-get install chromium"
    async with async_playwright() as playwright:
        expect.set_options(timeout=STEP_TIMEOUT_MS)
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"])
        yield browser
        await browser.close()


@pytest.fixture
async def new_page(browser: Browser, served: Served) -> AsyncIterator[NewPage]:
    """Opens pages, each in a browser context of its own, that fail their test if a script throws, the policy is broken, or another
    host is asked for something. `server` is the server to show, `complaints` what the console may say."""
    contexts: list[BrowserContext] = []
    heard: list[str] = []

    async def open_page(*, server: Served = served, complaints: str = r"Failed to load resource", **options: Any) -> Page:
        context = await browser.new_context(**{"viewport": WIDE, "base_url": server.url, "accept_downloads": True, **options})
        contexts.append(context)
        context.set_default_timeout(STEP_TIMEOUT_MS)
        page = await context.new_page()
        page.on("pageerror", lambda error: heard.append(f"thrown: {error}"))
        page.on("console", lambda said: heard.append(said.text) if said.type == "error" and not re.search(complaints, said.text) else None)
        page.on("request", lambda asked: None if asked.url.startswith((server.url, "blob:")) else heard.append(f"asked {asked.url}"))
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert heard == []


@pytest.fixture
async def page(new_page: NewPage) -> Page:
    """A page at 1440 x 900, nothing shown yet."""
    return await new_page()


@pytest.fixture(scope="session")
def sign_in(served: Served) -> SignIn:
    """Signs in with a key and shows a room: `await sign_in(page, "edit?picture=ID")`."""

    async def enter(page: Page, room: str = "draw", *, key: str | None = None) -> None:
        await page.goto(f"/#/{room}")
        await page.get_by_label("API key").fill(key or served.key)
        await page.get_by_role("button", name="Sign in").click()
        await page.locator(f"main[data-room={room.partition('?')[0]}] > :not(.loading)").first.wait_for()

    return enter


@pytest.fixture(scope="session")
def in_thread() -> Callable[..., Awaitable[Any]]:
    """Calls something that blocks, such as `served.draw`, while the browser's loop goes on."""

    async def call(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        return await asyncio.to_thread(function, *arguments, **named)

    return call
