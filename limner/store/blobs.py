"""Contents too big for rows: named byte strings in a folder, or in a bucket that speaks S3. Names are made by this package alone."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from limner.errors import InvalidField, StoreFailed

if TYPE_CHECKING:
    from obstore import BytesStream

PART_BYTES, MAX_PARTS_AT_ONCE = 5 << 20, 2  # what one upload holds in memory
CHUNK_BYTES = 1 << 18
UNFINISHED_AFTER_S = 86_400
NAME = re.compile(r"[a-z]+/[a-z0-9_-]+")
FAILURES = (BaseError, OSError)


class Blobs:
    """Byte strings by name, `kind/id`. Safe from many threads and processes; a name is written once, whole or not at all."""

    def __init__(self, store: LocalStore | S3Store, folder: Path | None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def open(cls, where: str | Path) -> Blobs:
        """Open a folder, making it where it is missing, or a bucket: `s3://BUCKET/PREFIX`, with credentials from AWS_... variables.

        Raises:
            InvalidField: the URL is not understood.
            StoreFailed: the folder cannot be made.
        """
        if isinstance(where, str) and "://" in where:
            return cls(_open_bucket(where), None)
        folder = Path(where).expanduser().absolute()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreFailed(f"blobs cannot be kept in {str(folder)!r}: {error.strerror}; name another place with --blob-url") from error
        return cls(LocalStore(folder), folder)

    def put(self, name: str, content: BinaryIO | bytes) -> None:
        """Keep the content; it is on the disk, under its name, when this returns. A file is read in parts, from where it stands.

        Raises:
            StoreFailed: it was not kept.
        """
        _check(name)
        try:
            obstore.put(self._store, name, content, chunk_size=PART_BYTES, max_concurrency=MAX_PARTS_AT_ONCE)
            if self._folder is not None:
                _sync(self._folder / name, (self._folder / name).parent, self._folder)
        except FAILURES as error:
            raise StoreFailed("a content could not be kept; try again") from error

    def put_chunks(self, name: str, chunks: Iterable[bytes]) -> None:
        """Keep a content that comes in chunks, as `put` does; what the chunks raise goes through, and nothing was kept.

        Raises:
            StoreFailed: it was not kept.
        """
        _check(name)
        target = None if self._folder is None else self._folder / name
        try:
            if target is not None:
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _drafting(target) as draft:
                draft.writelines(chunks)
                draft.seek(0)
                if target is None:
                    self.put(name, draft)
        except OSError as error:
            raise StoreFailed("a content could not be kept; try again") from error

    def get(self, name: str) -> bytes | None:
        """Return the whole content, or None if there is none of this name.

        Raises:
            StoreFailed: it could not be read.
        """
        _check(name)
        try:
            with _explaining():
                return bytes(obstore.get(self._store, name).bytes())
        except FileNotFoundError:
            return None

    def iterate(self, name: str) -> Iterator[bytes] | None:
        """Return the content in chunks, or None if there is none of this name. Chunks go on coming if it is deleted meanwhile.

        Raises:
            StoreFailed: it could not be read; a chunk can raise it too.
        """
        _check(name)
        try:
            with _explaining():
                stream = obstore.get(self._store, name).stream(min_chunk_size=CHUNK_BYTES)
        except FileNotFoundError:
            return None
        return _chunks(stream)

    def delete(self, name: str) -> None:
        """Delete the content; a name that is not there is no error.

        Raises:
            StoreFailed: it may still be there.
        """
        _check(name)
        with contextlib.suppress(FileNotFoundError), _explaining():
            obstore.delete(self._store, name)

    def sweep(self) -> int:
        """Delete what killed processes had half written more than a day ago, and return how many. A bucket has rules for this."""
        if self._folder is None:
            return 0
        oldest = time.time() - UNFINISHED_AFTER_S
        num_deleted = 0
        for path in self._folder.glob("*/*#*"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
                    num_deleted += 1
        return num_deleted


def _open_bucket(url: str) -> S3Store:
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.hostname or parts.username or parts.query:
        raise InvalidField("blob_url", "the blob URL cannot be read; use the path of a folder, or s3://BUCKET/PREFIX")
    return S3Store(parts.hostname, prefix=parts.path.strip("/") or None)


def _check(name: str) -> None:
    assert NAME.fullmatch(name), "blobs are named by this package, never by a client"


def _chunks(stream: BytesStream) -> Iterator[bytes]:
    with _explaining():
        for chunk in stream:
            yield bytes(chunk)


@contextlib.contextmanager
def _drafting(target: Path | None) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `target`, on the disk, when the block has ended; one that goes away if there is no target."""
    if target is None:
        with tempfile.TemporaryFile() as draft:
            yield draft
        return
    descriptor, path = tempfile.mkstemp(dir=target.parent, prefix=f"{target.name}#")
    try:
        with os.fdopen(descriptor, "w+b") as draft:
            yield draft
        _sync(Path(path))
        os.replace(path, target)
        _sync(target.parent, target.parent.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise


def _sync(*paths: Path) -> None:
    """Wait until files and folders are on the disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _explaining() -> Iterator[None]:
    """Say nothing of paths, hosts or buckets; what is missing passes as it is."""
    try:
        yield
    except FileNotFoundError:
        raise
    except FAILURES as error:
        raise StoreFailed("a stored content could not be reached; try again") from error
