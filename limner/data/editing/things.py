"""Edits of one thing: added, removed, replaced, painted, moved, resized. Each returns None where a scene does not allow it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from limner.data.colours import plain_hue
from limner.data.editing.groups import choose_group, recolour_group, remove_group, replace_group
from limner.data.editing.pair import Edit, Operation
from limner.data.editing.starts import STAGES, arranged, choose_concept, covered, hues_of, is_inside
from limner.data.editing.wording import Telling, at_spot, spot_words, which_one
from limner.data.scenes.places import FINE_PAINTS, PAINTS
from limner.data.scenes.scene import AssetLayer, Box, Scene
from limner.data.scenes.stock import Stock, centred, hex_colour
from limner.data.scenes.wording import relation_of

_PAINT_LIGHTS = frozenset({"studio", "noon"})
_SPOTS = (0.22, 0.5, 0.78)


def choose_target(scene: Scene, rng: np.random.Generator) -> AssetLayer | None:
    """Return a thing that can be singled out in words and is hardly covered, or None."""
    targets = [layer for layer in scene.assets() if _is_plain_to_see(layer, scene)]
    return targets[int(rng.integers(len(targets)))] if targets else None


def _is_plain_to_see(layer: AssetLayer, scene: Scene) -> bool:
    above = scene.layers[scene.layers.index(layer) + 1 :]
    hidden = any(covered(layer.box, other.box) > 0.3 for other in above if isinstance(other, AssetLayer))
    return layer.role != "support" and layer.depth < 0.3 and which_one(layer, scene) is not None and not hidden


def _with(scene: Scene, old: AssetLayer, *new: AssetLayer) -> Scene:
    place = scene.layers.index(old)
    return arranged(replace(scene, layers=(*scene.layers[:place], *new, *scene.layers[place + 1 :])))


def _where(layer: AssetLayer, scene: Scene, telling: Telling) -> str:
    """Return where a thing is, seen from the one other thing of the scene or on the canvas; "" in a view with more in it."""
    others = [other for other in scene.assets() if other is not layer]
    support = [other for other in others if other.role == "support"]
    if support:
        return f"on {telling.the(support[0])}"
    if len(others) == 1 and telling.rng.random() < 0.6:
        kind = relation_of(layer, others[0], scene)
        if kind == "behind" or (kind != "in front of" and telling.rng.random() < 0.25):
            kind = "behind" if kind == "behind" else "next to" if kind.startswith("to the") else kind
        return f"{kind} {telling.the(others[0])}"
    return at_spot(spot_words(layer.box)) if len(others) <= 2 or scene.background.name in STAGES else ""


def remove(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Take one of the things away, or all of a kind."""
    if group := choose_group(scene, rng):
        return remove_group(scene, group, rng)
    target = choose_target(scene, rng)
    if target is None or (len(scene.assets()) == 1 and scene.background.name in STAGES):
        return None
    telling = Telling(scene, rng)
    is_only = which_one(target, scene) == ""
    order = telling.order("remove", the=telling.the(target), bare=telling.bare(target) if is_only else telling.the(target)[4:])
    return Edit(before=scene, after=_with(scene, target), instruction=order)


def add(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Take one of the things away and ask for it."""
    target = choose_target(scene, rng)
    if target is None or which_one(target, scene) != "" or (len(scene.assets()) == 1 and scene.background.name == "transparent"):
        return None
    telling = Telling(scene, rng)
    where = _where(target, scene, telling)
    words = f" {where}" if where else ""
    order = telling.order("add", a=telling.thing(target), where=words, where_in=words or " in the picture")
    return Edit(before=_with(scene, target), after=arranged(scene), instruction=order)


def replace_thing(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Put another thing in the place of one, or as many in the places of all of a kind."""
    if group := choose_group(scene, rng):
        return replace_group(scene, group, stock, rng)
    target = choose_target(scene, rng)
    if target is None or target.role == "scenery":
        return None
    style = target.asset.split("/")[0]
    concept = choose_concept(stock, rng, style, apart_from=[layer.concept for layer in scene.assets()])
    key, box = stock.key(style, concept), target.box
    aspect = scene.canvas.width / scene.canvas.height
    side = max(box.width * aspect, box.height)
    if target.shadow == "contact":
        box = Box(box.centre[0] - side / aspect / 2, box.bottom - side, side / aspect, side)
    else:
        box = centred(stock, key, (*box.centre, side), scene.canvas)
    new = replace(target, asset=key, concept=concept, box=box, colour="", is_mirrored=False)
    before, after = Telling(scene, rng), _with(scene, target, new)
    order = before.order("replace", the=before.the(target), a=Telling(after, rng).thing(after.assets()[scene.assets().index(target)]))
    return Edit(before=scene, after=after, instruction=order)


def recolour(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Paint one thing in another colour, or all of a kind."""
    if group := choose_group(scene, rng):
        return recolour_group(scene, group, stock, rng)
    target = choose_target(scene, rng)
    if target is None or scene.light.name not in _PAINT_LIGHTS or scene.air != "clear":
        return None
    paints = PAINTS if rng.random() < 0.75 else FINE_PAINTS
    wanted = [paints[int(place)] for place in rng.permutation(len(paints))[:4]]
    fresh = (paint for paint in wanted if plain_hue(paint) not in hues_of(stock, target)[:1])
    paint = next((paint for paint in fresh if stock.may_paint(target.asset, target.concept, paint)), "")
    if not paint:
        return None
    telling = Telling(scene, rng)
    only = which_one(target, scene) == ""
    the = telling.the(target) if rng.random() < 0.5 or not only else f"the {telling.bare(target)}"
    painted = telling.adorned(paint, target) if only else f"make {the} {paint}"
    order = telling.order("recolour", the=the, painted=painted, colour=paint)
    return Edit(before=scene, after=_with(scene, target, replace(target, colour=hex_colour(paint))), instruction=order)


def move(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Put one thing elsewhere, or let two change places."""
    target = choose_target(scene, rng)
    if target is None or scene.background.name not in STAGES or scene.layout == "count" or scene.assets("support"):
        return None
    others = [other for other in scene.assets() if other is not target]
    if len(others) == 1 and rng.random() < 0.4:
        return _swap(scene, target, others[0], rng)
    half = target.box.width / 2, target.box.height / 2
    x, y = (float(min(max(spot, side + 0.03), 0.97 - side)) for spot, side in zip(rng.choice(_SPOTS, 2), half, strict=True))
    box = Box(round(x - half[0], 4), round(y - half[1], 4), target.box.width, target.box.height)
    spot = spot_words(box)
    is_far = abs(x - target.box.centre[0]) + abs(y - target.box.centre[1]) > 0.2
    if not is_far or spot == spot_words(target.box) or any(covered(box, other.box) > 0.08 for other in others) or max(half) > 0.34:
        return None
    telling = Telling(scene, rng)
    order = telling.order("move", the=telling.the(target), where=f"to the {spot}", where_in=at_spot(spot))
    return Edit(before=scene, after=_with(scene, target, replace(target, box=box)), instruction=order)


def _swap(scene: Scene, target: AssetLayer, other: AssetLayer, rng: np.random.Generator) -> Edit | None:
    if covered(target.box, other.box) > 0 or which_one(other, scene) != "" or which_one(target, scene) != "":
        return None
    moved = {id(target): _standing_at(target.box, other), id(other): _standing_at(other.box, target)}
    layers = tuple(replace(layer, box=moved.get(id(layer), layer.box)) for layer in scene.assets())
    if not all(is_inside(layer.box) for layer in layers) or covered(layers[0].box, layers[1].box) > 0.05:
        return None
    telling = Telling(scene, rng)
    order = telling.order("swap", the=telling.the(target), other=telling.the(other))
    return Edit(before=scene, after=arranged(replace(scene, layers=layers)), instruction=order)


def _standing_at(box: Box, other: AssetLayer) -> Box:
    """Return the box around the place of another thing: on the same foot where that throws a shadow, else with the same middle."""
    x, y = other.box.centre
    top = other.box.bottom - box.height if other.shadow == "contact" else y - box.height / 2
    return Box(round(x - box.width / 2, 4), round(top, 4), box.width, box.height)


def resize(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Make one thing clearly larger or smaller in its place."""
    target = choose_target(scene, rng)
    if target is None or scene.layout == "count" or scene.assets("support"):
        return None
    kind, factor = (("larger", 1.5), ("larger", 1.7), ("twice", 2.0), ("smaller", 0.6), ("smaller", 0.5), ("half", 0.5))[
        int(rng.integers(6))
    ]
    width, height = target.box.width * factor, target.box.height * factor
    x, y = target.box.centre
    top = target.box.bottom - height if target.shadow == "contact" else y - height / 2
    box = Box(round(x - width / 2, 4), round(top, 4), round(width, 4), round(height, 4))
    others = [other for other in scene.assets() if other is not target and other.depth < 0.1]
    if not is_inside(box) or max(width, height) < 0.13 or any(covered(box, other.box) > 0.1 for other in others):
        return None
    telling = Telling(scene, rng)
    the = telling.the(target)
    is_only = which_one(target, scene) == ""
    bigger, smaller = (telling.adorned(word, target) if is_only else f"make {the} {word}" for word in ("bigger", "smaller"))
    order = telling.order(kind, the=the, bigger=bigger, smaller=smaller)
    return Edit(before=scene, after=_with(scene, target, replace(target, box=box)), instruction=order)


THING_EDITS: Mapping[Operation, Callable[[Scene, Stock, np.random.Generator], Edit | None]] = {
    "add": add, "remove": remove, "replace": replace_thing, "recolour": recolour, "move": move, "resize": resize,
}  # fmt: skip
