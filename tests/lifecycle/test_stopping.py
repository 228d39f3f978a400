"""A server that is told to stop while it works: every request ends whole, nothing new begins, and the exit code says that all is well."""

from __future__ import annotations

import io
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from PIL import Image

STREAMED = {"stream": True, "partial_images": 3}
MARGIN_S = 10.0  # what may pass after the grace time: ended drawings become answers, slow uploads are cut off


def png(side: int = 512) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)).save(file, "png")
    return file.getvalue()


@pytest.fixture
def load() -> Any:
    """Twenty-four requests at once, of every kind; they last far longer than any grace time here."""
    with ThreadPoolExecutor(24) as pool:

        def begin(server: Any) -> dict[str, list[Future[Any]]]:
            large = {"size": "2048x2048", "quality": "high"}
            return {
                "plain": [pool.submit(server.generate, n=10, **large) for _ in range(7)],
                "streamed": [pool.submit(server.generate, **large, **STREAMED) for _ in range(7)],
                "edit": [pool.submit(server.edit, png(), n=10, **large) for _ in range(3)],
                "streamed edit": [pool.submit(server.edit, png(), **large, **STREAMED) for _ in range(2)],
                "upload": [pool.submit(server.upload_slowly) for _ in range(5)],
            }

        yield begin


def ends_of(requests: dict[str, list[Future[Any]]]) -> dict[str, Counter[str]]:
    return {kind: Counter(request.result().end() for request in futures) for kind, futures in requests.items()}


@pytest.mark.parametrize("grace_s", [0, 2])
def test_every_request_ends_whole_when_the_server_is_told_to_stop(start: Callable[..., Any], load: Any, grace_s: int):
    server = start("--grace", str(grace_s))
    server.generate()
    requests = load(server)
    time.sleep(2)

    begun = time.monotonic()
    code = server.end(signal.SIGTERM)
    taken_s = time.monotonic() - begun
    ends = ends_of(requests)

    assert set().union(*ends.values()) <= {"drawn", "server_is_overloaded"}
    assert ends["upload"] == {"server_is_overloaded": 5}
    assert ends["plain"]["server_is_overloaded"] > 0
    assert code == 0
    assert taken_s < grace_s + MARGIN_S
    assert "Traceback" not in server.log.read_text("utf-8")


def test_what_is_done_within_the_grace_time_is_answered_and_what_is_new_is_refused(start: Callable[..., Any]):
    server = start("--grace", "60")
    server.generate()
    with ThreadPoolExecutor(4) as pool:
        drawings = [pool.submit(server.generate, n=10, size="1024x1024", quality="high") for _ in range(4)]
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        assert server.wait_until(lambda: server.ask("GET", "/health").status == 503)
        late = [server.generate(), server.ask("GET", "/health"), server.upload(b"late")]
        ends = Counter(drawing.result().end() for drawing in drawings)

    assert [(outcome.status, outcome.end(), outcome.headers["connection"]) for outcome in late] == [
        (503, "server_is_overloaded", "close")
    ] * 3
    assert ends == {"drawn": 4}
    assert server.process.wait(MARGIN_S) == 0
    assert server.generate().end() == "unanswered"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_the_grace_time_and_still_tears_nothing(start: Callable[..., Any], load: Any, number: signal.Signals):
    server = start("--grace", "300")
    server.generate()
    requests = load(server)
    time.sleep(1)

    begun = time.monotonic()
    code = server.end(number, number)
    taken_s = time.monotonic() - begun

    assert set().union(*ends_of(requests).values()) <= {"drawn", "server_is_overloaded"}
    assert code == 0
    assert taken_s < MARGIN_S


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_ends_at_once(start: Callable[..., Any], number: signal.Signals):
    server = start()

    begun = time.monotonic()
    code = server.end(number)

    assert code == 0
    assert time.monotonic() - begun < MARGIN_S
    assert "Traceback" not in server.log.read_text("utf-8")
