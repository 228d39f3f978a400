"""The playground in a real browser: what it loads first and how soon it can be used, how a long history scrolls, and how it looks.

    python benchmarks/playground.py [--pictures 200] [--loads 5] [--sheet docs/images/playground-sizes.webp]

A server of its own draws real pictures with the released weights; Chromium (`apt-get install chromium`) is the system's. A load is cold: a
new context, nothing cached. While the history scrolls by 60 pixels a frame, the time between frames is taken; beside it stands the same for
a page where nothing moves, which is the best that the machine can do. `--sheet` photographs every room at three sizes, light and dark.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

SIZES = ((1440, 900), (820, 1180), (390, 844))
ROOMS = ("draw", "edit", "compare", "prompts", "history", "account")
THINGS = ("a yellow taxi", "a watermelon slice", "a red heart", "a cat face", "a birthday cake", "a rocket", "a cactus", "a house")
ROW_PX, GAP_PX = 320, 12
FRAMES = """async ([step, seconds]) => {
  const times = [], begun = performance.now();
  let last = begun;
  while (last - begun < seconds * 1000) {
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
    scrollBy(0, step);
    if (step && innerHeight + scrollY + 2 >= document.documentElement.scrollHeight) break;
  }
  return times.slice(2);
}"""


@contextmanager
def serving() -> Iterator[str]:
    """Run a server that takes any key, in a new data folder; give its address."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        line = [sys.executable, "-m", "limner", "serve", "--dev", "--port", "0", "--moderation", "off", "--data-dir", f"{folder}/data"]
        with log.open("wb") as said, subprocess.Popen(line, stderr=said, stdout=said) as process:
            try:
                while not (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text())):
                    time.sleep(0.1)
                yield found.group()
            finally:
                process.terminate()


def call(url: str, path: str, body: dict[str, object]) -> dict[str, object]:
    """Post JSON and return the answer's."""
    request = urllib.request.Request(f"{url}{path}", json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        said: dict[str, object] = json.load(answer)
    return said


def draw_history(url: str, count: int) -> None:
    """Keep so many pictures of 1024 x 1024, and save a prompt."""
    for number in range(-(-count // 10)):
        order = {"prompt": THINGS[number % len(THINGS)], "quality": "low", "n": min(10, count - 10 * number), "seed": 10 * number}
        call(url, "/v1/images/generations", {**order, "background": "transparent" if number % 2 else "opaque", "keep": True})
    call(url, "/limner/v1/prompts", {"name": "product-sticker", "prompt": "a sticker of a {thing}", "settings": {"quality": "low"}})


def load_cold(browser: Browser, url: str) -> tuple[float, int]:
    """Return the seconds until the page can be typed into, and the bytes of all bodies that came."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page, sizes = context.new_page(), list[int]()
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    begun = time.perf_counter()
    page.goto(url)
    page.get_by_role("textbox", name="Prompt").fill("a red kite")
    seconds = time.perf_counter() - begun
    context.close()
    return seconds, sum(sizes)


def measure_frames(page: Page, url: str, room: str, step: int) -> list[float]:
    """Return the milliseconds between frames in a room that scrolls by `step` pixels a frame."""
    page.goto(f"{url}/#/{room}")
    page.wait_for_timeout(3000)
    times: list[float] = page.evaluate(FRAMES, [step, 8])
    return times


def photograph(browser: Browser, url: str) -> Image.Image:
    """Return a page with a row for each room: three sizes in light, then in dark."""
    rows = [Image.new("RGB", (0, ROW_PX))] * len(ROOMS)
    for theme in ("light", "dark"):
        for width, height in SIZES:
            page = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme).new_page()
            for index, room in enumerate(ROOMS):
                show(page, url, room)
                shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
                small = shot.resize((round(ROW_PX * width / height), ROW_PX), Image.Resampling.LANCZOS)
                rows[index] = beside(rows[index], small)
            page.context.close()
    sheet = Image.new("RGB", (rows[0].width + GAP_PX, len(rows) * (ROW_PX + GAP_PX) + GAP_PX), (128, 128, 128))
    for index, row in enumerate(rows):
        sheet.paste(row, (GAP_PX, GAP_PX + index * (ROW_PX + GAP_PX)))
    return sheet


def show(page: Page, url: str, room: str) -> None:
    """Show a room with something in it."""
    page.goto(f"{url}/#/{room}")
    page.locator(f"main[data-room={room}] > :not(.loading)").first.wait_for()
    if room == "draw":
        page.get_by_role("textbox", name="Prompt").fill("a watermelon slice")
        page.get_by_role("button", name="Draw", exact=True).click()
        page.locator(".cell[aria-busy=false] img:visible").first.wait_for(timeout=60_000)
    if room == "edit":
        with urllib.request.urlopen(f"{url}/limner/v1/pictures?limit=1") as answer:
            page.goto(f"{url}/#/edit?picture={json.load(answer)['data'][0]['id']}")
    if room == "prompts":
        page.get_by_text("product-sticker").first.click()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(3000 if room == "history" else 500)


def beside(left: Image.Image, right: Image.Image) -> Image.Image:
    """Return two pictures of one height side by side."""
    both = Image.new("RGB", (left.width + right.width + GAP_PX, ROW_PX), (128, 128, 128))
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    return both


def percentiles(times: list[float]) -> str:
    """Return the median, the 95th percentile and the longest of some milliseconds."""
    ordered = sorted(times)
    return f"median {statistics.median(ordered):.0f} ms, p95 {ordered[int(0.95 * len(ordered))]:.0f} ms, longest {ordered[-1]:.0f} ms"


def main() -> None:
    """Draw, measure, print, and photograph if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--loads", type=int, default=5)
    parser.add_argument("--sheet", type=Path)
    arguments = parser.parse_args()
    with serving() as url, sync_playwright() as playwright:
        draw_history(url, arguments.pictures)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        loads = [load_cold(browser, url) for _ in range(arguments.loads)]
        print(f"first load: {loads[0][1] / 1000:.0f} KB, usable after " + ", ".join(f"{seconds:.2f}" for seconds, _ in loads) + " s")
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        print(f"at rest: {percentiles(measure_frames(page, url, 'account', 0))}")
        print(f"{arguments.pictures} pictures scrolling: {percentiles(measure_frames(page, url, 'history', 60))}")
        if arguments.sheet:
            photograph(browser, url).save(arguments.sheet, quality=72, method=6)
        browser.close()


if __name__ == "__main__":
    main()
