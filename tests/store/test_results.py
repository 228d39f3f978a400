"""Pictures behind URLs: who has the token may read, until its time is over."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from limner.errors import StoreFailed, UnknownFile
from limner.store.database import Database
from limner.store.results import ResultStore


def test_a_picture_is_read_by_its_token(results: ResultStore, project: str):
    token = results.add(b"png bytes", "image/png", project_id=project, lifetime_s=3600)

    assert results.read(token) == (b"png bytes", "image/png")


def test_tokens_cannot_be_guessed_and_are_written_nowhere(results: ResultStore, database: Database, project: str, tmp_path: Path):
    tokens = {results.add(b"x", "image/png", project_id=project, lifetime_s=3600) for _ in range(10)}

    with database.reading() as connection:
        cells = {str(cell) for row in connection.execute(text("SELECT * FROM results")) for cell in row}

    assert len(tokens) == 10
    assert {len(token) for token in tokens} == {43}
    assert tokens.isdisjoint(cells)
    assert tokens.isdisjoint(path.name for path in (tmp_path / "data" / "blobs" / "results").iterdir())


def test_a_picture_is_gone_at_its_second_even_before_it_is_removed(results: ResultStore, project: str, clock, tmp_path: Path):
    token = results.add(b"x", "image/png", project_id=project, lifetime_s=60)
    kept = results.add(b"y", "image/webp", project_id=project, lifetime_s=61)
    clock.now += 59.9
    seen_before = results.read(token)
    clock.now += 0.1

    with pytest.raises(UnknownFile):
        results.read(token)
    num_deleted = results.delete_expired(int(clock.now))

    assert seen_before == (b"x", "image/png")
    assert num_deleted == 1
    assert results.read(kept) == (b"y", "image/webp")
    assert len(list((tmp_path / "data" / "blobs" / "results").iterdir())) == 1


@pytest.mark.parametrize("token", ["", "nope", "../files/x", "\x00", "\udcff", "x" * 1_000_000])
def test_a_token_of_nothing_is_an_unknown_file_and_is_not_repeated(results: ResultStore, token: str):
    with pytest.raises(UnknownFile) as refusal:
        results.read(token)

    assert len(refusal.value.message) < 200


def test_a_picture_whose_process_was_killed_while_it_was_kept_goes_with_its_time(results: ResultStore, project: str, clock, tmp_path: Path):
    (tmp_path / "data" / "blobs" / "results").write_text("in the way")
    with pytest.raises(StoreFailed):
        results.add(b"x", "image/png", project_id=project, lifetime_s=60)
    (tmp_path / "data" / "blobs" / "results").unlink()

    num_deleted = results.delete_expired(int(clock.now) + 60)

    assert num_deleted == 1
    assert results.delete_expired(int(clock.now) + 60) == 0


def test_a_project_with_a_picture_cannot_be_deleted(results: ResultStore, database: Database, project: str):
    token = results.add(b"x", "image/png", project_id=project, lifetime_s=60)

    with database.writing() as connection:
        connection.execute(text("DELETE FROM api_keys"))

    with pytest.raises(StoreFailed), database.writing() as connection:
        connection.execute(text("DELETE FROM projects"))

    assert results.read(token) == (b"x", "image/png")
