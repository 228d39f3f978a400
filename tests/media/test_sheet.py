"""Contact sheets."""

import numpy as np
import pytest

from limner.media.sheet import contact_sheet, on_checkerboard


def plain(colour: tuple[int, int, int, int], height: int = 40, width: int = 40) -> np.ndarray:
    return np.full((height, width, 4), colour, np.uint8)


def test_every_picture_stands_on_the_sheet():
    colours = [(255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (255, 0, 255, 255), (0, 255, 255, 255)]

    sheet = contact_sheet([plain(colour) for colour in colours], ["one", "two", "three", "four", "five"], cell_px=64)

    for colour in colours:
        assert (sheet == colour[:3]).all(axis=-1).sum() == 64 * 64


def test_columns_decide_the_width_of_the_page():
    pictures, labels = [plain((9, 9, 9, 255))] * 6, ["x"] * 6

    wide, narrow = (contact_sheet(pictures, labels, columns=columns, cell_px=64) for columns in (6, 1))

    assert wide.shape[1] > 6 * 64 > wide.shape[0]
    assert narrow.shape[0] > 6 * 64 > narrow.shape[1]


def test_a_wide_picture_is_not_stretched():
    sheet = contact_sheet([plain((255, 0, 0, 255), 20, 40)], [""], cell_px=100)

    red = (sheet == (255, 0, 0)).all(axis=-1)
    assert red.any(axis=1).sum() * 2 == red.any(axis=0).sum() == 100


def test_a_label_too_long_is_cut_to_its_cell():
    short = contact_sheet([plain((0, 0, 0, 255))], ["kite"], cell_px=80)
    long = contact_sheet([plain((0, 0, 0, 255))], ["kite " * 50], cell_px=80)

    margin = 7
    assert long.shape == short.shape
    assert (long[:, :margin] == long[0, 0]).all()


def test_transparency_shows_a_checkerboard():
    board = on_checkerboard(plain((255, 0, 0, 0)))

    assert len(np.unique(board)) == 2


def test_a_sheet_needs_a_label_for_each_picture():
    with pytest.raises(ValueError, match="1 pictures and 2 labels"):
        contact_sheet([plain((0, 0, 0, 255))], ["a", "b"])
