"""What training reads: examples (a picture and a true caption of it), each a pure function of the recipe and an index."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from limner.data.captions import Single, caption_single
from limner.data.colours import COLOUR_WORDS, COLOURS, Rgb, colour_distance, name_colour
from limner.data.heldout import replace_held_out_synonyms, trainable
from limner.data.naming import may_mirror
from limner.data.packing.pack import Asset, iterate_assets, list_parts, read_words
from limner.data.recipes import CorpusRecipe
from limner.data.scenes.compose import compose_scene
from limner.data.scenes.describe import describe_scene
from limner.data.scenes.lettering import FontShelf
from limner.data.scenes.places import PAINTS
from limner.data.scenes.render import render_scene
from limner.data.scenes.scene import Canvas, Scene
from limner.data.scenes.sprites import RASTER_VERSION, Pixels, SpriteSheet, asset_key, open_sprites
from limner.data.scenes.stock import Stock, pick
from limner.data.sight import UNTOLD, Sight, look_at_drawing, look_at_scene
from limner.data.singles import draw_single, place
from limner.errors import DamagedFile
from limner.media.alpha import recolour
from limner.media.sheet import on_checkerboard
from limner.model.layout import PATCH_PX

CORPUS_VERSION = 3  # counts changes of the code that change an example
SPRITE_PX = 160
PACK_SPRITE_PX = 128  # of recipes with packs: six times as many drawings
FONTS_NAME = "fonts.zip"
WORDS_NAME = "words.json.xz"
_COPIES = 4  # cards in the deck for a drawing of weight 1
_COLOURLESS = frozenset({"smileys-emotion", "symbols", "people-body", "flags", "component"})


@dataclass(frozen=True)
class Example:
    """A picture and its caption. `pixels` is (H, W, 4) straight-alpha RGBA, opaque everywhere if `background` is "opaque".

    With a `source`, as large as the picture, the caption says how the one becomes the other: `shown` is where the source shows something
    and `free` where it may change, None for everywhere. `references` are other pictures, square, that the caption calls image 1,
    2, ... by their `reference_numbers`. `sight` and `source_sight` say what is where in the picture and in its source, by the numbers
    of the corpus's `things` (`data/sight.py`), None where that is not known.
    """

    pixels: Pixels
    caption: str
    background: Literal["transparent", "opaque"]
    source: Pixels | None = None
    shown: npt.NDArray[np.bool_] | None = None
    free: npt.NDArray[np.bool_] | None = None
    references: tuple[Pixels, ...] = ()
    reference_numbers: tuple[int, ...] = ()
    sight: Sight | None = None
    source_sight: Sight | None = None


def example_rng(seed: int, index: int) -> np.random.Generator:
    """Return the generator of one example: counter-based, so no example depends on another."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, 0x11A6], np.uint64), counter=np.array([0, 0, index, 0], np.uint64)))


class Corpus:
    """Every example of a recipe. Fork or pickle it freely: the drawings are memory-mapped."""

    def __init__(
        self,
        recipe: CorpusRecipe,
        assets: Sequence[Asset],
        sprites: SpriteSheet,
        fonts: FontShelf,
        *,
        size_px: int,
        synonyms: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.recipe = recipe
        self.size_px = size_px
        self.assets = tuple(replace(asset, body=b"") for asset in assets)
        self.sprites = sprites
        self.fonts = fonts
        self._synonyms = synonyms or {}
        self._packs = _Packs(recipe, self.assets) if recipe.packs else None
        self._deck = _build_deck(recipe, self.assets)
        self._shuffled: tuple[int, npt.NDArray[np.int64]] = (-1, self._deck)
        self._asset_digest = hashlib.sha256("\n".join(map(asset_key, self.assets)).encode()).hexdigest()

    @classmethod
    def open(
        cls,
        parts_dir: Path,
        recipe: CorpusRecipe,
        size_px: int,
        cache_dir: Path,
        *,
        processes: int = 0,
        report: Callable[[int, int], None] | None = None,
    ) -> Corpus:
        """Choose the drawings of the recipe, held-out ones never among them, and draw them into the cache where they are not there yet.

        Raises:
            DamagedFile: a part or the cache cannot be read, or the parts hold no drawing of the recipe.
        """
        wanted = select_assets(recipe, iterate_assets(list_parts(parts_dir, "vectors") + list_parts(parts_dir, "raster")))
        if not wanted:
            raise DamagedFile(
                f"{str(parts_dir)!r} holds no drawing of the sets {[name for name, _ in recipe.sets]!r}; run `limner data build` first"
            )
        sprite_px = max(PACK_SPRITE_PX if recipe.packs else SPRITE_PX, size_px)
        sprites = open_sprites(wanted, size_px=sprite_px, cache_dir=cache_dir, processes=processes, report=report)
        fonts_path = parts_dir / FONTS_NAME
        fonts = FontShelf(fonts_path if fonts_path.exists() else None)
        drawn = [asset for asset in wanted if asset_key(asset) in sprites]
        synonyms = read_agreed_synonyms(parts_dir / WORDS_NAME) if recipe.packs else {}
        return cls(recipe, drawn, sprites, fonts, size_px=size_px, synonyms=synonyms)

    @property
    def digest(self) -> str:
        """Return "sha256:..." over the recipe, the drawings and the version of the code that draws."""
        text = f"{CORPUS_VERSION} {RASTER_VERSION} {self.recipe.digest} {self._asset_digest} {self.sprites.name}"
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    @property
    def deck_size(self) -> int:
        """Return after how many single drawings every drawing was seen as often as its weight says."""
        return len(self._deck)

    def example(self, index: int) -> Example:
        """Return one example; the same answer in every process and in any order."""
        rng = example_rng(self.recipe.seed, index)
        kind = rng.random()
        if kind >= 1 - self.recipe.share_scene:
            return self._scene_example(rng)
        is_opaque = kind >= self.recipe.share_transparent
        if self._packs is not None:
            return self._pack_single(self.assets[self._packs.choose(rng)], rng, is_opaque=is_opaque)
        return self._single(self.assets[self.deal(index)], rng, is_opaque=is_opaque)

    def scene(self, index: int) -> Scene:
        """Return a composed scene by number, whatever the shares of the recipe."""
        return self._compose(example_rng(self.recipe.seed + 2, index))

    def scene_example(self, index: int) -> Example:
        """Return a composed scene by number, drawn and described, whatever the shares of the recipe."""
        return self._scene_example(example_rng(self.recipe.seed + 2, index))

    @cached_property
    def stock(self) -> Stock:
        """What the scenes of this corpus are composed of."""
        members = [asset for asset in self.assets if _is_of_sets(asset, self.recipe)]
        return Stock(members, self.recipe.set_weights, self.sprites, self.fonts)

    @cached_property
    def things(self) -> Mapping[str, int]:
        """What scenes are made of, numbered from 1 on."""
        names = {asset.concept for asset in self.assets if _is_of_sets(asset, self.recipe)}
        return {name: number for number, name in enumerate(sorted(names), start=1)}

    def look(self, scene: Scene) -> Sight:
        """Return what is where in a scene, (patches, patches)."""
        return look_at_scene(scene, self.sprites, self.things, self.size_px // PATCH_PX)

    def _scene_example(self, rng: np.random.Generator) -> Example:
        scene = self._compose(rng)
        caption = describe_scene(scene, rng, shares=dict(self.recipe.registers))
        return Example(render_scene(scene, self.sprites, self.fonts), caption, "opaque", sight=self.look(scene))

    def _compose(self, rng: np.random.Generator) -> Scene:
        return compose_scene(
            self.stock,
            rng,
            canvas=Canvas(self.size_px, self.size_px),
            shares=dict(self.recipe.layouts),
            share_medium=self.recipe.share_medium,
        )

    def deal(self, index: int) -> int:
        """Return the place in `assets` of the drawing that is on card `index`; a deck of `deck_size` cards is shuffled anew each time."""
        epoch, place = divmod(index, len(self._deck))
        if self._shuffled[0] != epoch:
            self._shuffled = (epoch, example_rng(self.recipe.seed + 1, epoch).permutation(self._deck))
        return int(self._shuffled[1][place])

    def _pack_single(self, asset: Asset, rng: np.random.Generator, *, is_opaque: bool) -> Example:
        synonyms = [word for word in self._synonyms.get(asset.concept, ()) if word in asset.keywords]
        mirrored = self.recipe.share_mirrored if may_mirror(asset.concept, asset.category) and asset.code else 0.0
        pixels, caption = draw_single(
            asset,
            self.sprites[asset_key(asset)],
            rng,
            size_px=self.size_px,
            is_opaque=is_opaque,
            share_mirrored=mirrored,
            synonyms=synonyms,
        )
        return Example(pixels, caption, "opaque" if is_opaque else "transparent")

    def _single(self, asset: Asset, rng: np.random.Generator, *, is_opaque: bool) -> Example:
        key = asset_key(asset)
        paint = self._choose_paint(asset, rng)
        pixels = recolour(self.sprites[key].pixels, COLOURS[paint]) if paint else self.sprites[key].pixels
        drawing = place(pixels, self.size_px, rng)
        if may_mirror(asset.concept, asset.category) and rng.random() < self.recipe.share_mirrored:
            drawing = drawing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        ground, words, is_named = _ground(self.size_px, rng, drawing) if is_opaque else (None, "", False)
        colour = paint or (self.sprites.colour(key) if _may_colour(asset) else "")
        single = Single(asset.concept, asset.keywords, asset.set, colour, words, is_named, is_painted=bool(paint))
        share_style = 0.35 if asset.set == self.recipe.sets[0][0] else 0.75
        caption = caption_single(single, rng, share_synonym=self.recipe.share_synonym, share_style=share_style)
        sight = look_at_drawing(np.asarray(drawing), self.things.get(asset.concept, UNTOLD), self.size_px // PATCH_PX)
        if ground is None:
            return Example(np.array(drawing), caption, "transparent", sight=sight)
        ground.alpha_composite(drawing)
        return Example(np.array(ground), caption, "opaque", sight=sight)

    def _choose_paint(self, asset: Asset, rng: np.random.Generator) -> str:
        """Return the colour to paint a drawing in, plain to see and not its own, or ""."""
        if not self.recipe.share_painted or rng.random() >= self.recipe.share_painted:
            return ""
        key = asset_key(asset)
        paint = pick(rng, [name for name in PAINTS if name != self.sprites.colour(key)])
        return paint if self.stock.may_paint(key, asset.concept, paint) else ""


class _Packs:
    """The drawings of a recipe with packs, to be drawn by lot: first the pack, then the set, then the drawing."""

    def __init__(self, recipe: CorpusRecipe, assets: Sequence[Asset]) -> None:
        by_set: dict[str, list[int]] = {}
        for row, asset in enumerate(assets):
            by_set.setdefault(asset.set, []).append(row)
        chances = [
            (np.array(by_set[name]), pack.share * weight / sum(weight for other, weight in pack.sets if other in by_set))
            for pack in recipe.packs
            for name, weight in pack.sets
            if name in by_set
        ]
        self._members = [members for members, _ in chances]
        self._bounds = np.cumsum([chance for _, chance in chances])

    def choose(self, rng: np.random.Generator) -> int:
        """Return the place of a drawing in the corpus."""
        members = self._members[int(np.searchsorted(self._bounds, rng.random() * self._bounds[-1], side="right"))]
        return int(members[int(rng.integers(len(members)))])


def read_agreed_synonyms(path: Path) -> dict[str, tuple[str, ...]]:
    """Return concept -> WordNet's synonyms of it, which captions use where the keywords of the drawing agree; empty without the part.

    Raises:
        DamagedFile: the part is cut off or changed.
    """
    if not path.exists():
        return {}
    found = read_words(path)["synonyms"]
    return {concept: tuple(replace_held_out_synonyms(word) for word in entry["synonyms"]) for concept, entry in found.items()}


def select_assets(recipe: CorpusRecipe, assets: Iterable[Asset]) -> list[Asset]:
    """Return the drawings that a recipe asks for, by key, held-out ones left out; concepts are in everyday words ("car")."""
    packed = {name for pack in recipe.packs for name, _ in pack.sets}
    sets = packed | set(recipe.set_weights)
    everyday = (replace(asset, concept=replace_held_out_synonyms(asset.concept)) for asset in assets if asset.set in sets)
    wanted = (asset for asset in everyday if asset.set in packed or _is_of_sets(asset, recipe))
    return sorted(trainable(wanted), key=asset_key)


def _is_of_sets(asset: Asset, recipe: CorpusRecipe) -> bool:
    return asset.set in recipe.set_weights and (asset.category in recipe.categories or asset.concept in recipe.extra_concepts)


def _build_deck(recipe: CorpusRecipe, assets: Sequence[Asset]) -> npt.NDArray[np.int64]:
    weights, common = recipe.set_weights, set(recipe.common_concepts)
    copies = [
        max(1, round(_COPIES * weights[asset.set] * (recipe.common_weight if asset.concept in common else 1.0)))
        if asset.set in weights
        else 0
        for asset in assets
    ]
    return np.repeat(np.arange(len(assets)), copies)


def _may_colour(asset: Asset) -> bool:
    return asset.category not in _COLOURLESS and COLOUR_WORDS.isdisjoint(asset.concept.lower().split())


def _ground(size_px: int, rng: np.random.Generator, drawing: Image.Image) -> tuple[Image.Image, str, bool]:
    """Return an opaque ground that the drawing stands out from, its words, and whether the caption must name it."""
    if rng.random() < 0.35:
        return Image.new("RGBA", (size_px, size_px), "white"), "white background", bool(rng.random() < 0.4)
    first = _ground_colour(rng, drawing)
    if rng.random() < 0.75:
        return Image.new("RGBA", (size_px, size_px), first), f"{name_colour(first)} background", True
    second = _ground_colour(rng, drawing)
    if name_colour(first) == name_colour(second):
        return Image.new("RGBA", (size_px, size_px), first), f"{name_colour(first)} background", True
    ramp = np.linspace(0, 1, size_px)[:, None, None]
    rows = np.round(np.array(first) * (1 - ramp) + np.array(second) * ramp).astype(np.uint8)
    image = Image.fromarray(np.broadcast_to(rows, (size_px, size_px, 3)).copy()).convert("RGBA")
    return image, f"{name_colour(first)} to {name_colour(second)} gradient background", True


def _ground_colour(rng: np.random.Generator, drawing: Image.Image) -> Rgb:
    small = np.array(drawing.resize((12, 12), Image.Resampling.BOX)).reshape(-1, 4)
    solid = small[small[:, 3] > 200][:, :3]
    mean: Rgb = tuple(int(value) for value in np.median(solid, axis=0)) if len(solid) else (128, 128, 128)  # type: ignore[assignment]
    names = list(COLOURS)
    for _ in range(4):
        red, green, blue = COLOURS[names[int(rng.integers(len(names)))]]
        shift = rng.integers(-6, 7, 3)
        colour = (_byte(red + shift[0]), _byte(green + shift[1]), _byte(blue + shift[2]))
        if colour_distance(colour, mean) > 0.18:
            break
    return colour


def _byte(value: int) -> int:
    return int(min(255, max(0, value)))


def sample_sheet(corpus: Corpus, count: int, *, start: int = 0, columns: int = 8, cell_px: int = 160) -> Image.Image:
    """Return a page of `count` examples from index `start`, each over its whole caption; transparency shows as a checkerboard."""
    font, line_px, lines = ImageFont.load_default(11), 14, 4
    rows, gap = -(-count // columns), 8
    page = Image.new("RGB", (columns * (cell_px + gap) + gap, rows * (cell_px + lines * line_px + 2 * gap) + gap), (250, 249, 246))
    draw = ImageDraw.Draw(page)
    for cell in range(count):
        example = corpus.example(start + cell)
        left, top = gap + cell % columns * (cell_px + gap), gap + cell // columns * (cell_px + lines * line_px + 2 * gap)
        page.paste(Image.fromarray(on_checkerboard(example.pixels)).resize((cell_px, cell_px), Image.Resampling.LANCZOS), (left, top))
        for row, line in enumerate(textwrap.wrap(example.caption, cell_px // 6, max_lines=lines, placeholder=" …")):
            draw.text((left, top + cell_px + 4 + row * line_px), line, (52, 50, 46), font)
    return page
