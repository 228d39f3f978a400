"""What eyes see reaches the network: in the source, in other pictures, and whether the prompt speaks of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from limner.engine.drawing.edits import plan_picture
from limner.engine.drawing.runtime import Runtime
from limner.engine.wire import Order
from limner.model.pictures import EYES_CHANNELS

OrderFor = Callable[..., Order]
PictureOf = Callable[..., np.ndarray]


def test_a_source_is_looked_at_for_the_prompt_and_for_no_prompt(runtime: Runtime, order_for: OrderFor, picture_of: PictureOf):
    plan = plan_picture(order_for(images=(picture_of(64, 64),)), 16)
    condition = runtime.encode("a red kite", plan.pictures)

    seen = runtime.look(plan.ground.source, condition)

    assert seen is not None
    assert seen.shape == (2, 4, 4, 9)
    assert np.array_equal(seen[0, ..., :8], seen[1, ..., :8])
    assert not np.allclose(seen[0, ..., 8], seen[1, ..., 8])


def test_a_source_is_looked_at_once_and_for_the_prompt_alone_where_nothing_is_guided(
    runtime: Runtime, order_for: OrderFor, picture_of: PictureOf, monkeypatch: pytest.MonkeyPatch
):
    plan = plan_picture(order_for(images=(picture_of(64, 64),)), 16)
    condition = runtime.encode("a red kite", plan.pictures)
    see, looks = Runtime._see, []
    monkeypatch.setattr(Runtime, "_see", lambda self, picture: looks.append(1) or see(self, picture))

    both = runtime.look(plan.ground.source, condition)
    assert len(looks) == 1
    alone = runtime.look(plan.ground.source, condition, is_guided=False)

    assert both is not None
    assert alone is not None
    assert np.array_equal(alone, both[:1])


def test_without_a_source_nothing_is_looked_at(runtime: Runtime):
    assert runtime.look(None, runtime.encode("a red kite")) is None


def test_other_words_speak_of_other_things(runtime: Runtime):
    source = np.random.default_rng(0).random((EYES_CHANNELS + 1, 64, 64), np.float32)

    kite, boat = (runtime.look(source, runtime.encode(prompt)) for prompt in ("a red kite", "a blue boat at sea"))

    assert kite is not None
    assert boat is not None
    assert np.array_equal(kite[..., :8], boat[..., :8])
    assert not np.allclose(kite[0, ..., 8], boat[0, ..., 8])
    assert np.allclose(kite[1, ..., 8], boat[1, ..., 8])


def test_what_is_seen_in_another_picture_changes_what_is_read_of_it(runtime: Runtime, order_for: OrderFor, picture_of: PictureOf):
    plan = plan_picture(order_for(images=(picture_of(64, 64), picture_of(64, 64, seed=1))), 16)
    seeing = runtime.encode("image 2", plan.pictures)
    eyes, runtime._eyes = runtime._eyes, None
    runtime._kept.clear()

    try:
        blind = runtime.encode("image 2", plan.pictures)
    finally:
        runtime._eyes = eyes
        runtime._kept.clear()

    assert not np.allclose(seeing.prompted.keys, blind.prompted.keys, atol=1e-4)
