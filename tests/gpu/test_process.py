"""The process that draws with torch, over the same frames as the one that draws with ONNX Runtime."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from limner.engine.wire import Frame, Order, read_frame, write_frame

ORDER: dict[str, Any] = {"prompt": "a red kite", "snapshot": "tiny", "quality": "low", "background": "opaque", "num_partials": 0}


def answer(weights: Path, device: str, *orders: Order) -> tuple[list[Frame], str, int]:
    asked = io.BytesIO()
    for order in orders:
        message = order.to_message()
        write_frame(asked, message.kind, message.fields, *message.parts)
    command = [sys.executable, "-m", "limner.gpu.process", "--device", device, "--threads", "1", "--weights-dir", str(weights)]
    path = os.pathsep.join(sys.path)
    done = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.stdin
    assert done.stdout
    assert done.stderr
    done.stdin.write(asked.getvalue())
    done.stdin.flush()
    frames: list[Frame] = []
    while sum(frame.kind in ("picture", "failed") for frame in frames) < len(orders) and (frame := read_frame(done.stdout)):
        frames.append(frame)
    done.stdin.close()
    said = done.stderr.read().decode()
    done.stdout.close()
    done.stderr.close()
    return frames, said, done.wait(30)


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tiny_weights: Path):
    orders = [Order(request_id=name, index=0, width=256, height=256, seed=seed, **ORDER) for name, seed in (("a", 7), ("b", 7), ("c", 8))]

    frames, said, status = answer(tiny_weights, "cpu", *orders)

    first, again, other = (bytes(frame.payload) for frame in frames if frame.kind == "picture")
    assert (status, said) == (0, "")
    assert [frame.kind for frame in frames[:2]] == ["started", "step"]
    assert len(first) == 256 * 256 * 3
    assert first == again != other


def test_a_device_that_torch_cannot_use_ends_the_process_with_a_reason(tiny_weights: Path):
    frames, said, status = answer(tiny_weights, "mps")

    assert frames == []
    assert status == 2
    assert "device 'mps' cannot be used here" in said
