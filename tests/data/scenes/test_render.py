"""A scene becomes the pixels that it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from limner.data.colours import COLOURS, clear_colour
from limner.data.corpus import Corpus
from limner.data.scenes.lettering import FontShelf
from limner.data.scenes.render import drawn_box, recolourable, render_scene
from limner.data.scenes.scene import AssetLayer, Background, Box, Canvas, Light, LineLayer, Scene, ShapeLayer, TextLayer
from limner.errors import InvalidField
from limner.media.alpha import recolour

FONTS = FontShelf(None)
WHITE = Background("plain", ("#ffffff",))
LAYER = AssetLayer("fluent-emoji-flat/pizza", "pizza", Box(0.5, 0.5, 0.4, 0.4))


def ink(pixels: np.ndarray) -> np.ndarray:
    """Return which pixels are not white."""
    return (pixels[..., :3].astype(int).sum(-1) < 720) & (pixels[..., 3] > 128)


def test_a_drawing_lies_in_its_box(corpus: Corpus):
    pixels = render_scene(Scene(Canvas(100, 100), WHITE, (LAYER,)), corpus.sprites, FONTS)

    rows, columns = np.nonzero(ink(pixels))
    assert pixels.shape == (100, 100, 4)
    assert pixels.dtype == np.uint8
    assert rows.min() >= 48
    assert rows.max() in range(86, 92)
    assert columns.min() >= 48
    assert columns.max() <= 91


def test_a_transparent_scene_is_clear_where_nothing_is_drawn(corpus: Corpus):
    pixels = render_scene(Scene(Canvas(64, 64), Background("transparent"), (LAYER,)), corpus.sprites, FONTS)

    assert pixels[:24, :24, 3].max() == 0
    assert pixels[..., 3].max() == 255


def test_an_opaque_scene_has_no_hole_whatever_is_drawn(corpus: Corpus):
    for index in range(12):
        assert render_scene(corpus.scene(index), corpus.sprites, FONTS)[..., 3].min() == 255


def test_drawing_is_pure_and_any_size_works(corpus: Corpus):
    scene = corpus.scene(3)

    first, second = (render_scene(scene, corpus.sprites, FONTS, size=(96, 48)) for _ in range(2))

    assert first.shape == (48, 96, 4)
    assert np.array_equal(first, second)


def test_later_layers_cover_earlier_ones(corpus: Corpus):
    cover = ShapeLayer("rectangle", Box(0.4, 0.4, 0.6, 0.6), "#00ff00")

    pixels = render_scene(Scene(Canvas(64, 64), WHITE, (LAYER, cover)), corpus.sprites, FONTS)

    assert pixels[40, 40].tolist() == [0, 255, 0, 255]


def test_the_light_tints_the_drawing(corpus: Corpus):
    scene = Scene(Canvas(64, 64), Background("transparent"), (replace(LAYER, box=Box(0, 0, 1, 1)),))

    noon, moon = (render_scene(replace(scene, light=Light(name)), corpus.sprites, FONTS) for name in ("noon", "moon"))

    opaque = noon[..., 3] == 255
    assert moon[opaque][:, 0].mean() < 0.7 * noon[opaque][:, 0].mean()
    assert np.array_equal(noon[..., 3], moon[..., 3])


def test_a_contact_shadow_darkens_the_ground_under_the_feet(corpus: Corpus):
    layer = replace(LAYER, box=Box(0.3, 0.2, 0.4, 0.5))

    bare, shaded = (
        render_scene(Scene(Canvas(64, 64), WHITE, (replace(layer, shadow=shadow),)), corpus.sprites, FONTS)
        for shadow in ("none", "contact")
    )

    assert shaded[45:47, 24:40, :3].mean() < bare[45:47, 24:40, :3].mean() - 8
    assert np.array_equal(shaded[:20], bare[:20])


def test_text_stays_in_its_box_and_fills_it(corpus: Corpus):
    for text in ("I", "HELLO", "A long line of words", "two\nlines"):
        layer = TextLayer(text, Box(0.1, 0.4, 0.8, 0.2), "#000000")

        rows, columns = np.nonzero(ink(render_scene(Scene(Canvas(200, 200), WHITE, (layer,)), corpus.sprites, FONTS)))

        assert rows.min() >= 79
        assert rows.max() <= 121
        assert columns.min() >= 19
        assert columns.max() <= 181
        assert np.ptp(rows) > 25 or np.ptp(columns) > 140


def test_a_line_goes_through_its_points_and_its_arrow_ends_at_the_last(corpus: Corpus):
    line = LineLayer(((0.2, 0.5), (0.8, 0.5)), "#000000", 0.02, has_arrow=True)

    drawn = ink(render_scene(Scene(Canvas(100, 100), WHITE, (line,)), corpus.sprites, FONTS))

    rows, columns = np.nonzero(drawn)
    assert columns.min() in range(18, 22)
    assert columns.max() in range(78, 81)
    assert drawn[:, 76].sum() > drawn[:, 40].sum()
    assert abs(rows.mean() - 50) < 1


def test_a_wedge_is_the_part_between_its_turns(corpus: Corpus):
    wedge = ShapeLayer("wedge", Box(0, 0, 1, 1), "#000000", start=0.0, end=0.25)

    drawn = ink(render_scene(Scene(Canvas(64, 64), WHITE, (wedge,)), corpus.sprites, FONTS))

    assert drawn[16, 48]
    assert not drawn[16, 16]
    assert not drawn[48, 48]
    assert drawn.mean() == pytest.approx(np.pi / 16, abs=0.02)


def test_a_medium_is_made_of_the_scene_and_its_air(corpus: Corpus):
    scene = Scene(Canvas(64, 64), Background("hills", seed=3), (replace(LAYER, box=Box(0.2, 0.3, 0.6, 0.6)),), Light("noon"))

    plain, inked, rained = (
        render_scene(made, corpus.sprites, FONTS) for made in (scene, replace(scene, medium="ink"), replace(scene, air="rain"))
    )

    assert inked[..., :3].std(-1).mean() < 0.5 * plain[..., :3].std(-1).mean()
    assert np.abs(rained.astype(int) - plain).mean() > 3


def test_an_unknown_drawing_is_refused_by_name(corpus: Corpus):
    layer = replace(LAYER, asset="noto/none")

    with pytest.raises(InvalidField, match="noto/none"):
        render_scene(Scene(Canvas(32, 32), WHITE, (layer,)), corpus.sprites, FONTS)


@pytest.mark.parametrize(
    ("aspect", "expected"), [(1.0, Box(0.1, 0.0, 0.2, 0.4)), (0.25, Box(0.175, 0.0, 0.05, 0.4)), (2.0, Box(0.0, 0.0, 0.4, 0.4))]
)
def test_a_drawing_fits_its_box_standing_on_the_bottom_edge(aspect: float, expected: Box):
    drawn = drawn_box(AssetLayer("a/b", "b", Box(0, 0, 0.4, 0.4)), aspect, 2.0)

    assert drawn.bottom == pytest.approx(0.4)
    assert drawn.centre[0] == pytest.approx(0.2)
    assert (drawn.width, drawn.height) == pytest.approx((expected.width, expected.height))


@pytest.mark.parametrize("name", ["red", "orange", "yellow", "green", "blue", "purple", "pink"])
def test_painting_gives_the_colour_that_was_named(name: str):
    sprite = np.zeros((40, 40, 4), np.uint8)
    sprite[4:36, 4:36] = (200, 30, 40, 255)
    sprite[10:14, 10:14] = (250, 250, 250, 255)

    painted = recolour(sprite, COLOURS[name])

    assert clear_colour(painted) == name
    assert np.array_equal(painted[10:14, 10:14], sprite[10:14, 10:14])
    assert np.array_equal(painted[..., 3], sprite[..., 3])


def test_only_drawings_of_one_plain_hue_are_painted(corpus: Corpus):
    paintable = recolourable(corpus.sprites)

    assert paintable
    assert all(corpus.sprites.colour(key) not in {"", "white", "grey", "black", "brown"} for key in paintable)
