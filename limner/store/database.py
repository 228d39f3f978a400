"""The database: SQLite in a file, or PostgreSQL. Opens it, brings its tables up to date, and hands out transactions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, TimeoutError

from limner.errors import DamagedFile, InvalidField, LimnerError, MissingExtra, StoreFailed
from limner.store import schema

WAIT_S = 10  # for a lock of another process, or for a connection
NUM_CONNECTIONS = 16
POSTGRES_NAMES = ("postgres", "postgresql", "postgresql+psycopg")
BEGIN_OPTION = "limner_begin"
FORMS = "use sqlite:///FILE or postgresql://USER@HOST/NAME"


class Database:
    """Transactions on one database. Safe from many threads, and beside other processes on the same database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(**{BEGIN_OPTION: "BEGIN IMMEDIATE"})
        # SQLite lets one write at a time: in one process they queue here, which is fair and wakes at once; its own lock is polled.
        self._turn: AbstractContextManager[Any] = Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @classmethod
    def open(cls, url: str | Path) -> Database:
        """Open the database, making it and its tables where they are missing. A path is a SQLite file.

        Raises:
            InvalidField: the URL is not understood, or the database was made by a newer version.
            MissingExtra: it is PostgreSQL, and its driver is not installed.
            DamagedFile: the file is not a SQLite database.
            StoreFailed: it cannot be reached or written.
        """
        database = cls(_make_engine(_read_url(url)))
        try:
            with database._turn, database._writer.begin() as connection:
                schema.upgrade(connection)
        except DBAPIError as error:
            database.close()
            raise _explain_opening(error) from error
        except LimnerError:
            database.close()
            raise
        return database

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold a transaction that only reads; it sees one moment, and waits for no writer.

        Raises:
            StoreFailed: the database cannot be used now.
        """
        with _explaining(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hold a transaction that writes: on the disk when the block has ended, undone when it raised.

        Raises:
            StoreFailed: the database cannot be used now.
        """
        with _explaining(), self._turn, self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


@contextmanager
def _explaining() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, TimeoutError) as error:
        raise StoreFailed("the database could not be read or written; try again") from error


def _explain_opening(error: DBAPIError) -> LimnerError:
    reason = " ".join(str(error.orig).split())
    if "not a database" in reason or "malformed" in reason:
        return DamagedFile(f"the database cannot be read: {reason}; put a backup in its place, or name another with --database-url")
    return StoreFailed(
        f"the database could not be opened: {reason}; see that it runs and may be written, or name another with --database-url"
    )


def _read_url(text: str | Path) -> URL:
    """Parse where the database is. A URL that is refused is not repeated: it may hold a password."""
    if isinstance(text, Path):
        return URL.create("sqlite", database=str(text))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise InvalidField("database_url", f"the database URL cannot be read; {FORMS}") from error
    if url.drivername in POSTGRES_NAMES:
        return url.set(drivername=POSTGRES_NAMES[-1])
    if url.drivername != "sqlite":
        raise InvalidField("database_url", f"databases of the kind {url.drivername[:40]!r} are not supported; {FORMS}")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:") or url.query:
        raise InvalidField("database_url", f"a SQLite database must be a plain file; {FORMS}")
    return url


def _make_engine(url: URL) -> Engine:
    is_sqlite = url.drivername == "sqlite"
    if is_sqlite:
        _make_private_file(Path(str(url.database)))
    try:
        engine = create_engine(
            url,
            connect_args={"timeout": WAIT_S} if is_sqlite else {"connect_timeout": WAIT_S} | dict(url.query),
            pool_size=NUM_CONNECTIONS,
            max_overflow=0,
            pool_timeout=WAIT_S,
            pool_pre_ping=not is_sqlite,
            hide_parameters=True,  # an error's text must hold neither names nor digests
        )
    except ModuleNotFoundError as error:
        raise MissingExtra("PostgreSQL needs its driver, which is not installed; run: pip install 'limner[postgres]'") from error
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private_file(path: Path) -> None:
    """Make an empty file, and the folders above it, that only this user can read; leave what exists as it is."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreFailed(
            f"the database cannot be made at {str(path)!r}: {error.strerror}; name a folder that can be written with --data-dir"
        ) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Set up one connection. `synchronous=FULL` syncs each commit: what was answered survives a power cut, not only kill -9."""
    connection.isolation_level = None  # the driver begins nothing by itself
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {setting}")


def _begin_sqlite(connection: Connection) -> None:
    """Begin. A writer takes the lock at once: a transaction that reads first and writes later could fail without waiting."""
    connection.exec_driver_sql(connection.get_execution_options().get(BEGIN_OPTION, "BEGIN"))
