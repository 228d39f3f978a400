"""The scenes that edits begin with: one to three drawings on a quiet ground, or a composed scene of the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from limner.data.colours import COLOURS, name_finely, plain_hue
from limner.data.naming import may_mirror, plain_names
from limner.data.scenes.compose import compose_scene
from limner.data.scenes.places import FINE_PAINTS, PAINTS
from limner.data.scenes.scene import AssetLayer, Background, Box, Canvas, Layout, Role, Scene
from limner.data.scenes.stock import Stock, centred, hex_colour, pick
from limner.data.scenes.wording import rgb_of

STAGES = frozenset({"transparent", "plain", "gradient", "grid paper"})
GROUNDS = tuple(name for name in COLOURS if name not in {"dark brown", "tan", "olive green", "dark purple"})
_SHARE_WHITE, _SHARE_PAINTED = 0.25, 0.25
_LAYOUTS: tuple[tuple[Layout, float], ...] = (("relation", 0.4), ("count", 0.12), ("single", 0.24), ("landscape", 0.24))
_SPOTS: tuple[tuple[tuple[float, float, float], ...], ...] = (  # (x, y, longer side) of each thing
    ((0.27, 0.5, 0.42), (0.73, 0.5, 0.42)),
    ((0.27, 0.55, 0.38), (0.73, 0.55, 0.38)),
    ((0.5, 0.28, 0.38), (0.5, 0.73, 0.40)),
    ((0.40, 0.58, 0.56), (0.82, 0.20, 0.28)),
    ((0.60, 0.58, 0.56), (0.18, 0.20, 0.28)),
    ((0.40, 0.44, 0.56), (0.82, 0.80, 0.28)),
    ((0.60, 0.44, 0.56), (0.18, 0.80, 0.28)),
    ((0.20, 0.5, 0.28), (0.5, 0.5, 0.28), (0.80, 0.5, 0.28)),
    ((0.28, 0.30, 0.34), (0.72, 0.30, 0.34), (0.5, 0.72, 0.34)),
)


def start_scene(stock: Stock, rng: np.random.Generator, canvas: Canvas, *, share_simple: float) -> Scene:
    """Return a scene to change: a quiet one by `share_simple`, else one in a place, a relation or a count; never in a medium."""
    if rng.random() < share_simple:
        count = (1, 2, 3)[int(rng.choice(3, p=[0.45, 0.38, 0.17]))]
        return quiet_scene(stock, rng, canvas, count)
    return compose_scene(stock, rng, canvas=canvas, shares=dict(_LAYOUTS), share_medium=0.0)


def quiet_scene(stock: Stock, rng: np.random.Generator, canvas: Canvas, count: int) -> Scene:
    """Return a scene of one to three different things on a transparent, plain or graded ground that they stand out from."""
    style = stock.choose_set(rng)
    if count == 1:
        spots: tuple[tuple[float, float, float], ...] = (_lone_spot(rng),)
    else:
        arrangements = [spots for spots in _SPOTS if len(spots) == count]
        spots = arrangements[int(rng.integers(len(arrangements)))]
    layers: list[AssetLayer] = []
    for spot in spots:
        concept = choose_concept(stock, rng, style, apart_from=[layer.concept for layer in layers])
        layers.append(place_thing(stock, rng, style, concept, spot, canvas))
    return arranged(Scene(canvas, choose_ground(stock, rng, layers), tuple(layers)))


def _lone_spot(rng: np.random.Generator) -> tuple[float, float, float]:
    if rng.random() < 0.7:
        return 0.5, 0.5, round(float(rng.uniform(0.5, 0.86)), 2)
    x, y = (float(spot) for spot in rng.choice([0.24, 0.5, 0.76], 2))
    return x, y, round(float(rng.uniform(0.28, 0.4)), 2)


def choose_concept(stock: Stock, rng: np.random.Generator, style: str, *, apart_from: Sequence[str] = ()) -> str:
    """Return a thing of a style whose names share no word with the names of `apart_from`."""
    things, used = stock.countable(style), {word for concept in apart_from for word in _words(concept)}
    for _ in range(40):
        concept = pick(rng, things)
        if used.isdisjoint(_words(concept)):
            return concept
    return next(concept for concept in things if concept not in apart_from)


def _words(concept: str) -> set[str]:
    return {word for name in (concept, *plain_names(concept)) for word in name.lower().split()} - {"of", "a", "with", "the", "in", "and"}


def place_thing(
    stock: Stock, rng: np.random.Generator, style: str, concept: str, spot: tuple[float, float, float], canvas: Canvas
) -> AssetLayer:  # fmt: skip
    """Return a drawing at (x, y, longer side), now and then painted or turned around."""
    key = stock.key(style, concept)
    paint = pick(rng, PAINTS if rng.random() < 0.7 else FINE_PAINTS) if rng.random() < _SHARE_PAINTED else ""
    is_painted = bool(paint) and plain_hue(paint) != stock.sprites.colour(key) and stock.may_paint(key, concept, paint)
    is_mirrored = bool(may_mirror(concept, stock.categories[key]) and rng.random() < 0.15)
    box = centred(stock, key, spot, canvas)
    return AssetLayer(key, concept, box, colour=hex_colour(paint) if is_painted else "", is_mirrored=is_mirrored)


def choose_ground(stock: Stock, rng: np.random.Generator, layers: Sequence[AssetLayer], *, share_transparent: float = 0.36) -> Background:
    """Return a transparent, plain or graded ground that none of the drawings vanishes in."""
    if rng.random() < share_transparent:
        return Background("transparent")
    if rng.random() < _SHARE_WHITE and "white" not in {hue for layer in layers for hue in hues_of(stock, layer)}:
        return Background("plain", (hex_colour("white"),))
    first, second = choose_ground_colour(stock, rng, layers), choose_ground_colour(stock, rng, layers)
    if rng.random() < 0.75 or plain_hue(first) == plain_hue(second):
        return Background("plain", (hex_colour(first),))
    return Background("gradient", (hex_colour(first), hex_colour(second)))


def choose_ground_colour(stock: Stock, rng: np.random.Generator, layers: Sequence[AssetLayer], *, apart_from: str = "") -> str:
    """Return the name of a colour whose plain hue is none of the drawings' and not `apart_from`."""
    taken = {hue for layer in layers for hue in hues_of(stock, layer)[:2]} | {apart_from}
    free = [name for name in GROUNDS if plain_hue(name) not in taken]
    return pick(rng, free or ("light blue", "cream"))


def hues_of(stock: Stock, layer: AssetLayer) -> tuple[str, ...]:
    """Return the one-word colours of a drawing, the main one first; of a painted one, what it is painted in."""
    if layer.colour:
        return (plain_hue(name_finely(rgb_of(layer.colour))),)
    return stock.sprites.palette(layer.asset)


def arranged(scene: Scene) -> Scene:
    """Return a quiet scene with the layout and the roles that describe it truly: single, relation, count or free."""
    things, kinds = scene.assets(), {layer.concept for layer in scene.assets()}
    if scene.texts() or scene.shapes() or any(layer.role == "support" for layer in things[: 2 * (len(things) == 2)]):
        return scene
    if len(things) == 1 and scene.layout in {"relation", "count", "free", "single"}:
        return replace(scene, layers=(replace(things[0], role="subject"),), layout="single")
    if scene.background.name not in STAGES or (len(kinds) == 2 and len(things) > 2):
        return scene
    layout: Layout = "count" if len(kinds) == 1 else "relation" if len(things) == 2 else "free"
    later: Role = "second" if layout == "relation" else "subject"
    layers = tuple(replace(layer, role=later if place else "subject") for place, layer in enumerate(things))
    return replace(scene, layers=layers, layout=layout)


def covered(back: Box, front: Box) -> float:
    """Return which share of the smaller of two boxes both cover."""
    across = min(back.right, front.right) - max(back.left, front.left)
    down = min(back.bottom, front.bottom) - max(back.top, front.top)
    return max(0.0, across) * max(0.0, down) / min(back.width * back.height, front.width * front.height)


def is_inside(box: Box) -> bool:
    """Say whether a box lies on the canvas, but for a hair."""
    return box.left >= -0.02 and box.top >= -0.02 and box.right <= 1.02 and box.bottom <= 1.02
