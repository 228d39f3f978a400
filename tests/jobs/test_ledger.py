"""The ledger: nothing noted is lost while the process lives, and nobody waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from limner.errors import Blocked, StoreFailed
from limner.jobs.ledger import Ledger
from limner.store.database import Database
from limner.store.keys import KeyStore
from limner.store.usage import Counts, UsageStore

pytestmark = pytest.mark.anyio
ONE = Counts(requests=1, pictures=1, input_tokens=10, output_tokens=100)
NOON = 1_800_014_400.0  # 2027-01-15, 12:00 UTC


class Clock:
    """A clock that a test moves."""

    now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database.open(tmp_path / "limner.db")) as database:
        KeyStore(database).ensure_project("p")
        yield database


@pytest.fixture
def ledger(database: Database, clock: Clock) -> Iterator[Ledger]:
    with closing(Ledger(UsageStore(database), clock=clock)) as ledger:
        yield ledger


async def test_days_are_those_of_utc_without_a_gap_and_today_is_the_last(ledger: Ledger, clock: Clock):
    ledger.note("p", "limner-1", ONE)
    clock.now += 12 * 3600
    ledger.note("p", "limner-1", ONE)
    ledger.note("p", "limner-0", ONE)
    clock.now += 24 * 3600 - 1
    before_midnight = await ledger.days("p", 3)
    clock.now += 1

    assert before_midnight == {"2027-01-14": Counts(), "2027-01-15": ONE, "2027-01-16": ONE + ONE}
    assert await ledger.days("p", 2) == {"2027-01-16": ONE + ONE, "2027-01-17": Counts()}


async def test_everything_noted_by_many_threads_is_there_when_it_is_read(ledger: Ledger):
    threads = [threading.Thread(target=lambda: [ledger.note("p", "limner-1", ONE) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (await ledger.days("p", 1))["2027-01-15"].pictures == 200


async def test_what_was_noted_is_written_before_the_ledger_is_closed(database: Database, clock: Clock):
    with closing(Ledger(UsageStore(database), clock=clock)) as ledger:
        for _ in range(10):
            ledger.note("p", "limner-1", ONE)

    assert UsageStore(database).read("p", first_day="2027-01-15")["2027-01-15"].pictures == 10


async def test_nobody_waits_for_a_database_that_is_busy(database: Database, ledger: Ledger):
    with database.writing():
        begun = time.monotonic()
        ledger.note("p", "limner-1", ONE)
        waited_s = time.monotonic() - begun

    assert waited_s < 1
    assert (await ledger.days("p", 1))["2027-01-15"] == ONE


async def test_what_could_not_be_written_is_written_with_the_next_note(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    with monkeypatch.context() as patch:
        patch.setattr(UsageStore, "add", lambda *_: (_ for _ in ()).throw(StoreFailed("no room")))
        ledger.note("p", "limner-1", ONE)
        with suppress(StoreFailed):
            await ledger.days("p", 1)
    ledger.note("p", "limner-1", ONE)

    assert (await ledger.days("p", 1))["2027-01-15"] == ONE + ONE
    assert "no room" in caplog.text


async def test_only_an_error_of_ours_is_a_refusal(ledger: Ledger):
    for error in (Blocked("no", stage="input", categories=()), StoreFailed("no"), ZeroDivisionError(), GeneratorExit()):
        with suppress(type(error)), ledger.noting_refusal("p"):
            raise error
    with ledger.noting_refusal("p"):
        pass

    assert await ledger.days("p", 1) == {"2027-01-15": Counts(refused=2)}
