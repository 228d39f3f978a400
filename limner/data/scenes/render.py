"""Draw a scene to pixels. A pure function of the scene, the drawings and the fonts."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from limner.data.scenes.backgrounds import draw_background
from limner.data.scenes.lettering import FontShelf
from limner.data.scenes.pen import tint_colour
from limner.data.scenes.scene import AssetLayer, Box, Light, LineLayer, Scene, ShapeLayer, TextLayer
from limner.data.scenes.sprites import Pixels, SpriteSheet
from limner.errors import InvalidField
from limner.media.alpha import recolour
from limner.media.filters.air import fill_air
from limner.media.filters.light import TINTS, light_up
from limner.media.filters.medium import apply_medium

_HAZE = (206, 222, 236)
_OVERSAMPLE = 3
_STANDS_OUT = 40  # a shadow changes the ground less
_DROP_ALPHA = [round(alpha * 0.26) for alpha in range(256)]


def render_scene(scene: Scene, sprites: SpriteSheet, fonts: FontShelf, *, size: tuple[int, int] | None = None) -> Pixels:
    """Return (H, W, 4) straight-alpha RGBA at `size` (width, height), or at the size of the scene's canvas.

    Raises:
        InvalidField: a layer names a drawing that the sheet does not hold.
    """
    width, height = size or (scene.canvas.width, scene.canvas.height)
    ground = draw_background(scene.background, scene.light, (width, height))
    image = Image.new("RGBA", (width, height)) if ground is None else ground.convert("RGBA")
    bare = None if scene.medium == "none" else np.array(image)
    for layer in scene.layers:
        if isinstance(layer, AssetLayer):
            _draw_asset(image, layer, scene.light, sprites)
        elif isinstance(layer, ShapeLayer):
            _draw_shape(image, layer, scene.light)
        elif isinstance(layer, LineLayer):
            _draw_line(image, layer)
        else:
            _draw_text(image, layer, fonts)
    pixels = np.array(image)
    stands = None if bare is None else np.abs(pixels.astype(np.int16) - bare).max(-1) > _STANDS_OUT
    if scene.air != "clear":
        pixels = fill_air(pixels, scene.air, scene.background.seed)
    pixels = light_up(pixels, scene.light.name, scene.light.side)
    return pixels if stands is None else apply_medium(pixels, stands, scene.medium, scene.background.seed)


def drawn_box(layer: AssetLayer, aspect: float, canvas_aspect: float) -> Box:
    """Return what a drawing of `aspect` covers inside its box: as large as fits, in the middle, standing on the bottom edge."""
    box_aspect = layer.box.width * canvas_aspect / layer.box.height
    width = layer.box.width * min(1.0, aspect / box_aspect)
    height = layer.box.height * min(1.0, box_aspect / aspect)
    return Box(layer.box.centre[0] - width / 2, layer.box.bottom - height, width, height)


def _draw_asset(image: Image.Image, layer: AssetLayer, light: Light, sprites: SpriteSheet) -> None:
    if layer.asset not in sprites:
        raise InvalidField(
            "asset", f"there is no drawing {layer.asset!r}; use one of the {len(sprites)} of the sheet, such as a fluent-emoji-flat one"
        )
    sprite = sprites[layer.asset]
    drawn = drawn_box(layer, sprite.aspect, image.width / image.height)
    left, top, right, bottom = _pixels(drawn, image)
    side = max(2, round(max(right - left, bottom - top)))
    pixels = sprite.pixels if not layer.colour else recolour(sprite.pixels, _rgb(layer.colour))
    drawing = Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    drawing = _in_light(drawing, light, layer.depth)
    if layer.is_mirrored:
        drawing = drawing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if layer.rotation_deg:
        drawing = drawing.rotate(-layer.rotation_deg, Image.Resampling.BICUBIC, expand=True)
    if layer.shadow == "contact":
        _draw_contact_shadow(image, (left, right, bottom), light, layer.depth)
    place = (round((left + right - drawing.width) / 2), round((top + bottom - drawing.height) / 2))
    if layer.shadow == "drop":
        _draw_drop_shadow(image, drawing, place)
    _composite(image, drawing, place)


def _pixels(box: Box, image: Image.Image) -> tuple[float, float, float, float]:
    return box.left * image.width, box.top * image.height, box.right * image.width, box.bottom * image.height


def _in_light(drawing: Image.Image, light: Light, depth: float) -> Image.Image:
    """Return the drawing tinted by the light, and faded by the air in between."""
    tint, share = TINTS[light.name], 0.45 * depth
    if depth <= 0.01 and min(tint) >= 0.999:
        return drawing
    haze = tint_colour(_HAZE, light.name)
    steps = np.arange(256)[None, :] * (np.array(tint) * (1 - share))[:, None] + np.array(haze)[:, None] * share
    return drawing.point([*np.minimum(np.rint(steps), 255).astype(int).ravel().tolist(), *range(256)])


def _composite(image: Image.Image, drawing: Image.Image, place: tuple[int, int]) -> None:
    left, top = max(0, place[0]), max(0, place[1])
    crop = (left - place[0], top - place[1], min(drawing.width, image.width - place[0]), min(drawing.height, image.height - place[1]))
    if crop[2] > crop[0] and crop[3] > crop[1]:
        image.alpha_composite(drawing.crop(crop) if crop != (0, 0, drawing.width, drawing.height) else drawing, (left, top))


@cache
def _soft_disc(side: int) -> Image.Image:
    axis = np.linspace(-1, 1, side)
    reach = np.clip(1 - np.sqrt(axis[None, :] ** 2 + axis[:, None] ** 2), 0, 1)
    return Image.fromarray(np.round(255 * reach**0.8).astype(np.uint8))


def _draw_contact_shadow(image: Image.Image, feet: tuple[float, float, float], light: Light, depth: float) -> None:
    left, right, bottom = feet
    width, height = max(4, round((right - left) * 1.08)), max(3, round((right - left) * 0.24))
    strength = {"studio": 0.30, "noon": 0.42, "dusk": 0.42, "moon": 0.5, "lamp": 0.46}[light.name] * (1 - 0.5 * depth)
    mask = _soft_disc(64).resize((width, height)).point([round(alpha * strength) for alpha in range(256)])
    shift = -light.side * 0.10 * (right - left)
    shadow = Image.new("RGBA", (width, height), (20, 24, 44, 0))
    shadow.putalpha(mask)
    _composite(image, shadow, (round((left + right) / 2 - width / 2 + shift), round(bottom - height * 0.56)))


def _draw_drop_shadow(image: Image.Image, drawing: Image.Image, place: tuple[int, int]) -> None:
    pad = max(2, round(0.06 * drawing.width))
    mask = Image.new("L", (drawing.width + 2 * pad, drawing.height + 2 * pad))
    mask.paste(drawing.getchannel("A"), (pad, pad))
    small = (max(1, mask.width // pad), max(1, mask.height // pad))
    soft = mask.resize(small, Image.Resampling.BOX).resize(mask.size, Image.Resampling.BICUBIC).point(_DROP_ALPHA)
    shadow = Image.new("RGBA", mask.size, (16, 20, 40, 0))
    shadow.putalpha(soft)
    _composite(image, shadow, (place[0] - pad, place[1] - pad + max(1, round(0.035 * drawing.height))))


def _draw_shape(image: Image.Image, layer: ShapeLayer, light: Light) -> None:
    left, top, right, bottom = _pixels(layer.box, image)
    width, height = max(1, round(right - left)), max(1, round(bottom - top))
    mask = Image.new("L", (width * _OVERSAMPLE, height * _OVERSAMPLE))
    draw, corners = ImageDraw.Draw(mask), (0, 0, width * _OVERSAMPLE - 1, height * _OVERSAMPLE - 1)
    if layer.shape == "ellipse":
        draw.ellipse(corners, fill=255)
    elif layer.shape == "wedge":
        draw.pieslice(corners, 360 * layer.start - 90, 360 * layer.end - 90, fill=255)
    else:
        draw.rounded_rectangle(corners, layer.radius * min(width, height) * _OVERSAMPLE, fill=255)
    drawing = Image.new("RGBA", (width, height), tint_colour(_rgb(layer.colour), light.name))
    drawing.putalpha(mask.reduce(_OVERSAMPLE))
    place = (round(left), round(top))
    if layer.shadow == "drop":
        _draw_drop_shadow(image, drawing, place)
    _composite(image, drawing, place)


def _draw_line(image: Image.Image, layer: LineLayer) -> None:
    short = min(image.size)
    stroke, head = max(1.0, layer.width * short) * _OVERSAMPLE, 3.4 * max(1.0, layer.width * short)
    points = [(x * image.width, y * image.height) for x, y in layer.points]
    pad = math.ceil(layer.width * short + head) + 1
    left, top = (math.floor(min(point[axis] for point in points)) - pad for axis in (0, 1))
    right, bottom = (math.ceil(max(point[axis] for point in points)) + pad for axis in (0, 1))
    mask = Image.new("L", ((right - left) * _OVERSAMPLE, (bottom - top) * _OVERSAMPLE))
    draw = ImageDraw.Draw(mask)
    inside = [((x - left) * _OVERSAMPLE, (y - top) * _OVERSAMPLE) for x, y in points]
    if layer.has_arrow:
        inside[-1] = _draw_head(draw, inside[-2], inside[-1], head * _OVERSAMPLE)
    draw.line(inside, fill=255, width=round(stroke), joint="curve")
    drawing = Image.new("RGBA", (right - left, bottom - top), _rgb(layer.colour))
    drawing.putalpha(mask.reduce(_OVERSAMPLE))
    _composite(image, drawing, (left, top))


def _draw_head(draw: ImageDraw.ImageDraw, before: tuple[float, float], tip: tuple[float, float], size: float) -> tuple[float, float]:
    """Draw the head of an arrow and return where its line ends."""
    length = math.dist(before, tip) or 1.0
    x, y = (tip[0] - before[0]) / length, (tip[1] - before[1]) / length
    base = (tip[0] - x * size, tip[1] - y * size)
    draw.polygon(
        [tip, (base[0] - y * size * 0.62, base[1] + x * size * 0.62), (base[0] + y * size * 0.62, base[1] - x * size * 0.62)], fill=255
    )
    return base[0] + x * size * 0.3, base[1] + y * size * 0.3


def _draw_text(image: Image.Image, layer: TextLayer, fonts: FontShelf) -> None:
    left, top, right, bottom = _pixels(layer.box, image)
    fit = (max(1, math.floor(right - left)), max(1, math.floor(bottom - top)))
    mask, (shift_x, shift_y) = fonts.text_mask(layer.text, family=layer.font, weight=layer.weight, fit=fit, align=layer.align)
    drawing = Image.new("RGBA", mask.size, _rgb(layer.colour))
    drawing.putalpha(mask)
    _composite(image, drawing, (round(left) + shift_x, round(top) + shift_y))


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def recolourable(sprites: SpriteSheet) -> frozenset[str]:
    """Return the drawings that have one clear colour that is not a grey, so that painting them in another is plain to see."""
    plain = {"", "white", "grey", "black", "brown"}
    return frozenset(key for key in sprites if sprites.colour(key) not in plain)
