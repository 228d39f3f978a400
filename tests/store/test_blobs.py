"""Contents in a folder and in a bucket: whole or not at all, under names that this package makes."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from limner.errors import InvalidField, StoreFailed
from limner.store.blobs import Blobs


def test_a_content_comes_back_until_it_is_deleted(blobs: Blobs):
    blobs.put("files/file-1", io.BytesIO(b"abc"))

    got, chunks = blobs.get("files/file-1"), list(blobs.iterate("files/file-1") or ())
    blobs.delete("files/file-1")
    blobs.delete("files/file-1")

    assert (got, chunks) == (b"abc", [b"abc"])
    assert blobs.get("files/file-1") is None
    assert blobs.iterate("files/file-1") is None


@pytest.mark.parametrize("name", ["../limner.db", "files/../../x", "files/a/b", "/etc/passwd", "files/", "files/A", "files/a#1", "a", ""])
def test_a_name_that_this_package_did_not_make_is_never_used(blobs: Blobs, name: str):
    for use in (blobs.get, blobs.iterate, blobs.delete, lambda name: blobs.put(name, b"x")):
        with pytest.raises(AssertionError, match="never by a client"):
            use(name)


def test_a_content_is_on_the_disk_before_it_counts_as_kept(blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    synced = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (synced.append(os.readlink(f"/proc/self/fd/{descriptor}")), sync(descriptor)))
    folder = tmp_path / "data" / "blobs"

    blobs.put("files/file-1", b"abc")

    assert synced == [str(folder / "files" / "file-1"), str(folder / "files"), str(folder)]


def test_a_failure_says_neither_path_nor_cause(blobs: Blobs, tmp_path: Path):
    (tmp_path / "data" / "blobs" / "files").write_text("in the way")

    for use in (blobs.get, blobs.iterate, blobs.delete, lambda name: blobs.put(name, b"x")):
        with pytest.raises(StoreFailed) as failure:
            use("files/file-1")

        assert str(tmp_path) not in failure.value.message


def test_the_folder_is_closed_to_other_users(blobs: Blobs, tmp_path: Path):
    assert (tmp_path / "data" / "blobs").stat().st_mode & 0o777 == 0o700
    assert blobs.get("files/file-1") is None


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path):
    (tmp_path / "taken").write_text("")

    with pytest.raises(StoreFailed, match="--blob-url"):
        Blobs.open(tmp_path / "taken" / "blobs")


@pytest.mark.parametrize("url", ["http://host/x", "file:///etc", "s3://", "s3://key:hunter2@bucket", "s3://bucket?region=x", "memory:///"])
def test_a_url_that_cannot_be_used_is_refused(url: str):
    with pytest.raises(InvalidField, match="s3://BUCKET/PREFIX") as refusal:
        Blobs.open(url)

    assert refusal.value.param == "blob_url"
    assert "hunter2" not in refusal.value.message


def test_what_was_half_written_goes_after_a_day(blobs: Blobs, tmp_path: Path):
    blobs.put("files/file-1", b"whole")
    folder = tmp_path / "data" / "blobs" / "files"
    old, new = folder / "file-2#1", folder / "file-3#1"
    for path in (old, new, folder / "file-1"):
        path.write_bytes(b"half")
    for path in (old, folder / "file-1"):
        os.utime(path, (time.time() - 86_405,) * 2)

    num_deleted = blobs.sweep()

    assert num_deleted == 1
    assert {path.name for path in folder.iterdir()} == {"file-1", "file-3#1"}


def test_chunks_are_kept_whole_or_not_at_all_and_take_the_place_of_what_was_there(blobs: Blobs, tmp_path: Path):
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise StoreFailed("the source broke")

    blobs.put_chunks("files/file-1", iter([b"first"]))
    with pytest.raises(StoreFailed, match="the source broke"):
        blobs.put_chunks("files/file-1", broken())
    kept = blobs.get("files/file-1")
    blobs.put_chunks("files/file-1", blobs.iterate("files/file-1") or ())
    blobs.put_chunks("files/file-2", iter([]))

    assert (kept, blobs.get("files/file-1"), blobs.get("files/file-2")) == (b"first", b"first", b"")
    assert sorted(os.listdir(tmp_path / "data" / "blobs" / "files")) == ["file-1", "file-2"]
