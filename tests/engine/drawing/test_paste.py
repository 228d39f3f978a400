"""A drawing on its picture."""

import numpy as np
import pytest

from limner.engine.drawing import paste
from limner.engine.drawing.paste import Overlay
from limner.media.alpha import premultiply, with_alpha
from limner.media.boxes import Box
from limner.model.layout import Grid


def overlay(mask: np.ndarray, change: Box, **changes: object) -> Overlay:
    source = np.zeros((*mask.shape, 4), np.uint8)
    source[...] = (0, 0, 255, 255)
    facts = {"source": source, "mask": mask, "shown": np.ones_like(mask), "change": change, "view": Box(0, 0, 128, 128), "grid": Grid(8, 8)}
    return Overlay(**{**facts, "background": "opaque", **changes})


RED = np.full((128, 128, 3), (255, 0, 0), np.uint8)
MASK = np.zeros((128, 128), np.bool_)
MASK[32:96, 40:100] = True
CHANGE = Box(40, 32, 60, 64)


def test_the_change_is_full_inside_fades_at_the_masks_edge_and_is_nothing_outside():
    picture = overlay(MASK, CHANGE).paste_colours(RED)

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

    picture = overlay(disc, Box(34, 34, 61, 61), source=source).paste_colours(RED)

    np.testing.assert_array_equal(picture[~disc], source[~disc])
    assert (picture[disc] != source[disc]).any(axis=-1).all()


def test_at_the_pictures_own_edge_nothing_fades():
    mask = np.zeros((128, 128), np.bool_)
    mask[:64] = True

    picture = overlay(mask, Box(0, 0, 128, 64)).paste_colours(RED)

    assert (picture[:60] == (255, 0, 0, 255)).all()


def test_a_line_of_one_pixel_shows_the_whole_change():
    mask = np.zeros((128, 128), np.bool_)
    mask[64, 20:100] = True

    picture = overlay(mask, Box(20, 64, 80, 1)).paste_colours(RED)

    assert (picture[mask] == (255, 0, 0, 255)).all()


def test_where_nothing_shows_there_is_nothing_to_fade_from():
    picture = overlay(MASK, CHANGE, shown=np.zeros_like(MASK)).paste_colours(RED)

    assert (picture[MASK] == (255, 0, 0, 255)).all()


def test_what_is_drawn_clear_is_clear_inside_the_mask_alone():
    source = np.full((128, 128, 4), 100, np.uint8)

    picture = overlay(MASK, CHANGE, source=source, background="transparent").paste(np.zeros((128, 128, 4), np.float32))

    assert (picture[~MASK] == 100).all()
    assert (picture[40:88, 50:90, 3] == 0).all()


def test_opaque_speaks_of_what_is_drawn_and_not_of_what_is_kept():
    source = np.full((128, 128, 4), 100, np.uint8)

    picture = overlay(MASK, CHANGE, source=source).paste_colours(RED)

    assert (picture[~MASK] == 100).all()
    assert (picture[MASK][:, 3] == 255).all()


@pytest.mark.parametrize("times", [1, 4])
def test_colours_fade_as_premultiplied_pixels_do(times: int):
    source = np.random.default_rng(1).integers(0, 256, (128, 128, 4), np.uint8)
    source[..., 3] = 255
    down, across = np.mgrid[0 : 1 : 128j * times, 0 : 1 : 128j * times]
    drawn = np.rint(255 * np.stack([down, across, down * across], axis=-1)).astype(np.uint8)
    laid = overlay(MASK, CHANGE, source=source)

    in_bytes = laid.paste_colours(drawn)
    in_floats = laid.paste(premultiply(with_alpha(drawn)))

    assert np.abs(in_bytes.astype(int) - in_floats).max() <= 2


@pytest.mark.parametrize("is_opaque", [True, False])
def test_working_in_bands_gives_the_same_bytes_as_all_at_once(is_opaque: bool, monkeypatch: pytest.MonkeyPatch):
    drawn = np.random.default_rng(0).integers(0, 256, (256, 256, 4), np.uint8)

    def draw() -> np.ndarray:
        laid = overlay(MASK, CHANGE)
        return laid.paste_colours(np.ascontiguousarray(drawn[..., :3])) if is_opaque else laid.paste(premultiply(drawn))

    at_once = draw()
    monkeypatch.setattr(paste, "BAND_ROWS", 7)

    np.testing.assert_array_equal(draw(), at_once)
