"""Uploaded files: kept whole, listed in order, seen by their project alone, gone when their time is over."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy import text

from limner.errors import InvalidField, StoreFailed, UnknownFile
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.files import FileStore, StoredFile, clean_filename
from limner.store.identifiers import new_file_id

DAY_S = 86_400


def add(files: FileStore, project: str, content: bytes = b"abc", **fields: object) -> StoredFile:
    named = {"filename": "kite.png", "purpose": "vision", "expires_after_s": None} | fields
    return files.add(project, content=io.BytesIO(content), **named)


@pytest.mark.parametrize("size", [0, 1, 5 << 20, (5 << 20) + 1, 12_345_678])
def test_a_file_comes_back_as_it_was_whole_and_in_chunks(files: FileStore, project: str, size: int):
    content = os.urandom(size)

    file = add(files, project, content)

    assert files.get(project, file.file_id) == file
    assert file.size_bytes == size
    assert files.read(project, file.file_id) == content
    assert b"".join(files.iterate(project, file.file_id)) == content


def test_a_spooled_upload_that_was_read_already_is_kept_from_its_beginning(files: FileStore, project: str):
    with tempfile.SpooledTemporaryFile(max_size=1000) as upload:
        upload.write(b"x" * 5000)

        file = files.add(project, filename="a", purpose="vision", content=upload, expires_after_s=None)

    assert files.read(project, file.file_id) == b"x" * 5000


def test_an_upload_never_stands_in_memory_as_a_whole(files: FileStore, project: str, tmp_path: Path):
    peaks = []

    class Watched(io.FileIO):
        def read(self, size: int = -1) -> bytes:
            peaks.append(size)
            return super().read(size)

    (tmp_path / "upload").touch()
    os.truncate(tmp_path / "upload", 40 << 20)
    with Watched(tmp_path / "upload") as upload:
        file = files.add(project, filename="a", purpose="vision", content=upload, expires_after_s=None)
    chunks = [len(chunk) for chunk in files.iterate(project, file.file_id)]

    assert 0 < max(peaks) <= 5 << 20
    assert min(peaks) >= 0
    assert sum(chunks) == 40 << 20
    assert max(chunks) <= 1 << 20


def test_times_are_whole_seconds_and_the_expiry_counts_from_the_creation(files: FileStore, project: str):
    file = add(files, project, expires_after_s=3600)

    assert (file.created_at, file.expires_at) == (1_800_000_000, 1_800_003_600)


def test_an_expired_file_is_seen_by_nobody_and_removed_when_asked(files: FileStore, blobs: Blobs, project: str, clock):
    file, kept = add(files, project, expires_after_s=3600), add(files, project)
    clock.now += 3600

    page = files.page(project)
    for look in (files.get, files.read, files.iterate, files.delete):
        with pytest.raises(UnknownFile):
            look(project, file.file_id)
    blob_before, num_deleted = blobs.get(f"files/{file.file_id}"), files.delete_expired(int(clock.now))

    assert page.items == (kept,)
    assert (blob_before, num_deleted) == (b"abc", 1)
    assert blobs.get(f"files/{file.file_id}") is None
    assert files.read(project, kept.file_id) == b"abc"


def test_a_file_is_there_until_its_last_second(files: FileStore, project: str, clock):
    file = add(files, project, expires_after_s=3600)
    clock.now += 3599.9

    num_deleted = files.delete_expired(int(clock.now))

    assert num_deleted == 0
    assert files.get(project, file.file_id) == file


def test_a_file_of_another_project_does_not_exist(files: FileStore, project: str, other_project: str, clock):
    file = add(files, project)
    clock.now += 1
    own = add(files, other_project)

    for look in (files.get, files.read, files.iterate, files.delete):
        with pytest.raises(UnknownFile):
            look(other_project, file.file_id)

    assert files.page(other_project).items == (own,)
    assert files.page(other_project, after=file.file_id, order="asc").items == (own,)
    assert files.read(project, file.file_id) == b"abc"


@pytest.mark.parametrize(
    "file_id", ["", "file-", "file-nope", "../limner.db", "file-" + "0" * 45, "file-\x00", "file-\udcff", "f" * 100_000]
)
def test_an_id_of_nothing_is_an_unknown_file(files: FileStore, project: str, file_id: str):
    for look in (files.get, files.read, files.iterate, files.delete):
        with pytest.raises(UnknownFile) as refusal:
            look(project, file_id)

        assert len(refusal.value.message) < 800


def test_a_deleted_file_is_gone_and_so_is_its_content(files: FileStore, blobs: Blobs, project: str):
    file = add(files, project)

    files.delete(project, file.file_id)

    assert files.page(project).items == ()
    assert blobs.get(f"files/{file.file_id}") is None
    with pytest.raises(UnknownFile):
        files.delete(project, file.file_id)


def test_a_download_under_way_ends_well_when_the_file_is_deleted(files: FileStore, project: str):
    content = os.urandom(3 << 20)
    file = add(files, project, content)
    chunks = files.iterate(project, file.file_id)
    first = next(chunks)

    files.delete(project, file.file_id)

    assert first + b"".join(chunks) == content


def ids(page) -> list[str]:
    return [file.file_id for file in page.items]


def test_pages_follow_one_another_in_both_orders_without_gap_or_repeat(files: FileStore, project: str, clock):
    made = []
    for _ in range(7):
        made.append(add(files, project).file_id)
        clock.now += 0.001

    for order, expected in (("asc", made), ("desc", made[::-1])):
        seen, after, more = [], None, True
        while more:
            page = files.page(project, limit=3, order=order, after=after)
            seen, after, more = [*seen, *ids(page)], ids(page)[-1], page.has_more

        assert seen == expected
    assert ids(files.page(project)) == made[::-1]


def test_a_page_that_ends_exactly_at_the_last_file_has_no_more(files: FileStore, project: str):
    for _ in range(3):
        add(files, project)

    assert files.page(project, limit=2).has_more
    assert not files.page(project, limit=3).has_more


def test_files_can_be_deleted_while_their_list_is_paged_through(files: FileStore, project: str, clock):
    for _ in range(5):
        add(files, project)
        clock.now += 1
    page = files.page(project, limit=2)
    num_seen = 0

    while page.items:
        num_seen += len(page.items)
        for file_id in ids(page):
            files.delete(project, file_id)
        page = files.page(project, limit=2, after=ids(page)[-1])

    assert num_seen == 5
    assert ids(files.page(project)) == []


def test_a_purpose_picks_files(files: FileStore, project: str):
    add(files, project, purpose="vision")
    batch = add(files, project, purpose="batch")

    assert files.page(project, purpose="batch").items == (batch,)
    assert files.page(project, purpose="évals").items == ()


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": -1}, "limit"),
        ({"limit": 10_001}, "limit"),
        ({"order": "up"}, "order"),
        ({"after": "file-nope"}, "after"),
        ({"after": ""}, "after"),
        ({"after": "file-" + "é" * 45}, "after"),
        ({"after": "\x00" * 100_000}, "after"),
        ({"purpose": "\x00"}, "purpose"),
        ({"purpose": "\udcff"}, "purpose"),
    ],
)
def test_a_page_that_cannot_be_had_is_refused_by_name(files: FileStore, project: str, fields, param: str):
    with pytest.raises(InvalidField) as refusal:
        files.page(project, **fields)

    assert refusal.value.param == param
    assert len(refusal.value.message) < 800


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("kite.png", "kite.png"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("a\x00b\r\nc\x7f\x85\u2028.png", "abc.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("half \ud83d.png", "half .png"),
        ("👩‍🎨 été.png", "👩‍🎨 été.png"),
        ("x" * 300, "x" * 255),
        ("", "unnamed"),
        (" \n\t", "unnamed"),
    ],
)
def test_a_filename_is_kept_as_text_without_what_could_mislead(files: FileStore, project: str, given: str, kept: str):
    file = add(files, project, filename=given)

    assert clean_filename(given) == kept
    assert files.get(project, file.file_id).filename == kept


def test_a_clients_name_never_becomes_a_path(files: FileStore, project: str, tmp_path: Path):
    before = {path for path in tmp_path.rglob("*") if path.is_file() and "blobs" not in path.parts}

    file = add(files, project, filename="../../../escaped.png")

    after = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert {path for path in after - before if "blobs" in path.parts} == {tmp_path / "data" / "blobs" / "files" / file.file_id}
    assert not any("escaped" in str(path) for path in after)


def test_a_content_that_cannot_be_kept_leaves_no_file(files: FileStore, project: str, contents):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the disk of the upload is gone")

    with pytest.raises(StoreFailed) as failure:
        files.add(project, filename="a", purpose="vision", content=Broken(b"x" * 9_000_000), expires_after_s=None)

    assert "disk" not in failure.value.message
    assert files.page(project).items == ()
    assert contents() == set()


def test_a_project_with_a_file_cannot_be_deleted(files: FileStore, database: Database, project: str):
    file = add(files, project)

    with database.writing() as connection:
        connection.execute(text("DELETE FROM api_keys"))

    with pytest.raises(StoreFailed), database.writing() as connection:
        connection.execute(text("DELETE FROM projects"))

    assert files.read(project, file.file_id) == b"abc"


def test_a_file_of_a_project_that_does_not_exist_is_not_kept(files: FileStore, contents):
    with pytest.raises(StoreFailed):
        add(files, "proj-0123456789abcdef")

    assert contents() == set()


def test_an_upload_under_way_is_seen_by_nobody_and_left_alone(files: FileStore, project: str, clock):
    seen, num_deleted = [], []

    class Watching(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            seen.extend(files.page(project).items)
            num_deleted.append(files.delete_expired(int(clock.now) + DAY_S))
            return super().read(size)

    file = files.add(project, filename="a", purpose="vision", content=Watching(b"slow"), expires_after_s=None)

    assert seen == []
    assert set(num_deleted) == {0}
    assert files.read(project, file.file_id) == b"slow"


def test_an_upload_of_more_than_a_day_fails_and_leaves_nothing(files: FileStore, project: str, clock, contents):
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            elsewhere = threading.Thread(target=files.delete_expired, args=(int(clock.now) + DAY_S + 1,))
            elsewhere.start()
            elsewhere.join()
            return super().read(size)

    with pytest.raises(StoreFailed, match="send the request again"):
        files.add(project, filename="a", purpose="vision", content=Slow(b"x"), expires_after_s=None)

    assert contents() == set()
    assert files.page(project).items == ()


def test_an_upload_that_another_process_gives_up_at_this_moment_is_not_answered(
    files: FileStore, database: Database, project: str, contents
):
    class GivenUp(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            with database.writing() as connection:
                connection.execute(text("UPDATE files SET expires_at = 0"))
            return super().read(size)

    with pytest.raises(StoreFailed, match="send the request again"):
        files.add(project, filename="a", purpose="vision", content=GivenUp(b"x"), expires_after_s=None)

    assert contents() == set()


@pytest.mark.parametrize("left", ["is_ready = false, created_at = created_at - 86401", "expires_at = 0"])
def test_what_a_killed_process_left_half_way_is_ended(files: FileStore, database: Database, project: str, clock, contents, left: str):
    lost, kept = add(files, project), add(files, project)
    with database.writing() as connection:
        connection.execute(text(f"UPDATE files SET {left} WHERE file_id = '{lost.file_id}'"))
    seen = files.page(project).items

    num_deleted = files.delete_expired(int(clock.now))

    assert seen == (kept,)
    assert num_deleted == 1
    assert contents() == {kept.file_id}


def test_a_deletion_whose_content_cannot_be_reached_is_answered_and_ended_later(
    files: FileStore, project: str, clock, tmp_path: Path, contents
):
    file = add(files, project)
    folder = tmp_path / "data" / "blobs" / "files"
    folder.rename(tmp_path / "away")
    folder.write_text("in the way")

    files.delete(project, file.file_id)
    with pytest.raises(StoreFailed):
        files.delete_expired(int(clock.now))
    folder.unlink()
    (tmp_path / "away").rename(folder)
    left = contents()

    assert files.page(project).items == ()
    assert left == {file.file_id}
    assert files.delete_expired(int(clock.now)) == 1
    assert contents() == set()


def test_more_files_than_are_taken_at_once_expire_in_one_call(
    files: FileStore, project: str, clock, monkeypatch: pytest.MonkeyPatch, contents
):
    monkeypatch.setattr("limner.store.contents.NUM_AT_ONCE", 2)
    for _ in range(5):
        add(files, project, expires_after_s=3600)

    num_deleted = files.delete_expired(int(clock.now) + 3600)

    assert num_deleted == 5
    assert contents() == set()


def test_a_file_can_be_found_by_its_digest_after_reopening(files: FileStore, url: str, blobs: Blobs, project: str, clock):
    content = os.urandom(100_000)
    file = add(files, project, content)

    elsewhere = Database.open(url)
    again = FileStore(elsewhere, blobs, clock=clock).read(project, file.file_id)

    assert hashlib.sha256(again).digest() == hashlib.sha256(content).digest()
    elsewhere.close()


def test_a_file_whose_id_was_made_before_is_written_once_and_again_after_a_kill(files: FileStore, database: Database, project: str):
    file_id = new_file_id(1)
    asked: list[str] = []

    def chunks(word: str) -> Generator[bytes, None, None]:
        asked.append(word)
        yield word.encode()

    def write(word: str) -> None:
        files.write(file_id, project, filename="a.jsonl", purpose="p", size_bytes=5, chunks=chunks(word), expires_after_s=60)

    write("first")
    write("again")
    once = files.read(project, file_id)
    with database.writing() as connection:
        connection.execute(text("UPDATE files SET is_ready = false"))
    write("third")

    assert (once, files.read(project, file_id), asked) == (b"first", b"third", ["first", "third"])
    assert files.get(project, file_id).expires_at == files.get(project, file_id).created_at + 60
