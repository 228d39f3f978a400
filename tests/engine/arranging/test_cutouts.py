"""Pictures taken apart: what stands on a ground, cut out so that it can be laid back."""

from __future__ import annotations

import numpy as np
import pytest

from limner.engine.arranging.cutouts import Scene, claimed, cut_between, take_apart, without_specks
from limner.engine.arranging.places import lay

SIDE = 256
Rows, Columns = np.mgrid[:SIDE, :SIDE]


def disc(x: int, y: int, radius: int) -> np.ndarray:
    return ((Columns - x) ** 2 + (Rows - y) ** 2 < radius**2).astype(np.float32)


def ground_of(kind: str) -> np.ndarray:
    if kind == "transparent":
        return np.zeros((SIDE, SIDE, 4), np.uint8)
    ground = np.full((SIDE, SIDE, 4), 255, np.uint8)
    if kind == "plain":
        ground[..., :3] = (60, 140, 220)
    elif kind == "gradient":
        ground[..., :3] = np.rint(np.linspace((250, 240, 200), (120, 60, 160), SIDE))[:, None]
    return ground


def picture_of(kind: str, *things: tuple[np.ndarray, tuple[int, int, int]]) -> np.ndarray:
    picture = ground_of(kind)
    for mask, colour in things:
        picture[mask > 0] = (*colour, 255)
    return picture


RED, GREEN = (disc(70, 80, 40), (200, 30, 40)), (disc(190, 170, 45), (30, 130, 40))
GROUNDS = ["plain", "gradient", "white", "transparent"]


def apart(picture: np.ndarray) -> Scene:
    scene = take_apart(picture)
    assert scene is not None
    return scene


@pytest.mark.parametrize("kind", GROUNDS)
def test_two_things_are_two_parts_and_nothing_of_the_ground(kind: str):
    scene = apart(picture_of(kind, RED, GREEN))

    assert len(scene.parts) == 2
    for part, (thing, _) in zip(scene.parts, (RED, GREEN), strict=True):
        assert part[thing > 0].mean() > 0.99
        assert part.sum() < 1.35 * thing.sum()


@pytest.mark.parametrize("kind", GROUNDS)
def test_what_is_cut_out_and_laid_back_is_the_picture(kind: str):
    picture = picture_of(kind, RED, GREEN)
    scene = apart(picture)
    thing = scene.cut(scene.parts[0])
    assert thing is not None

    without = np.where(scene.parts[0][..., None], scene.behind, picture)
    again = lay(thing, thing.box, without)

    assert np.abs(again.astype(int) - picture).max() <= 6
    assert np.abs(without.astype(int) - picture_of(kind, GREEN)).max() <= 6


def test_what_is_white_on_white_keeps_its_inside():
    ring = disc(128, 128, 60) - disc(128, 128, 54)
    thing = apart(picture_of("white", (ring, (40, 40, 40)))).cut(np.ones((SIDE, SIDE), np.bool_))

    assert thing is not None
    assert thing.pixels[60, 60].tolist() == [255, 255, 255, 255]


def test_a_photograph_is_not_taken_apart():
    noise = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 4), np.uint8)
    noise[..., 3] = 255

    assert take_apart(noise) is None


def test_a_plain_picture_has_no_parts():
    assert apart(ground_of("plain")).parts == ()


def test_a_thing_of_two_pieces_one_above_the_other_is_one_part():
    hull, sail = np.zeros((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE), np.float32)
    hull[150:180, 60:180], sail[60:147, 90:150] = 1, 1

    assert len(apart(picture_of("plain", (hull, (200, 30, 40)), (sail, (250, 250, 250)))).parts) == 1


def test_equal_things_are_alike_and_others_are_not():
    scene = apart(picture_of("plain", (disc(60, 60, 30), (200, 30, 40)), (disc(190, 60, 30), (200, 30, 40)), GREEN))

    assert [len(scene.alike(number)) for number in range(3)] == [2, 2, 1]


def test_a_shadow_at_the_foot_is_black_and_thin_and_tells_that_a_thing_stands():
    picture = picture_of("plain", (disc(128, 120, 50), (240, 220, 40)))
    foot = ((Columns - 128) / 60) ** 2 + ((Rows - 176) / 9) ** 2 < 1
    shadow = foot & ~(disc(128, 120, 50) > 0)
    picture[shadow, :3] = np.rint(picture[shadow, :3] * 0.8)

    scene = apart(picture)
    thing = scene.cut(scene.parts[0])

    assert thing is not None
    assert thing.has_shadow
    assert thing.pixels[-3, thing.box.width // 2, :3].max() == 0
    assert 30 < thing.pixels[-3, thing.box.width // 2, 3] < 70
    without = apart(picture_of("plain", (disc(128, 120, 50), (240, 220, 40))))
    plain = without.cut(without.parts[0])
    assert plain is not None
    assert not plain.has_shadow


def test_parts_are_claimed_by_how_much_of_them_was_found():
    parts = (RED[0] > 0, GREEN[0] > 0)
    found = parts[0].copy()
    found[80:] = False

    wanted = claimed(parts, found)

    assert wanted is not None
    np.testing.assert_array_equal(wanted, parts[0])
    assert claimed(parts, found, share=0.9) is None


def test_specks_go_and_what_is_large_stays():
    mask = (RED[0] > 0) | (disc(200, 200, 5) > 0)

    kept = without_specks(mask)

    assert kept[RED[0] > 0].all()
    assert not kept[180:, 180:].any()


def test_nothing_is_cut_out_where_nothing_is_wanted():
    picture = picture_of("plain", RED)

    assert cut_between(picture, ground_of("plain"), np.zeros((SIDE, SIDE), np.bool_)) is None


def test_what_winds_around_itself_is_one_part_and_a_texture_is_none():
    ring = sum((disc(128, 128, radius) - disc(128, 128, radius - 4) for radius in (100, 80, 60)), np.zeros((SIDE, SIDE), np.float32))
    bridge = np.zeros((SIDE, SIDE), np.float32)
    bridge[126:130, 28:100] = 1
    texture = ground_of("plain")
    texture[16:-16:12, 16:-16:12, :3] = texture[20:-16:12, 18:-16:12, :3] = 0
    dots = np.zeros((SIDE, SIDE), np.float32)
    for row in range(20, 240, 24):
        for column in range(20, 240, 24):
            dots[row : row + 10, column : column + 10] = 1

    assert len(apart(picture_of("plain", (np.maximum(ring, bridge), (200, 30, 40)))).parts) == 1
    assert take_apart(picture_of("plain", (dots, (200, 30, 40)))) is None
    assert apart(texture).parts == ()
