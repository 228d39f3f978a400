"""Opening a database: tables made and brought up to date by one of many at once, what cannot be used refused in words."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from subprocess import PIPE

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from limner.errors import DamagedFile, InvalidField, StoreFailed
from limner.store import schema
from limner.store.database import Database
from limner.store.pages import holds_words
from limner.store.tables import metadata, pictures

NEWEST = str(ScriptDirectory(str(schema.MIGRATIONS), version_locations=[str(schema.MIGRATIONS)]).get_current_head())
OPEN = "import sys; from limner.store.database import Database; print(flush=True); sys.stdin.readline(); Database.open(sys.argv[1]).close()"


def execute(database: Database, *statements: str) -> None:
    with database.writing() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_the_migrations_make_exactly_the_tables_that_the_code_reads(url: str):
    database = Database.open(url)

    with database.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        checks = inspect(connection).get_check_constraints("api_keys")

    assert differences == []
    assert [check["name"] for check in checks] == ["ck_api_keys_role"]
    database.close()


def test_opening_again_changes_nothing(url: str):
    Database.open(url).close()

    database = Database.open(url)

    with database.reading() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [NEWEST]
    database.close()


def test_a_migration_that_fails_leaves_nothing_behind(url: str, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.create_index", lambda *_: (_ for _ in ()).throw(StoreFailed("no room")))
        with pytest.raises(StoreFailed, match="no room"):
            Database.open(url)

    database = Database.open(url)

    with database.reading() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version", *metadata.tables}
    database.close()


def test_processes_that_open_at_once_all_find_the_tables(url: str):
    processes = [subprocess.Popen([sys.executable, "-c", OPEN, url], stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True) for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    answers = [(process.communicate()[1], process.returncode) for process in processes]

    assert answers == [("", 0)] * 4


def test_threads_that_open_databases_at_once_all_find_the_tables(url: str, tmp_path: Path):
    opened: list[str | Path] = []

    def open_here(where: str | Path) -> None:
        Database.open(where).close()
        opened.append(where)

    places = [url, url, url, tmp_path / "second.db", tmp_path / "third.db", url]
    threads = [threading.Thread(target=open_here, args=(where,), daemon=True) for where in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(map(str, opened)) == sorted(map(str, places))


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(url: str):
    database = Database.open(url)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(InvalidField, match=rf"'9999'.*'{NEWEST}'.*pip install --upgrade limner") as refusal:
        Database.open(url)

    with database.reading() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
    assert refusal.value.param == "database_url"
    database.close()


def test_a_transaction_that_raises_is_undone(database: Database):
    with pytest.raises(StoreFailed):
        execute(database, "INSERT INTO projects VALUES ('proj-1', 1)", "INSERT INTO nowhere VALUES (1)")

    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM projects")).scalar() == 0


def test_a_failure_of_the_database_says_nothing_of_what_was_asked(database: Database):
    with pytest.raises(StoreFailed) as failure, database.reading() as connection:
        connection.execute(text("SELECT * FROM nowhere WHERE secret = :secret"), {"secret": "sk-limner-x"})

    assert failure.value.message == "the database could not be read or written; try again"
    assert "sk-limner-x" not in str(failure.value.__cause__)


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://root:hunter2@db/limner",
        "postgresql+asyncpg://root:hunter2@db/limner",
        "postgresql://root:hunter2@db:port/limner",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "sqlite:///x.db?timeout=0",
        "",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_password(url: str):
    with pytest.raises(InvalidField, match="use sqlite:///FILE or postgresql://USER@HOST/NAME") as refusal:
        Database.open(url)

    assert refusal.value.param == "database_url"
    assert "hunter2" not in refusal.value.message


def test_a_database_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(StoreFailed, match="refused") as failure:
        Database.open("postgresql://root:hunter2@127.0.0.1:1/limner")

    assert "hunter2" not in failure.value.message
    assert "\n" not in failure.value.message


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path):
    (tmp_path / "limner.db").write_text("a shopping list, which is long enough to have a header of its own\n" * 30)
    before = (tmp_path / "limner.db").read_bytes()

    with pytest.raises(DamagedFile, match="not a database"):
        Database.open(tmp_path / "limner.db")

    assert (tmp_path / "limner.db").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path):
    (tmp_path / "taken").write_text("")

    with pytest.raises(StoreFailed, match="--data-dir"):
        Database.open(tmp_path / "taken" / "limner.db")


def test_the_file_and_its_folder_are_closed_to_other_users(tmp_path: Path):
    database = Database.open(tmp_path / "new" / "limner.db")
    with database.writing() as connection:
        connection.execute(text("INSERT INTO projects VALUES ('proj-1', 1)"))

    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}

    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert "limner.db-wal" in modes
    assert set(modes.values()) == {0o600}
    database.close()


@pytest.mark.parametrize("name", ["a b.db", "100%.db", "what?.db", "half#.db", "é.db"])
def test_a_path_is_taken_as_it_is(tmp_path: Path, name: str):
    Database.open(tmp_path / name).close()

    assert (tmp_path / name).stat().st_size > 0


def test_sqlite_syncs_every_commit_and_holds_to_its_references(tmp_path: Path):
    database = Database.open(tmp_path / "limner.db")

    with database.reading() as connection:
        settings = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "foreign_keys")}

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    database.close()


def test_a_writer_waits_for_a_writer_of_another_process(tmp_path: Path):
    database = Database.open(tmp_path / "limner.db")
    other = sqlite3.connect(tmp_path / "limner.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    letting_go = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    letting_go.start()

    with database.writing() as connection:
        assert connection.execute(text("SELECT count(*) FROM projects")).scalar() == 0
        connection.execute(text("INSERT INTO projects VALUES ('proj-1', 1)"))

    letting_go.join()
    other.close()
    database.close()


def test_postgresql_without_its_driver_names_the_install_command(tmp_path: Path):
    (tmp_path / "psycopg.py").write_text("raise ModuleNotFoundError('psycopg is not installed')\n")
    code = (
        "from limner.errors import MissingExtra\nfrom limner.store.database import Database\n"
        "try:\n    Database.open('postgresql://h/n')\nexcept MissingExtra as error:\n    print(error.message)"
    )

    answer = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(tmp_path)}
    )

    assert "pip install 'limner[postgres]'" in answer.stdout


def test_pictures_that_were_kept_before_they_could_be_searched_are_found(url: str, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr("limner.store.schema.NEWEST", "0002")
        old = Database.open(url)
    rows = "('pic_{}', 'proj-1', 'generation', 'tiny-1', 1, 1, 1, 1, '{}', 1, 9999999999, true)"
    details = '{{"instruction": "a {} K\\u0130TE", "settings": {{}}}}'
    values = ", ".join(rows.format(f"{number:045x}", details.format("red" if number else "blue")) for number in range(2))
    columns = "picture_id, project_id, kind, snapshot, seed, width, height, size_bytes, details, created_at, expires_at, is_ready"
    with old.writing() as connection:
        connection.exec_driver_sql("INSERT INTO projects VALUES ('proj-1', 1)")
        connection.exec_driver_sql(f"INSERT INTO pictures ({columns}) VALUES {values}")
    old.close()

    database = Database.open(url)

    with database.reading() as connection:
        found = connection.execute(select(pictures.c.picture_id).where(holds_words(pictures.c.words, "kİte red"))).scalars().all()
    assert found == [f"pic_{1:045x}"]
    database.close()
