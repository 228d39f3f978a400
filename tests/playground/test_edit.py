"""Changing pictures in the page: what is painted, where the canvas ends, and which turn is gone on from."""

from __future__ import annotations

import io
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import Locator, Page, expect

pytestmark = pytest.mark.anyio
SIDE_PX = 256
InThread = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="session")
def source(served: Any) -> str:
    """The id of a kept picture."""
    return str(served.draw())


@pytest.fixture
async def editor(page: Page, sign_in: Any, source: str) -> Page:
    """The Edit room with that picture, an instruction, and settings that are drawn fast."""
    await sign_in(page, f"edit?picture={source}")
    await page.locator("mask-painter img").wait_for()
    await page.get_by_label("Instruction").fill("a blue ball")
    await page.get_by_text("Settings").click()
    await page.get_by_role("group", name="Quality").get_by_label("low").check()
    await page.get_by_label("Seed").fill("5")
    return page


@pytest.fixture(scope="session")
def pixels(served: Any, in_thread: InThread) -> Callable[[str], Awaitable[np.ndarray]]:
    """Reads a kept picture's pixels."""

    async def read(picture_id: str) -> np.ndarray:
        answer = await in_thread(served.call, "GET", f"/limner/v1/pictures/{picture_id}/content")
        return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))

    return read


async def drag(page: Page, target: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a line from one place to another, in shares of the target."""
    await target.scroll_into_view_if_needed()
    box = await target.bounding_box()
    assert box is not None
    places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in (start, end)]
    await page.mouse.move(*places[0])
    await page.mouse.down()
    await page.mouse.move(*places[1], steps=4)
    await page.mouse.up()


async def send(page: Page) -> dict[str, Any]:
    """Send the form; return the order that was sent."""
    async with page.expect_request("**/v1/images/edits") as asking:
        await page.locator("form button[type=submit]").click()
    return dict(json.loads((await asking.value).post_data or "{}"))


async def edit(page: Page) -> dict[str, Any]:
    """Send the form; return the order that was sent, once its picture is there."""
    said = page.locator(".board__under .meta")
    order = await send(page)
    await expect(said).to_contain_text("tokens", timeout=60_000)
    return order


async def bring(page: Page, path: Path) -> None:
    """Open a file in the empty room."""
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name="File").click()
    await (await choosing.value).set_files(path)
    await page.locator("mask-painter img").wait_for()


async def newest(served: Any, in_thread: InThread) -> dict[str, Any]:
    answer = await in_thread(served.call, "GET", "/limner/v1/pictures?limit=1")
    return dict(answer.json()["data"][0])


async def test_only_what_is_painted_changes_and_is_compared_by_keys(
    editor: Page, served: Any, in_thread: InThread, pixels: Any, source: str
):
    await editor.get_by_label("painted").check()
    await editor.get_by_role("button", name="Box").click()
    await drag(editor, editor.locator(".painter__surface"), (0.25, 0.25), (0.5, 0.75))
    await editor.get_by_role("button", name="Brush").click()
    await drag(editor, editor.locator(".painter__surface"), (0.7, 0.2), (0.9, 0.2))

    await edit(editor)
    slider = editor.get_by_role("slider", name="How much of the picture before is shown")
    for key in ("ArrowRight", "ArrowRight", "PageDown"):
        await slider.press(key)

    after = await newest(served, in_thread)
    changed = (await pixels(source) != await pixels(after["id"])).any(-1)
    assert after["parent"] == source
    assert changed[64:192, 64:128].any()
    assert changed[40:60, 179:230].any()
    changed[60:196, 60:132] = changed[20:84, 150:256] = False
    assert not changed.any()
    assert await editor.locator("before-after").evaluate("element => element.style.getPropertyValue('--at')") == "41%"


async def test_a_mask_is_undone_done_again_inverted_and_cleared_with_keys(editor: Page):
    await editor.get_by_label("painted").check()
    surface, said = editor.locator(".painter__surface"), editor.locator(".painter__said")
    seen = []
    await surface.focus()
    for keys in ("x", "Space", "ArrowRight", "ArrowDown", "Space", "i", "Control+z", "Control+z", "Control+Shift+z", "Delete", "Control+z"):
        await surface.press(keys)
        seen.append(await said.text_content())

    marked = seen[4]
    assert marked is not None
    assert marked.endswith("is drawn anew")
    assert seen[3] == "Nothing is marked"
    assert seen[5] not in (marked, "Nothing is marked")
    assert seen[6:] == [marked, "Nothing is marked", marked, "Nothing is marked", marked]


async def test_an_erased_mask_marks_nothing_and_nothing_is_sent(editor: Page):
    await editor.get_by_label("painted").check()
    surface = editor.locator(".painter__surface")
    await drag(editor, surface, (0.4, 0.5), (0.6, 0.5))
    await editor.get_by_role("button", name="Eraser").click()
    await drag(editor, surface, (0.4, 0.5), (0.6, 0.5))

    await editor.locator("form button[type=submit]").click()

    await expect(editor.get_by_role("alert")).to_contain_text("Nothing is painted yet")
    assert await editor.locator(".painter__said").text_content() == "Nothing is marked"


async def test_a_larger_canvas_keeps_the_old_pixels_where_they_were_put(
    editor: Page, served: Any, in_thread: InThread, pixels: Any, source: str
):
    await editor.get_by_label("A larger canvas").check()
    await drag(editor, editor.get_by_role("slider", name="right edge"), (0.5, 0.5), (3, 0.5))
    await editor.get_by_role("spinbutton", name="Top").fill("32")
    await editor.get_by_role("spinbutton", name="Top").blur()
    added = int(await editor.get_by_role("spinbutton", name="Right").input_value())

    order = await edit(editor)

    after = await newest(served, in_thread)
    assert added > 0
    assert added % 16 == 0
    assert order["canvas"] == f"{SIDE_PX + added}x{SIDE_PX + 32}+0+32"
    assert (after["width"], after["height"]) == (SIDE_PX + added, SIDE_PX + 32)
    assert (await pixels(after["id"]))[32:, :SIDE_PX].tolist() == (await pixels(source)).tolist()


async def test_before_fills_an_after_of_another_size_and_a_file_is_not_saved_with_a_prompt(page: Page, sign_in: Any, tmp_path: Path):
    Image.new("RGB", (64, 48), "red").save(tmp_path / "small.png")
    await sign_in(page, "edit")
    await bring(page, tmp_path / "small.png")
    await page.get_by_label("Instruction").fill("larger")
    await page.get_by_text("Settings").click()
    await page.get_by_role("group", name="Quality").get_by_label("low").check()
    await page.get_by_role("group", name="Size").get_by_label("custom").check()
    await page.get_by_label("Width and height").fill("256x256")

    await edit(page)

    before, after = [await page.locator(f".versus__{name} img").bounding_box() for name in ("before", "after")]
    await page.get_by_role("button", name="Save as a prompt").click()
    await expect(page.get_by_text("A prompt is saved with pictures of the history alone")).to_be_visible()

    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert before is not None
    assert after is not None
    assert before == pytest.approx(after, abs=1)
    assert await page.locator(".versus__before img").evaluate("image => getComputedStyle(image).objectFit") == "cover"


async def test_stepping_back_goes_on_from_there_and_finds_the_other_way_again(editor: Page, served: Any, in_thread: InThread):
    source = await in_thread(served.draw, prompt="a ball with turns of its own")
    await editor.goto(f"/#/edit?picture={source}")
    await editor.locator("mask-painter img[alt='a ball with turns of its own']").wait_for()
    turns = editor.locator(".turns__step")
    first_order = await edit(editor)
    first = await newest(served, in_thread)
    await editor.get_by_label("Instruction").fill("a green ball")
    await edit(editor)
    second = await newest(served, in_thread)

    await turns.nth(0).click()
    await expect(turns.nth(0)).to_have_attribute("aria-current", "step")
    await expect(turns).to_have_count(3)
    await editor.get_by_label("Instruction").fill("a yellow ball")
    branch_order = await edit(editor)
    branch = await newest(served, in_thread)
    await expect(turns).to_have_count(2)
    await editor.get_by_role("button", name="show the next").click()

    await expect(turns).to_have_count(3)
    await expect(turns.nth(1)).to_have_attribute("aria-current", "step")
    assert [order["images"] for order in (first_order, branch_order)] == [[{"file_id": source}]] * 2
    assert [turn["parent"] for turn in (first, second, branch)] == [source, first["id"], source]


async def test_pictures_come_from_files_in_their_order_and_are_moved_and_taken_out(page: Page, sign_in: Any, served: Any, tmp_path: Path):
    await sign_in(page, "edit")
    for name, colour in (("one.png", "red"), ("two.png", "blue"), ("three.png", "green")):
        Image.new("RGB", (64, 48), colour).save(tmp_path / name)
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name="File").click()
    await (await choosing.value).set_files([tmp_path / name for name in ("one.png", "two.png", "three.png")])
    names = page.locator(".inputs__text > :first-child")
    await expect(names).to_have_text(["one.png", "two.png", "three.png"])

    await page.get_by_role("button", name="Earlier: three.png").click()
    await page.get_by_role("button", name="Take out: two.png").click()
    await expect(names).to_have_text(["one.png", "three.png"])
    await page.get_by_label("Instruction").fill("both together")
    order = await edit(page)

    facts = [served.call("GET", f"/v1/files/{image['file_id']}").json() for image in order["images"]]
    assert [fact["expires_at"] - fact["created_at"] for fact in facts] == [30 * 86_400] * 2
    stored = [served.call("GET", f"/v1/files/{image['file_id']}/content").content for image in order["images"]]
    assert stored == [(tmp_path / name).read_bytes() for name in ("one.png", "three.png")]


async def test_a_part_named_in_words_is_sent_as_a_region(editor: Page):
    await editor.get_by_label("named").check()
    await editor.get_by_label("The part, in words").fill("the ball")

    order = await send(editor)

    assert order["region"] == "words:the ball"
    assert "mask" not in order


async def test_a_refusal_is_told_in_the_words_of_the_server_and_the_picture_stays(editor: Page):
    await editor.get_by_role("group", name="Size").get_by_label("square").check()
    await editor.get_by_label("A larger canvas").check()
    await editor.get_by_role("spinbutton", name="Left").fill("64")
    await editor.get_by_role("spinbutton", name="Left").blur()

    await editor.locator("form button[type=submit]").click()

    await expect(editor.get_by_role("alert")).to_contain_text("leave one out")
    assert await editor.locator("canvas-edges").is_visible()


async def test_a_stroke_on_a_large_picture_repaints_only_what_it_touched(page: Page, sign_in: Any, tmp_path: Path):
    side = 2048
    Image.new("RGB", (side, side), "teal").save(tmp_path / "large.png")
    await sign_in(page, "edit")
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name="File").click()
    await (await choosing.value).set_files(tmp_path / "large.png")
    await page.get_by_label("painted").check()
    await page.evaluate(COUNT_PAINTED)

    await drag(page, page.locator(".painter__surface"), (0.2, 0.2), (0.8, 0.8))

    painted = await page.evaluate("window.painted")
    assert 4 <= len(painted) <= 12
    assert max(painted) < side * side * 0.1


async def test_axe_finds_nothing_wrong_while_painting_extending_and_looking_at_code(editor: Page):
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    await editor.get_by_label("painted").check()
    await editor.get_by_label("A larger canvas").check()
    found = (await Axe().run(editor, options=rules)).response["violations"]
    await editor.get_by_label("A larger canvas").uncheck()
    await editor.get_by_label("anything").check()
    await edit(editor)
    found += (await Axe().run(editor, options=rules)).response["violations"]
    await editor.get_by_role("button", name="Code").click()
    found += (await Axe().run(editor, options=rules)).response["violations"]

    assert [f"{item['id']}: {[node['html'][:160] for node in item['nodes']]}" for item in found] == []


COUNT_PAINTED = """() => {
  const put = CanvasRenderingContext2D.prototype.putImageData;
  window.painted = [];
  CanvasRenderingContext2D.prototype.putImageData = function (part, ...place) {
    window.painted.push(part.width * part.height);
    return put.call(this, part, ...place);
  };
}"""
