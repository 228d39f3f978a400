"""The queue in one process and in several: nothing is lost, nobody is held up, what fails ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from limner.errors import QueueFull, Stopping
from limner.jobs.durable import queue as queue_module
from limner.jobs.durable.queue import MAX_ATTEMPTS, Bounds, WorkQueue
from limner.store.database import Database
from limner.store.keys import KeyStore
from limner.store.work.jobs import Job, WorkStore

pytestmark = pytest.mark.anyio
WIDE = Bounds(at_once=4, at_once_of_project=2, open_of_project=20)
WAIT_S = 10.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "limner.db")
    yield opened
    opened.close()


@pytest.fixture
def projects(database: Database) -> list[str]:
    keys = KeyStore(database)
    return [keys.create(name)[0].project_id for name in ("one", "two", "three")]


@pytest.fixture
def make_queue(database: Database) -> Callable[[], WorkQueue]:
    return lambda: WorkQueue(WorkStore(database))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - handlers set no event
            await asyncio.sleep(0.005)


async def test_a_job_is_handled_once_and_forgotten(make_queue: Callable[[], WorkQueue], database: Database, projects: list[str]):
    handled: list[str] = []
    queue = make_queue()

    async def handle(job_id: str) -> None:
        handled.append(job_id)

    queue.add_handler("batch", handle)
    async with queue.running():
        await queue.enqueue("batch", "b", project_id=projects[0], priority="batch")
        await until(lambda: not WorkStore(database).first_due("batch", now=2**40))
        queue.wake()
        await asyncio.sleep(0.05)

    assert handled == ["b"]


async def test_what_was_not_ended_when_the_process_stopped_is_handled_by_the_next(make_queue: Callable[[], WorkQueue], projects: list[str]):
    begun: list[str] = []

    async def hang(job_id: str) -> None:
        begun.append(job_id)
        await asyncio.sleep(WAIT_S)

    async def handle(job_id: str) -> None:
        begun.append(job_id)

    first, second = make_queue(), make_queue()
    first.add_handler("batch", hang)
    second.add_handler("batch", handle)
    async with first.running():
        await first.enqueue("batch", "b", project_id=projects[0], priority="batch")
        await until(lambda: begun)

    async with second.running():
        await until(lambda: len(begun) == 2)

    assert begun == ["b", "b"]


async def test_what_a_killed_process_held_is_handled_when_its_while_is_over(
    make_queue: Callable[[], WorkQueue], projects: list[str], monkeypatch: pytest.MonkeyPatch
):
    handled: list[str] = []

    async def hang(job_id: str) -> None:
        await asyncio.sleep(WAIT_S)

    async def handle(job_id: str) -> None:
        handled.append(job_id)

    monkeypatch.setattr(queue_module, "HOLD_S", 0.3)
    monkeypatch.setattr(queue_module, "LOOK_EVERY_S", 0.1)
    killed, alive = make_queue(), make_queue()
    killed.add_handler("batch", hang)
    alive.add_handler("batch", handle)
    async with killed.running():  # it renews every 2 s, which is as good as dead
        await killed.enqueue("batch", "b", project_id=projects[0], priority="batch")
        await until(lambda: killed._tasks)

        async with alive.running():
            await asyncio.sleep(0.1)
            early = list(handled)
            await until(lambda: handled)

    assert (early, handled) == ([], ["b"])


async def test_a_flood_of_one_project_holds_up_no_other(make_queue: Callable[[], WorkQueue], projects: list[str]):
    begun: list[str] = []
    gate = asyncio.Event()

    async def handle(job_id: str) -> None:
        begun.append(job_id)
        await gate.wait()

    queue = make_queue()
    queue.add_handler("batch", handle, bounds=WIDE)
    for number in range(10):
        await queue.enqueue("batch", f"flood-{number}", project_id=projects[0], priority="batch")
    for name, project in zip("ab", projects[1:], strict=True):
        await queue.enqueue("batch", name, project_id=project, priority="batch")

    async with queue.running():
        await until(lambda: len(begun) == WIDE.at_once)
        first = list(begun)
        gate.set()
        await until(lambda: len(begun) == 12)

    assert sorted(first) == ["a", "b", "flood-0", "flood-1"]
    assert [name for name in begun if name.startswith("flood")] == [f"flood-{number}" for number in range(10)]


async def test_a_kind_that_is_full_holds_up_no_other_kind(make_queue: Callable[[], WorkQueue], projects: list[str]):
    handled: list[str] = []

    async def hang(job_id: str) -> None:
        await asyncio.sleep(WAIT_S)

    async def handle(job_id: str) -> None:
        handled.append(job_id)

    queue = make_queue()
    queue.add_handler("batch", hang, bounds=Bounds(at_once=1, at_once_of_project=1, open_of_project=9))
    queue.add_handler("response", handle)
    async with queue.running():
        for number in range(3):
            await queue.enqueue("batch", f"b{number}", project_id=projects[0], priority="batch")
        await queue.enqueue("response", "r", project_id=projects[0], priority="interactive")
        await until(lambda: handled)

    assert handled == ["r"]


async def test_too_many_jobs_of_a_project_are_refused(make_queue: Callable[[], WorkQueue], projects: list[str]):
    async def handle(job_id: str) -> None:
        raise AssertionError("nothing runs")

    queue = make_queue()
    queue.add_handler("batch", handle, bounds=Bounds(at_once=1, at_once_of_project=1, open_of_project=1))
    await queue.enqueue("batch", "a", project_id=projects[0], priority="batch")

    with pytest.raises(QueueFull):
        await queue.enqueue("batch", "b", project_id=projects[0], priority="batch")

    await queue.enqueue("batch", "b", project_id=projects[1], priority="batch")


async def test_a_cancelled_job_ends_its_handler_here_and_in_another_process(
    make_queue: Callable[[], WorkQueue], projects: list[str], monkeypatch: pytest.MonkeyPatch
):
    begun: list[str] = []
    cancelled: list[str] = []

    async def hang(job_id: str) -> None:
        begun.append(job_id)
        try:
            await asyncio.sleep(WAIT_S)
        except asyncio.CancelledError:
            cancelled.append(job_id)
            raise

    monkeypatch.setattr(queue_module, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(queue_module, "RENEW_EVERY_S", 0.0)
    here, elsewhere = make_queue(), make_queue()
    here.add_handler("batch", hang)
    async with here.running():
        for job_id in ("a", "b"):
            await here.enqueue("batch", job_id, project_id=projects[0], priority="batch")
        await until(lambda: len(begun) == 2)

        await here.cancel("batch", "a")
        await elsewhere.cancel("batch", "b")
        await until(lambda: len(cancelled) == 2)
        await asyncio.sleep(0.1)

    assert (sorted(cancelled), len(begun)) == (["a", "b"], 2)


async def test_a_handler_can_ask_to_be_called_again(make_queue: Callable[[], WorkQueue], projects: list[str]):
    answers: list[float | None] = [0.0, 0.01, None]
    handled: list[str] = []

    async def handle(job_id: str) -> float | None:
        handled.append(job_id)
        return answers[len(handled) - 1]

    queue = make_queue()
    queue.add_handler("delivery", handle)
    async with queue.running():
        await queue.enqueue("delivery", "d", project_id=projects[0], priority="interactive")
        await until(lambda: len(handled) == 2)
        queue.wake()
        await until(lambda: len(handled) == 3)

    assert handled == ["d"] * 3


async def test_a_job_that_always_fails_is_given_up_and_one_that_finds_the_server_full_is_not(
    make_queue: Callable[[], WorkQueue], projects: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    handled: list[str] = []
    given_up: list[str] = []

    async def handle(job_id: str) -> None:
        handled.append(job_id)
        if job_id == "full" and handled.count("full") <= MAX_ATTEMPTS + 3:
            raise (QueueFull if len(handled) % 2 else Stopping)("try again")
        if job_id == "broken":
            raise ValueError("always")

    async def give_up(job_id: str) -> None:
        given_up.append(job_id)

    for name, value in (("BUSY_S", 0.0), ("LONGEST_PAUSE_S", 0.0), ("LOOK_EVERY_S", 0.01)):
        monkeypatch.setattr(queue_module, name, value)
    queue = make_queue()
    queue.add_handler("response", handle, give_up=give_up)
    async with queue.running():
        for job_id in ("broken", "full"):
            await queue.enqueue("response", job_id, project_id=projects[0], priority="interactive")
        await until(lambda: given_up and handled.count("full") == MAX_ATTEMPTS + 4)

    assert (given_up, handled.count("broken")) == (["broken"], MAX_ATTEMPTS)
    assert "given up after 12 attempts" in caplog.text


async def test_stopping_is_bounded_and_leaves_no_task(
    make_queue: Callable[[], WorkQueue], projects: list[str], monkeypatch: pytest.MonkeyPatch
):
    clinging, stubborn = asyncio.Event(), asyncio.Event()

    async def cling(job_id: str) -> None:
        clinging.set()
        while not stubborn.is_set():
            try:
                await stubborn.wait()
            except asyncio.CancelledError:
                continue

    monkeypatch.setattr(queue_module, "STOP_TIMEOUT_S", 0.2)
    queue = make_queue()
    queue.add_handler("batch", cling)
    async with asyncio.timeout(WAIT_S), queue.running():
        await queue.enqueue("batch", "b", project_id=projects[0], priority="batch")
        await clinging.wait()

    (task,) = queue._tasks.values()
    stubborn.set()
    await task
    assert not queue._tasks


async def test_a_job_that_is_cancelled_before_its_first_step_leaves_its_place(make_queue: Callable[[], WorkQueue], projects: list[str]):
    queue, handled = make_queue(), []

    async def handle(job_id: str) -> None:
        handled.append(job_id)

    def cancel_at_once(job: Job) -> None:
        begin(job)
        queue._tasks[job.name].cancel()

    begin, queue._begin = queue._begin, cancel_at_once  # type: ignore[method-assign]
    queue.add_handler("batch", handle, bounds=Bounds(at_once=1, at_once_of_project=1, open_of_project=20))
    async with queue.running():
        await queue.enqueue("batch", "a", project_id=projects[0], priority="batch")
        await until(lambda: queue._num_turns)
        await until(lambda: not queue._tasks)
        queue._begin = begin  # type: ignore[method-assign]
        await queue.enqueue("batch", "b", project_id=projects[0], priority="batch")
        await until(lambda: handled)

    assert handled == ["b"]
