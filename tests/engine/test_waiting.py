"""What the engine foresees of its queue, with its real process and a tiny network."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from limner.engine.local import LocalEngine
from limner.engine.protocol import Finished, GenerateRequest
from limner.engine.weights import Catalogue
from limner.errors import QueueFull
from limner.model.layout import Size


def request(weights: Path, name: str, num_images: int) -> GenerateRequest:
    return GenerateRequest(
        request_id=name,
        owner="a",
        prompt="a red kite",
        snapshot=Catalogue.open(weights).resolve(),
        size=Size(1024, 1024),
        quality="medium",
        background="opaque",
        num_images=num_images,
        seed=7,
    )


def test_a_full_queue_tells_when_there_will_be_room_by_what_waits_and_how_long_pictures_take(tiny_weights: Path) -> None:
    with closing(LocalEngine(tiny_weights, threads=1, max_waiting=2)) as engine:
        unknown = engine.seconds_until_end()
        list(engine.events(request(tiny_weights, "warm", 12)))
        events = engine.events(request(tiny_weights, "first", 6))
        next(events)
        engine.submit(request(tiny_weights, "second", 30), lambda _: None)
        begun = time.monotonic()

        with pytest.raises(QueueFull) as full:
            engine.submit(request(tiny_weights, "third", 1), lambda _: None)
        until_end_s, others_s = engine.seconds_until_end("a"), engine.seconds_until_end("b")
        last = list(events)[-1]
        taken_s = time.monotonic() - begun

    told_s = full.value.retry_after_s
    assert unknown is None
    assert isinstance(last, Finished)
    assert isinstance(until_end_s, float)
    assert isinstance(told_s, float)
    assert isinstance(others_s, float)
    assert others_s < told_s < until_end_s, "what runs ends first, and there is room when a last picture begins"
    assert until_end_s / 12 < taken_s < until_end_s * 12
