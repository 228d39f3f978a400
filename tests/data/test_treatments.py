"""What is done to drawings in one ink, and that what is told is what was done."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from limner.data.colours import COLOURS, colour_distance, name_colour
from limner.data.treatments import SHARES, Alpha, Treated, add_border, half_tone, is_solid, treat

SIDE = 64


def drawing(*, width: int = 0, fill: int = 255, tone: int = 0) -> Alpha:
    """Return a disc: filled, or as a line of `width`; with `tone`, the inside is of that coverage."""
    image = Image.new("L", (SIDE * 4, SIDE * 4))
    box = (24, 24, SIDE * 4 - 24, SIDE * 4 - 24)
    ImageDraw.Draw(image).ellipse(box, fill=tone or (0 if width else fill), outline=255, width=4 * (width or 1))
    return np.asarray(image.reduce(4))


DISC, RING, TWO_TONES = drawing(), drawing(width=3), drawing(width=4, tone=51)


def main_colour(treated: Treated) -> str:
    red, green, blue = (int(value) for value in np.median(treated.pixels[treated.pixels[..., 3] > 200][:, :3], axis=0))
    return name_colour((red, green, blue))


@pytest.mark.parametrize("kind", SHARES)
def test_every_treatment_gives_a_picture_of_the_same_size_in_which_something_is_drawn(kind: str):
    treated = treat(DISC, np.random.default_rng(0), kind=kind)  # type: ignore[arg-type]

    assert treated.pixels.shape == (SIDE, SIDE, 4)
    assert treated.pixels.dtype == np.uint8
    assert (treated.pixels[..., 3] > 200).sum() > 100


def test_the_ink_that_is_told_is_the_ink_that_is_seen():
    for seed in range(40):
        treated = treat(DISC, np.random.default_rng(seed), kind="painted")

        assert main_colour(treated) == treated.ink


def test_an_outline_leaves_the_inside_free_and_needs_a_solid_drawing():
    outlined, line = (treat(alpha, np.random.default_rng(1), kind="outlined") for alpha in (DISC, RING))

    assert (outlined.kind, line.kind) == ("outlined", "painted")
    assert outlined.pixels[SIDE // 2, SIDE // 2, 3] == 0
    assert (is_solid(DISC), is_solid(RING)) == (True, False)


def test_two_tones_are_found_and_painted_in_two_colours_that_differ():
    treated = treat(TWO_TONES, np.random.default_rng(2), kind="duotone")

    middle = tuple(int(value) for value in treated.pixels[SIDE // 2, SIDE // 2])
    assert half_tone(TWO_TONES) == pytest.approx(51, abs=2)
    assert half_tone(DISC) == half_tone(RING) == 0
    assert treated.kind == "duotone"
    assert middle[3] == 255
    assert name_colour(middle[:3]) == treated.second  # type: ignore[arg-type]
    assert colour_distance(COLOURS[treated.ink], COLOURS[treated.second]) > 0.2


def test_what_has_one_tone_is_never_called_duotone():
    assert treat(DISC, np.random.default_rng(0), kind="duotone").kind == "painted"


def test_a_gradient_goes_from_the_first_colour_to_the_second():
    treated = treat(np.full((SIDE, SIDE), 255, np.uint8), np.random.default_rng(3), kind="gradient")

    first, last = (name_colour(tuple(int(value) for value in treated.pixels[place, place, :3])) for place in (0, SIDE - 1))  # type: ignore[arg-type]
    assert (first, last) == (treated.ink, treated.second)


def test_a_badge_has_the_shape_and_the_colours_that_are_told():
    for seed in range(40):
        treated = treat(DISC, np.random.default_rng(seed), kind="badge")
        corner, edge, middle = (treated.pixels[row, column] for row, column in ((0, 0), (SIDE // 2, 2), (SIDE // 2, SIDE // 2)))

        assert (corner[3] == 255) == (treated.shape == "square")
        assert name_colour(tuple(int(value) for value in edge[:3])) == treated.ground  # type: ignore[arg-type]
        assert name_colour(tuple(int(value) for value in middle[:3])) == treated.ink  # type: ignore[arg-type]


def test_a_sticker_has_a_white_border_all_around():
    treated = treat(DISC, np.random.default_rng(4), kind="sticker")

    row = treated.pixels[SIDE // 2]
    drawn = np.nonzero(row[:, 3] > 200)[0]
    assert row[drawn[0], :3].tolist() == row[drawn[-1], :3].tolist() == [255, 255, 255]
    assert treated.ink != "white"


def test_a_drawing_in_colour_gets_a_border_and_keeps_its_middle():
    red = np.zeros((SIDE, SIDE, 4), np.uint8)
    red[1:-1, 1:-1] = (222, 40, 48, 255)

    bordered = add_border(red, np.random.default_rng(0))

    assert bordered[SIDE // 2, SIDE // 2].tolist() == [222, 40, 48, 255]
    assert bordered[SIDE // 2, 3].tolist() == [255, 255, 255, 255]


def test_the_same_generator_gives_the_same_picture():
    first, second = (treat(DISC, np.random.default_rng(9)) for _ in range(2))

    assert np.array_equal(first.pixels, second.pixels)
