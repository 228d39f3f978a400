"""Servers that cannot start say why in one line."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from limner.store.database import Database


def start_and_fail(data: Path, *options: str) -> tuple[int, str]:
    """Start a server that is not expected to serve; return its exit code and what it said."""
    command = [sys.executable, "-m", "limner", "serve", "--port", "0", "--moderation", "off", "--data-dir", str(data), *options]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIMNER_")}
    ran = subprocess.run(command, check=False, env=kept, capture_output=True, text=True, timeout=60)
    assert ran.stdout == ""
    return ran.returncode, ran.stderr


def put_text_where_the_folder_should_be(data: Path) -> None:
    data.write_text("not a folder")


def put_text_where_the_database_should_be(data: Path) -> None:
    data.mkdir()
    (data / "limner.db").write_text("this is not a database, whatever its name says; " * 100)


def damage_the_database(data: Path) -> None:
    Database.open(data / "limner.db").close()
    content = bytearray((data / "limner.db").read_bytes())
    content[100:4096] = os.urandom(3996)
    (data / "limner.db").write_bytes(content)


def make_the_database_newer(data: Path) -> None:
    Database.open(data / "limner.db").close()
    with sqlite3.connect(data / "limner.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


@pytest.mark.parametrize(
    ("prepare", "word"),
    [
        (put_text_where_the_folder_should_be, "folder"),
        (put_text_where_the_database_should_be, "database"),
        (damage_the_database, "database"),
        (make_the_database_newer, "newer"),
    ],
)
def test_data_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, prepare: Callable[[Path], None], word: str):
    data = tmp_path / "data"
    prepare(data)

    code, said = start_and_fail(data)

    assert code in (1, 2)
    assert said.startswith("limner: ")
    assert said.count("\n") == 1
    assert word in said
    assert "unexpected" not in said


def test_a_folder_that_cannot_be_made_is_refused_in_one_line():
    code, said = start_and_fail(Path("/sys/limner"))  # not even root may write there

    assert code in (1, 2)
    assert (said.startswith("limner: "), said.count("\n")) == (True, 1)
    assert "--data-dir" in said
    assert "unexpected" not in said


def test_a_port_that_is_taken_is_refused_in_one_line(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        code, said = start_and_fail(tmp_path / "data", "--port", str(port))

    assert code == 2
    assert (said.startswith("limner: "), said.count("\n")) == (True, 1)
    assert str(port) in said
