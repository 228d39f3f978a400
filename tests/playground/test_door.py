"""Who may come in: keys, links, and what the page forgets."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

pytestmark = pytest.mark.anyio


async def test_without_a_key_the_page_asks_for_one(page: Page):
    await page.goto("/")

    await expect(page.get_by_role("heading", name="Pictures from words")).to_be_visible()
    await expect(page.get_by_role("navigation")).to_be_hidden()


async def test_a_wrong_key_is_answered_in_the_words_of_the_server(page: Page):
    await page.goto("/")

    await page.get_by_label("API key").fill("sk-limner-wrong-wrong-wrong")
    await page.get_by_role("button", name="Sign in").click()

    await expect(page.get_by_role("alert")).to_contain_text("Incorrect API key provided: sk-***rong")
