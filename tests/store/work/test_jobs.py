"""Rows of work: taken by one worker, held for a while, due again after it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from limner.errors import QueueFull
from limner.store.database import Database
from limner.store.work.jobs import Job, WorkStore

NOW = 1_800_000_000.0


@pytest.fixture
def store(database: Database) -> WorkStore:
    return WorkStore(database)


def add(store: WorkStore, project: str, job_id: str, *, now: float = NOW, most: int = 100, priority: str = "batch") -> Job:
    job = Job(kind="batch", job_id=job_id, project_id=project)
    store.add(job, priority=priority, most=most, now=now)
    return job


def names(jobs: list[Job]) -> list[str]:
    return [job.job_id for job in jobs]


def test_each_project_offers_its_most_urgent_then_oldest_job(store: WorkStore, project: str, other_project: str):
    add(store, project, "b-late", now=NOW + 1)
    add(store, project, "a-early")
    add(store, other_project, "c-batch")
    add(store, other_project, "d-urgent", now=NOW + 1, priority="interactive")

    found = store.first_due("batch", now=NOW + 2)

    assert names(found) == ["d-urgent", "a-early"]
    assert names(store.first_due("batch", now=NOW + 2, without=[other_project])) == ["a-early"]
    assert store.first_due("response", now=NOW + 2) == []


def test_a_job_is_had_by_exactly_one_of_many_workers(store: WorkStore, project: str):
    job = add(store, project, "a")

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda number: store.take(job, f"w-{number}", now=NOW, until=NOW + 10), range(8)))

    assert taken.count(True) == 1
    assert store.first_due("batch", now=NOW + 9) == []


def test_what_a_dead_worker_held_is_due_when_its_while_is_over_and_cannot_be_ended_by_it_any_more(store: WorkStore, project: str):
    job = add(store, project, "a")
    store.take(job, "dead", now=NOW, until=NOW + 10)
    assert store.renew([job], "dead", until=NOW + 20) == {job.name}

    (due,) = store.first_due("batch", now=NOW + 20)
    assert due.attempts == 1
    assert store.take(due, "alive", now=NOW + 20, until=NOW + 30)

    assert store.renew([job], "dead", until=NOW + 99) == set()
    store.end(job, "dead")
    assert names(store.first_due("batch", now=NOW + 30)) == ["a"]
    store.end(job, "alive")
    assert store.first_due("batch", now=NOW + 99) == []


def test_a_worker_that_stops_lets_go_as_if_it_had_not_begun(store: WorkStore, project: str):
    job = add(store, project, "a")
    store.take(job, "w", now=NOW, until=NOW + 10)

    store.let_go("w", now=NOW + 1)

    assert [(due.job_id, due.attempts) for due in store.first_due("batch", now=NOW + 1)] == [("a", 0)]


def test_a_job_that_is_put_off_waits_and_counts_its_attempts_if_it_failed(store: WorkStore, project: str):
    job = add(store, project, "a")
    store.take(job, "w", now=NOW, until=NOW + 10)
    store.put_off(job, "w", until=NOW + 5, is_counted=True)

    early, late = store.first_due("batch", now=NOW + 4), store.first_due("batch", now=NOW + 5)

    assert (names(early), [due.attempts for due in late]) == ([], [1])
    store.take(job, "w", now=NOW + 5, until=NOW + 10)
    store.put_off(job, "w", until=NOW + 5, is_counted=False)
    assert [due.attempts for due in store.first_due("batch", now=NOW + 5)] == [0]


def test_a_project_has_a_bounded_number_of_jobs_of_a_kind_and_the_same_job_counts_once(store: WorkStore, project: str, other_project: str):
    for job_id in ("a", "b", "b"):
        add(store, project, job_id, most=2)

    with pytest.raises(QueueFull, match="2 jobs of the kind 'batch'"):
        add(store, project, "c", most=2)

    add(store, other_project, "c", most=2)
    store.remove("batch", "a")
    add(store, project, "d", most=2)
