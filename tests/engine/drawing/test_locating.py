"""Finding a thing by its name with the tiny network: random, but the same each time, and refused where it says nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from limner.engine.drawing.locating import changed_by_removing, locate, settle
from limner.engine.drawing.runtime import Runtime
from limner.engine.wire import Order
from limner.errors import InvalidField

OrderFor = Callable[..., Order]
SOURCE = np.random.default_rng(3).integers(0, 256, (100, 140, 4), np.uint8)
SOURCE[..., 3] = 255


def test_an_order_without_words_is_left_as_it_is(runtime: Runtime, order_for: OrderFor):
    order = order_for(images=(SOURCE,))

    assert locate(runtime, order) is order


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


def test_the_network_itself_is_asked(runtime: Runtime, order_for: OrderFor):
    order = order_for(images=(SOURCE,), words="the kite", width=512, height=512)

    found = [changed_by_removing(runtime, order) for _ in range(2)]

    assert all(mask is not None and mask.shape == SOURCE.shape[:2] for mask in found)
    np.testing.assert_array_equal(*found)


def test_a_snapshot_that_reads_no_pictures_finds_nothing_by_words(order_for: OrderFor):
    class ReadsNone:
        reads_pictures = False

    with pytest.raises(InvalidField, match="finds nothing by words; give a box"):
        locate(ReadsNone(), order_for(images=(SOURCE,), words="the kite"))
