"""Where things are laid: inside the canvas, beside what they belong to, as large as they were asked to be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.engine.arranging import places
from limner.engine.arranging.cutouts import Cutout
from limner.engine.words.arrangements import Relation, Where
from limner.media.boxes import Box
from limner.model.layout import Size

CANVAS = Size(300, 200)
sides = st.tuples(st.integers(1, 250), st.integers(1, 180))
boxes = st.builds(Box, st.integers(0, 200), st.integers(0, 150), st.integers(1, 100), st.integers(1, 50))


def is_inside(box: Box) -> bool:
    return box.left >= 0 and box.top >= 0 and box.right <= CANVAS.width and box.bottom <= CANVAS.height


def thing_of(width: int, height: int, colour: tuple[int, ...] = (200, 30, 40, 255)) -> Cutout:
    return Cutout(pixels=np.full((height, width, 4), colour, np.uint8), box=Box(0, 0, width, height))


@given(sides, st.sampled_from([None, 0.22, 0.5, 0.78]), st.sampled_from([None, 0.22, 0.5, 0.78]), boxes)
def test_a_spot_is_on_the_canvas_and_keeps_the_axis_that_nobody_named(wide: tuple[int, int], x: float | None, y: float | None, before: Box):
    box = places.box_where(Where(x, y), wide, before, CANVAS)

    assert (box.width, box.height) == wide
    assert is_inside(box)
    if x is None and y is None and wide == (before.width, before.height):
        assert abs(box.left - before.left) <= 7
        assert abs(box.top - before.top) <= 7


@given(sides, boxes, st.sampled_from(["left", "right", "above", "below", "behind", "before", "beside"]))
def test_beside_something_is_on_the_canvas(wide: tuple[int, int], other: Box, relation: Relation):
    assert is_inside(places.box_beside(relation, wide, other, CANVAS))


def test_relations_are_what_they_say():
    other, small = Box(130, 80, 40, 40), (30, 30)

    assert places.box_beside("left", small, other, CANVAS).right < other.left
    assert places.box_beside("right", small, other, CANVAS).left > other.right
    assert places.box_beside("above", small, other, CANVAS).bottom < other.top
    assert places.box_beside("below", small, other, CANVAS).top > other.bottom
    assert places.box_beside("before", small, other, CANVAS).overlap(other) is not None
    assert places.box_beside("beside", small, Box(10, 80, 40, 40), CANVAS).left > 50
    assert places.box_beside("beside", small, Box(250, 80, 40, 40), CANVAS).right < 250


@given(boxes, st.floats(0.05, 20), st.booleans())
def test_what_grows_stays_on_the_canvas_and_keeps_its_shape(box: Box, factor: float, stands: bool):
    grown = places.scaled(box, factor, CANVAS, stands=stands)

    assert is_inside(grown)
    assert grown.width == pytest.approx(box.width * grown.height / box.height, abs=1 + box.width / box.height)


def test_what_stands_keeps_its_foot():
    assert places.scaled(Box(100, 60, 40, 60), 0.5, CANVAS, stands=True).bottom == 120
    assert places.scaled(Box(100, 60, 40, 60), 0.5, CANVAS, stands=False) == Box(110, 75, 20, 30)


@pytest.mark.parametrize("count", range(1, 17))
def test_as_many_things_as_are_sent_stand_apart_from_each_other(count: int):
    square = Size(240, 240)
    laid = [places.box_at(slot, thing_of(50, 50), square) for slot in places.slots(count)]

    assert len(laid) == count
    assert all(box.left >= 0 and box.right <= 240 and box.top >= 0 and box.bottom <= 240 for box in laid)
    assert all(one.overlap(other) is None for place, one in enumerate(laid) for other in laid[:place])
    if count > 1:
        assert laid[0].left < laid[1].left


@given(boxes, sides)
def test_a_thing_fits_into_a_box(box: Box, wide: tuple[int, int]):
    fitted = places.box_in(box, thing_of(*wide), 0.9)

    assert fitted.width <= box.width + 1
    assert fitted.height <= box.height + 1


def test_a_thing_is_laid_over_the_ground_and_cut_off_at_the_edge():
    ground = np.full((200, 300, 4), 255, np.uint8)

    laid = places.lay(thing_of(40, 40), Box(-20, 100, 40, 40), ground)

    assert laid[120, :19, 0].tolist() == [200] * 19
    assert (laid[:, 25:] == 255).all()
    assert (ground == 255).all()
    assert places.lay(thing_of(40, 40), Box(400, 0, 40, 40), ground) is ground
