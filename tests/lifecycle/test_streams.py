"""Streams on a real connection: comments keep them alive, and whatever goes wrong is their last frame."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

LARGE = {"size": "1024x1024", "quality": "high"}
LARGEST = {"size": "2048x2048", "quality": "high", "background": "transparent"}


def test_a_stream_that_waits_is_kept_alive_by_comments(watched: Callable[..., Any]):
    server = watched(keep_alive_s=0.03)
    server.generate()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(server.generate, n=10, **LARGEST)
        time.sleep(0.2)
        outcome = server.generate(stream=True)
        first.result()

    assert outcome.end() == "drawn"
    assert outcome.body.startswith(b": keep-alive\n\n")
    assert outcome.body.count(b": keep-alive\n\n") >= 2


def test_an_error_in_a_stream_is_its_last_frame_and_the_connection_ends_properly(steady: Any):
    steady.generate()
    with steady.open_drawing(stream=True, partial_images=3, **LARGEST) as connection:
        begun = connection.recv(65_536, socket.MSG_PEEK)
        assert steady.wait_until(lambda: b"partial_image" in connection.recv(65_536, socket.MSG_PEEK))

        os.kill(steady.engine_process, signal.SIGKILL)
        outcome = steady.read(connection)

    assert begun.startswith(b"HTTP/1.1 200 ")
    assert outcome.end() == "engine_died"
    assert [name for name, _ in outcome.frames][-1] == "error"
    assert steady.generate().end() == "drawn"


def test_a_stream_ends_in_the_picture_and_its_frames_are_whole(steady: Any):
    outcome = steady.generate(stream=True, partial_images=3, **LARGE)

    names = [name for name, _ in outcome.frames]
    assert names == ["image_generation.partial_image"] * 3 + ["image_generation.completed"]
    assert all(data["type"] == name for name, data in outcome.frames)
