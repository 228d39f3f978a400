"""The room of who is here: keys, what was used, what the server takes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from playwright.async_api import Page, expect

from limner.store.database import Database
from limner.store.keys import KeyStore

pytestmark = pytest.mark.anyio


async def test_it_tells_whose_key_this_is_and_what_the_server_takes(
    page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]
):
    session = (await in_thread(served.call, "GET", "/limner/v1/session")).json()

    await sign_in(page, "account")

    you, limits = page.get_by_role("region", name="You"), page.get_by_role("region", name="Limits")
    await expect(you).to_contain_text(session["project_id"])
    await expect(you).to_contain_text(session["key"]["hint"])
    await expect(you).not_to_contain_text(served.key)
    await expect(limits).to_contain_text("32,000 characters")
    await expect(limits).to_contain_text("30 days")


async def test_a_key_is_revoked_after_a_question(page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]):
    project = (await in_thread(served.call, "GET", "/limner/v1/session")).json()["project_id"]
    secret = await in_thread(served.make_key, "to revoke", project)
    await sign_in(page, "account")
    row = page.get_by_role("row").filter(has_text="to revoke")
    await expect(row).to_contain_text("no end")

    await page.get_by_role("button", name="Revoke to revoke").click()
    await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()

    await expect(row).to_have_count(0)
    await page.get_by_text("Ended and revoked").click()
    await expect(row).to_contain_text("revoked")
    await expect(row.get_by_role("button")).to_have_count(0)
    await page.wait_for_timeout(1200)  # a server looks at its keys again within a second
    assert (await in_thread(served.call, "GET", "/limner/v1/session", key=secret)).status_code == 401


async def test_a_key_past_its_end_is_folded_away_without_a_button(
    page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]
):
    key = await in_thread(served.make_key, "stays")
    project = (await in_thread(served.call, "GET", "/limner/v1/session", key=key)).json()["project_id"]
    with closing(Database.open(served.data / "limner.db")) as database:
        KeyStore(database, clock=lambda: 1).create("is over", project=project, lifetime_s=60)

    await sign_in(page, "account", key=key)

    await expect(page.get_by_role("region", name="Keys", exact=True).get_by_role("row")).to_have_count(2)
    await page.get_by_text("Ended and revoked (1)").click()
    row = page.get_by_role("row").filter(has_text="is over")
    await expect(row).to_contain_text("ended")
    await expect(row.get_by_role("button")).to_have_count(0)


async def test_what_was_used_is_shown_as_figures_and_bars(
    page: Page, sign_in: Callable[..., Any], served: Any, in_thread: Callable[..., Any]
):
    key = await in_thread(served.make_key, "counted")
    for _ in range(2):
        await in_thread(served.draw, key=key)

    await sign_in(page, "account", key=key)

    usage = page.get_by_role("region", name="Usage of the last 30 days")
    await expect(usage.locator(".figures > div").filter(has_text="Pictures")).to_contain_text("2")
    await expect(usage.get_by_role("img", name="2 pictures in 30 days, at most 2 a day")).to_be_visible()
    await expect(usage.locator("rect")).to_have_count(30)
