"""Brings a database up to the newest migration, whichever it was at. A migration is a file in `migrations/`; there is no way down."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from limner.errors import InvalidField

MIGRATIONS = Path(__file__).with_name("migrations")
NEWEST = "head"
POSTGRES_LOCK = 0x6C696D6E6572  # "limner"
_ALEMBIC = Lock()  # it keeps what it works on in globals


def upgrade(connection: Connection) -> None:
    """Run the missing migrations inside the connection's transaction: all of them, or none.

    Several processes may call at once. On SQLite the transaction must already hold the write lock.

    Raises:
        InvalidField: the database was made by a newer version of this package.
    """
    with _ALEMBIC:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": POSTGRES_LOCK})
        script = ScriptDirectory(str(MIGRATIONS), version_locations=[str(MIGRATIONS)])
        _refuse_newer(script, MigrationContext.configure(connection).get_current_heads())
        with EnvironmentContext(Config(), script, fn=lambda revision, _: script._upgrade_revs(NEWEST, revision)) as environment:
            environment.configure(connection=connection)
            environment.run_migrations()


def _refuse_newer(script: ScriptDirectory, current: tuple[str, ...]) -> None:
    known = {step.revision for step in script.walk_revisions()}
    unknown = [revision for revision in current if revision not in known]
    if unknown:
        raise InvalidField(
            "database_url",
            f"the database is at schema {unknown[0]!r}, and this version of limner knows none after {script.get_current_head()!r}; "
            "install the version that made it, or a newer one: pip install --upgrade limner",
        )
