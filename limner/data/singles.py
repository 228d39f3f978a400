"""Pictures of one drawing of a pack: treated where it has one ink, placed, on a ground that it stands out from, and told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from limner.data.colours import COLOURS, Rgb, colour_distance, name_colour
from limner.data.looks import ONE_INK
from limner.data.pack_captions import Told, caption_drawing
from limner.data.packing.pack import Asset
from limner.data.scenes.sprites import Pixels, Sprite
from limner.data.treatments import Treated, add_border, treat

SHARE_BORDERED = 0.06
SHARE_WHITE = 0.35
SHARE_GRADIENT = 0.2
_CONTRAST, _TRIES = 0.25, 12


def draw_single(
    asset: Asset, sprite: Sprite, rng: np.random.Generator, *, size_px: int, is_opaque: bool, share_mirrored: float, synonyms: Sequence[str]
) -> tuple[Pixels, str]:
    """Return a picture, (S, S, 4) straight-alpha RGBA, and its caption. `share_mirrored` is 0 for what must not be mirrored."""
    treated = treat(sprite.pixels[..., 3], rng) if asset.set in ONE_INK else None
    is_bordered = treated is None and bool(rng.random() < SHARE_BORDERED)
    pixels = treated.pixels if treated else add_border(sprite.pixels, rng) if is_bordered else sprite.pixels
    drawing = place(pixels, size_px, rng)
    if rng.random() < share_mirrored:
        drawing = drawing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    background = ""
    if is_opaque:
        ground, background = _ground(size_px, _main_colours(drawing, treated, is_bordered=is_bordered), rng)
        ground.alpha_composite(drawing)
        drawing = ground
    told = Told(
        asset=asset, palette=sprite.palette, treated=treated, background=background, synonyms=tuple(synonyms), is_bordered=is_bordered
    )
    return np.array(drawing), caption_drawing(told, rng)


def place(sprite: Pixels, size_px: int, rng: np.random.Generator) -> Image.Image:
    """Return a drawing near the middle of a transparent square, with a little room around it."""
    side = round(size_px * rng.uniform(0.80, 0.94))
    free = size_px - side
    left, top = (round(free / 2 + rng.uniform(-0.3, 0.3) * free) for _ in range(2))
    canvas = Image.new("RGBA", (size_px, size_px))
    canvas.paste(Image.fromarray(sprite).resize((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0), (left, top))
    return canvas


def _main_colours(drawing: Image.Image, treated: Treated | None, *, is_bordered: bool) -> list[Rgb]:
    """Return the colours that a ground must differ from."""
    if is_bordered or (treated is not None and treated.kind == "sticker"):
        return [(255, 255, 255)]
    if treated is not None:
        return [COLOURS[name] for name in ((treated.ground,) if treated.ground else (treated.ink, treated.second)) if name]
    small = np.array(drawing.resize((16, 16), Image.Resampling.BOX)).reshape(-1, 4)
    solid = small[small[:, 3] > 120][:, :3]
    red, green, blue = (int(value) for value in np.median(solid, axis=0)) if len(solid) else (128, 128, 128)
    return [(red, green, blue)]


def _ground(size_px: int, main: Sequence[Rgb], rng: np.random.Generator) -> tuple[Image.Image, str]:
    """Return an opaque ground and its words."""
    if rng.random() < SHARE_WHITE and _stands_out((255, 255, 255), main):
        return Image.new("RGBA", (size_px, size_px), "white"), "white background"
    first, second = _ground_colour(main, rng), _ground_colour(main, rng)
    if rng.random() >= SHARE_GRADIENT or name_colour(first) == name_colour(second):
        return Image.new("RGBA", (size_px, size_px), first), f"{name_colour(first)} background"
    ramp = np.linspace(0, 1, size_px)[:, None, None]
    rows = np.round(np.array(first) * (1 - ramp) + np.array(second) * ramp).astype(np.uint8)
    image = Image.fromarray(np.broadcast_to(rows, (size_px, size_px, 3)).copy()).convert("RGBA")
    return image, f"{name_colour(first)} to {name_colour(second)} gradient background"


def _stands_out(colour: Rgb, main: Sequence[Rgb]) -> bool:
    return min(colour_distance(colour, other) for other in main) >= _CONTRAST


def _ground_colour(main: Sequence[Rgb], rng: np.random.Generator) -> Rgb:
    names = list(COLOURS)
    for _ in range(_TRIES):
        shift: npt.NDArray[np.int64] = rng.integers(-6, 7, 3)
        red, green, blue = (
            int(min(255, max(0, value + by))) for value, by in zip(COLOURS[names[int(rng.integers(len(names)))]], shift, strict=True)
        )
        if _stands_out((red, green, blue), main):
            break
    return red, green, blue
