"""Rows of batches: every line counted once, every state left once, each project its own."""

from __future__ import annotations

from typing import Any

import pytest

from limner.errors import QueueFull, StoreFailed, UnknownBatch
from limner.store.database import Database
from limner.store.identifiers import new_batch_id
from limner.store.work.batches import AnsweredLine, Batch, BatchStore

NOW = 1_800_000_000


@pytest.fixture
def store(database: Database) -> BatchStore:
    return BatchStore(database, clock=lambda: NOW + 5.0)


def keep(store: BatchStore, project: str, *, at: int = 0, **fields: Any) -> Batch:
    told = {"endpoint": "/v1/images/edits", "input_file_id": "file-1", "base_url": "http://x/", "file_ids": ("file-2", "file-3")}
    batch = Batch(batch_id=new_batch_id(NOW * 10**6 + at), project_id=project, created_at=NOW, expires_at=NOW + 60, **{**told, **fields})
    store.add(batch, lambda connection: None)
    return batch


def begin(store: BatchStore, project: str, total: int = 3) -> Batch:
    batch = keep(store, project)
    store.move(batch.batch_id, ("validating",), "in_progress", total=total)
    return batch


def answer(line: int, **fields: Any) -> AnsweredLine:
    return AnsweredLine(**{"line": line, "size_bytes": 10, "is_failed": False, "output_tokens": 100, "cost_nanousd": 7, **fields})


def test_a_batch_comes_back_as_it_was_kept_and_only_to_its_project(store: BatchStore, project: str, other_project: str):
    batch = keep(store, project, metadata={"a": "ü"}, output_lifetime_s=3600)

    found = store.get(project, batch.batch_id)

    assert found == batch
    for asked, batch_id in ((other_project, batch.batch_id), (project, new_batch_id(1)), (project, "batch_\x00")):
        with pytest.raises(UnknownBatch, match=r"no batch has the id 'batch_"):
            store.get(asked, batch_id)


def test_nothing_is_kept_if_the_work_cannot_be(store: BatchStore, project: str):
    def refuse(connection: object) -> None:
        raise QueueFull("full")

    batch = Batch(
        batch_id=new_batch_id(1),
        project_id=project,
        endpoint="/",
        input_file_id="file-1",
        created_at=NOW,
        expires_at=NOW,
        base_url="",
        file_ids=("", ""),
    )

    with pytest.raises(QueueFull):
        store.add(batch, refuse)

    assert store.find(batch.batch_id) is None


def test_a_state_is_left_once(store: BatchStore, project: str):
    batch = begin(store, project)

    moves = [store.move(batch.batch_id, ("validating", "in_progress"), status) for status in ("cancelling", "cancelling", "finalizing")]

    found = store.get(project, batch.batch_id)
    assert moves == [True, False, False]
    assert (found.status, found.times) == ("cancelling", {"in_progress": NOW + 5, "cancelling": NOW + 5})


def test_an_answer_counts_once_whoever_gives_it_how_often(store: BatchStore, project: str):
    batch = begin(store, project)
    store.begin_lines(batch.batch_id, "run-1", [1, 2])

    lost = [
        store.answer_lines(batch.batch_id, "run-1", [answer(1), answer(2, is_failed=True)]),
        store.answer_lines(batch.batch_id, "run-1", [answer(1)]),
        store.answer_lines(batch.batch_id, "run-2", [answer(2)]),
        store.answer_lines(batch.batch_id, "run-1", [answer(3)]),
    ]

    found = store.get(project, batch.batch_id)
    assert [[line.line for line in lines] for lines in lost] == [[], [1], [2], [3]]
    assert (found.completed, found.failed, found.output_tokens, found.cost_nanousd) == (1, 1, 200, 14)


def test_a_line_is_begun_by_one_run_until_it_is_forgotten(store: BatchStore, project: str):
    batch = begin(store, project)
    store.begin_lines(batch.batch_id, "run-1", [1, 2])
    store.answer_lines(batch.batch_id, "run-1", [answer(1)])

    with pytest.raises(StoreFailed):
        store.begin_lines(batch.batch_id, "run-2", [2, 3])
    store.forget_lines(batch.batch_id, [2])
    store.begin_lines(batch.batch_id, "run-2", [2, 3])

    assert [(line.line, line.run, line.size_bytes) for line in store.lines(batch.batch_id)] == [
        (1, "run-1", 10),
        (2, "run-2", None),
        (3, "run-2", None),
    ]


def test_lines_without_an_answer_count_as_failed_when_the_batch_ends(store: BatchStore, project: str):
    batch = begin(store, project, total=5)
    store.begin_lines(batch.batch_id, "run", [1, 2])
    store.answer_lines(batch.batch_id, "run", [answer(1), answer(2, is_failed=True)])
    store.move(batch.batch_id, ("in_progress",), "finalizing")

    ended = [store.end(batch.batch_id, "finalizing", "expired", output_file_id="file-2", error_file_id=None) for _ in range(2)]

    found = store.get(project, batch.batch_id)
    assert ended == [True, False]
    assert (found.total, found.completed, found.failed, found.has_ended) == (5, 1, 4, True)
    assert (found.output_file_id, found.error_file_id) == ("file-2", None)


def test_batches_of_a_project_are_listed_the_newest_first_a_page_at_a_time(store: BatchStore, project: str, other_project: str):
    ids = [keep(store, project, at=number).batch_id for number in range(3)]
    keep(store, other_project, at=9)

    first = store.page(project, limit=2, after=None)
    rest = store.page(project, limit=2, after=first.items[-1].batch_id)

    assert [[batch.batch_id for batch in page.items] for page in (first, rest)] == [[ids[2], ids[1]], [ids[0]]]
    assert (first.has_more, rest.has_more) == (True, False)
