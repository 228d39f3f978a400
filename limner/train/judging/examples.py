"""The examples that the judge learns from, as vectors of the trunk: gathered once, round by round, so that a killed run goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from limner.data.colours import COLOUR_WORDS
from limner.data.corpus import example_rng
from limner.data.heldout import is_kept_from_judge, replace_held_out_synonyms
from limner.data.packing.pack import Asset, iterate_assets, list_parts
from limner.data.recipes import full
from limner.data.scenes.sprites import SpriteSheet, asset_key, open_sprites
from limner.data.scenes.stock import THINGS
from limner.evals.judging.head import NOTHING, OTHER, list_classes
from limner.evals.judging.trunk import Trunk
from limner.evals.judging.views import Pixels
from limner.train.judging.views import broken_view, drawn_view

SPRITE_PX = 160
LOOKS = frozenset(name for pack in full().packs if pack.name in ("emoji", "icons") for name, _ in pack.sets)
UNSEEN_CATEGORIES = frozenset({"flags", "component"})
OTHER_PERCENT = 35  # of the drawings whose concept the benchmark does not name
OTHERS_A_ROUND, BROKEN_A_ROUND = 700, 900
SEED = 0x1D6E
_CHUNK = 256

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Examples:
    """Vectors of views with what they show: `deep` (N, 1280), `look` (N, 80), `labels` (N,) into `list_classes()`."""

    deep: Floats
    look: Floats
    labels: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Drawings:
    """The drawings that the judge has to do with. `named` and `others` are learnt from, `kept` (all named) is what it is validated on."""

    sprites: SpriteSheet
    named: Sequence[Asset]
    others: Sequence[Asset]
    kept: Sequence[Asset]


def open_drawings(parts_dir: Path, cache_dir: Path, *, report: Callable[[int, int], None] | None = None) -> Drawings:
    """Choose drawings from the parts of the corpus and draw them into the cache where they are not there yet.

    Raises:
        DamagedFile: a part or the cache cannot be read.
    """
    classes = set(list_classes())
    found = (replace(asset, concept=replace_held_out_synonyms(asset.concept)) for asset in _list_assets(parts_dir))
    chosen = [asset for asset in found if asset.concept in classes or _is_other(asset)]
    sprites = open_sprites(chosen, size_px=SPRITE_PX, cache_dir=cache_dir, processes=1, report=report)
    drawn = sorted((replace(asset, body=b"") for asset in chosen if asset_key(asset) in sprites), key=asset_key)
    learnt = [asset for asset in drawn if not is_kept_from_judge(asset_key(asset))]
    return Drawings(
        sprites,
        named=[asset for asset in learnt if asset.concept in classes],
        others=[asset for asset in learnt if asset.concept not in classes],
        kept=[asset for asset in drawn if asset.concept in classes and is_kept_from_judge(asset_key(asset))],
    )


def _list_assets(parts_dir: Path) -> Iterator[Asset]:
    for asset in iterate_assets(list_parts(parts_dir, "vectors") + list_parts(parts_dir, "raster")):
        if asset.set in LOOKS and asset.category not in UNSEEN_CATEGORIES and "skin tone" not in asset.concept:
            yield asset


def _is_other(asset: Asset) -> bool:
    return hashlib.sha1(asset_key(asset).encode(), usedforsecurity=False).digest()[0] * 100 < OTHER_PERCENT * 256


def gather_round(drawings: Drawings, trunk: Trunk, number: int, folder: Path) -> Examples:
    """Return the examples of a round: every named drawing once, some others, some that are nothing. A round is kept in a file."""
    path = folder / f"round-{number:02}.safetensors"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        examples = _gather(drawings, trunk, number)
        partial = path.with_suffix(".partial")
        save_file({name: np.ascontiguousarray(array) for name, array in vars(examples).items()}, partial)
        partial.replace(path)
    return Examples(**load_file(path))


def _gather(drawings: Drawings, trunk: Trunk, number: int) -> Examples:
    rng = example_rng(SEED, number)
    classes = {name: index for index, name in enumerate(list_classes())}
    others = [
        drawings.others[int(row)] for row in rng.choice(len(drawings.others), min(OTHERS_A_ROUND, len(drawings.others)), replace=False)
    ]
    assets = [*drawings.named, *others]
    views = (
        (drawn_view(drawings.sprites[asset_key(asset)].pixels, rng, may_paint=may_paint(asset)), classes.get(asset.concept, classes[OTHER]))
        for asset in assets
    )
    broken = ((broken_view(_some(drawings, rng), rng), classes[NOTHING]) for _ in range(BROKEN_A_ROUND))
    return read_views(trunk, (*views, *broken))


def _some(drawings: Drawings, rng: np.random.Generator) -> list[Pixels]:
    return [drawings.sprites[asset_key(drawings.named[int(row)])].pixels for row in rng.integers(len(drawings.named), size=2)]


def may_paint(asset: Asset) -> bool:
    """Say whether a drawing shows the same in any colour."""
    return asset.category in THINGS and COLOUR_WORDS.isdisjoint(asset.concept.lower().split())


def read_views(trunk: Trunk, views: Sequence[tuple[Pixels, int]]) -> Examples:
    """Return views, each with its label, as vectors."""
    pairs = [trunk.read(np.stack([view for view, _ in views[start : start + _CHUNK]])) for start in range(0, len(views), _CHUNK)]
    deep, look = (np.concatenate(arrays) for arrays in zip(*pairs, strict=True))
    return Examples(deep, look, np.array([label for _, label in views], np.int64))
