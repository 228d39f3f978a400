"""Cutouts drawn exactly: clean edges pass; haze, halos and full grounds do not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from limner.evals.metrics.transparency import measure_cutout
from limner.media.alpha import Pixels

SIDE = 256


def disc(colour: tuple[int, int, int] = (220, 60, 50), *, blur: float = 1.0) -> Pixels:
    """A disc with a smooth edge, its colour the same under the whole of it."""
    alpha = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(alpha).ellipse((48, 48, 208, 208), fill=255)
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    pixels[..., :3] = colour
    pixels[..., 3] = np.asarray(alpha.filter(ImageFilter.GaussianBlur(blur)))
    return pixels


@pytest.mark.parametrize("colour", [(220, 60, 50), (255, 255, 255), (0, 0, 0), (60, 90, 200)])
def test_a_drawing_with_a_smooth_edge_is_clean_in_any_colour(colour: tuple[int, int, int]):
    cutout = measure_cutout(disc(colour))

    assert cutout.is_clean
    assert (cutout.haze, cutout.halo) == (0.0, 0.0)


def test_a_faint_veil_on_the_ground_is_haze():
    pixels = disc()
    pixels[:40, :40, 3] = 60

    cutout = measure_cutout(pixels)

    assert cutout.haze > 0.05
    assert not cutout.is_clean
    assert "haze" in cutout.describe()


def test_a_hole_of_half_transparency_inside_is_haze():
    pixels = disc()
    pixels[100:150, 100:150, 3] = 128

    assert measure_cutout(pixels).haze > 0.05


@pytest.mark.parametrize(("colour", "ring"), [((40, 40, 120), (255, 255, 255)), ((250, 240, 200), (0, 0, 0))])
def test_a_ring_of_another_lightness_is_a_halo(colour: tuple[int, int, int], ring: tuple[int, int, int]):
    pixels = disc(colour, blur=1.5)
    pixels[(pixels[..., 3] > 0) & (pixels[..., 3] < 240), :3] = ring

    cutout = measure_cutout(pixels)

    assert cutout.halo > 0.2
    assert not cutout.is_clean


def test_a_full_ground_an_empty_one_and_noise_are_not_clean():
    full, empty = disc(), disc()
    full[..., 3], empty[..., 3] = 255, 0
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 4), dtype=np.uint8)

    verdicts = [measure_cutout(pixels).is_clean for pixels in (full, empty, noise, full[..., :3])]

    assert verdicts == [False] * 4
