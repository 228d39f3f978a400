"""Who may come in: keys, links, and what the page forgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

pytestmark = pytest.mark.anyio


async def test_without_a_key_the_page_asks_for_one_and_complains_of_nothing(page: Page):
    await page.goto("/")

    await expect(page.get_by_role("heading", name="Pictures from words")).to_be_visible()
    await expect(page.get_by_role("navigation")).to_be_hidden()
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_a_wrong_key_is_answered_in_the_words_of_the_server(page: Page):
    await page.goto("/")

    await page.get_by_label("API key").fill("sk-limner-wrong-wrong-wrong")
    await page.get_by_role("button", name="Sign in").click()

    await expect(page.get_by_role("alert")).to_contain_text("Incorrect API key provided: sk-***rong")


async def test_a_key_lasts_for_the_tab_and_no_longer(page: Page, new_page: Callable[..., Any], sign_in: Callable[..., Any], served: Any):
    await sign_in(page)

    await page.reload()

    await expect(page.get_by_role("textbox", name="Prompt")).to_be_visible()
    assert await page.evaluate("JSON.stringify(localStorage)") == "{}"
    assert await page.context.cookies() == []
    other = await page.context.new_page()
    await other.goto("/")
    await expect(other.get_by_label("API key")).to_be_visible()


async def test_signing_out_forgets_the_key_and_all_that_was_typed(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page)
    await page.get_by_role("textbox", name="Prompt").fill("a secret of mine")

    await page.goto("/#/account")
    await page.get_by_role("button", name="Sign out").click()

    await expect(page.get_by_label("API key")).to_be_visible()
    assert await page.evaluate("sessionStorage.length") == 0
    await page.reload()
    await expect(page.get_by_label("API key")).to_be_visible()


async def test_a_link_signs_in_once_leaves_the_address_and_its_key_ends_with_the_session(
    new_page: Callable[..., Any], start_server: Callable[..., Any], in_thread: Callable[..., Any]
):
    with start_server("--moderation", "off") as server:
        page = await new_page(server=server)
        await page.goto(f"/#sign-in={server.token}")
        await expect(page.get_by_role("textbox", name="Prompt")).to_be_visible()
        assert server.token not in page.url
        key = await page.evaluate("sessionStorage.getItem('limner.key')")

        again = await new_page(server=server)
        await again.goto(f"/#sign-in={server.token}")
        await expect(again.get_by_role("alert")).to_be_visible()
        await expect(again.get_by_label("API key")).to_be_visible()

        await page.goto("/#/account")
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("API key")).to_be_visible()
        answer = await in_thread(server.call, "GET", "/limner/v1/session", key=key)
        assert answer.status_code == 401


async def test_with_dev_nobody_is_asked_for_a_key(new_page: Callable[..., Any], start_server: Callable[..., Any]):
    with start_server("--dev", "--moderation", "off") as server:
        page = await new_page(server=server)

        await page.goto("/")

        await expect(page.get_by_role("textbox", name="Prompt")).to_be_visible()


async def test_a_key_that_is_revoked_meanwhile_leads_back_to_the_door(
    page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]
):
    project = (await in_thread(served.call, "GET", "/limner/v1/session")).json()["project_id"]
    short = await in_thread(served.make_key, "short", project)
    await sign_in(page, key=short)
    keys = (await in_thread(served.call, "GET", "/limner/v1/keys")).json()["data"]
    (mine,) = [key["id"] for key in keys if key["name"] == "short"]

    await in_thread(served.call, "DELETE", f"/limner/v1/keys/{mine}")
    await page.wait_for_timeout(1200)  # a server looks at its keys again within a second
    await page.goto("/#/history")

    await expect(page.get_by_role("alert")).to_contain_text("Incorrect API key provided")
    await expect(page.get_by_label("API key")).to_be_visible()


async def test_two_projects_see_only_their_own_pictures(
    new_page: Callable[..., Any], sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]
):
    mine = await in_thread(served.draw, prompt="a kite of the first project")
    theirs = await in_thread(served.draw, prompt="a kite of the other project", key=served.other_key)
    first, other = await new_page(), await new_page()

    await sign_in(first, "history")
    await sign_in(other, "history", key=served.other_key)

    await expect(first.get_by_text("a kite of the first project")).to_be_visible()
    await expect(other.get_by_text("a kite of the other project")).to_be_visible()
    await expect(first.get_by_text("a kite of the other project")).to_have_count(0)
    await expect(other.get_by_text("a kite of the first project")).to_have_count(0)
    await first.goto(f"/#/history?picture={theirs}")
    await expect(first.get_by_role("alert")).to_contain_text(theirs)
    await other.goto(f"/#/history?picture={mine}")
    await expect(other.get_by_role("alert")).to_contain_text(mine)


async def test_the_skip_link_leads_into_the_room_that_is_shown_and_leaves_it_as_it_is(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page, "compare")
    await page.get_by_label("Prompt of all columns").fill("a red ball")

    await page.get_by_role("link", name="Skip to the room").focus()
    await page.keyboard.press("Enter")
    await page.evaluate("location.hash = 'elsewhere'")

    await expect(page.locator("main")).to_be_focused()
    await expect(page.get_by_label("Prompt of all columns")).to_have_value("a red ball")


async def test_an_address_that_names_no_room_leads_to_the_first(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page, "history")

    await page.goto("/#/constructor")

    await expect(page.locator("main")).to_have_attribute("data-room", "draw")


async def test_a_key_is_kept_while_the_server_cannot_answer(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page)
    await page.route("**/limner/v1/session", lambda route: route.fulfill(status=503, json={"error": {"message": "It is stopping."}}))

    await page.reload()
    await expect(page.get_by_role("alert")).to_contain_text("It is stopping.")
    await page.unroute("**/limner/v1/session")
    await page.get_by_role("button", name="Try again").click()

    await expect(page.get_by_role("textbox", name="Prompt")).to_be_visible()


@pytest.mark.parametrize("token", ["used-already", "%"])
async def test_a_bad_link_is_told_and_a_good_key_goes_on(page: Page, new_page: Callable[..., Any], sign_in: Callable[..., Any], token: str):
    stranger = await new_page()
    await stranger.goto(f"/#sign-in={token}")
    await sign_in(page, "account")

    await page.goto("about:blank")
    await page.goto(f"/#sign-in={token}")

    await expect(stranger.get_by_role("alert")).to_contain_text("This sign-in link was used or is too old")
    await expect(stranger.get_by_label("API key")).to_be_visible()
    await expect(page.get_by_role("status").get_by_text("This sign-in link was used or is too old")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Prompt")).to_be_visible()


async def test_a_room_that_cannot_be_loaded_says_that_the_server_is_gone_and_comes_when_it_is_back(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page)
    await page.route("**/playground/history.js", lambda route: route.abort())

    await page.get_by_role("link", name="History").click()
    await expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    await page.unroute("**/playground/history.js")
    await page.get_by_role("button", name="Try again").click()

    await expect(page.get_by_role("heading", name="History")).to_be_visible()
