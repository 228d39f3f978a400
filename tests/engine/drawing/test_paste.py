"""A drawing on its picture."""

import numpy as np
import pytest

from limner.engine.drawing import paste
from limner.engine.drawing.paste import Overlay
from limner.media.boxes import Box
from limner.model.layout import Grid


def overlay(mask: np.ndarray, change: Box, **changes: object) -> Overlay:
    source = np.zeros((*mask.shape, 4), np.uint8)
    source[...] = (0, 0, 255, 255)
    facts = {"source": source, "mask": mask, "shown": np.ones_like(mask), "change": change, "view": Box(0, 0, 128, 128), "grid": Grid(8, 8)}
    return Overlay(**{**facts, "background": "opaque", **changes})


RED = np.stack([np.full((128, 128), value, np.float32) for value in (1, -1, -1, 1)])
MASK = np.zeros((128, 128), np.bool_)
MASK[32:96, 40:100] = True
CHANGE = Box(40, 32, 60, 64)


def test_the_change_is_full_inside_fades_at_the_masks_edge_and_is_nothing_outside():
    picture = overlay(MASK, CHANGE).paste(RED)

    assert (picture[34:94, 42:98] == (255, 0, 0, 255)).all()
    assert (picture[~MASK] == (0, 0, 255, 255)).all()
    edge = picture[32, 60]
    assert 0 < edge[0] < 255
    assert 0 < edge[2] < 255


def test_inside_its_box_a_mask_of_any_shape_is_respected_to_the_pixel():
    y, x = np.mgrid[:128, :128]
    disc = (x - 64) ** 2 + (y - 64) ** 2 < 30**2

    source = np.random.default_rng(0).integers(0, 256, (128, 128, 4), np.uint8)
    source[::2, ::2, 3] = 0

    picture = overlay(disc, Box(34, 34, 61, 61), source=source).paste(RED)

    np.testing.assert_array_equal(picture[~disc], source[~disc])
    assert (picture[disc] != source[disc]).any(axis=-1).all()


def test_at_the_pictures_own_edge_nothing_fades():
    mask = np.zeros((128, 128), np.bool_)
    mask[:64] = True

    picture = overlay(mask, Box(0, 0, 128, 64)).paste(RED)

    assert (picture[:60] == (255, 0, 0, 255)).all()


def test_a_line_of_one_pixel_shows_the_whole_change():
    mask = np.zeros((128, 128), np.bool_)
    mask[64, 20:100] = True

    picture = overlay(mask, Box(20, 64, 80, 1)).paste(RED)

    assert (picture[mask] == (255, 0, 0, 255)).all()


def test_where_nothing_shows_there_is_nothing_to_fade_from():
    picture = overlay(MASK, CHANGE, shown=np.zeros_like(MASK)).paste(RED)

    assert (picture[MASK] == (255, 0, 0, 255)).all()


@pytest.mark.parametrize("background", ["opaque", "transparent"])
def test_opaque_speaks_of_what_is_drawn_and_not_of_what_is_kept(background):
    source = np.full((128, 128, 4), 100, np.uint8)
    nothing = np.stack([np.full((128, 128), value, np.float32) for value in (0, 0, 0, -1)])

    picture = overlay(MASK, CHANGE, source=source, background=background).paste(nothing)

    assert (picture[~MASK] == 100).all()
    assert (picture[40:88, 50:90, 3] == (255 if background == "opaque" else 0)).all()


def test_working_in_bands_gives_the_same_bytes_as_all_at_once(monkeypatch: pytest.MonkeyPatch):
    channels = np.random.default_rng(0).uniform(-1, 1, (4, 128, 128)).astype(np.float32)
    at_once = overlay(MASK, CHANGE).paste(channels)
    monkeypatch.setattr(paste, "BAND_ROWS", 7)

    in_bands = overlay(MASK, CHANGE).paste(channels)

    np.testing.assert_array_equal(in_bands, at_once)
