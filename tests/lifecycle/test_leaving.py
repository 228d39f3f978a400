"""Clients that go away: whenever they do, the engine is free within a step, and nothing of them stays."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from limner.jobs.studio import MAX_OPEN_OF_PROJECT

LARGE = {"size": "1024x1024", "quality": "high"}
NUM_ABANDONED = 200


@pytest.fixture(scope="module")
def picture_s(steady: Any) -> float:
    """How long one large picture takes; its request has six steps."""
    steady.generate()
    taken = []
    for _ in range(2):
        begun = time.monotonic()
        steady.generate(**LARGE)
        taken.append(time.monotonic() - begun)
    return min(taken)


def leave_plain(server: Any) -> None:
    connection = server.open_drawing(n=10, **LARGE)
    time.sleep(0.3)
    connection.close()


def leave_while_waiting_in_line(server: Any) -> None:
    connections = [server.open_drawing(n=10, **LARGE) for _ in range(3)]
    time.sleep(0.3)
    for connection in reversed(connections):
        connection.close()


def leave_streams_before_the_first_event(server: Any) -> None:
    connections = [server.open_drawing(stream=True, **LARGE) for _ in range(10)]
    time.sleep(0.1)
    for connection in connections:
        connection.close()


def leave_a_stream_after_an_event(server: Any) -> None:
    connections = [server.open_drawing(stream=True, partial_images=3, **LARGE) for _ in range(10)]
    assert b"partial_image" in read_until(connections[0], b"partial_image")
    for connection in connections:
        connection.close()


def leave_at_once(server: Any) -> None:
    for _ in range(10):
        server.open_drawing(n=10, **LARGE).close()


@pytest.mark.parametrize(
    "leave", [leave_plain, leave_while_waiting_in_line, leave_streams_before_the_first_event, leave_a_stream_after_an_event, leave_at_once]
)
def test_a_client_that_goes_away_frees_the_engine_within_a_step(steady: Any, picture_s: float, leave: Callable[[Any], None]):
    leave(steady)

    begun = time.monotonic()
    outcome = steady.generate()
    taken_s = time.monotonic() - begun

    assert outcome.end() == "drawn"
    assert taken_s < 2 * picture_s + 0.5, "ten large pictures stood in line before it"


def test_clients_that_go_away_make_room_for_others_at_once(steady: Any, picture_s: float):
    connections = [steady.open_drawing(n=10, **LARGE) for _ in range(MAX_OPEN_OF_PROJECT)]
    assert steady.wait_until(lambda: steady.generate().status == 429)
    refused = steady.generate()

    for connection in connections:
        connection.close()
    begun = time.monotonic()
    assert steady.wait_until(lambda: steady.generate().status == 200)
    taken_s = time.monotonic() - begun

    assert refused.end() == "rate_limit_exceeded"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert taken_s < 2 * picture_s + 0.5


def test_a_client_that_goes_away_while_it_uploads_leaves_no_file_and_no_connection(steady: Any):
    before = steady.open_files["socket"]
    connections = [steady.open_upload() for _ in range(10)]
    for connection in connections:
        connection.sendall(b"x" * 5_000_000)

    for connection in connections:
        connection.close()

    assert steady.wait_until(lambda: steady.open_files["socket"] <= before)
    assert steady.ask("GET", "/v1/files").json["data"] == []
    assert "Traceback" not in steady.log.read_text("utf-8")


def test_two_hundred_abandoned_streams_leave_no_work_behind(steady: Any, picture_s: float):
    abandon(steady, 20)
    steady.generate()
    before, threads_before = steady.open_files, steady.num_threads

    abandon(steady, NUM_ABANDONED)
    begun = time.monotonic()
    outcome = steady.generate()
    taken_s = time.monotonic() - begun

    assert outcome.end() == "drawn"
    assert taken_s < 2 * picture_s + 0.5
    assert steady.wait_until(lambda: steady.open_files["socket"] <= before["socket"])
    assert steady.open_files["pipe"] == before["pipe"]
    assert steady.num_threads <= threads_before + 4
    assert steady.wait_until(lambda: engine_load(steady) < 0.2), "the engine still draws for nobody"


def abandon(server: Any, count: int) -> None:
    """Open streams in groups that fit into the line, and leave them: some at once, some after a while, some after an event."""
    for number in range(0, count, 20):
        connections = [server.open_drawing(stream=True, partial_images=3, **LARGE) for _ in range(20)]
        if number % 40 == 0:
            read_until(connections[0], b"partial_image")
        for connection in connections:
            connection.close()


def read_until(connection: Any, what: bytes) -> bytes:
    seen = b""
    while what not in seen and (content := connection.recv(65_536)):
        seen += content
    return seen


def engine_load(server: Any) -> float:
    """Return how many processors the engine keeps busy."""
    before = server.used_s(server.engine_process)
    time.sleep(0.5)
    return (server.used_s(server.engine_process) - before) / 0.5
