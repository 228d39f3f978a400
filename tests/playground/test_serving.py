"""How the page is served: files of the package alone, under a strict policy, small, and without anything that a build would make."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Page

from limner.server.routes import playground
from limner.server.routes.playground import packaged_assets

STATIC = Path(playground.__file__).parents[1] / "static"
MAX_FIRST_LOAD_BYTES = 200_000
MAX_MODULE_LINES = 400
TYPESCRIPT = "typescript@5.9.3"
CHECKER = (
    "--noEmit --allowJs --checkJs --strict --target es2022 --module es2022 --moduleResolution bundler --lib es2023,dom,dom.iterable".split()
)
pytestmark = pytest.mark.anyio


async def test_every_file_of_the_page_is_sent_with_its_type_and_a_strict_policy(client: httpx2.AsyncClient):
    names = sorted(path.name for path in STATIC.iterdir())

    answers = {name: await client.get(f"/playground/{name}") for name in names}

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(names, 200)
    for name, answer in answers.items():
        assert answer.content == (STATIC / name).read_bytes()
        policy = answer.headers["content-security-policy"].split("; ")
        assert policy[0] == "default-src 'none'"
        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-cache"
    assert answers["main.js"].headers["content-type"] == "text/javascript; charset=utf-8"
    assert answers["style.css"].headers["content-type"] == "text/css; charset=utf-8"


async def test_the_page_stands_at_the_root_and_needs_no_key(client: httpx2.AsyncClient):
    answer = await client.get("/", headers={"authorization": ""})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.content == (STATIC / "index.html").read_bytes()


async def test_a_file_that_the_browser_has_is_not_sent_again(client: httpx2.AsyncClient):
    first = await client.get("/playground/style.css")

    again = await client.get("/playground/style.css", headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    changed = await client.get("/playground/style.css", headers={"if-none-match": '"other"'})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert changed.status_code == 200


@pytest.mark.parametrize("name", ["nothing.js", "..%2fapp.py", "%2e%2e%2fsettings.py", "__init__.py", ".hidden", "index.html%00"])
async def test_nothing_but_the_files_of_the_page_is_sent(client: httpx2.AsyncClient, name: str):
    answer = await client.get(f"/playground/{name}")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "unknown_url"


async def test_the_first_load_is_small(page: Page, sign_in: Callable[..., Any]):
    sizes: dict[str, int] = {}

    async def weigh(response: Any) -> None:
        if "/v1/" not in response.url:
            sizes[response.url] = len(await response.body())

    page.on("response", weigh)

    await sign_in(page)
    await page.get_by_role("textbox", name="Prompt").wait_for()

    assert len(sizes) > 5
    assert sum(sizes.values()) < MAX_FIRST_LOAD_BYTES


def test_no_module_parses_html_or_styles_inline_or_speaks_to_another_host():
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(|new Function|setAttribute\(.style|style=|\\bon\w+=\""
    )
    hosts = re.compile(r"https?://(?!www\.w3\.org/2000/svg)")

    found = [f"{path.name}: {match[0]}" for path in STATIC.iterdir() for match in forbidden.finditer(path.read_text("utf-8"))]
    hosted = [path.name for path in STATIC.iterdir() if path.suffix != ".svg" and hosts.search(path.read_text("utf-8"))]

    assert found == []
    assert hosted == []


def test_only_one_module_speaks_to_the_server():
    asking = re.compile(r"\bfetch\(|XMLHttpRequest|EventSource|sendBeacon|WebSocket")

    assert [path.name for path in STATIC.glob("*.js") if asking.search(path.read_text("utf-8"))] == ["api.js"]


def test_every_module_is_short_and_says_what_it_is_for():
    modules = {path.name: path.read_text("utf-8").splitlines() for path in STATIC.glob("*.js")}

    assert [name for name, lines in modules.items() if len(lines) > MAX_MODULE_LINES] == []
    assert [name for name, lines in modules.items() if lines[0] != "// @ts-check" or not lines[1].startswith(("/**", "// "))] == []


def test_the_tag_of_a_file_is_made_of_its_content():
    for asset in packaged_assets().values():
        assert asset.etag.strip('"') == hashlib.sha256(asset.content).hexdigest()[:32]


@pytest.mark.skipif(shutil.which("npm") is None, reason="types are checked where Node.js is")
def test_the_types_of_every_module_are_right(cached: Callable[[str], AbstractContextManager[Path]]):
    with cached(f"playground-{TYPESCRIPT}") as folder:
        compiler = folder / "node_modules" / "typescript" / "bin" / "tsc"
        if not compiler.exists():
            more = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", TYPESCRIPT]
            subprocess.run(["npm", "install", "--prefix", str(folder), *more], check=True, capture_output=True)

    checked = subprocess.run(
        ["node", str(compiler), *CHECKER, *map(str, sorted(STATIC.glob("*.js")))], check=False, capture_output=True, text=True
    )

    assert checked.stdout == ""
    assert checked.returncode == 0
