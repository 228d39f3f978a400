"""Usage: counts that add up whoever writes them, by project, day and snapshot."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest
from sqlalchemy import text

from limner.errors import StoreFailed
from limner.store.database import Database
from limner.store.usage import Account, Counts, UsageStore

ONE = Counts(requests=1, pictures=2, input_tokens=3, output_tokens=2**40, refused=4)


def test_counts_of_one_account_add_up(usage: UsageStore, project: str):
    account, other = Account(project, "2026-11-22", "limner-1"), Account(project, "2026-11-22", "")

    for counts in ({account: ONE}, {account: ONE, other: Counts(refused=1)}):
        usage.add(counts)

    used = usage.read(project, first_day="2026-11-22")
    assert used == {"2026-11-22": Counts(requests=2, pictures=4, input_tokens=6, output_tokens=2**41, refused=9)}


def test_each_snapshot_has_a_row_of_its_own(usage: UsageStore, database: Database, project: str):
    usage.add({Account(project, "2026-11-22", snapshot): ONE for snapshot in ("limner-1", "limner-0", "")})

    with database.reading() as connection:
        rows = connection.execute(text("SELECT snapshot, pictures FROM usage ORDER BY snapshot")).all()

    assert [tuple(row) for row in rows] == [("", 2), ("limner-0", 2), ("limner-1", 2)]


def test_days_before_the_first_are_left_out(usage: UsageStore, project: str):
    usage.add({Account(project, day, "limner-1"): ONE for day in ("2026-09-30", "2026-10-31", "2026-11-01")})

    assert set(usage.read(project, first_day="2026-10-31")) == {"2026-10-31", "2026-11-01"}
    assert usage.read(project, first_day="2026-11-02") == {}


def test_usage_of_one_project_is_not_seen_by_another(usage: UsageStore, project: str, other_project: str):
    usage.add({Account(project, "2026-11-22", "limner-1"): ONE})

    assert usage.read(other_project, first_day="2000-01-01") == {}


def test_nothing_is_lost_when_several_processes_count_at_once(url: str, project: str, other_project: str):
    accounts = [Account(name, "2026-11-22", "limner-1") for name in (project, other_project)]

    def count(order: int) -> None:
        with closing(Database.open(url)) as database:
            for _ in range(20):
                UsageStore(database).add(dict.fromkeys(accounts[::order], ONE))

    threads = [threading.Thread(target=count, args=(order,), daemon=True) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    with closing(Database.open(url)) as database:
        assert [UsageStore(database).read(name, first_day="2026-11-22")["2026-11-22"].pictures for name in (project, other_project)] == [
            160
        ] * 2


def test_counts_of_no_project_are_refused_whole(usage: UsageStore, project: str):
    with pytest.raises(StoreFailed):
        usage.add({Account(project, "2026-11-22", "limner-1"): ONE, Account("proj-nobody", "2026-11-22", "limner-1"): ONE})

    assert usage.read(project, first_day="2026-11-22") == {}
