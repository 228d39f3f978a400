"""What each project used on each day, by snapshot: counts alone, nothing of what was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from limner.store.database import Database
from limner.store.tables import usage

INSERTS: dict[str, Callable[..., Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}  # which tell what to do when the row is there
COUNTED = ("requests", "pictures", "input_tokens", "output_tokens", "refused", "batch_requests", "batch_pictures", "cost_nanousd")


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What was used: requests that were answered with pictures, those pictures, their tokens, and requests that were refused or failed.

    How many of the requests and pictures were of batches, and what all of it would have cost at list price elsewhere.
    """

    requests: int = 0
    pictures: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    refused: int = 0
    batch_requests: int = 0
    batch_pictures: int = 0
    cost_nanousd: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in COUNTED})


@dataclass(frozen=True, order=True)
class Account:
    """What counts are kept for. `day` is of UTC, such as `2026-11-22`; `snapshot` is empty for what was refused before one was settled."""

    project_id: str
    day: str
    snapshot: str


class UsageStore:
    """Rows of `usage`; nothing else knows them. Safe from many threads, and beside other processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, counts: Mapping[Account, Counts]) -> None:
        """Add counts to what is there: all of them, on the disk when this returns, or none.

        Raises:
            StoreFailed: none was added.
        """
        rows = [asdict(account) | asdict(counts[account]) for account in sorted(counts)]  # in one order, so that no two wait for each other
        with self._database.writing() as connection:
            statement = INSERTS[connection.dialect.name](usage)
            added = {name: usage.c[name] + statement.excluded[name] for name in COUNTED}
            connection.execute(statement.on_conflict_do_update(index_elements=usage.primary_key.columns, set_=added), rows)

    def read(self, project_id: str, *, first_day: str) -> dict[str, Counts]:
        """Return what a project used on each day from the first on, days of nothing left out.

        Raises:
            StoreFailed: it cannot be read.
        """
        sums = [func.sum(usage.c[name]).label(name) for name in COUNTED]
        query = select(usage.c.day, *sums).where(usage.c.project_id == project_id, usage.c.day >= first_day).group_by(usage.c.day)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return {row["day"]: Counts(**{name: int(row[name]) for name in COUNTED}) for row in rows}
