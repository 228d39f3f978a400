"""Finding a thing by its name with the tiny network: random, but the same each time, and refused where it says nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from limner.engine.drawing.locating import Unwanted, locate, settle
from limner.engine.drawing.runtime import Runtime
from limner.engine.weights import Abilities
from limner.engine.wire import Order
from limner.errors import InvalidField

OrderFor = Callable[..., Order]
SOURCE = np.random.default_rng(3).integers(0, 256, (100, 140, 4), np.uint8)
SOURCE[..., 3] = 255


def test_an_order_without_words_is_left_as_it_is(runtime: Runtime, order_for: OrderFor):
    order = order_for(images=(SOURCE,))

    assert locate(runtime, order, lambda: True) is order


def test_what_is_found_is_the_mask_grown_a_little():
    part = np.zeros((100, 140), np.bool_)
    part[40:60, 50:90] = True

    mask = settle("the kite", part)

    assert mask[part].all()
    assert not mask[:30].any()
    assert 0 < (mask & ~part).sum() < part.sum()


@pytest.mark.parametrize("found", [None, np.zeros((100, 140), np.bool_), np.ones((100, 140), np.bool_)])
def test_what_is_not_found_or_is_everything_is_refused_with_a_way_out(found: np.ndarray | None):
    with pytest.raises(InvalidField, match=r"'the kite' was not .* a box, a polygon or a mask"):
        settle("the kite", found)


def test_the_mask_depends_on_source_and_words_and_not_on_the_seed_of_the_picture(runtime: Runtime, order_for: OrderFor):
    def mask(words: str, seed: int = 7) -> np.ndarray:
        located = locate(runtime, order_for(images=(SOURCE,), words=words, fidelity="high", seed=seed), lambda: True)
        assert located.words == ""
        assert located.mask is not None
        return located.mask

    assert mask("the kite").shape == SOURCE.shape[:2]
    np.testing.assert_array_equal(mask("the kite"), mask("the kite", seed=8))
    assert not np.array_equal(mask("the kite"), mask("a horse"))


def test_what_nobody_wants_any_more_is_looked_for_no_further(runtime: Runtime, order_for: OrderFor):
    asked = []

    with pytest.raises(Unwanted):
        locate(runtime, order_for(images=(SOURCE,), words="the kite"), lambda: bool(asked.append(1)))

    assert len(asked) == 1


def test_a_large_mask_is_grown_in_no_time():
    found = np.zeros((4000, 5000), np.bool_)
    found[1000:2000, 1000:3000] = True

    mask = settle("the kite", found)

    assert mask[990, 2000]
    assert not mask[900, 2000]


def test_a_snapshot_that_reads_no_pictures_finds_nothing_by_words(order_for: OrderFor):
    class ReadsNone:
        abilities = Abilities(reads_pictures=False)

    with pytest.raises(InvalidField, match="finds nothing by words; give a box"):
        locate(ReadsNone(), order_for(images=(SOURCE,), words="the kite"), lambda: True)
