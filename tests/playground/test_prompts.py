"""Prompts as assets, and programs: saved, filled in, run, chosen from, and run again outside the page to the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

pytestmark = pytest.mark.anyio
COLOUR = 'it\'s "red", `blue` & $HOME \\ 🦊'
InThread = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="session")
def run_program(served: Any, packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], bytes]:
    """Runs a program as somebody who has just downloaded it, and returns the picture that it wrote."""
    starters = {"py": [sys.executable], "mjs": ["node"], "sh": ["bash"]}

    def run(name: str, text: str) -> bytes:
        folder = tmp_path_factory.mktemp("program")
        (folder / "node_modules").symlink_to(packages / "node_modules")
        (folder / name).write_text(text, "utf-8", newline="")
        environment = os.environ | {"OPENAI_BASE_URL": f"{served.url}/v1", "OPENAI_API_KEY": served.key}
        command = [*starters[name.rpartition(".")[2]], name]
        ran = subprocess.run(command, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
        assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}\n{text}"
        (picture,) = folder.glob("*-1.png")
        return picture.read_bytes()

    return run


async def programs(page: Page) -> dict[str, str]:
    """Return the three programs that the page shows, by the names of their files."""
    await page.get_by_role("button", name="Code").click()
    dialog = page.get_by_role("dialog")
    found = {}
    for language in ("Python", "JavaScript", "curl"):
        await dialog.get_by_label(language).check()
        async with page.expect_download() as downloading:
            await dialog.get_by_role("button", name="Download").click()
        download = await downloading.value
        found[download.suggested_filename] = (await download.path()).read_text("utf-8")
        assert found[download.suggested_filename] == await dialog.locator("pre").text_content()
    await dialog.get_by_role("button", name="Close").click()
    return found


async def make_small(page: Page) -> None:
    """Choose settings that are drawn fast, and a seed."""
    await page.get_by_text("Settings").click()
    await page.get_by_role("group", name="Quality").get_by_label("low").check()
    await page.get_by_role("group", name="Size").get_by_label("custom").check()
    await page.get_by_label("Width and height").fill("256x256")
    await page.get_by_label("Seed").fill("5")


async def save(page: Page, button: str, *, name: str | None = None, note: str) -> None:
    await page.get_by_role("button", name=button, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    if name is not None:
        await dialog.get_by_label("Name").fill(name)
    await dialog.get_by_label("Note").fill(note)
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)


async def test_a_prompt_is_saved_filled_in_run_exported_chosen_from_and_deleted(
    page: Page, sign_in: Any, served: Any, in_thread: InThread, run_program: Callable[[str, str], bytes]
):
    await sign_in(page, "prompts")
    await page.get_by_role("button", name="New prompt").click()
    await page.get_by_label("Prompt", exact=True).fill("a {colour} ball in {{braces}}")
    await make_small(page)
    await save(page, "Save", name="coloured-ball", note="first")
    await page.locator(".shelf__item[aria-current]").wait_for()

    await page.reload()
    await page.get_by_label("colour", exact=True).fill(COLOUR)
    async with page.expect_request("**/v1/images/generations") as asking:
        await page.get_by_role("button", name="Run").click()
    await page.get_by_role("button", name="Choose").wait_for(timeout=60_000)
    sent = (await asking.value).post_data_json
    newest = (await in_thread(served.call, "GET", "/limner/v1/pictures?limit=1")).json()["data"][0]
    drawn = (await in_thread(served.call, "GET", f"/limner/v1/pictures/{newest['id']}/content")).content
    found = await programs(page)
    bytes_of = {name: await in_thread(run_program, name, text) for name, text in found.items()}
    await save(page, "Choose", note="this one")
    await expect(page.get_by_label("Version")).to_contain_text("Version 2: this one")
    versions = (await in_thread(served.call, "GET", "/limner/v1/prompts/coloured-ball/versions")).json()["data"]
    await page.get_by_role("button", name="Delete", exact=True).click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("coloured-ball is deleted.")).to_be_visible()

    assert sent["prompt"] == f"a {COLOUR} ball in {{braces}}"
    assert bytes_of == dict.fromkeys(("coloured-ball.py", "coloured-ball.mjs", "coloured-ball.sh"), drawn)
    assert {version["version"]: version["chosen"] for version in versions} == {1: None, 2: newest["id"]}
    assert [version["prompt"] for version in versions] == ["a {colour} ball in {{braces}}"] * 2
    assert (await in_thread(served.call, "GET", "/limner/v1/prompts/coloured-ball")).status_code == 404


async def test_what_was_drawn_is_saved_with_its_braces_as_braces(page: Page, sign_in: Any, served: Any, in_thread: InThread):
    await sign_in(page, "draw")
    await page.get_by_role("textbox", name="Prompt").fill("a {sign} beside a {")
    await page.get_by_role("group", name="Quality").get_by_label("low").check()
    await page.get_by_role("group", name="Size").get_by_label("custom").check()
    await page.get_by_label("Width and height").fill("256x256")
    await page.get_by_role("button", name="Draw", exact=True).click()
    await page.get_by_role("button", name="Use seed").wait_for()

    await save(page, "Save as a prompt", name="a-sign", note="")

    saved = (await in_thread(served.call, "GET", "/limner/v1/prompts/a-sign")).json()
    assert (saved["prompt"], saved["variables"]) == ("a {{sign}} beside a {{", [])


async def test_on_a_phone_the_prompts_are_arrived_at_from_their_heading(new_page: Any, sign_in: Any, served: Any, in_thread: InThread):
    key = await in_thread(served.make_key, "phone")
    await in_thread(served.call, "POST", "/limner/v1/prompts", key=key, json={"name": "kite", "prompt": "a {colour} kite"})
    page = await new_page(viewport={"width": 390, "height": 600})
    await sign_in(page, "prompts", key=key)
    await page.get_by_label("colour", exact=True).wait_for()
    arrived = await page.evaluate("window.scrollY")

    await page.get_by_role("button", name="kite").click()

    await expect(page.get_by_role("heading", name="Prompts")).not_to_be_in_viewport()
    assert arrived == 0


async def test_an_edit_with_a_mask_is_exported_to_programs_that_draw_the_same_bytes(
    page: Page, sign_in: Any, served: Any, in_thread: InThread, run_program: Callable[[str, str], bytes]
):
    source = await in_thread(served.draw, prompt="a green ball")
    await sign_in(page, f"edit?picture={source}")
    await page.get_by_label("Instruction").fill(COLOUR)
    await page.get_by_label("painted").check()
    surface = page.locator(".painter__surface")
    for key in ("x", "Space", "ArrowRight", "ArrowDown", "Space"):
        await surface.press(key)
    await page.get_by_label("A larger canvas").check()
    await page.get_by_role("spinbutton", name="Left").fill("32")
    await page.locator("form button[type=submit]").click()
    await page.locator("before-after").wait_for(timeout=60_000)

    found = await programs(page)
    bytes_of = {name: await in_thread(run_program, name, text) for name, text in found.items()}

    newest = (await in_thread(served.call, "GET", f"/limner/v1/pictures?parent={source}&order=asc&limit=1")).json()["data"][0]
    drawn = (await in_thread(served.call, "GET", f"/limner/v1/pictures/{newest['id']}/content")).content
    assert newest["settings"]["mask_sha256"] is not None
    assert newest["settings"]["canvas"] == "288x256+32+0"
    assert bytes_of == dict.fromkeys(("picture.py", "picture.mjs", "picture.sh"), drawn)
