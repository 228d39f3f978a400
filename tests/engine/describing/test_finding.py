"""Things among chances of patches that were made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from limner.engine.describing.colours import find_clear_hue
from limner.engine.describing.finding import find_numbers, label, tell_apart
from limner.engine.describing.ground import find_ground
from limner.engine.protocol import Mask, Pixels
from limner.engine.seeing.seen import Seen
from limner.engine.weights import Floats

RED, WHITE, BLUE = (222, 40, 48, 255), (255, 255, 255, 255), (36, 104, 226, 255)


def see(pixels: Pixels, chances: Floats) -> Seen:
    return Seen(pixels, (chances, chances))


def chances_of(*places: tuple[int, int, int], thing: float = 0.97) -> Floats:
    """Chances of 8 x 8 patches and two things; each place is (row, column, number) of a thing of 2 x 2 patches."""
    chances = np.zeros((8, 8, 3), np.float32)
    chances[..., 0] = 1
    for row, column, number in places:
        chances[row : row + 2, column : column + 2] = 0
        chances[row : row + 2, column : column + 2, number] = thing
        chances[row : row + 2, column : column + 2, 0] = 1 - thing
    return chances


def draw(*places: tuple[int, int]) -> Pixels:
    """A white picture with a red square of 28 pixels in 2 x 2 patches at each (row, column)."""
    pixels = np.full((128, 128, 4), WHITE, np.uint8)
    for row, column in places:
        pixels[row * 16 + 2 : row * 16 + 30, column * 16 + 2 : column * 16 + 30] = RED
    return pixels


def test_a_thing_on_whose_patches_all_agree_is_found():
    seen = see(draw((3, 3)), chances_of((3, 3, 2)))

    assert find_numbers(seen) == [2]


def test_a_thing_that_only_some_of_its_patches_name_is_not_said():
    chances = chances_of()
    chances[2:6, 2:6] = (0.2, 0.5, 0.3)
    chances[3, 3] = (0.02, 0, 0.98)

    assert 2 not in find_numbers(see(draw((3, 3)), chances))


def test_ones_that_stand_apart_are_counted_where_the_ground_is_told_from_them():
    seen = see(draw((1, 1), (1, 3), (4, 1)), chances_of((1, 1, 1), (1, 3, 1), (4, 1, 1)))
    ground = find_ground(seen.pixels, np.kron(seen.chances[0][..., 0] > 0.5, np.ones((16, 16), np.bool_)))

    (found,) = tell_apart(seen, [1], ground.standing)

    assert ground.kind == "plain"
    assert sorted((box.left, box.top) for box in found.boxes) == [(18, 18), (18, 66), (50, 18)]
    assert find_clear_hue(seen.pixels[..., :3][found.where]) == "red"


def test_without_a_ground_patches_that_touch_are_one():
    seen = see(draw((1, 1), (1, 3), (4, 1)), chances_of((1, 1, 1), (1, 3, 1), (4, 5, 1)))

    (found,) = tell_apart(seen, [1], None)

    assert [(box.left, box.top, box.width, box.height) for box in found.boxes] == [(16, 16, 64, 32), (80, 64, 32, 32)]


def ground_of(pixels: Pixels) -> str:
    return find_ground(pixels, np.ones(pixels.shape[:2], np.bool_)).kind


def test_grounds_are_told_by_how_their_colours_change():
    fading = draw()
    fading[..., :3] = np.linspace((255, 200, 0), (60, 0, 255), 128)[:, None]
    landscape = draw()
    landscape[64:] = BLUE
    clear = draw((3, 3))
    clear[:, :64, 3] = 0
    noise = np.random.default_rng(1).integers(0, 256, (128, 128, 4), np.uint8)
    noise[..., 3] = 255

    kinds = [ground_of(pixels) for pixels in (draw(), fading, fading.swapaxes(0, 1), landscape, clear, noise)]

    assert kinds == ["plain", "gradient", "gradient", "unknown", "transparent", "unknown"]


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (64, 64)])
def test_pixels_that_touch_have_one_label_and_others_another(shape: tuple[int, int]):
    mask: Mask = np.random.default_rng(2).random(shape) < 0.6

    labels = label(mask)

    for first, second, down, across in (
        (labels[:-1], labels[1:], mask[:-1], mask[1:]),
        (labels.T[:-1], labels.T[1:], mask.T[:-1], mask.T[1:]),
    ):
        assert (first == second)[down & across].all()
    assert len(set(labels[mask].tolist())) == count_by_hand(mask)


def count_by_hand(mask: Mask) -> int:
    left, pieces = set(zip(*np.nonzero(mask), strict=True)), 0
    while left:
        pieces += 1
        edge = [left.pop()]
        while edge:
            row, column = edge.pop()
            near = {(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)} & left
            left -= near
            edge += near
    return pieces
