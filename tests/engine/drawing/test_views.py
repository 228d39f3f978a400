"""Which part of a picture is drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.engine.drawing.views import NEAR_PATCHES, choose_view, part_in_grid
from limner.media.boxes import Box
from limner.model.layout import Size


@given(st.data(), st.integers(1, 6000), st.integers(1, 6000), st.sampled_from([16, 64, 256]))
def test_a_view_holds_the_change_has_the_ratio_of_its_grid_and_stays_inside_if_it_can(data, width, height, num_patches):
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    change = Box(left, top, data.draw(st.integers(1, width - left)), data.draw(st.integers(1, height - top)))

    grid, view = choose_view(change, Size(width, height), num_patches)

    assert view.overlap(change) == change
    assert abs(view.width * grid.rows - view.height * grid.columns) <= max(grid.rows, grid.columns)
    assert view.width > width or (view.left >= 0 and view.right <= width)
    assert view.height > height or (view.top >= 0 and view.bottom <= height)
    assert num_patches * NEAR_PATCHES * 2 / 3 <= grid.rows * grid.columns <= num_patches


@given(st.integers(0, 900), st.integers(0, 900))
def test_a_small_change_is_drawn_larger_than_it_is(left, top):
    change = Box(left, top, 100, 100)

    _, view = choose_view(change, Size(1000, 1000), 64)

    assert 100 < view.width <= 160


def test_a_small_change_takes_fewer_patches_and_each_of_them_less_of_the_picture():
    (near, close), (far, whole) = (choose_view(Box(0, 0, side, side), Size(1000, 1000), 64) for side in (250, 900))

    assert near.rows * near.columns == 36
    assert far.rows * far.columns == 64
    assert close.width / near.columns < whole.width / far.columns / 2


@pytest.mark.parametrize("change", [Box(0, 0, 1000, 1000), Box(100, 100, 700, 700)])
def test_a_large_change_is_drawn_with_the_whole_picture(change):
    assert choose_view(change, Size(1000, 1000), 64)[1] == Box(0, 0, 1000, 1000)


def test_a_tiny_change_has_more_context_than_itself_and_a_strip_is_not_drawn_from_a_strip():
    tiny = choose_view(Box(500, 500, 2, 2), Size(1000, 1000), 64)[1]
    strip = choose_view(Box(100, 500, 400, 10), Size(1000, 1000), 64)[1]

    assert tiny.width >= 64
    assert strip.height * 2 >= strip.width


def test_a_box_has_its_place_on_the_grid():
    grid, view = choose_view(Box(0, 0, 256, 256), Size(256, 256), 64)

    assert part_in_grid(Box(64, 128, 32, 16), view, grid) == (32.0, 64.0, 48.0, 72.0)
