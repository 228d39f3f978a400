"""Compose designed scenes: one drawing in a place, two in a relation, counts, views with depth. Posters and cards are in `posters.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from limner.data.naming import may_mirror
from limner.data.scenes.backgrounds import background_colours
from limner.data.scenes.places import FLAT_TOPS, OPEN_SKY, PAINTS, PLACES, SMALL_THINGS, STARS, Place
from limner.data.scenes.posters import compose_card, compose_chart, compose_poster
from limner.data.scenes.render import drawn_box
from limner.data.scenes.scene import AssetLayer, Background, BackgroundName, Box, Canvas, Layer, Layout, Light, LightName, Scene
from limner.data.scenes.stock import Stock, centred, hex_colour, pick

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
_STRONG_STAGES = ("navy blue", "teal", "coral", "dark green", "purple", "yellow", "turquoise")
_ROWS: Mapping[int, tuple[tuple[int, ...], ...]] = {
    1: ((1,),), 2: ((2,),), 3: ((3,), (1, 2), (2, 1)), 4: ((2, 2),), 5: ((3, 2), (2, 3)), 6: ((3, 3), (2, 2, 2)),
}  # fmt: skip
TEMPLATE_SHARES: Mapping[Layout, float] = {
    "single": 0.18, "relation": 0.20, "count": 0.14, "landscape": 0.24, "poster": 0.13, "card": 0.07, "chart": 0.04,
}  # fmt: skip


def compose_scene(
    stock: Stock,
    rng: np.random.Generator,
    *,
    canvas: Canvas | None = None,
    layout: Layout | None = None,
    shares: Mapping[Layout, float] = TEMPLATE_SHARES,
) -> Scene:
    """Return a scene of a layout, chosen by share if none is named."""
    layouts = tuple(shares)
    chosen = layout or layouts[int(rng.choice(len(layouts), p=np.array(list(shares.values()))))]
    return _TEMPLATES[chosen](stock, rng, canvas or Canvas())


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
    key = stock.key(style, concept)
    if rng.random() >= share or light.name not in {"studio", "noon"}:
        return ""
    paint = pick(rng, [name for name in PAINTS if name != stock.sprites.colour(key)])
    return hex_colour(paint) if stock.may_paint(key, concept, paint) else ""


def _is_turned(concept: str, rng: np.random.Generator) -> bool:
    return bool(may_mirror(concept, "") and rng.random() < 0.25)


def _standing(x: float, bottom: float, height: float, canvas: Canvas) -> Box:
    width = height * canvas.height / canvas.width
    return Box(x - width / 2, bottom - height, width, height)


def _ground_line(place: Place, horizon: float) -> float:
    """Return where the nearest things stand."""
    return {"road": min(0.96, horizon + 0.36) - 0.035, "table": 0.80, "sea": 0.84, "room": 0.90}.get(place.background, 0.88)


def _compose_single(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    style = stock.choose_set(rng)
    places = (*PLACES, STARS, OPEN_SKY)
    place = places[int(rng.integers(len(places)))]
    concepts = stock.known(style, place.subjects)
    if not concepts:
        return _compose_count(stock, rng, canvas)
    background, light = _view(place, rng)
    concept = pick(rng, concepts)
    is_floating = place in (STARS, OPEN_SKY)
    height = float(rng.uniform(0.46, 0.62)) if place.background != "road" else float(rng.uniform(0.34, 0.44))
    bottom = 0.5 + height / 2 if is_floating else _ground_line(place, background.horizon)
    fields = {"colour": _maybe_painted(stock, style, concept, rng, light=light, share=0.2), "is_mirrored": _is_turned(concept, rng)}
    shadow = "none" if is_floating or place.background == "sea" else "contact"
    layer = _asset(stock, style, concept, _standing(float(rng.uniform(0.46, 0.54)), bottom, height, canvas), shadow=shadow, **fields)
    return Scene(canvas, background, (layer,), light, "single")


def _two_concepts(stock: Stock, style: str, rng: np.random.Generator, concepts: Sequence[str]) -> tuple[str, str]:
    first, second = rng.choice(len(concepts), 2, replace=False)
    return concepts[int(first)], concepts[int(second)]


def _compose_relation(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    kind = rng.random()
    if kind < 0.5:
        return _compose_beside(stock, rng, canvas)
    if kind < 0.85:
        return _compose_stacked(stock, rng, canvas)
    return _compose_on(stock, rng, canvas)


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
    shadow = "none" if background.name in {"sea", "grid paper"} else "contact"
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
    height = float(rng.uniform(0.36, 0.44)) if place.background != "road" else float(rng.uniform(0.30, 0.36))
    box = _standing(0.5 + side * 0.16, _ground_line(place, background.horizon), height, canvas)
    shadow = "none" if place.background == "sea" else "contact"
    fields = {"colour": _maybe_painted(stock, style, subject, rng, light=light, share=0.15), "is_mirrored": _is_turned(subject, rng)}
    layers.append(_asset(stock, style, subject, box, shadow=shadow, **fields))
    return Scene(canvas, background, tuple(layers), light, "landscape")


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
    "poster": compose_poster, "card": compose_card, "chart": compose_chart,
}  # fmt: skip
