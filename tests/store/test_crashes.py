"""Many at once, and killed at any moment: nothing is locked out, torn or lost."""

from __future__ import annotations

import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from limner.errors import LimnerError, UnknownFile
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.files import FileStore
from limner.store.keys import KeyStore

WRITER = """
import hashlib, io, os, random, sys
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.files import FileStore
files = FileStore(Database.open(sys.argv[1]), Blobs.open(sys.argv[2]))
while True:
    content = os.urandom(random.randrange(1, 300_000))
    name = hashlib.sha256(content).hexdigest()
    file = files.add(sys.argv[3], filename=name, purpose="vision", content=io.BytesIO(content), expires_after_s=None)
    print(file.file_id, flush=True)
    if random.random() < 0.3:
        files.delete(sys.argv[3], file.file_id)
        print("-" + file.file_id, flush=True)
"""


@pytest.mark.parametrize("seed", range(3))
def test_after_kill_9_every_listed_file_is_whole_and_none_that_was_answered_is_lost(
    url: str, database: Database, blobs: Blobs, project: str, tmp_path: Path, seed: int
):
    command = [sys.executable, "-c", WRITER, url, str(tmp_path / "data" / "blobs"), project]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    answered = [writer.stdout.readline().strip()]
    time.sleep(random.Random(seed).uniform(0.2, 0.5))
    writer.send_signal(signal.SIGKILL)
    answered += writer.communicate()[0].split()

    files = FileStore(database, blobs)
    files.delete_expired(int(time.time()))
    listed = files.page(project).items

    gone = {line[1:] for line in answered if line.startswith("-")}
    assert {line for line in answered if not line.startswith("-")} - gone - {answered[-1]} <= {file.file_id for file in listed}
    assert gone.isdisjoint(file.file_id for file in listed)
    assert [hashlib.sha256(files.read(project, file.file_id)).hexdigest() for file in listed] == [file.filename for file in listed]


def work(database: Database, blobs: Blobs, project: str, until: float) -> int:
    files, keys, random_numbers = FileStore(database, blobs), KeyStore(database), random.Random(threading.get_ident())
    num_rounds = 0
    while time.monotonic() < until:
        content = random_numbers.randbytes(2000)
        file = files.add(project, filename="a", purpose="vision", content=io.BytesIO(content), expires_after_s=None)
        key, secret = keys.create("ci", project=project)
        assert files.read(project, file.file_id) == content
        assert keys.find(secret) == key
        assert len(files.page(project, limit=5).items) >= 1
        files.delete(project, file.file_id)
        keys.revoke(key.key_id)
        assert keys.find(secret) is None
        num_rounds += 1
    return num_rounds


def test_eight_threads_and_a_second_process_work_at_once_and_none_is_locked_out(
    url: str, database: Database, blobs: Blobs, project: str, tmp_path: Path
):
    failures: list[str] = []
    rounds: list[int] = []

    def run() -> None:
        try:
            rounds.append(work(database, blobs, project, time.monotonic() + 1))
        except LimnerError as error:
            failures.append(f"{error!r} {error.__cause__!r}")

    threads = [threading.Thread(target=run) for _ in range(8)]
    command = [sys.executable, "-c", WRITER, url, str(tmp_path / "data" / "blobs"), project]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as neighbour:
        assert neighbour.stdout is not None
        neighbour.stdout.readline()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        was_alive = neighbour.poll() is None
        neighbour.kill()

    assert failures == []
    assert was_alive
    assert min(rounds) >= 1


def test_one_of_many_who_delete_a_file_at_once_succeeds(database: Database, blobs: Blobs, project: str):
    files = FileStore(database, blobs)
    file = files.add(project, filename="a", purpose="vision", content=io.BytesIO(os.urandom(10)), expires_after_s=None)
    outcomes: list[str] = []

    def run() -> None:
        try:
            files.delete(project, file.file_id)
            outcomes.append("deleted")
        except UnknownFile:
            outcomes.append("unknown")

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["deleted"] + ["unknown"] * 5
