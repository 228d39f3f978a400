"""What was kept: found by its words, looked at with its turns, deleted for good, and smooth when it is much."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.pictures import NewPicture, PictureStore, Turn

pytestmark = pytest.mark.anyio
NUM_MANY = 200
DAY_S = 86_400


@pytest.fixture(scope="session")
def much(served: Any) -> str:
    """The key of a project with two hundred pictures, put in its store, which is faster than drawing them."""
    key: str = served.make_key("much")
    project = served.call("GET", "/limner/v1/session", key=key).json()["project_id"]
    drawn = []
    for number in range(NUM_MANY):
        stream = io.BytesIO()
        Image.new("RGB", (640, 640), (number, 255 - number, 120)).save(stream, "png")
        drawn.append(NewPicture(content=stream.getvalue(), seed=number, width=640, height=640))
    settings = {"size": "640x640", "quality": "low", "background": "opaque"}
    turn = Turn(kind="generation", instruction="one of many", snapshot="tiny-1", parent_id=None, settings=settings)
    with closing(Database.open(served.data / "limner.db")) as database:
        PictureStore(database, Blobs.open(served.data / "blobs")).add(project, turn, drawn, lifetime_s=DAY_S)
    return key


async def test_pictures_are_found_by_their_words(page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]):
    await in_thread(served.draw, prompt="a lighthouse at dusk, 100%_sure")
    await in_thread(served.draw, prompt="a lighthouse at noon")
    await sign_in(page, "history")

    await page.get_by_label("Search").fill("DUSK lighthouse")
    await expect(page.locator("picture-card")).to_have_count(1)
    await page.get_by_label("Search").fill("%_")
    await expect(page.locator("picture-card")).to_have_count(1)
    await expect(page.get_by_text("a lighthouse at dusk, 100%_sure")).to_be_visible()
    await page.get_by_label("Search").fill("no such words at all")
    await expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


async def test_a_picture_is_shown_with_the_turns_that_led_to_it_and_what_was_made_of_it(
    page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]
):
    first = await in_thread(served.draw, prompt="an apple to begin with")
    second = await in_thread(served.edit, first, "paint it green")
    third = await in_thread(served.edit, second, "put it on a table")

    await sign_in(page, f"history?picture={second}")

    turns = page.locator(".strip--turns picture-card")
    await expect(turns).to_have_count(2)
    await expect(turns.nth(0)).to_contain_text("an apple to begin with")
    await expect(page.locator("li[aria-current]")).to_contain_text("paint it green")
    await expect(page.get_by_role("link", name="Edit", exact=True).last).to_have_attribute("href", f"#/edit?picture={second}")
    await page.get_by_role("link", name="put it on a table").click()
    await expect(page).to_have_url(f"{served.url}/#/history?picture={third}")
    await expect(page.locator(".closeup img")).to_have_attribute("alt", "put it on a table")
    await expect(turns).to_have_count(3)


async def test_deleting_asks_first_and_really_deletes(page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]):
    doomed = await in_thread(served.draw, prompt="a doomed balloon")
    await sign_in(page, "history")
    await page.get_by_role("link", name="a doomed balloon").click()
    await expect(page.get_by_role("heading", name="a doomed balloon")).to_be_focused()
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert (await in_thread(served.call, "GET", f"/limner/v1/pictures/{doomed}")).status_code == 200

    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    await expect(page.get_by_role("heading", name="History")).to_be_focused()
    await expect(page.get_by_text("a doomed balloon")).to_have_count(0)
    assert (await in_thread(served.call, "GET", f"/limner/v1/pictures/{doomed}")).status_code == 404
    assert (await in_thread(served.call, "GET", f"/limner/v1/pictures/{doomed}/content")).status_code == 404


async def test_drawing_again_begins_with_the_model_that_drew_it(
    page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]
):
    picture = await in_thread(served.draw, prompt="a bell of another model", model="tiny-0")

    await sign_in(page, f"draw?again={picture}")

    await expect(page.get_by_role("textbox", name="Prompt")).to_have_value("a bell of another model")
    await expect(page.get_by_label("Model")).to_have_value("tiny-0")


async def scroll_down_to(page: Page, count: int) -> None:
    """Scroll as with a wheel until so many cards stand in the list and the last of them is reached."""
    cards = page.locator("picture-card")
    for _ in range(100):
        await page.mouse.wheel(0, 1200)
        await page.wait_for_timeout(50)
        if await cards.count() >= count:
            break
    await cards.nth(count - 1).scroll_into_view_if_needed()


async def test_of_two_hundred_pictures_only_those_near_the_view_are_held(page: Page, sign_in: Callable[..., Any], much: str):
    await sign_in(page, "history", key=much)
    cards, shown = page.locator("picture-card"), page.locator("picture-card img")
    await expect(shown.first).to_be_visible()
    await page.mouse.move(700, 500)

    await scroll_down_to(page, NUM_MANY)

    await expect(cards).to_have_count(NUM_MANY)
    await expect(cards.last.get_by_role("img", name="one of many")).to_be_visible()
    assert await shown.count() < NUM_MANY / 2
    assert await cards.first.locator("img").count() == 0


async def test_going_back_from_a_picture_finds_the_list_where_it_was(page: Page, sign_in: Callable[..., Any], much: str):
    await sign_in(page, "history", key=much)
    await page.mouse.move(700, 500)
    await scroll_down_to(page, 100)
    card = page.locator("picture-card").nth(99)
    place = await page.evaluate("window.scrollY")

    await card.get_by_role("link").click()
    await expect(page.get_by_role("heading", name="one of many")).to_be_visible()
    await page.get_by_role("link", name="All pictures").click()

    await expect(card).to_be_in_viewport()
    assert place > 1000
    assert abs(await page.evaluate("window.scrollY") - place) < 300  # a click scrolls a little by itself


async def test_an_empty_history_says_what_would_be_in_it(
    page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]
):
    key = await in_thread(served.make_key, "nobody")

    await sign_in(page, "history", key=key)

    await expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible()
    await page.get_by_role("link", name="Draw the first one").click()
    await expect(page.get_by_role("textbox", name="Prompt")).to_be_visible()
