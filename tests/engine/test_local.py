"""The engine of this machine, with its real process and a tiny network."""

from __future__ import annotations

import io
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from limner.engine.local import LocalEngine
from limner.engine.machine import machine_kind
from limner.engine.protocol import LAST_EVENTS, Cancelled, Event, Failed, Finished, GenerateRequest, Partial, Progress, Queued, Started
from limner.engine.weights import Catalogue
from limner.engine.wire import write_frame
from limner.errors import EngineError, InvalidField, QueueFull
from limner.model.layout import Size

TIMEOUT_S = 60
Inbox = queue.SimpleQueue[Event]


@pytest.fixture(scope="module")
def snapshot(tiny_weights: Path) -> str:
    return Catalogue.open(tiny_weights).resolve()


@pytest.fixture(scope="module")
def engine(tiny_weights: Path) -> Iterator[LocalEngine]:
    engine = LocalEngine(tiny_weights, threads=1)
    yield engine
    engine.close()


class Requests:
    """Makes requests of one snapshot, each with an id of its own."""

    def __init__(self, snapshot: str) -> None:
        self.snapshot = snapshot
        self.count = 0

    def __call__(self, **changes: Any) -> GenerateRequest:
        self.count += 1
        facts = {"prompt": "a red kite", "snapshot": self.snapshot, "size": Size(256, 256), "quality": "low", "background": "opaque"}
        return GenerateRequest(**{"request_id": f"r{self.count}", "num_images": 1, "seed": 7, **facts, **changes})


@pytest.fixture(scope="module")
def request_for(snapshot: str) -> Requests:
    return Requests(snapshot)


def wait_for_last(inbox: Inbox) -> list[Event]:
    events = []
    while not events or not isinstance(events[-1], LAST_EVENTS):
        events.append(inbox.get(timeout=TIMEOUT_S))
    return events


def wait_for(inbox: Inbox, kind: type) -> Event:
    while not isinstance(event := inbox.get(timeout=TIMEOUT_S), kind):
        assert not isinstance(event, LAST_EVENTS), event
    return event


def draw(engine: LocalEngine, request: GenerateRequest) -> list[bytes]:
    last = list(engine.events(request))[-1]
    assert isinstance(last, Finished), last
    return [picture.pixels.tobytes() for picture in last.pictures]


def test_events_come_in_order_from_queued_to_finished(engine: LocalEngine, request_for: Requests) -> None:
    request = request_for(num_images=2, num_partials=1, prompt="a red kite, flying")

    events = list(engine.events(request))

    finished = events[-1]
    assert events[:2] == [Queued(request.request_id), Started(request.request_id, "a red kite, flying")]
    assert isinstance(finished, Finished)
    assert finished.machine_kind == machine_kind(1)
    steps = [(event.index, event.step) for event in events if isinstance(event, Progress)]
    assert steps == [(index, step) for index in range(2) for step in range(1, len(steps) // 2 + 1)]
    partials = [event for event in events if isinstance(event, Partial)]
    assert [(partial.index, partial.partial_index, partial.pixels.shape) for partial in partials] == [
        (0, 0, (256, 256, 3)),
        (1, 0, (256, 256, 3)),
    ]
    assert [(picture.index, picture.seed, picture.pixels.shape) for picture in finished.pictures] == [
        (0, 7, (256, 256, 3)),
        (1, 8, (256, 256, 3)),
    ]


def test_the_same_seed_gives_the_same_bytes_again_and_in_a_new_process(
    engine: LocalEngine, tiny_weights: Path, request_for: Requests
) -> None:
    first = draw(engine, request_for())
    again = draw(engine, request_for())
    restarted = LocalEngine(tiny_weights, threads=1)

    after_restart = draw(restarted, request_for())

    restarted.close()
    assert first == again == after_restart
    assert draw(engine, request_for(seed=8)) != first


def test_several_pictures_equal_singles_with_the_seeds_that_follow_and_wrap_round(engine: LocalEngine, request_for: Requests) -> None:
    last_seed = 2**53 - 1

    together = draw(engine, request_for(num_images=3, seed=last_seed))
    singles = [draw(engine, request_for(seed=seed))[0] for seed in (last_seed, 0, 1)]

    assert together == singles
    assert len(set(together)) == 3


def test_four_requests_at_once_give_the_bytes_of_each_alone(engine: LocalEngine, request_for: Requests) -> None:
    wanted = [
        {"seed": 1, "owner": "a"},
        {"seed": 2, "prompt": "a blue house", "owner": "b"},
        {"seed": 3, "quality": "medium"},
        {"seed": 1, "num_images": 3},
    ]
    alone = [draw(engine, request_for(**changes)) for changes in wanted]
    together: dict[int, list[bytes]] = {}

    threads = [
        threading.Thread(target=lambda n, r: together.__setitem__(n, draw(engine, r)), args=(number, request_for(**changes)))
        for number, changes in enumerate(wanted)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT_S)

    assert [together[number] for number in range(4)] == alone


def test_owners_take_turns_so_one_picture_does_not_wait_for_six(engine: LocalEngine, request_for: Requests) -> None:
    inbox: Inbox = queue.SimpleQueue()
    many, one = request_for(num_images=6, owner="a"), request_for(owner="b")
    engine.submit(many, inbox.put)
    engine.submit(one, inbox.put)

    first_end = wait_for_last(inbox)[-1]
    second_end = wait_for_last(inbox)[-1]

    assert (first_end.request_id, second_end.request_id) == (one.request_id, many.request_id)


def test_cancelling_a_running_request_ends_it_at_once_and_the_next_is_drawn(engine: LocalEngine, request_for: Requests) -> None:
    inbox: Inbox = queue.SimpleQueue()
    request = request_for(num_images=10, quality="high", size=Size(2048, 2048))
    engine.submit(request, inbox.put)
    wait_for(inbox, Progress)

    engine.cancel(request.request_id)
    events = wait_for_last(inbox)

    assert events[-1] == Cancelled(request.request_id)
    assert sum(isinstance(event, Progress) for event in events) < 12 * 3
    assert len(draw(engine, request_for())) == 1


def test_cancelling_a_waiting_request_ends_it_without_a_step(engine: LocalEngine, request_for: Requests) -> None:
    running: Inbox = queue.SimpleQueue()
    waiting: Inbox = queue.SimpleQueue()
    first, second = request_for(num_images=4), request_for()
    engine.submit(first, running.put)
    engine.submit(second, waiting.put)

    engine.cancel(second.request_id)
    engine.cancel(second.request_id)

    assert wait_for_last(waiting) == [Queued(second.request_id), Cancelled(second.request_id)]
    assert isinstance(wait_for_last(running)[-1], Finished)


def test_cancelling_what_has_ended_or_never_was_does_nothing(engine: LocalEngine, request_for: Requests) -> None:
    request = request_for()
    draw(engine, request)

    engine.cancel(request.request_id)
    engine.cancel("never seen")

    assert len(draw(engine, request_for())) == 1


def test_closing_the_event_iterator_cancels_the_request(engine: LocalEngine, request_for: Requests) -> None:
    request = request_for(num_images=10, quality="high", size=Size(2048, 2048))
    events = engine.events(request)
    while not isinstance(next(events), Progress):
        pass

    events.close()

    assert len(draw(engine, request_for())) == 1


def test_every_request_ends_exactly_once_however_cancels_race_with_the_drawing(engine: LocalEngine, request_for: Requests) -> None:
    requests = [request_for(seed=seed, owner=str(seed % 3)) for seed in range(24)]
    told: dict[str, list[Event]] = {request.request_id: [] for request in requests}
    all_ended = threading.Semaphore(0)

    def listen(event: Event) -> None:
        told[event.request_id].append(event)
        if isinstance(event, Progress) and event.step == 2:
            engine.cancel(event.request_id)
        if isinstance(event, LAST_EVENTS):
            all_ended.release()

    cancellers = [threading.Thread(target=lambda ids: [engine.cancel(name) for name in ids], args=([r.request_id for r in requests[::2]],))]
    for request in requests:
        engine.submit(request, listen)
    for thread in cancellers:
        thread.start()
    for _ in requests:
        assert all_ended.acquire(timeout=TIMEOUT_S)
    draw(engine, request_for())

    for events in told.values():
        assert isinstance(events[0], Queued)
        assert sum(isinstance(event, LAST_EVENTS) for event in events) == 1
        assert isinstance(events[-1], Finished | Cancelled)


def test_a_killed_process_fails_what_it_drew_and_a_new_one_draws_the_rest(engine: LocalEngine, request_for: Requests) -> None:
    inbox: Inbox = queue.SimpleQueue()
    waiting: Inbox = queue.SimpleQueue()
    drawn, left = request_for(num_images=10, quality="high", size=Size(2048, 2048)), request_for(seed=11)
    engine.submit(drawn, inbox.put)
    wait_for(inbox, Progress)
    engine.submit(left, waiting.put)
    before = engine.process_id
    assert before is not None

    os.kill(before, signal.SIGKILL)
    failed = wait_for_last(inbox)[-1]

    assert isinstance(failed, Failed)
    assert failed.code == "engine_died"
    assert "SIGKILL" in failed.message
    assert "ask again" in failed.message
    assert isinstance(wait_for_last(waiting)[-1], Finished)
    assert len(draw(engine, request_for())) == 1
    assert engine.process_id not in (None, before)


def test_a_hung_process_is_noticed_ended_and_replaced(tiny_weights: Path, request_for: Requests, caplog: pytest.LogCaptureFixture) -> None:
    engine = LocalEngine(tiny_weights, threads=1, silence_limit_s=4)
    inbox: Inbox = queue.SimpleQueue()
    waiting: Inbox = queue.SimpleQueue()
    drawn, left = request_for(num_images=10, quality="high", size=Size(2048, 2048)), request_for(seed=11)
    engine.submit(drawn, inbox.put)
    wait_for(inbox, Progress)
    engine.submit(left, waiting.put)
    before = engine.process_id
    assert before is not None

    os.kill(before, signal.SIGSTOP)
    failed = wait_for_last(inbox)[-1]

    assert isinstance(failed, Failed)
    assert failed.code == "engine_died"
    assert "gave no sign for 4 s" in failed.message
    assert isinstance(wait_for_last(waiting)[-1], Finished)
    assert engine.process_id not in (None, before)
    wait_for_end(before)
    engine.close()


TALKER = """#!{python}
import sys
sys.stdin.buffer.read(1)
sys.stdout.buffer.write({content!r})
sys.stdout.buffer.flush()
sys.stdin.buffer.read()
"""


def frame(kind: str, **fields: Any) -> bytes:
    stream = io.BytesIO()
    write_frame(stream, kind, fields, b"1234")
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"no frame at all", id="noise"),
        pytest.param(frame("step"), id="nobody's"),
        pytest.param(frame("step", request_id="r1", pace=2), id="fields"),
        pytest.param(frame("picture", request_id="r1", width=8, height=8, index=0), id="pixels"),
    ],
)
def test_what_cannot_be_read_from_the_process_fails_the_request_and_ends_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    talker = tmp_path / "talker"
    talker.write_text(TALKER.format(python=sys.executable, content=content))
    talker.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(talker))
    inbox: Inbox = queue.SimpleQueue()
    engine = LocalEngine(tmp_path, threads=1)

    engine.submit(Requests("limner-0")(), inbox.put)
    failed = wait_for_last(inbox)[-1]

    assert isinstance(failed, Failed)
    assert failed.code == "engine_died"
    assert engine.process_id is None
    assert all("cannot be used" in line for line in caplog.text.splitlines())
    engine.close()


def test_a_process_that_dies_idle_is_replaced_without_a_word(engine: LocalEngine, request_for: Requests) -> None:
    expected = draw(engine, request_for())
    before = engine.process_id
    assert before is not None
    os.kill(before, signal.SIGKILL)
    while engine.process_id == before:
        threading.Event().wait(0.01)

    assert draw(engine, request_for()) == expected


def test_a_full_queue_refuses_and_holds_nothing_of_what_it_refused(tiny_weights: Path, request_for: Requests) -> None:
    engine = LocalEngine(tiny_weights, threads=1, max_waiting=1)
    inbox: Inbox = queue.SimpleQueue()
    first, second, third = request_for(num_images=2), request_for(), request_for()
    engine.submit(first, inbox.put)

    with pytest.raises(QueueFull):
        engine.submit(second, inbox.put)
    wait_for_last(inbox)

    assert len(draw(engine, second)) == 1
    assert len(draw(engine, third)) == 1
    engine.close()


def test_an_id_that_is_in_use_is_refused(engine: LocalEngine, request_for: Requests) -> None:
    inbox: Inbox = queue.SimpleQueue()
    request = request_for(num_images=4)
    engine.submit(request, inbox.put)

    with pytest.raises(InvalidField, match=request.request_id):
        engine.submit(request, inbox.put)

    assert isinstance(wait_for_last(inbox)[-1], Finished)


def test_an_unknown_snapshot_fails_the_request_alone(engine: LocalEngine, request_for: Requests) -> None:
    failed = list(engine.events(request_for(snapshot="limner-99")))[-1]

    assert isinstance(failed, Failed)
    assert (failed.code, failed.param) == ("model_not_found", "model")
    assert "'limner-99' does not exist" in failed.message
    assert len(draw(engine, request_for())) == 1


def test_damaged_weights_fail_the_request_with_the_file_and_the_remedy(
    tiny_weights: Path, snapshot: str, tmp_path: Path, request_for: Requests
) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(tiny_weights, folder)
    shard = next((folder / snapshot).glob("*.safetensors"))
    content = bytearray(shard.read_bytes())
    content[-1] ^= 1
    shard.write_bytes(content)
    engine = LocalEngine(folder, threads=1)

    failed = list(engine.events(request_for()))[-1]

    engine.close()
    assert isinstance(failed, Failed)
    assert failed.code == "damaged_file"
    assert f"{snapshot}/{shard.name}" in failed.message
    assert "install limner again" in failed.message


def test_a_listener_that_fails_disturbs_nobody_else(engine: LocalEngine, request_for: Requests, caplog: pytest.LogCaptureFixture) -> None:
    def fail(event: Event) -> None:
        raise RuntimeError("listener")

    engine.submit(request_for(), fail)

    assert len(draw(engine, request_for())) == 1
    assert "a listener failed on Queued" in caplog.text


def test_closing_cancels_what_runs_ends_the_process_and_is_harmless_twice(tiny_weights: Path, request_for: Requests) -> None:
    engine = LocalEngine(tiny_weights, threads=1)
    inbox: Inbox = queue.SimpleQueue()
    running, waiting = request_for(num_images=10), request_for()
    engine.submit(running, inbox.put)
    engine.submit(waiting, inbox.put)
    wait_for(inbox, Started)
    process_id = engine.process_id
    assert process_id is not None

    engine.close()
    engine.close()

    ends = [event for event in (wait_for_last(inbox) + wait_for_last(inbox)) if isinstance(event, LAST_EVENTS)]
    assert ends == [Cancelled(running.request_id), Cancelled(waiting.request_id)]
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)
    with pytest.raises(EngineError, match="closed"):
        engine.submit(request_for(), inbox.put)


def test_what_the_engine_can_do_is_said_without_starting_a_process(tiny_weights: Path, snapshot: str) -> None:
    engine = LocalEngine(tiny_weights, threads=1)

    capabilities = engine.capabilities()

    assert engine.process_id is None
    assert snapshot in capabilities.snapshots
    assert set(capabilities.snapshots) == set(Catalogue.open(tiny_weights).snapshots)
    assert capabilities.machine_kind == machine_kind(1)
    assert (capabilities.fidelities, capabilities.num_input_images) == (("low", "high"), 16)
    engine.close()


SCRIPT = """
import sys
from limner.engine.local import LocalEngine
from limner.engine.protocol import Finished, GenerateRequest
from limner.model.layout import Size

engine = LocalEngine(sys.argv[1], threads=1)
request = GenerateRequest(request_id="r", prompt="a red kite", snapshot=sys.argv[2], size=Size(256, 256), quality="low",
    background="opaque", num_images=1, seed=7)
assert isinstance(list(engine.events(request))[-1], Finished)
print(engine.process_id, "torch" in sys.modules, "onnxruntime" in sys.modules)
if len(sys.argv) > 3:
    import os
    os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("end", [[], ["killed"]])
def test_a_script_without_a_main_guard_works_and_its_end_however_sudden_ends_the_process(
    tiny_weights: Path, snapshot: str, tmp_path: Path, end: list[str]
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT + "\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"}

    command = [sys.executable, str(script), str(tiny_weights), snapshot, *end]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, env=environment)

    process_id, has_torch, has_onnxruntime = done.stdout.split()
    assert done.stderr == ""
    assert (has_torch, has_onnxruntime) == ("False", "False")
    assert done.returncode == (-signal.SIGKILL if end else 0)
    wait_for_end(int(process_id))


def wait_for_end(process_id: int) -> None:
    for _ in range(500):
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return
        threading.Event().wait(0.02)
    pytest.fail(f"process {process_id} still runs")
