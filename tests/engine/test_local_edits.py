"""Edits through the engine of this machine: pixels to its process and back."""

from __future__ import annotations

import os
import queue
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner.engine import wire
from limner.engine.local import LocalEngine
from limner.engine.protocol import LAST_EVENTS, Cancelled, EditRequest, Event, Finished, GenerateRequest, Partial, Progress
from limner.engine.weights import Catalogue
from limner.errors import InvalidField
from limner.model.layout import Size

TIMEOUT_S = 60
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
ids = count(1)


@pytest.fixture(scope="module")
def engine(tiny_weights: Path) -> Iterator[LocalEngine]:
    engine = LocalEngine(tiny_weights, threads=1)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def snapshot(tiny_weights: Path) -> str:
    return Catalogue.open(tiny_weights).resolve()


def picture(width: int, height: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)


def box(width: int, height: int) -> np.ndarray:
    mask = np.zeros((height, width), np.bool_)
    mask[height // 4 : height // 2, width // 3 : width // 2] = True
    return mask


def edit(snapshot: str, images: tuple[np.ndarray, ...], **changes: Any) -> EditRequest:
    size = Size(images[0].shape[1], images[0].shape[0])
    facts = {"prompt": "a red kite", "snapshot": snapshot, "size": size, "quality": "low", "background": "opaque", "num_images": 1}
    return EditRequest(**{**facts, "request_id": f"e{next(ids)}", "seed": 7, "images": images, **changes})


def finish(engine: LocalEngine, request: GenerateRequest) -> list[np.ndarray]:
    last = list(engine.events(request))[-1]
    assert isinstance(last, Finished), last
    return [drawn.pixels for drawn in last.pictures]


def test_results_and_partials_have_the_sources_size_and_its_bytes_where_they_are_kept(engine: LocalEngine, snapshot: str) -> None:
    source, mask = picture(1201, 777), box(1201, 777)
    request = edit(snapshot, (source, picture(50, 60, 1)), mask=mask, quality="high", num_partials=3)

    events = list(engine.events(request))

    shown = [event.pixels for event in events if isinstance(event, Partial)] + [drawn.pixels for drawn in events[-1].pictures]
    assert len(shown) == 4
    assert len({pixels.tobytes() for pixels in shown}) == 4
    for pixels in shown:
        np.testing.assert_array_equal(pixels[~mask], source[~mask])


@pytest.mark.parametrize("mask", [None, box(256, 256)])
def test_several_pictures_of_an_edit_equal_singles_with_the_seeds_that_follow(
    engine: LocalEngine, snapshot: str, mask: np.ndarray | None
) -> None:
    source = picture(256, 256)

    together = finish(engine, edit(snapshot, (source,), mask=mask, num_images=3))
    singles = [finish(engine, edit(snapshot, (source,), mask=mask, seed=seed))[0] for seed in (7, 8, 9)]

    assert [pixels.tobytes() for pixels in together] == [pixels.tobytes() for pixels in singles]
    assert len({pixels.tobytes() for pixels in together}) == 3


def test_edits_and_generations_of_several_owners_do_not_change_each_other(engine: LocalEngine, snapshot: str) -> None:
    source, mask = picture(256, 256), box(256, 256)
    alone = finish(engine, edit(snapshot, (source,), mask=mask, num_images=2))
    inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
    wanted = edit(snapshot, (source,), mask=mask, num_images=2, owner="a")
    engine.submit(wanted, inbox.put)
    for seed in range(3):
        engine.submit(edit(snapshot, (picture(300, 200, seed),), num_images=2, owner=str(seed)), lambda event: None)

    while not isinstance(event := inbox.get(timeout=TIMEOUT_S), LAST_EVENTS):
        pass

    assert isinstance(event, Finished)
    assert [drawn.pixels.tobytes() for drawn in event.pictures] == [pixels.tobytes() for pixels in alone]


def test_a_cancelled_edit_frees_the_engine_and_the_next_is_drawn(engine: LocalEngine, snapshot: str) -> None:
    request = edit(snapshot, (picture(1000, 1000),), mask=np.ones((1000, 1000), np.bool_), num_images=10, quality="high")
    inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
    engine.submit(request, inbox.put)
    while not isinstance(inbox.get(timeout=TIMEOUT_S), Progress):
        pass

    engine.cancel(request.request_id)
    steps = 0
    while not isinstance(event := inbox.get(timeout=TIMEOUT_S), LAST_EVENTS):
        steps += isinstance(event, Progress)

    assert event == Cancelled(request.request_id)
    assert steps < 12
    assert len(finish(engine, edit(snapshot, (picture(64, 64),)))) == 1


def test_images_over_the_limit_together_are_refused_before_they_wait(
    engine: LocalEngine, snapshot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("limner.engine.local.MAX_PAYLOAD_BYTES", 100_000)

    with pytest.raises(InvalidField, match="too large together") as caught:
        engine.submit(edit(snapshot, (picture(200, 200),)), lambda event: None)

    assert caught.value.param == "image"


def test_the_largest_source_with_its_mask_and_all_references_fits_into_one_frame() -> None:
    largest = 25_000_000 * (4 + 1) + 15 * 1024 * 1024 * 4

    assert largest <= wire.MAX_PAYLOAD_BYTES


def resident_bytes(process_id: int) -> int:
    return int(Path(f"/proc/{process_id}/statm").read_text().split()[1]) * PAGE_BYTES


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_memory_stays_flat_over_many_edits_in_both_processes(engine: LocalEngine, snapshot: str) -> None:
    source, mask = picture(512, 512), box(512, 512)

    def work(times: int) -> list[int]:
        for number in range(times):
            request = edit(snapshot, (source,), mask=mask if number % 2 else None, num_partials=1)
            events = engine.events(request)
            for event in events:
                if number % 5 == 0 and isinstance(event, Progress):
                    break
            events.close()
        process_id = engine.process_id
        assert process_id is not None
        return [resident_bytes(os.getpid()), resident_bytes(process_id)]

    before = work(40)
    after = work(120)

    assert all(later - earlier < 12_000_000 for earlier, later in zip(before, after, strict=True))


@pytest.mark.parametrize("width", [200, 1100])
def test_damage_is_taken_out_by_the_restorer_within_the_mask_and_the_same_every_time(engine: LocalEngine, snapshot: str, width: int):
    source = picture(width, 150)
    source[..., 3] = 255

    whole, again = (finish(engine, edit(snapshot, (source,), prompt="remove the noise"))[0] for _ in range(2))
    (masked,) = finish(engine, edit(snapshot, (source,), prompt="remove the noise", mask=box(width, 150)))

    assert whole.shape[:2] == (150, width)
    assert np.array_equal(whole, again)
    assert (whole[..., :3] != source[..., :3]).any(-1).mean() > 0.5
    assert np.array_equal(masked[~box(width, 150)][..., :3], source[~box(width, 150)][..., :3])
