"""Oxen's channel of events, byte by byte: who hears of what, and when."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2

Enqueue = Callable[..., list[str]]
Poll = Callable[..., dict[str, Any]]
SLOW = {"size": "1536x1024", "quality": "high"}


@contextmanager
def listening(client: httpx2.Client) -> Iterator[httpx2.Response]:
    with client.stream("GET", "/api/events") as answer:
        yield answer


def read_until(answer: httpx2.Response, *wanted: str) -> str:
    """Return what came until everything that is wanted was in it."""
    text = ""
    for chunk in answer.iter_text():
        text += chunk
        if all(part in text for part in wanted):
            return text
    raise AssertionError(f"the stream ended before {wanted} came: {text!r}")


def test_an_event_is_two_lines_and_an_empty_one_with_the_json_compact(client: httpx2.Client, enqueue: Enqueue, poll: Poll):
    with listening(client) as answer:
        (generation_id,) = enqueue(client)
        text = read_until(answer, f'"{generation_id}"', "\n\n:")

    lines = [line for line in text.split("\n") if not line.startswith(":")]
    place = lines.index("event: media_generation_completed")
    assert lines[place + 1].startswith(f'data: {{"generation_id":"{generation_id}","status":"succeeded","media_type":"image","model":')
    assert lines[place + 2] == ""
    assert "\r" not in text
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert json.loads(lines[place + 1].removeprefix("data: "))["url"].startswith("http://127.0.0.1:")


def test_a_failure_is_told_with_its_reason_and_a_cancellation_not_at_all(client: httpx2.Client, enqueue: Enqueue, poll: Poll):
    with listening(client) as answer:
        (cancelled,) = enqueue(client, **SLOW)
        client.delete(f"/api/ai/queue/{cancelled}")
        (failed,) = enqueue(client, size="1x1")
        text = read_until(answer, f'"{failed}"', "\n\n:")

    event = next(json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: "))
    assert event.keys() == {"generation_id", "status", "media_type", "error"}
    assert (event["generation_id"], event["status"]) == (failed, "failed")
    assert "1x1" in event["error"]
    assert cancelled not in text


def test_when_an_event_comes_its_generation_has_ended(client: httpx2.Client, enqueue: Enqueue, poll: Poll):
    with listening(client) as answer:
        (generation_id,) = enqueue(client)
        read_until(answer, f'"{generation_id}"')
        found = client.get(f"/api/ai/queue/{generation_id}").json()

    assert found["status"] == "succeeded"


def test_projects_hear_of_their_own_generations_alone_and_of_none_that_ended_before(
    client: httpx2.Client, enqueue: Enqueue, poll: Poll, other: httpx2.Client
):
    (earlier,) = enqueue(client)
    poll(client, earlier)
    with (
        ThreadPoolExecutor(2) as threads,
        listening(client) as first,
        listening(other) as second,
    ):
        (mine,), (others,) = enqueue(client), enqueue(other)
        heard = list(threads.map(read_until, (first, second), (f'"{mine}"', f'"{others}"')))

    assert others not in heard[0]
    assert mine not in heard[1]
    assert earlier not in heard[0] + heard[1]


def test_a_silent_channel_is_kept_alive_with_comments(client: httpx2.Client, enqueue: Enqueue, poll: Poll):
    with listening(client) as answer:
        text = read_until(answer, ": keep-alive\n\n: keep-alive\n\n")

    assert "event:" not in text
