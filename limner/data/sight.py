"""What is where in a scene, patch by patch, so that a network can be told what it should see in a picture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image

from limner.data.scenes.render import drawn_box
from limner.data.scenes.scene import AssetLayer, Scene
from limner.data.scenes.sprites import Pixels, SpriteSheet

Sight = npt.NDArray[np.int64]
UNTOLD, GROUND = -1, 0  # beside the numbers of things, which begin at 1
_SOLID = 0.4  # of the most that a drawing covers of a patch
_FINE = 4  # cells along a patch


def look_at_scene(scene: Scene, sprites: SpriteSheet, numbers: Mapping[str, int], side: int) -> Sight:
    """Return (side, side): the number of the drawing in front where one covers a patch, `GROUND` where none does.

    What has no number is `UNTOLD`. Drawings that are turned count as if they were not.
    """
    sight = np.full((side, side), GROUND, np.int64)
    for layer in scene.assets():
        sight[_solid(_cover(layer, sprites, scene.canvas.width / scene.canvas.height, side))] = numbers.get(layer.concept, UNTOLD)
    return sight


def look_at_drawing(pixels: Pixels, number: int, side: int) -> Sight:
    """Return (side, side) of one drawing alone, (S, S, 4): its number where it is, `GROUND` around it."""
    alpha = Image.fromarray(pixels[..., 3]).resize((side, side), Image.Resampling.BOX)
    return np.where(_solid(np.asarray(alpha, np.float32)), number, GROUND)


def hide(sight: Sight, shown: npt.NDArray[np.bool_]) -> Sight:
    """Return what can be seen where only a part of the picture, (S, S), is shown; a patch that is half hidden tells nothing."""
    side = len(sight)
    share = shown.reshape(side, len(shown) // side, side, -1).mean((1, 3))
    return np.where(share > 0.5, sight, UNTOLD)


def _solid(cover: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    return cover > max(_SOLID * float(cover.max()), 1e-6)


def _cover(layer: AssetLayer, sprites: SpriteSheet, canvas_aspect: float, side: int) -> npt.NDArray[np.float32]:
    """Return how much of each patch a drawing covers, in any unit."""
    sprite, cells = sprites[layer.asset], side * _FINE
    box = drawn_box(layer, sprite.aspect, canvas_aspect)
    width, height = box.width * cells, box.height * cells
    longer = max(2, round(max(width, height)))
    alpha = Image.fromarray(np.ascontiguousarray(sprite.pixels[..., 3])).resize((longer, longer), Image.Resampling.BOX)
    if layer.is_mirrored:
        alpha = alpha.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    middle = (box.left * cells + width / 2, box.top * cells + height / 2)
    canvas = Image.new("L", (cells, cells))
    canvas.paste(alpha, (round(middle[0] - longer / 2), round(middle[1] - longer / 2)))
    return np.asarray(canvas.reduce(_FINE), np.float32)
