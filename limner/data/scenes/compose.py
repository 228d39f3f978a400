"""Compose designed scenes: one drawing in a place, two in a relation, counts, views with depth, empty views; their air and their medium.

Printed and drawn-up pictures are composed in `posters.py`, `cards.py` and `charts.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from limner.data.colours import plain_hue
from limner.data.naming import may_mirror
from limner.data.scenes.backgrounds import background_colours
from limner.data.scenes.cards import compose_card
from limner.data.scenes.charts import compose_chart, compose_diagram
from limner.data.scenes.places import FINE_PAINTS, FLAT_TOPS, FLOATING, FOREGROUNDS, OPEN_SKY, PAINTS, PLACES, SMALL_THINGS, STARS, Place
from limner.data.scenes.posters import compose_poster, compose_sign
from limner.data.scenes.render import drawn_box
from limner.data.scenes.scene import (
    MEDIA,
    AirName,
    AssetLayer,
    Background,
    BackgroundName,
    Box,
    Canvas,
    Layer,
    Layout,
    Light,
    Scene,
)
from limner.data.scenes.stock import Stock, centred, hex_colour, pick
from limner.media.filters.light import LightName

_STAGES = (
    "white",
    "cream",
    "light blue",
    "light yellow",
    "light pink",
    "mint green",
    "lavender",
    "peach",
    "light grey",
    "sky blue",
    "beige",
    "light green",
)
_STRONG_STAGES = (
    "navy blue",
    "teal",
    "coral",
    "dark green",
    "purple",
    "yellow",
    "turquoise",
    "maroon",
    "indigo",
    "crimson",
    "khaki",
    "lilac",
)
_ROWS: Mapping[int, tuple[tuple[int, ...], ...]] = {
    1: ((1,),), 2: ((2,),), 3: ((3,), (1, 2), (2, 1)), 4: ((2, 2),), 5: ((3, 2), (2, 3)), 6: ((3, 3), (2, 2, 2)),
}  # fmt: skip
TEMPLATE_SHARES: Mapping[Layout, float] = {
    "single": 0.17, "relation": 0.20, "count": 0.12, "landscape": 0.20, "view": 0.04, "poster": 0.11, "card": 0.07, "chart": 0.05,
    "diagram": 0.04,
}  # fmt: skip
SHARE_MEDIUM, SHARE_AIR = 0.22, 0.18
_DRESSED = frozenset({"single", "relation", "count", "landscape", "view"})
_RECOLOURING = frozenset({"pencil", "ink", "chalk", "neon", "blueprint", "art deco"})
_WEATHERS: Mapping[BackgroundName, tuple[AirName, ...]] = {
    "hills": ("rain", "fog"), "forest": ("fog", "rain"), "snow": ("falling snow", "falling snow", "fog"), "road": ("rain", "fog"),
    "city": ("rain", "fog"), "sea": ("rain", "fog"), "mountains": ("fog", "falling snow"), "street": ("rain", "fog", "rain"),
    "open road": ("rain", "fog"), "snowy road": ("falling snow",),
}  # fmt: skip


def compose_scene(
    stock: Stock,
    rng: np.random.Generator,
    *,
    canvas: Canvas | None = None,
    layout: Layout | None = None,
    shares: Mapping[Layout, float] = TEMPLATE_SHARES,
    share_medium: float = SHARE_MEDIUM,
) -> Scene:
    """Return a scene of a layout, chosen by share if none is named; `share_medium` of those that may be are made in another medium."""
    layouts = tuple(shares)
    chosen = layout or layouts[int(rng.choice(len(layouts), p=np.array(list(shares.values()))))]
    return _dressed(_TEMPLATES[chosen](stock, rng, canvas or Canvas()), rng, share_medium)


def _dressed(scene: Scene, rng: np.random.Generator, share_medium: float) -> Scene:
    """Return the scene with weather in its air, or made in another medium, or as it was."""
    chance, choice = rng.random(), rng.random()
    ground, is_dark = scene.background.name, scene.light.name in {"dusk", "moon"}
    if scene.layout not in _DRESSED:
        return scene
    if chance < share_medium and ground != "grid paper":
        media = MEDIA[1:] if scene.light.name in {"studio", "noon"} else [name for name in MEDIA[1:] if name not in _RECOLOURING]
        medium = media[int(choice * len(media))]
        layers = scene.layers if medium not in _RECOLOURING else tuple(map(_unpainted, scene.layers))
        return replace(scene, medium=medium, layers=layers)
    if ground == "forest" and is_dark and chance > 0.45:
        return replace(scene, air="fireflies")
    airs = _WEATHERS.get(ground, ())
    share = 0.6 if ground == "snowy road" else SHARE_AIR
    if airs and chance > 1 - share and not any(layer.colour for layer in scene.assets()):
        return replace(scene, air=airs[int(choice * len(airs))])
    return scene


def _unpainted(layer: Layer) -> Layer:
    return replace(layer, colour="") if isinstance(layer, AssetLayer) else layer


def _stage(rng: np.random.Generator, *names: BackgroundName) -> Background:
    """Return a quiet ground for things that stand nowhere in particular."""
    name = names[int(rng.integers(len(names)))]
    if name == "plain":
        return Background("plain", (hex_colour(pick(rng, _STAGES if rng.random() < 0.75 else _STRONG_STAGES)),))
    if name == "gradient":
        first, second = rng.choice(len(_STAGES), 2, replace=False)
        return Background("gradient", (hex_colour(_STAGES[int(first)]), hex_colour(_STAGES[int(second)])))
    return Background(name, background_colours(name, "studio", rng), seed=int(rng.integers(2**31)))


def _view(place: Place, rng: np.random.Generator) -> tuple[Background, Light]:
    light_name: LightName = place.lights[int(rng.integers(len(place.lights)))]
    horizon = round(float(rng.uniform(*place.horizon)), 3)
    colours = background_colours(place.background, light_name, rng)
    side = round(float(rng.uniform(0.35, 0.85) * rng.choice([-1, 1])), 2)
    return Background(place.background, colours, horizon, int(rng.integers(2**31))), Light(light_name, side)


def _asset(stock: Stock, style: str, concept: str, box: Box, **fields: object) -> AssetLayer:
    rounded = Box(*(round(number, 4) for number in (box.left, box.top, box.width, box.height)))
    return AssetLayer(stock.key(style, concept), concept, rounded, **fields)  # type: ignore[arg-type]


def _maybe_painted(stock: Stock, style: str, concept: str, rng: np.random.Generator, *, light: Light, share: float) -> str:
    """Return a colour to paint a drawing in, or ""; only in a light that leaves colours as they are named."""
    if light.name not in {"studio", "noon"} or rng.random() > share:
        return ""
    key = stock.key(style, concept)
    paints = PAINTS if rng.random() < 0.72 else FINE_PAINTS
    paint = pick(rng, [name for name in paints if plain_hue(name) != stock.sprites.colour(key)])
    return hex_colour(paint) if stock.may_paint(key, concept, paint) else ""


def _is_turned(concept: str, rng: np.random.Generator) -> bool:
    return bool(may_mirror(concept, "") and rng.random() < 0.25)


def _standing(x: float, bottom: float, height: float, canvas: Canvas) -> Box:
    width = height * canvas.height / canvas.width
    return Box(x - width / 2, bottom - height, width, height)


def _ground_line(place: Place, horizon: float) -> float:
    """Return where the nearest things stand."""
    lines = {
        "road": min(0.96, horizon + 0.36) - 0.035,
        "table": 0.80,
        "sea": 0.84,
        "room": 0.90,
        "underwater": 0.78,
        "kitchen": horizon + 0.14,
    }
    return lines.get(place.background, 0.88)


def _compose_single(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    style = stock.choose_set(rng)
    if rng.random() < 0.25:
        return _compose_alone(stock, style, rng, canvas)
    places = (*PLACES, STARS, OPEN_SKY)
    place = places[int(rng.integers(len(places)))]
    concepts = stock.known(style, place.subjects)
    if not concepts:
        return _compose_count(stock, rng, canvas)
    background, light = _view(place, rng)
    concept = pick(rng, concepts)
    is_floating = place.background in FLOATING
    height = float(rng.uniform(0.34, 0.44)) if place.background in {"road", "street", "open road"} else float(rng.uniform(0.46, 0.62))
    bottom = 0.5 + height / 2 if is_floating else _ground_line(place, background.horizon)
    fields = {"colour": _maybe_painted(stock, style, concept, rng, light=light, share=0.2), "is_mirrored": _is_turned(concept, rng)}
    shadow = "none" if is_floating or place.background == "sea" else "contact"
    layer = _asset(stock, style, concept, _standing(float(rng.uniform(0.46, 0.54)), bottom, height, canvas), shadow=shadow, **fields)
    return Scene(canvas, background, (layer,), light, "single")


def _compose_alone(stock: Stock, style: str, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return one thing on a quiet ground: small in a corner, at a side or in the middle, or tiny, or as large as fits."""
    concept = pick(rng, stock.countable(style))
    key = stock.key(style, concept)
    kind, short = rng.random(), min(1.0, canvas.width / canvas.height)
    x, y, height = 0.5, 0.5, float(rng.uniform(0.86, 0.92))
    if kind < 0.75:
        height = float(rng.uniform(0.26, 0.34)) if kind < 0.6 else float(rng.uniform(0.14, 0.18))
        x, y = (float(spot) for spot in rng.choice([0.22, 0.5, 0.78], 2))
    colour = _maybe_painted(stock, style, concept, rng, light=Light(), share=0.3)
    layer = _asset(stock, style, concept, centred(stock, key, (x, y, height * short), canvas), colour=colour)
    return Scene(canvas, _stage(rng, "plain", "gradient"), (layer,), Light(), "single")


def _two_concepts(stock: Stock, style: str, rng: np.random.Generator, concepts: Sequence[str]) -> tuple[str, str]:
    first, second = rng.choice(len(concepts), 2, replace=False)
    return concepts[int(first)], concepts[int(second)]


def _compose_relation(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    ways = (_compose_beside, _compose_stacked, _compose_on, _compose_behind, _compose_sized, _compose_colours)
    return ways[int(rng.choice(len(ways), p=[0.30, 0.16, 0.12, 0.14, 0.14, 0.14]))](stock, rng, canvas)


def _compose_behind(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return two things of which the nearer covers a part of the other."""
    style = stock.choose_set(rng)
    short, side = min(1.0, canvas.width / canvas.height), float(rng.choice([-1, 1]))
    for _ in range(6):
        back, front = _two_concepts(stock, style, rng, stock.countable(style))
        boxes = (
            centred(stock, stock.key(style, back), (0.5 - side * 0.10, 0.40, 0.60 * short), canvas),
            centred(stock, stock.key(style, front), (0.5 + side * 0.13, 0.68, 0.42 * short), canvas),
        )
        if 0.12 < _covered(*boxes) < 0.42:
            break
    else:
        return _compose_beside(stock, rng, canvas)
    layers = [
        _asset(stock, style, concept, box, role=role) for concept, box, role in ((back, boxes[0], "subject"), (front, boxes[1], "second"))
    ]
    return Scene(canvas, _stage(rng, "plain", "gradient"), tuple(layers), Light(), "relation")


def _covered(back: Box, front: Box) -> float:
    """Return which share of the back box lies behind the front one."""
    across = min(back.right, front.right) - max(back.left, front.left)
    down = min(back.bottom, front.bottom) - max(back.top, front.top)
    return max(0.0, across) * max(0.0, down) / (back.width * back.height)


def _compose_sized(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a big thing and a small one on one line."""
    style = stock.choose_set(rng)
    big, small = _two_concepts(stock, style, rng, stock.countable(style))
    side, short = float(rng.choice([-1, 1])), min(1.0, canvas.width / canvas.height)
    layers = []
    for concept, x, height, role in ((big, 0.5 - side * 0.17, 0.58, "subject"), (small, 0.5 + side * 0.34, 0.2, "second")):
        box = centred(stock, stock.key(style, concept), (x, 0.5, height * short), canvas)
        standing = Box(box.left, 0.78 - box.height, box.width, box.height)
        layers.append(_asset(stock, style, concept, standing, role=role, shadow="contact"))
    return Scene(canvas, _stage(rng, "plain", "gradient"), tuple(layers), Light(), "relation")


def _compose_colours(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return two things beside each other, each painted in its own colour."""
    style, found = stock.choose_set(rng), dict[str, tuple[str, str]]()
    for _ in range(24):
        concept = pick(rng, stock.countable(style))
        paint = pick(rng, PAINTS if rng.random() < 0.6 else FINE_PAINTS)
        is_new = concept not in {known for known, _ in found.values()} and plain_hue(paint) not in found
        if is_new and stock.may_paint(stock.key(style, concept), concept, paint):
            found[plain_hue(paint)] = concept, paint
        if len(found) == 2:
            break
    else:
        return _compose_beside(stock, rng, canvas)
    height = 0.40 if canvas.width >= canvas.height else 0.30
    layers = [
        _asset(stock, style, concept, _standing(x, 0.70, height, canvas), shadow="contact", role=role, colour=hex_colour(paint))
        for (concept, paint), x, role in zip(found.values(), (0.27, 0.73), ("subject", "second"), strict=True)
    ]
    return Scene(canvas, _stage(rng, "plain"), tuple(layers), Light(), "relation")


def _compose_beside(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    style = stock.choose_set(rng)
    place = PLACES[int(rng.integers(len(PLACES)))]
    if rng.random() < 0.5 or len(stock.known(style, place.subjects)) < 2:
        background, light, concepts, bottom = _stage(rng, "plain", "gradient", "grid paper"), Light(), stock.things(style), 0.70
    else:
        background, light = _view(place, rng)
        concepts, bottom = stock.known(style, place.subjects), _ground_line(place, background.horizon)
    first, second = _two_concepts(stock, style, rng, concepts)
    height = 0.40 if canvas.width >= canvas.height else 0.30
    shadow = "none" if background.name in {"sea", "grid paper", "underwater"} else "contact"
    layers = [
        _asset(
            stock,
            style,
            concept,
            _standing(x, bottom, height, canvas),
            shadow=shadow,
            role=role,
            colour=_maybe_painted(stock, style, concept, rng, light=light, share=0.3),
        )
        for concept, x, role in ((first, 0.27, "subject"), (second, 0.73, "second"))
    ]
    return Scene(canvas, background, tuple(layers), light, "relation")


def _compose_stacked(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    style = stock.choose_set(rng)
    first, second = _two_concepts(stock, style, rng, stock.things(style))
    height = 0.38 if canvas.height >= canvas.width else 0.40
    layers = [
        _asset(
            stock,
            style,
            concept,
            centred(stock, stock.key(style, concept), (0.5, y, height), canvas),
            role=role,
            colour=_maybe_painted(stock, style, concept, rng, light=Light(), share=0.3),
        )
        for concept, y, role in ((first, 0.28, "subject"), (second, 0.73, "second"))
    ]
    return Scene(canvas, _stage(rng, "plain", "gradient", "grid paper"), tuple(layers), Light(), "relation")


def _compose_on(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    style = stock.choose_set(rng)
    tops, things = stock.known(style, FLAT_TOPS), stock.known(style, SMALL_THINGS)
    if not tops or not things:
        return _compose_stacked(stock, rng, canvas)
    support, thing = pick(rng, tops), pick(rng, things)
    lower = _asset(stock, style, support, _standing(0.5, 0.90, 0.42, canvas), role="support", shadow="contact")
    top = drawn_box(lower, stock.sprites.aspect(lower.asset), canvas.width / canvas.height).top
    upper = _asset(stock, style, thing, _standing(0.5, top + 0.035, min(0.36, top - 0.03), canvas), role="subject")
    return Scene(canvas, _stage(rng, "plain", "gradient"), (lower, upper), Light(), "relation")


def _compose_count(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    style = stock.choose_set(rng)
    if rng.random() < 0.3:
        return _compose_two_counts(stock, style, rng, canvas)
    concept = pick(rng, stock.countable(style))
    count = int(rng.integers(1, 7))
    rows = _ROWS[count][int(rng.integers(len(_ROWS[count])))]
    colour = _maybe_painted(stock, style, concept, rng, light=Light(), share=0.2)
    cell = min(0.86 / max(rows) * canvas.width, 0.86 / len(rows) * canvas.height, 0.62 * canvas.height)
    width, height = cell / canvas.width, cell / canvas.height
    layers = []
    for row, columns in enumerate(rows):
        top = 0.5 + (row - len(rows) / 2) * height
        for column in range(columns):
            left = 0.5 + (column - columns / 2) * width
            spot = (left + width / 2, top + height / 2, 0.84 * height)
            box = centred(stock, stock.key(style, concept), spot, canvas)
            layers.append(_asset(stock, style, concept, box, colour=colour))
    return Scene(canvas, _stage(rng, "plain", "gradient", "grid paper"), tuple(layers), Light(), "count")


def _compose_two_counts(stock: Stock, style: str, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a row of one thing over a row of another, up to six in all."""
    first, second = _two_concepts(stock, style, rng, stock.countable(style))
    count = int(rng.integers(1, 5))
    other = int(rng.integers(1, min(4, 6 - count) + 1))
    layers = []
    for concept, number, y, role in ((first, count, 0.28, "subject"), (second, other, 0.72, "second")):
        width = min(0.90 / number, 0.42 * canvas.height / canvas.width)
        height = 0.84 * width * canvas.width / canvas.height
        for place in range(number):
            spot = (0.5 + (place + 0.5 - number / 2) * width, y, height)
            layers.append(_asset(stock, style, concept, centred(stock, stock.key(style, concept), spot, canvas), role=role))
    return Scene(canvas, _stage(rng, "plain", "gradient"), tuple(layers), Light(), "count")


def _compose_view(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a place where nothing stands."""
    place = (*PLACES, STARS, OPEN_SKY)[int(rng.integers(len(PLACES) + 2))]
    background, light = _view(place, rng)
    return Scene(canvas, background, (), light, "view")


def _compose_landscape(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    style = stock.choose_set(rng)
    places = [
        place for place in PLACES if place.scenery and len(stock.known(style, place.subjects)) > 1 and stock.known(style, place.scenery)
    ]
    if not places:
        return _compose_single(stock, rng, canvas)
    place = places[int(rng.integers(len(places)))]
    background, light = _view(place, rng)
    subject = pick(rng, stock.known(style, place.subjects))
    side = float(rng.choice([-1, 1]))
    layers: list[Layer] = [*_in_the_air(stock, style, place, rng, (canvas, side, light, background.horizon))]
    layers += _scenery(stock, style, place, rng, (canvas, side, background.horizon, subject))
    height = float(rng.uniform(0.36, 0.44)) if place.background not in {"road", "street"} else float(rng.uniform(0.30, 0.36))
    box = _standing(0.5 + side * 0.16, _ground_line(place, background.horizon), height, canvas)
    shadow = "none" if place.background == "sea" else "contact"
    fields = {"colour": _maybe_painted(stock, style, subject, rng, light=light, share=0.15), "is_mirrored": _is_turned(subject, rng)}
    layers.append(_asset(stock, style, subject, box, shadow=shadow, **fields))
    layers += _foreground(stock, style, place, rng, (canvas, side, subject))
    return Scene(canvas, background, tuple(layers), light, "landscape")


def _foreground(stock: Stock, style: str, place: Place, rng: np.random.Generator, frame: tuple[Canvas, float, str]) -> list[AssetLayer]:
    """Return nothing, or one thing nearer than the subject that covers a little of it."""
    canvas, side, subject = frame
    choices = [concept for concept in stock.known(style, FOREGROUNDS.get(place.background, ())) if concept != subject]
    if not choices or rng.random() < 0.6:
        return []
    box = _standing(0.5 + side * 0.34, 0.985, float(rng.uniform(0.22, 0.28)), canvas)
    return [_asset(stock, style, pick(rng, choices), box, role="foreground", shadow="contact")]


def _scenery(stock: Stock, style: str, place: Place, rng: np.random.Generator, frame: tuple[Canvas, float, float, str]) -> list[AssetLayer]:
    """Return one or two kinds of things behind, on the side that the subject leaves free, the farthest first."""
    canvas, side, horizon, subject = frame
    choices = [concept for concept in stock.known(style, place.scenery) if concept != subject]
    if not choices:
        return []
    concept = pick(rng, choices)
    near = _ground_line(place, horizon)
    # 0 is on the horizon, 1 where the subject stands; on a road things stand behind the kerb
    steps = (0.16, 0.30) if place.background == "road" else (0.30, 0.62)
    spots = [(0.5 - side * 0.36, steps[1]), (0.5 - side * 0.15, steps[0]), (0.5 + side * 0.40, steps[0])][: int(rng.integers(1, 4))]
    layers = []
    for x, nearness in sorted(spots, key=lambda spot: spot[1]):
        bottom = horizon + (near - horizon) * (0.12 + 0.88 * nearness)
        height = 0.12 + 0.34 * nearness
        depth = round(0.7 * (1 - nearness), 3)
        shadow = "none" if place.background == "sea" else "contact"
        layers.append(_asset(stock, style, concept, _standing(x, bottom, height, canvas), depth=depth, shadow=shadow, role="scenery"))
    return layers


def _in_the_air(
    stock: Stock, style: str, place: Place, rng: np.random.Generator, frame: tuple[Canvas, float, Light, float]
) -> list[AssetLayer]:  # fmt: skip
    canvas, side, light, horizon = frame
    choices = stock.known(style, place.air)
    if not choices or place.background == "room" or rng.random() < 0.55:
        return []
    concept = pick(rng, choices)
    free_side = -1.0 if light.name in {"dusk", "moon"} and light.side > 0 else 1.0 if light.name in {"dusk", "moon"} else -side
    box = _standing(0.5 + free_side * 0.24, max(0.24, horizon * 0.52), 0.17, canvas)
    return [_asset(stock, style, concept, box, role="scenery", depth=0.15, is_mirrored=_is_turned(concept, rng))]


_TEMPLATES: Mapping[Layout, Callable[[Stock, np.random.Generator, Canvas], Scene]] = {
    "single": _compose_single, "relation": _compose_relation, "count": _compose_count, "landscape": _compose_landscape,
    "view": _compose_view, "poster": compose_poster, "card": compose_card, "chart": compose_chart, "diagram": compose_diagram,
    "sign": compose_sign,
}  # fmt: skip
