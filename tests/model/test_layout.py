"""Sizes and grids: what is legal is exact, what is not is refused with the rule."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.errors import UnsupportedSize
from limner.model.layout import Grid, Size, grid_for, grid_positions, parse_size

SIDES = st.integers(16, 128).map(lambda patches: patches * 16)


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("auto", Size(1024, 1024)),
        ("square", Size(1024, 1024)),
        ("portrait", Size(1024, 1536)),
        ("landscape", Size(1536, 1024)),
        ("256x768", Size(256, 768)),
    ],
)
def test_names_and_numbers_are_sizes(words: str, size: Size):
    assert parse_size(words) == size


@pytest.mark.parametrize(
    "words", ["", "big", "1024", "1024X1024", "1000x1000", "240x512", "2064x1024", "256x1024", "-512x512", "9999999x16", "512x512 "]
)
def test_other_sizes_are_refused_with_the_rule(words: str):
    with pytest.raises(UnsupportedSize, match="multiples of 16") as caught:
        parse_size(words)

    assert repr(words) in caught.value.message


@given(width=SIDES, height=SIDES, num_patches=st.sampled_from([16, 64, 256]))
def test_a_grid_uses_its_patches_and_comes_near_the_ratio(width: int, height: int, num_patches: int):
    if max(width, height) > 3 * min(width, height):
        return

    grid = grid_for(Size(width, height), num_patches)

    assert num_patches * 3 / 4 <= grid.rows * grid.columns <= num_patches
    assert abs(np.log(grid.columns / grid.rows) - np.log(width / height)) < 0.35


def test_a_square_takes_the_whole_grid():
    assert grid_for(Size(1024, 1024), 64) == Grid(8, 8)


def test_positions_span_the_same_at_every_resolution():
    coarse, fine = grid_positions(Grid(4, 4)), grid_positions(Grid(16, 16))

    assert coarse.shape == (4, 4, 3)
    assert np.allclose(coarse.mean((0, 1)), 0)
    assert np.allclose(fine[..., 1].reshape(4, 4, 4, 4).mean((1, 3)), coarse[..., 1])


def test_a_larger_side_is_legal_only_where_it_is_allowed():
    assert parse_size("3840x2160", largest_side=3840) == Size(3840, 2160)
    with pytest.raises(UnsupportedSize, match="from 256 to 2048"):
        parse_size("3840x2160")
    with pytest.raises(UnsupportedSize, match="ratio up to 3:1"):
        parse_size("3840x1264", largest_side=3840)
