"""What is killed without a word: the server in the middle of uploads, and the process that draws while requests wait."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

LARGE = {"size": "2048x2048", "quality": "high", "background": "transparent"}  # ten of them take seconds, even of the tiny network


def upload_until_it_dies(server: Any, seed: int, kept: dict[str, str], deleted: set[str]) -> None:
    """Upload and delete; note the digest of every file whose id came, and every id whose deletion was answered or at least asked for."""
    numbers = random.Random(seed)
    while True:
        content = numbers.randbytes(numbers.randrange(1, 2_000_000))
        outcome = server.upload(content)
        if outcome.status != 200:
            return
        file_id = outcome.json["id"]
        kept[file_id] = hashlib.sha256(content).hexdigest()
        if numbers.random() < 0.2:
            deleted.add(file_id)
            server.ask("DELETE", f"/v1/files/{file_id}")


def test_after_kill_9_a_restart_serves_at_once_and_every_answered_file_is_whole(start: Callable[..., Any], tmp_path: Path):
    server = start(folder=tmp_path)
    kept: dict[str, str] = {}
    deleted: set[str] = set()
    uploaders = [threading.Thread(target=upload_until_it_dies, args=(server, seed, kept, deleted)) for seed in range(6)]
    with ThreadPoolExecutor(4) as pool:
        drawings = [pool.submit(server.generate, n=10, **LARGE) for _ in range(4)]
        for uploader in uploaders:
            uploader.start()
        while len(kept) < 20:
            time.sleep(0.05)
        engine_process = server.engine_process
        server.process.kill()
        for uploader in uploaders:
            uploader.join()
        ends = Counter(drawing.result().end() for drawing in drawings)

    again = start(folder=tmp_path)
    listed = {file["id"]: file for file in again.ask("GET", "/v1/files?limit=10000").json["data"]}
    contents = {file_id: again.ask("GET", f"/v1/files/{file_id}/content") for file_id in listed}

    assert ends == {"unanswered": 4}
    assert kept.keys() - deleted <= listed.keys()
    assert all(len(outcome.body) == listed[file_id]["bytes"] for file_id, outcome in contents.items())
    assert {file_id: hashlib.sha256(contents[file_id].body).hexdigest() for file_id in kept.keys() - deleted} == {
        file_id: kept[file_id] for file_id in kept.keys() - deleted
    }
    assert again.key == server.key
    assert again.generate().end() == "drawn"
    assert server.wait_until(lambda: not is_running(engine_process))


def test_a_killed_engine_fails_what_it_drew_and_a_new_one_draws_what_waited(start: Callable[..., Any]):
    server = start()
    server.generate()
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(server.generate, n=10, **LARGE)
        time.sleep(0.3)
        waiting = [pool.submit(server.generate, seed=5), pool.submit(server.generate, seed=5, stream=True)]
        time.sleep(0.3)
        os.kill(server.engine_process, signal.SIGKILL)
        outcomes = [first.result(), *(request.result() for request in waiting)]

    assert [outcome.end() for outcome in outcomes] == ["engine_died", "drawn", "drawn"]
    assert outcomes[0].status == 500
    assert "SIGKILL" in outcomes[0].json["error"]["message"]


def test_an_engine_that_hangs_is_replaced(watched: Callable[..., Any]):
    server = watched(silence_limit_s=6.0)
    server.generate()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(server.generate, n=10, **LARGE)
        time.sleep(0.5)
        hung = server.engine_process
        os.kill(hung, signal.SIGSTOP)
        second = pool.submit(server.generate, stream=True, partial_images=1)
        ends = [first.result().end(), second.result().end()]

    assert ends == ["engine_died", "drawn"]
    assert not is_running(hung)


def is_running(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
