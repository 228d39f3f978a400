"""Edits of all things of one kind at once: the three cats removed, painted, or turned into three dogs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from limner.data.colours import plain_hue
from limner.data.editing.pair import Edit
from limner.data.editing.starts import arranged, choose_concept, hues_of
from limner.data.editing.wording import Telling
from limner.data.scenes.places import PAINTS
from limner.data.scenes.scene import AssetLayer, Scene
from limner.data.scenes.stock import Stock, centred, hex_colour
from limner.data.scenes.wording import NUMBERS, many


def choose_group(scene: Scene, rng: np.random.Generator) -> tuple[AssetLayer, ...]:
    """Return all things of one kind of which there are two or more on a quiet ground, or none."""
    kinds: dict[str, list[AssetLayer]] = {}
    for layer in scene.assets() if scene.layout == "count" else ():
        kinds.setdefault(layer.concept, []).append(layer)
    groups = [tuple(group) for group in kinds.values() if len(group) > 1]
    return groups[int(rng.integers(len(groups)))] if groups else ()


def _the(group: Sequence[AssetLayer], telling: Telling) -> str:
    names = many(telling.name(group[0]))
    return telling.pick((f"the {NUMBERS[len(group)]} {names}", f"the {names}", f"all the {names}", f"all {names}"))


def _with(scene: Scene, new: Mapping[int, AssetLayer | None]) -> Scene:
    """Return the scene with other layers, or none, in the places of those with these ids."""
    layers = (new.get(id(layer), layer) if isinstance(layer, AssetLayer) else layer for layer in scene.layers)
    return arranged(replace(scene, layers=tuple(layer for layer in layers if layer is not None)))


def remove_group(scene: Scene, group: Sequence[AssetLayer], rng: np.random.Generator) -> Edit | None:
    """Take all of a kind away where something else is left."""
    if len(scene.assets()) == len(group):
        return None
    telling = Telling(scene, rng)
    order = telling.order("remove", the=_the(group, telling), bare=many(telling.bare(group[0])))
    return Edit(before=scene, after=_with(scene, dict.fromkeys(map(id, group))), instruction=order)


def recolour_group(scene: Scene, group: Sequence[AssetLayer], stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Paint all of a kind in one colour."""
    first, paint = group[0], PAINTS[int(rng.integers(len(PAINTS)))]
    if plain_hue(paint) in hues_of(stock, first)[:1] or not stock.may_paint(first.asset, first.concept, paint):
        return None
    telling = Telling(scene, rng)
    painted = f"{paint} {many(telling.bare(first))}"
    order = telling.order("recolour", the=_the(group, telling), painted=painted, colour=paint)
    after = _with(scene, {id(layer): replace(layer, colour=hex_colour(paint)) for layer in group})
    return Edit(before=scene, after=after, instruction=order)


def replace_group(scene: Scene, group: Sequence[AssetLayer], stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Turn all of a kind into as many of another."""
    style = group[0].asset.split("/")[0]
    concept = choose_concept(stock, rng, style, apart_from=[layer.concept for layer in scene.assets()])
    key, new = stock.key(style, concept), dict[int, AssetLayer | None]()
    for layer in group:
        box = centred(stock, key, (*layer.box.centre, max(layer.box.width, layer.box.height)), scene.canvas)
        new[id(layer)] = replace(layer, asset=key, concept=concept, box=box, colour="", is_mirrored=False)
    telling, after = Telling(scene, rng), _with(scene, new)
    drawn = next(layer for layer in after.assets() if layer.concept == concept)
    names = many(Telling(after, rng).bare(drawn))
    others = names if rng.random() < 0.5 else f"{NUMBERS[len(group)]} {names}"
    return Edit(before=scene, after=after, instruction=telling.order("replace", the=_the(group, telling), a=others))
