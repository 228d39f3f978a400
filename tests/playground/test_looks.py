"""What everybody must be able to see and reach: in light and dark, on a phone, by keyboard, and with a screen reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

pytestmark = pytest.mark.anyio
ROOMS = ["draw", "edit", "compare", "prompts", "history", "account"]
PHONE = {"width": 390, "height": 844}
EVERYTHING = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"runOnly": ["color-contrast"]}  # all else is the same in light and dark


async def look(page: Page, room: str, rules: dict[str, list[str]]) -> list[str]:
    """Show a room and return what axe finds wrong in it."""
    await page.goto(f"/#/{room}")
    await page.locator(f"main[data-room={room.partition('?')[0]}] > :not(.loading)").first.wait_for()
    await expect(page.locator(".loading")).to_have_count(0)
    found = await Axe().run(page, options=rules)
    return [
        f"{room}: {item['id']} ({item['impact']}) {[node['html'][:120] for node in item['nodes']]}" for item in found.response["violations"]
    ]


@pytest.mark.parametrize(("theme", "rules"), [("light", EVERYTHING), ("dark", COLOURS)], ids=["light", "dark"])
async def test_axe_finds_nothing_wrong_in_any_room(
    new_page: Callable[..., Any], sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any], theme: str, rules: Any
):
    first = await in_thread(served.draw, prompt="a picture to look at", background="transparent")
    picture = await in_thread(served.edit, first, "look again")
    page = await new_page(color_scheme=theme)
    await page.goto("/")
    await page.get_by_label("API key").wait_for()
    found = [str(item) for item in (await Axe().run(page, options=rules)).response["violations"]]
    await sign_in(page)

    for room in [*ROOMS, f"history?picture={picture}", f"edit?picture={picture}"]:
        found += await look(page, room, rules)

    assert found == []


async def test_axe_finds_nothing_wrong_in_results_errors_and_dialogs(new_page: Callable[..., Any], sign_in: Callable[..., Any]):
    page = await new_page(color_scheme="dark")
    await sign_in(page)
    await page.get_by_role("textbox", name="Prompt").fill("a red ball")
    await page.get_by_role("radio", name="low").check()
    await page.get_by_role("button", name="Draw", exact=True).click()
    await expect(page.locator(".cell[aria-busy=false] img:visible")).to_have_count(1)
    await page.get_by_label("Seed").fill("no number")
    await page.get_by_role("button", name="Draw", exact=True).click()
    await page.get_by_role("alert").wait_for()
    found = (await Axe().run(page, options=EVERYTHING)).response["violations"]

    await page.get_by_role("button", name="Save as a prompt").last.click()
    await page.get_by_role("dialog").wait_for()
    found += (await Axe().run(page, options=EVERYTHING)).response["violations"]

    assert found == []


async def test_every_choice_of_a_size_stands_inside_its_control(page: Page, sign_in: Callable[..., Any]):
    sticking_out = """() => [...document.querySelectorAll(".segmented")]
      .filter((one) => one.scrollWidth > one.clientWidth)
      .map((one) => one.innerText)"""
    found = []

    for room in ("draw", "edit"):
        await (sign_in(page, room) if room == "draw" else page.goto(f"/#/{room}"))
        await page.locator(f"main[data-room={room}] form").wait_for()
        await page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
        found += await page.evaluate(sticking_out)

    assert found == []


@pytest.mark.parametrize("width", [390, 320])
async def test_on_a_phone_every_room_fits_and_is_reached(
    new_page: Callable[..., Any], sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any], width: int
):
    picture = await in_thread(served.draw, prompt="a picture on a phone")
    page = await new_page(viewport={**PHONE, "width": width}, has_touch=True, is_mobile=True)
    await sign_in(page)

    for room in ROOMS:
        await page.get_by_role("navigation").get_by_role("link", name=room.capitalize()).tap()
        await page.locator(f"main[data-room={room}]").wait_for()
        await page.wait_for_load_state("networkidle")

        await page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, room
    await page.goto(f"/#/history?picture={picture}")
    await page.locator(".closeup img").wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_picture_is_drawn_with_the_keyboard_alone_and_focus_is_always_seen(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page)
    await page.get_by_role("textbox", name="Prompt").focus()
    await page.keyboard.type("a red ball")
    seen = []

    for _ in range(12):
        await page.keyboard.press("Tab")
        seen.append(
            await page.evaluate(
                """() => {
              const focused = document.activeElement;
              const shown = focused.closest(".segmented label") ?? focused;
              return [focused.tagName, getComputedStyle(shown).outlineStyle, shown.getBoundingClientRect().width > 0];
            }"""
            )
        )
    await page.get_by_role("textbox", name="Prompt").focus()
    await page.keyboard.press("Control+Enter")

    await expect(page.locator(".cell[aria-busy=false] img:visible")).to_have_count(1)
    assert all(outline != "none" and is_seen for tag, outline, is_seen in seen if tag != "BODY"), seen
    assert {"BUTTON", "INPUT", "SELECT", "SUMMARY"} <= {tag for tag, _, _ in seen}


async def test_the_looks_can_be_chosen_and_are_kept(new_page: Callable[..., Any]):
    page = await new_page(color_scheme="light")
    await page.goto("/")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = await page.evaluate(ground)

    await page.get_by_role("button", name="Light or dark").click()

    assert await page.evaluate(ground) != light
    await page.reload()
    assert await page.evaluate(ground) != light


async def test_the_policy_stops_scripts_styles_and_requests_that_are_not_the_pages_own(new_page: Callable[..., Any]):
    page = await new_page(complaints="Content Security Policy|Failed to load|violates")
    await page.goto("/")

    await page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
      const style = document.createElement("style");
      style.textContent = "body { outline: 7px solid red }";
      document.body.append(style);
    }""")
    refused = await page.evaluate("fetch('http://localhost:9/').then(() => 'asked', (error) => error.name)")

    assert await page.evaluate("window.ran") is None
    assert await page.evaluate("getComputedStyle(document.body).outlineWidth") != "7px"
    assert refused == "TypeError"


async def test_motion_is_reduced_for_those_who_ask(new_page: Callable[..., Any], sign_in: Callable[..., Any]):
    page = await new_page(reduced_motion="reduce")

    await sign_in(page)

    assert await page.evaluate("getComputedStyle(document.querySelector('.button')).transitionDuration") in ("0s", "")
