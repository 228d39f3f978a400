"""True pictures for the upsampler: drawings of the corpus, large, placed anywhere, turned, on any ground, with lettering among them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from limner.data.colours import COLOURS, Rgb
from limner.data.corpus import FONTS_NAME, example_rng
from limner.data.heldout import is_held_out_word, trainable
from limner.data.packing.pack import Asset, iterate_assets, list_parts
from limner.data.scenes.backgrounds import background_colours, draw_background
from limner.data.scenes.lettering import FontShelf
from limner.data.scenes.scene import Background, BackgroundName, Light
from limner.data.scenes.sprites import Pixels, asset_key, rasterise
from limner.errors import DamagedFile

SHARE_TRANSPARENT, SHARE_PLAIN, SHARE_RAMP = 0.45, 0.2, 0.1  # the rest stands in a place
PLACES: tuple[BackgroundName, ...] = ("hills", "sea", "snow", "desert", "forest", "city", "room", "stars", "road", "grid paper")
SHARE_ONE, SHARE_TURNED, SHARE_LETTERED = 0.65, 0.3, 0.15
MAX_DRAWINGS = 5
RNG_STREAM = 0x0B5A


@dataclass(frozen=True, eq=False)
class Truth:
    """A true picture, straight-alpha RGBA (side, side, 4), and words for what is in it."""

    pixels: Pixels
    words: str
    is_opaque: bool


class Shelf:
    """The drawings, fonts and words that true pictures are made of; held-out ones are never among them."""

    def __init__(self, assets: Sequence[Asset], fonts: FontShelf) -> None:
        self.fonts = fonts
        self.by_set: dict[str, list[Asset]] = {}
        for asset in assets:
            self.by_set.setdefault(asset.set, []).append(asset)
        sizes = np.sqrt([len(drawings) for drawings in self.by_set.values()])
        self.shares = sizes / sizes.sum()
        keys = "\n".join(sorted(map(asset_key, assets)))
        self.num_drawings, self.digest = len(assets), f"sha256:{hashlib.sha256(keys.encode()).hexdigest()}"
        words = {word for asset in assets for word in re.findall(r"\b[a-z]{3,9}\b", asset.concept.lower())}
        self.words = sorted(word for word in words if not is_held_out_word(word)) or ["word"]

    @classmethod
    def open(cls, parts_dir: Path) -> Shelf:
        """Read the vectors and fonts of a folder of parts.

        Raises:
            DamagedFile: a part cannot be read, or there is no drawing in it.
        """
        assets = list(trainable(iterate_assets(list_parts(parts_dir, "vectors"))))
        if not assets:
            raise DamagedFile(f"{str(parts_dir)!r} holds no drawing; run `limner data build` first")
        fonts_path = parts_dir / FONTS_NAME
        return cls(assets, FontShelf(fonts_path if fonts_path.exists() else None))

    def choose(self, rng: np.random.Generator) -> Asset:
        """Return a drawing: a set by the root of its size, then any of it."""
        drawings = list(self.by_set.values())[int(rng.choice(len(self.shares), p=self.shares))]
        return drawings[int(rng.integers(len(drawings)))]


def draw_truth(shelf: Shelf, seed: int, index: int, side_px: int) -> Truth:
    """Draw a true picture by number; the same in every process."""
    rng = example_rng(seed + RNG_STREAM, index)
    ground = _draw_ground(rng, side_px)
    picture = ground or Image.new("RGBA", (side_px, side_px))
    count = 1 if rng.random() < SHARE_ONE else int(rng.integers(2, MAX_DRAWINGS + 1))
    words = []
    for _ in range(count):
        share = rng.uniform(0.55, 0.95) if count == 1 else rng.uniform(0.15, 0.5)
        asset = shelf.choose(rng)
        drawing = draw_turned(asset, max(8, round(share * side_px)), _turn(rng))
        if drawing is not None:
            _lay(picture, drawing, rng)
            words.append(asset.concept)
    if rng.random() < SHARE_LETTERED:
        _letter(picture, shelf, rng)
    return Truth(np.array(picture), " and ".join(words), ground is not None)


def draw_turned(asset: Asset, side_px: int, degrees: float) -> Image.Image | None:
    """Draw an asset in a square of `side_px`, turned, its edges as sharp as pixels allow; None when nothing is drawn."""
    if degrees:
        middle = f"{asset.left + asset.width / 2:.4f} {asset.top + asset.height / 2:.4f}"
        body = f'<g transform="rotate({degrees:.2f} {middle})">'.encode() + asset.body + b"</g>"
        side = float(np.hypot(asset.width, asset.height))
        left, top = asset.left - (side - asset.width) / 2, asset.top - (side - asset.height) / 2
        asset = replace(asset, body=body, left=left, top=top, width=side, height=side)
    pixels = rasterise(asset, side_px)
    return None if pixels is None else Image.fromarray(pixels)


def _turn(rng: np.random.Generator) -> float:
    return float(rng.uniform(-180, 180)) if rng.random() < SHARE_TURNED else 0.0


def _lay(picture: Image.Image, drawing: Image.Image, rng: np.random.Generator) -> None:
    free = picture.width - drawing.width
    left, top = (round(free * rng.uniform(-0.1, 1.1)) for _ in range(2))
    whole = Image.new("RGBA", picture.size)
    whole.paste(drawing, (left, top))
    picture.alpha_composite(whole)


def _letter(picture: Image.Image, shelf: Shelf, rng: np.random.Generator) -> None:
    families = list(shelf.fonts.families)
    text = shelf.words[int(rng.integers(len(shelf.words)))]
    text = text.upper() if rng.random() < 0.4 else text.capitalize()
    box = round(picture.width * rng.uniform(0.3, 0.9)), round(picture.height * rng.uniform(0.08, 0.3))
    family, weight = families[int(rng.integers(len(families)))], int(rng.choice([400, 700]))
    mask, _ = shelf.fonts.text_mask(text, family=family, weight=weight, fit=box, align="centre")
    drawing = Image.new("RGBA", mask.size, _colour(rng))
    drawing.putalpha(mask)
    _lay(picture, drawing, rng)


def _draw_ground(rng: np.random.Generator, side_px: int) -> Image.Image | None:
    kind = rng.random()
    if kind < SHARE_TRANSPARENT:
        return None
    if kind < SHARE_TRANSPARENT + SHARE_PLAIN:
        return Image.new("RGBA", (side_px, side_px), (255, 255, 255) if rng.random() < 0.3 else _colour(rng))
    if kind < SHARE_TRANSPARENT + SHARE_PLAIN + SHARE_RAMP:
        ramp = np.linspace(0, 1, side_px)[:, None, None]
        rows = np.rint(np.array(_colour(rng)) * (1 - ramp) + np.array(_colour(rng)) * ramp).astype(np.uint8)
        return Image.fromarray(np.broadcast_to(rows, (side_px, side_px, 3)).copy()).convert("RGBA")
    name = PLACES[int(rng.integers(len(PLACES)))]
    background = Background(name, background_colours(name, "noon", rng), seed=int(rng.integers(2**31)))
    place = draw_background(background, Light("noon"), (side_px, side_px))
    return None if place is None else place.convert("RGBA")


def _colour(rng: np.random.Generator) -> Rgb:
    colours = list(COLOURS.values())
    red, green, blue = (
        int(value) for value in np.clip(np.array(colours[int(rng.integers(len(colours)))]) + rng.integers(-9, 10, 3), 0, 255)
    )
    return red, green, blue
