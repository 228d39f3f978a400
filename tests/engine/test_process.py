"""The loop of the engine's process, driven here without a process: the inbox and what it sends are in plain sight."""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner.engine.drawing.runtime import Runtime
from limner.engine.process import DrawingLoop, Inbox
from limner.engine.wire import Frame, Order
from limner.errors import UnknownModel

WHOLE = "a red kite at sunset"  # more than one thing that could be put somewhere
Sent = list[tuple[str, dict[str, Any]]]


@pytest.fixture(scope="session")
def open_runtime(runtime: Runtime) -> Callable[[str], Runtime]:
    def open_one(snapshot: str) -> Runtime:
        if snapshot != "tiny":
            raise UnknownModel(f"model {snapshot!r} does not exist; use one of tiny")
        return runtime

    return open_one


def draw(request_id: str, **changes: Any) -> Frame:
    facts = {"prompt": "a red kite", "snapshot": "tiny", "width": 256, "height": 256, "quality": "medium", "background": "opaque"}
    order = Order(**{"request_id": request_id, "index": 0, "seed": 7, "num_partials": 0, **facts, **changes})
    message = order.to_message()
    return Frame(message.kind, message.fields, bytearray(b"".join(message.parts)))


def cancel(request_id: str) -> Frame:
    return Frame("cancel", {"request_id": request_id}, bytearray())


def run(
    open_runtime: Callable[[str], Runtime], *frames: Frame, on_send: Callable[[Inbox, str, dict[str, Any]], None] | None = None
) -> Sent:
    inbox: Inbox = queue.SimpleQueue()
    sent: Sent = []

    def send(kind: str, fields: dict[str, Any], *parts: memoryview | bytes) -> None:
        sent.append((kind, {**fields, "num_bytes": sum(map(len, parts))}))
        if on_send is not None:
            on_send(inbox, kind, fields)
        if kind in ("picture", "failed", "cancelled") and len(ended(sent)) == sum(frame.kind == "draw" for frame in frames):
            inbox.put(None)

    for frame in frames:
        inbox.put(frame)
    DrawingLoop(open_runtime, inbox, send).run()
    return sent


def ended(sent: Sent) -> list[tuple[str, str]]:
    return [(kind, fields["request_id"]) for kind, fields in sent if kind in ("picture", "failed", "cancelled")]


def test_an_order_is_answered_step_by_step_and_ends_with_its_pixels(open_runtime: Callable[[str], Runtime]) -> None:
    sent = run(open_runtime, draw("r", num_partials=2))

    kinds = [kind for kind, _ in sent]
    num_steps = sent[1][1]["num_steps"]
    assert kinds[0] == "started"
    assert [fields["step"] for kind, fields in sent if kind == "step"] == list(range(1, num_steps + 1))
    assert [fields["partial_index"] for kind, fields in sent if kind == "partial"] == [0, 1]
    assert kinds[-1] == "picture"
    assert {fields["num_bytes"] for kind, fields in sent if kind in ("partial", "picture")} == {256 * 256 * 3}


@pytest.mark.parametrize("at_step", [1, 3])
def test_a_cancelled_order_takes_no_further_step(open_runtime: Callable[[str], Runtime], at_step: int) -> None:
    def cancel_at(inbox: Inbox, kind: str, fields: dict[str, Any]) -> None:
        if kind == "step" and fields["step"] == at_step and fields["request_id"] == "a":
            inbox.put(cancel("a"))

    sent = run(open_runtime, draw("a"), draw("b"), on_send=cancel_at)

    assert [kind for kind, fields in sent if fields["request_id"] == "a"] == ["started", *["step"] * at_step, "cancelled"]
    assert ended(sent) == [("cancelled", "a"), ("picture", "b")]


def test_an_edit_that_is_cancelled_takes_no_further_step(open_runtime: Callable[[str], Runtime]) -> None:
    def cancel_at(inbox: Inbox, kind: str, fields: dict[str, Any]) -> None:
        if kind == "step" and fields["step"] == 2 and fields["request_id"] == "a":
            inbox.put(cancel("a"))

    image, mask = np.zeros((256, 256, 4), np.uint8), np.ones((256, 256), np.bool_)

    sent = run(
        open_runtime, draw("a", prompt=WHOLE, images=(image,), mask=mask), draw("b", prompt=WHOLE, images=(image,)), on_send=cancel_at
    )

    assert [kind for kind, fields in sent if fields["request_id"] == "a"] == ["started", "step", "step", "cancelled"]
    assert ended(sent) == [("cancelled", "a"), ("picture", "b")]


def test_a_mask_that_vanishes_at_the_size_fails_the_order_by_name(open_runtime: Callable[[str], Runtime]) -> None:
    image, mask = np.zeros((512, 512, 4), np.uint8), np.zeros((512, 512), np.bool_)
    mask[5, 5] = True

    sent = run(open_runtime, draw("a", images=(image,), mask=mask))

    failed = next(fields for kind, fields in sent if kind == "failed")
    assert (failed["code"], failed["param"]) == ("invalid_mask_image_format", "mask")
    assert "'256x256'" in failed["message"]


def test_cancelling_what_is_not_drawn_changes_nothing(open_runtime: Callable[[str], Runtime]) -> None:
    sent = run(open_runtime, cancel("a"), draw("a"), cancel("b"))

    assert ended(sent) == [("picture", "a")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"snapshot": "dall-e-3"}, "model_not_found"), ({"background": "tartan"}, "engine_error"), ({"quality": "ultra"}, "engine_error")],
)
def test_an_order_that_fails_says_so_and_the_next_is_drawn(
    open_runtime: Callable[[str], Runtime], changes: dict[str, Any], code: str
) -> None:
    sent = run(open_runtime, draw("a", **changes), draw("b"))

    failed = next(fields for kind, fields in sent if kind == "failed")
    assert failed["code"] == code
    assert "Traceback" not in failed["message"]
    assert ended(sent) == [("failed", "a"), ("picture", "b")]


@pytest.mark.parametrize(("debug", "has_traceback"), [("", False), ("1", True)])
def test_an_unexpected_failure_is_one_logged_line_unless_debugging(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, debug: str, has_traceback: bool
) -> None:
    monkeypatch.setenv("LIMNER_DEBUG", debug)

    def fail(snapshot: str) -> Runtime:
        raise OSError(28, "No space left on device", "/somewhere/secret")

    sent = run(fail, draw("a"))

    (said,) = [logging.Formatter().format(record) for record in caplog.records]
    assert ("Traceback" in said, "\n" in said) == (has_traceback, has_traceback)
    assert said.startswith("picture 0 of request a failed (OSError)")
    assert sent[-1][1]["code"] == "engine_error"
    assert "secret" not in sent[-1][1]["message"]


def test_the_loop_stops_in_the_middle_of_a_picture_when_nobody_listens_any_more(open_runtime: Callable[[str], Runtime]) -> None:
    def hang_up(inbox: Inbox, kind: str, fields: dict[str, Any]) -> None:
        if kind == "step" and fields["step"] == 1:
            inbox.put(None)

    sent = run(open_runtime, draw("a"), on_send=hang_up)

    assert [kind for kind, _ in sent] == ["started", "step", "cancelled"]


def test_the_process_ends_when_its_standard_input_does_and_imports_no_torch(tiny_weights: Path) -> None:
    command = "import sys, limner.engine.process as p; p.main(); assert 'torch' not in sys.modules and 'onnx' not in sys.modules"

    done = subprocess.run(
        [sys.executable, "-c", command, "--weights-dir", str(tiny_weights), "--threads", "1"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
