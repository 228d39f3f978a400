"""Drawing from words, as somebody sees it: on its way, stopped, finished, refused, lost."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Locator, Page, Route, expect

pytestmark = pytest.mark.anyio
WATCH = """() => {
  window.sources = new Set();
  window.shifted = 0;
  new MutationObserver((changes) => {
    for (const { target } of changes) if (target.tagName === "IMG") window.sources.add(target.getAttribute("src"));
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["src"] });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({ type: "layout-shift" });
}"""


async def order(page: Page, prompt: str, *, n: int = 1, quality: str = "low", size: str = "256x256", seed: str = "") -> None:
    """Fill in the form and send it."""
    await page.get_by_role("textbox", name="Prompt").fill(prompt)
    await page.get_by_role("radio", name="custom").check()
    await page.get_by_label("Width and height").fill(size)
    await page.get_by_role("radio", name=quality).check()
    await page.get_by_label("Pictures", exact=True).select_option(str(n))
    await page.get_by_label("Seed").fill(seed)
    await page.get_by_role("button", name="Draw", exact=True).click()


def finished(page: Page) -> Locator:
    return page.locator(".cell[aria-busy=false] img:visible")


async def test_a_picture_is_watched_while_it_is_drawn_and_nothing_jumps(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page)
    await page.evaluate(WATCH)

    await order(page, "a red ball", quality="high", size="1024x512")
    before = await page.locator(".cell .picture").bounding_box()
    await expect(finished(page)).to_have_count(1)

    assert await page.evaluate("window.sources.size") >= 3
    assert await page.locator(".cell .picture").bounding_box() == before
    assert before is not None
    assert before["width"] / before["height"] == pytest.approx(2, rel=0.01)
    assert await page.evaluate("window.shifted") < 0.01
    await expect(page.locator(".cell img")).to_have_attribute("alt", "a red ball")


async def test_pictures_of_one_order_have_the_seeds_that_the_server_would_give_them(
    page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]
):
    await sign_in(page)

    await order(page, "three green kites", n=3, seed="9007199254740990")
    await expect(finished(page)).to_have_count(3)

    await expect(page.locator(".cell").nth(0)).to_contain_text("Seed 9007199254740990")
    await expect(page.locator(".cell").nth(1)).to_contain_text("Seed 9007199254740991")
    await expect(page.locator(".cell").nth(2)).to_contain_text("Seed 0")
    await expect(page.locator(".cell").nth(2)).to_contain_text(re.compile(r"\d\.\d s.*\d+ tokens"))
    listed = (await in_thread(served.call, "GET", "/limner/v1/pictures?search=three green kites")).json()["data"]
    assert sorted(picture["seed"] for picture in listed) == [0, 9007199254740990, 9007199254740991]


async def test_what_is_downloaded_is_what_the_server_keeps(
    page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any], tmp_path: Path
):
    await sign_in(page)
    await order(page, "a picture to take away", seed="5")
    await expect(finished(page)).to_have_count(1)

    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Download").click()
    download = await downloading.value
    await download.save_as(tmp_path / "picture.png")

    assert download.suggested_filename == "tiny-1-5.png"
    (kept,) = (await in_thread(served.call, "GET", "/limner/v1/pictures?search=a picture to take away")).json()["data"]
    content = await in_thread(served.call, "GET", f"/limner/v1/pictures/{kept['id']}/content")
    assert (tmp_path / "picture.png").read_bytes() == content.content
    assert Image.open(io.BytesIO(content.content)).size == (256, 256)


async def test_stopping_ends_the_drawing_on_the_server_too(
    page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]
):
    await sign_in(page)
    await order(page, "a wall of many bricks", n=10, quality="high", size="1024x1024")
    await page.locator(".cell img:visible").first.wait_for()

    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator(".cell").last).to_contain_text("Stopped")
    num_finished = await finished(page).count()
    await in_thread(served.draw, prompt="another one")
    await in_thread(served.draw, prompt="another one")

    kept = (await in_thread(served.call, "GET", "/limner/v1/pictures?search=a wall of many bricks")).json()["data"]
    assert num_finished <= len(kept) < 10
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_what_the_server_refuses_is_told_in_its_own_words_and_the_form_stays(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page)

    await order(page, "a red ball", size="255x256", seed="many")

    await expect(page.get_by_role("alert")).to_contain_text("Invalid type for 'seed': 'many' was given")
    await expect(page.get_by_role("alert")).to_contain_text("field seed")
    await page.get_by_label("Seed").fill("1")
    await page.get_by_role("button", name="Draw", exact=True).click()
    await expect(page.get_by_role("alert").first).to_contain_text("255")
    await expect(page.get_by_role("textbox", name="Prompt")).to_have_value("a red ball")


async def test_after_an_error_no_other_picture_begins_but_those_that_have_begun_are_finished(page: Page, sign_in: Callable[..., Any]):
    asked: list[Route] = []

    async def refuse_the_second(route: Route) -> None:
        asked.append(route)
        await (route.fulfill(status=500, json={"error": {"message": "No."}}) if len(asked) == 2 else route.continue_())

    await sign_in(page)
    await page.route("**/v1/images/generations", refuse_the_second)

    await order(page, "a row of pots", n=6)

    await expect(page.get_by_role("alert")).to_contain_text("No.")
    assert await finished(page).count() == len(asked) - 1 < 5


async def test_two_orders_together_draw_no_more_at_once_than_one(page: Page, sign_in: Callable[..., Any]):
    held: list[Route] = []
    await sign_in(page)
    await page.route("**/v1/images/generations", lambda route: held.append(route))

    await order(page, "a first row", n=4)
    await page.get_by_role("button", name="Draw", exact=True).click()
    await expect(page.locator(".run")).to_have_count(2)
    await expect(page.locator(".cell", has_text="Drawing")).to_have_count(3)
    num_held = len(held)
    await page.get_by_role("button", name="Stop").last.click()

    await expect(page.locator(".run").first.locator(".cell", has_text="Drawing")).to_have_count(3)
    assert num_held == 3
    await page.get_by_role("button", name="Stop").first.click()
    await expect(page.locator(".cell", has_text="Stopped")).to_have_count(8)


async def test_work_goes_on_while_another_room_is_visited(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page)
    await order(page, "a patient tortoise", n=2)

    await page.get_by_role("link", name="Account").click()
    await expect(page.get_by_role("heading", name="Account")).to_be_visible()
    await page.get_by_role("link", name="Draw").click()

    await expect(finished(page)).to_have_count(2)
    await expect(page.get_by_role("textbox", name="Prompt")).to_have_value("a patient tortoise")


async def test_a_finished_picture_leads_to_its_edit_and_its_seed_back_into_the_form(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page)
    await order(page, "a blue box", seed="77", n=2)
    await expect(finished(page)).to_have_count(2)

    await page.get_by_role("button", name="Use seed").last.click()

    await expect(page.get_by_label("Seed")).to_have_value("78")
    await expect(page.get_by_label("Pictures", exact=True)).to_have_value("1")
    await page.get_by_role("link", name="Use as input").last.click()
    await expect(page.locator("main[data-room=edit]").get_by_role("img", name="a blue box").first).to_be_visible()
    await expect(page).to_have_url(re.compile(r"#/edit$"))  # what is opened once stays open


async def test_a_refusal_by_moderation_and_a_server_that_dies_are_told(
    new_page: Callable[..., Any], sign_in: Callable[..., Any], start_server: Callable[..., Any]
):
    with start_server() as server:
        page = await new_page(server=server)
        await sign_in(page, key=server.key)

        await order(page, "a naked woman, explicit porn")
        await expect(page.get_by_role("alert")).to_contain_text("moderation_blocked")
        await expect(page.get_by_role("alert")).to_contain_text("rejected by the safety system")
        await page.get_by_role("button", name="Clear from this view").click()

        await order(page, "a long work", n=10, quality="high", size="1024x1024")
        await page.locator(".cell img:visible").first.wait_for()
        server.process.kill()

        await expect(page.get_by_role("alert")).to_contain_text(
            re.compile("connection ended before the picture was finished|cannot be reached")
        )
        await expect(page.get_by_role("textbox", name="Prompt")).to_have_value("a long work")


async def test_a_dialog_is_gone_with_the_room_that_opened_it(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page)
    await order(page, "a picture with a dialog")
    for name in ("Code", "Save as a prompt"):
        await page.get_by_role("button", name=name).click()
        await expect(page.get_by_role("dialog")).to_be_visible()

        await page.evaluate("location.hash = '#/account'")

        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.get_by_role("link", name="Draw").click()
