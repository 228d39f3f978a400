"""Orders side by side: what differs, who wins, and what is saved of the winner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

pytestmark = pytest.mark.anyio


async def fill_in(page: Page, prompt: str) -> None:
    await page.get_by_label("Prompt of all columns").fill(prompt)
    await page.get_by_role("radio", name="custom").check()
    await page.get_by_label("Width and height").fill("256x256")


async def draw_all(page: Page, count: int) -> Locator:
    """Draw, wait until so many pictures are finished, and return the columns."""
    await page.get_by_role("button", name="Draw all").click()
    await expect(page.locator(".column .cell[aria-busy=false] img:visible")).to_have_count(count)
    return page.locator(".column")


async def test_four_columns_have_four_seeds_and_one_of_them_wins(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page, "compare")
    await fill_in(page, "a red ball")

    columns = await draw_all(page, 4)
    seeds = {(await column.locator(".cell .meta").inner_text()).split()[1] for column in await columns.all()}
    await columns.nth(2).get_by_role("button", name="Pick").click()

    assert len(seeds) == 4
    await expect(page.get_by_text("Winner").locator("visible=true")).to_have_count(1)
    await expect(columns.nth(2).get_by_text("Winner")).to_be_visible()
    await columns.nth(0).get_by_role("button", name="Pick").click()
    await expect(columns.nth(2).get_by_text("Winner")).to_be_hidden()


async def test_qualities_are_compared_with_the_same_seed(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page, "compare")
    await fill_in(page, "a green tent")
    await expect(page.get_by_label("Seed of all columns")).to_be_hidden()

    await page.get_by_role("button", name="Every quality").click()
    await page.get_by_label("Seed of all columns").fill("11")
    columns = await draw_all(page, 3)

    assert [await column.get_by_label("Quality").input_value() for column in await columns.all()] == ["low", "medium", "high"]
    for column in await columns.all():
        await expect(column).to_contain_text("Seed 11")


async def test_a_column_has_words_a_model_and_a_seed_of_its_own(
    page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]
):
    await sign_in(page, "compare")
    await fill_in(page, "the words of most columns")
    column = page.locator(".column").nth(1)
    await column.get_by_label("Own prompt").fill("the words of one column")
    await column.get_by_label("Own seed").fill("123")
    await column.get_by_label("Model").select_option("tiny-0")
    for name in ("D", "C"):
        await page.get_by_role("button", name=f"Remove column {name}").click()

    await draw_all(page, 2)

    (kept,) = (await in_thread(served.call, "GET", "/limner/v1/pictures?search=the words of one column")).json()["data"]
    assert (kept["seed"], kept["snapshot"]) == (123, "tiny-0")
    assert len((await in_thread(served.call, "GET", "/limner/v1/pictures?search=the words of most columns")).json()["data"]) == 1


async def test_a_column_that_fails_says_so_itself_and_the_others_are_drawn(page: Page, sign_in: Callable[..., Any]):
    await sign_in(page, "compare")
    await fill_in(page, "a blue chair")
    await page.locator(".column").nth(0).get_by_label("Own seed").fill("many")

    columns = await draw_all(page, 3)

    await expect(page.get_by_role("alert")).to_have_count(1)
    await expect(columns.nth(0).get_by_role("alert")).to_contain_text("Invalid type for 'seed': 'many' was given")
    await expect(columns.nth(0)).to_contain_text("Not drawn")
