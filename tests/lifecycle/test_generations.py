"""Queued generations through kill -9: each ends once, with one picture."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

NUM_GENERATIONS = 12  # in one call, as many as can be
WAIT_S = 60.0
BODY = {"model": "gpt-image-1-5", "prompt": "a red ball", "size": "2048x2048", "quality": "high", "num_generations": NUM_GENERATIONS}


def history(server: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.ask("GET", "/api/ai/generations?page_size=100").json["generations"]
    return found


def statuses(server: Any) -> Counter[str]:
    return Counter(item["status"] for item in history(server))


def test_generations_that_a_kill_interrupts_end_once_with_one_picture_each(start: Callable[..., Any], tmp_path: Path):
    server = start(folder=tmp_path)
    enqueued = server.ask("POST", "/api/ai/queue", json=BODY).json["generations"]
    cancelled = enqueued[-1]["generation_id"]
    server.ask("DELETE", f"/api/ai/queue/{cancelled}")
    assert server.wait_until(lambda: statuses(server)["succeeded"] >= 2)
    server.process.kill()
    server.process.wait()

    again = start(folder=tmp_path)
    before = {item["generation_id"]: item["picture_id"] for item in history(again) if item["status"] == "succeeded"}
    deadline = time.monotonic() + WAIT_S
    while statuses(again)["succeeded"] < NUM_GENERATIONS - 1 and time.monotonic() < deadline:
        time.sleep(0.1)

    ended = {item["generation_id"]: item for item in history(again)}
    pictures = [item["id"] for item in again.ask("GET", "/limner/v1/pictures?limit=100").json["data"]]
    assert statuses(again) == {"succeeded": NUM_GENERATIONS - 1, "cancelled": 1}
    assert ended.keys() == {item["generation_id"] for item in enqueued}
    assert sorted(pictures) == sorted(item["picture_id"] for item in ended.values() if item["picture_id"])
    assert {name: ended[name]["picture_id"] for name in before} == before
    assert all(again.ask("GET", item["result_url"].removeprefix(again.url)).status == 200 for item in ended.values() if item["result_url"])
    assert 0 < len(before) < NUM_GENERATIONS - 1
