"""The page on the weights that ship: what somebody sees who has just installed it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.async_api import expect

pytestmark = pytest.mark.anyio
RED_SHARE = 0.1


async def test_from_the_printed_link_to_a_red_apple_that_is_edited_next(
    new_page: Callable[..., Any], start_server: Callable[..., Any], in_thread: Callable[..., Any]
):
    with start_server(weights=None) as server:
        page = await new_page(server=server)
        await page.goto(f"/#sign-in={server.token}")
        await page.get_by_role("textbox", name="Prompt").fill("a red apple")
        await page.get_by_role("radio", name="low").check()
        await page.get_by_role("radio", name="opaque").check()
        await page.get_by_label("Seed").fill("1")

        await page.get_by_role("button", name="Draw", exact=True).click()
        await expect(page.locator(".cell[aria-busy=false] img:visible")).to_have_count(1, timeout=90_000)
        await page.get_by_role("link", name="Use as input").click()

        await expect(page.locator("main[data-room=edit] img").first).to_be_visible()
        (kept,) = (await in_thread(server.call, "GET", "/limner/v1/pictures?search=apple")).json()["data"]
        content = (await in_thread(server.call, "GET", f"/limner/v1/pictures/{kept['id']}/content")).content
        red, green, blue = np.moveaxis(np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), np.int16), -1, 0)
        assert ((red - np.maximum(green, blue)) > 80).mean() > RED_SHARE
