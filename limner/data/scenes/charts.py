"""Compose charts with their numbers (bars, lines, pies) and labelled diagrams (parts of a thing, cycles, flows)."""

from __future__ import annotations

import math

import numpy as np

from limner.data.heldout import is_held_out_word
from limner.data.scenes.cards import SCREENS, ScreenPalette, lettered_things
from limner.data.scenes.places import TITLES
from limner.data.scenes.scene import AssetLayer, Background, Box, Canvas, Kind, Layer, Light, LineLayer, Scene, ShapeLayer, TextLayer
from limner.data.scenes.stock import Stock, body_family, centred, pick, pick_text, pick_thing

SLICES: tuple[str, ...] = ("red", "blue", "yellow", "green", "purple", "orange", "pink", "teal")
_SLICE_COLOURS = {
    "red": "#de2830", "blue": "#2468e2", "yellow": "#fdd835", "green": "#34a048", "purple": "#7e3ab8", "orange": "#fa8e1e",
    "pink": "#f882b2", "teal": "#148e8e",
}  # fmt: skip
_PARTS = (
    ("Top", "Base"),
    ("Top", "Middle", "Base"),
    ("A", "B"),
    ("A", "B", "C"),
    ("A", "B", "C", "D"),
    ("1", "2", "3"),
    ("1", "2", "3", "4"),
)


def compose_chart(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a bar, line or pie chart with a title, two to five labels and their numbers."""
    palette = SCREENS[int(rng.integers(len(SCREENS) - 2))]
    family = body_family(stock, rng)
    count = int(rng.integers(2, 6))
    scale = int(rng.choice([1, 1, 5, 10]))
    allowed = [value * scale for value in range(1, 10) if not is_held_out_word(str(value * scale))]
    values = [allowed[int(place)] for place in rng.integers(len(allowed), size=count)]
    rows = list(zip(_distinct(stock, rng, count), values, strict=True))
    title = pick(rng, stock.words) if rng.random() < 0.35 and stock.words else pick_text(rng, TITLES)
    layers: list[Layer] = [TextLayer(_lettered(title, rng), Box(0.08, 0.05, 0.84, 0.12), palette.ink, family, 700)]
    kind: Kind = ("bar", "line", "pie")[int(rng.integers(3))]
    layers += {"bar": _bars, "line": _points, "pie": _slices}[kind](rows, palette, family, canvas, rng)
    return Scene(canvas, Background("plain", (palette.paper,)), tuple(layers), Light(), "chart", kind=kind)


def _lettered(text: str, rng: np.random.Generator) -> str:
    return (text.upper, text.title, text.capitalize)[int(rng.choice(3, p=[0.5, 0.3, 0.2]))]()


def _distinct(stock: Stock, rng: np.random.Generator, count: int) -> list[str]:
    short = [word for word in stock.words if len(word) <= 6] or ["one", "two", "four", "five", "six"]
    return [short[int(index)].capitalize() for index in rng.choice(len(short), count, replace=False)]


def _box(left: float, top: float, width: float, height: float) -> Box:
    return Box(round(left, 4), round(top, 4), round(width, 4), round(height, 4))


def _bars(rows: list[tuple[str, int]], palette: ScreenPalette, family: str, canvas: Canvas, rng: np.random.Generator) -> list[Layer]:
    layers: list[Layer] = []
    step, highest = 0.84 / len(rows), max(value for _, value in rows)
    label_height = min(0.075, 1.5 * step / max(len(label) for label, _ in rows))
    for place, (label, value) in enumerate(rows):
        left, height = 0.08 + (place + 0.16) * step, 0.50 * value / highest
        layers.append(ShapeLayer("rectangle", _box(left, 0.82 - height, step * 0.68, height), palette.accent, 0.08, role="bar"))
        number = _box(left, 0.82 - height - 0.085, step * 0.68, 0.07)
        layers.append(TextLayer(str(value), number, palette.ink, family, 700, role="label"))
        layers.append(TextLayer(label, _box(left - 0.1 * step, 0.85, step * 0.88, label_height), palette.ink, family, 400, role="label"))
    layers.append(ShapeLayer("rectangle", Box(0.06, 0.82, 0.88, 0.010), palette.ink, role="decoration"))
    return layers


def _points(rows: list[tuple[str, int]], palette: ScreenPalette, family: str, canvas: Canvas, rng: np.random.Generator) -> list[Layer]:
    step, highest = 0.84 / len(rows), max(value for _, value in rows)
    places = [(round(0.08 + (place + 0.5) * step, 4), round(0.79 - 0.46 * value / highest, 4)) for place, (_, value) in enumerate(rows)]
    label_height = min(0.075, 1.5 * step / max(len(label) for label, _ in rows))
    layers: list[Layer] = [LineLayer(tuple(places), palette.accent, 0.022, role="bar")]
    for (x, y), (label, value) in zip(places, rows, strict=True):
        across = 0.05 * min(1.0, canvas.height / canvas.width)
        dot = _box(x - across / 2, y - across * canvas.width / canvas.height / 2, across, across * canvas.width / canvas.height)
        layers.append(ShapeLayer("ellipse", dot, palette.accent, role="decoration"))
        layers.append(TextLayer(str(value), _box(x - step * 0.4, y - 0.115, step * 0.8, 0.07), palette.ink, family, 700, role="label"))
        layers.append(TextLayer(label, _box(x - step * 0.44, 0.86, step * 0.88, label_height), palette.ink, family, 400, role="label"))
    layers.append(LineLayer(((0.06, 0.2), (0.06, 0.83), (0.94, 0.83)), palette.ink, 0.010))
    return layers


def _slices(rows: list[tuple[str, int]], palette: ScreenPalette, family: str, canvas: Canvas, rng: np.random.Generator) -> list[Layer]:
    total, begin = sum(value for _, value in rows), 0.0
    disc = _box(
        0.30 - 0.24 * min(1.0, canvas.height / canvas.width), 0.54 - 0.24 * min(1.0, canvas.width / canvas.height), *_round(0.48, canvas)
    )
    layers: list[Layer] = []
    names = [SLICES[int(index)] for index in rng.choice(len(SLICES), len(rows), replace=False)]
    step = min(0.17, 0.70 / len(rows))
    for place, ((label, value), name) in enumerate(zip(rows, names, strict=True)):
        end = 1.0 if place == len(rows) - 1 else begin + value / total
        layers.append(ShapeLayer("wedge", disc, _SLICE_COLOURS[name], start=round(begin, 5), end=round(end, 5), role="bar"))
        top = 0.54 + (place - len(rows) / 2) * step
        layers.append(ShapeLayer("ellipse", _box(0.585, top + 0.012, *_round(0.06, canvas)), _SLICE_COLOURS[name], role="decoration"))
        layers.append(TextLayer(str(value), _box(0.855, top, 0.10, 0.085), palette.ink, family, 700, "right", role="label"))
        layers.append(TextLayer(label, _box(0.665, top, 0.17, 0.085), palette.ink, family, 400, "left", role="label"))
        begin = end
    return layers


def _round(side: float, canvas: Canvas) -> tuple[float, float]:
    return side * min(1.0, canvas.height / canvas.width), side * min(1.0, canvas.width / canvas.height)


def compose_diagram(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a drawing with two to four labelled parts, or three or four drawings with arrows from one to the next."""
    palette, family = SCREENS[int(rng.integers(len(SCREENS) - 2))], body_family(stock, rng)
    kind: Kind = ("parts", "cycle", "flow")[int(rng.integers(3))]
    layers = {"parts": _parts, "cycle": _cycle, "flow": _flow}[kind](stock, rng, canvas, palette, family)
    return Scene(canvas, Background("plain", (palette.paper,)), tuple(layers), Light(), "diagram", kind=kind)


def _parts(stock: Stock, rng: np.random.Generator, canvas: Canvas, palette: ScreenPalette, family: str) -> list[Layer]:
    """Return a thing with lines to its heights, named from the top down."""
    key, concept = pick_thing(stock, rng)
    box = centred(stock, key, (0.36, 0.5, 0.64 * min(1.0, canvas.width / canvas.height)), canvas)
    allowed = [labels for labels in _PARTS if not any(map(is_held_out_word, labels))] or [("A", "B")]
    labels = allowed[int(rng.integers(len(allowed)))]
    layers: list[Layer] = [AssetLayer(key, concept, box)]
    for place, label in enumerate(labels):
        y = box.top + box.height * (place + 0.5) / len(labels)
        at = 0.18 + 0.64 * (place + 0.5) / len(labels)
        layers.append(LineLayer(((round(box.centre[0] + 0.14 * box.width, 4), round(y, 4)), (0.76, round(at, 4))), palette.ink, 0.011))
        layers.append(TextLayer(label, _box(0.78, at - 0.055, 0.2, 0.11), palette.accent, family, 700, "left", role="label"))
    return layers


def _cycle(stock: Stock, rng: np.random.Generator, canvas: Canvas, palette: ScreenPalette, family: str) -> list[Layer]:
    things = lettered_things(stock, rng, int(rng.integers(3, 5)))
    layers: list[Layer] = []
    turns = [2 * math.pi * place / len(things) for place in range(len(things))]
    flat = min(1.0, canvas.height / canvas.width), min(1.0, canvas.width / canvas.height)
    for turn, (key, concept, name) in zip(turns, things, strict=True):
        x, y = 0.5 + 0.335 * flat[0] * math.sin(turn), 0.47 - 0.32 * flat[1] * math.cos(turn)
        layers.append(AssetLayer(key, concept, centred(stock, key, (x, y, 0.21 * flat[1]), canvas)))
        layers.append(TextLayer(name, _box(x - 0.14, y + 0.115 * flat[1], 0.28, 0.062), palette.ink, family, 700, role="label"))
        gap, whole = 0.36 * 2 * math.pi / len(things), 2 * math.pi / len(things)
        arc = [turn + gap + (whole - 2 * gap) * step / 8 for step in range(9)]
        points = [(round(0.5 + 0.335 * flat[0] * math.sin(a), 4), round(0.47 - 0.32 * flat[1] * math.cos(a), 4)) for a in arc]
        layers.append(LineLayer(tuple(points), palette.accent, 0.020, True))
    return layers


def _flow(stock: Stock, rng: np.random.Generator, canvas: Canvas, palette: ScreenPalette, family: str) -> list[Layer]:
    """Return a row, or on a tall canvas and sometimes else a column, of things with arrows between them."""
    things = lettered_things(stock, rng, 3)
    is_column = canvas.height > canvas.width or rng.random() < 0.4
    layers: list[Layer] = []
    for place, (key, concept, name) in enumerate(things):
        along = 0.17 + 0.33 * place
        spot = (0.34, along, 0.22) if is_column else (along, 0.46, 0.22 * canvas.width / canvas.height)
        layers.append(AssetLayer(key, concept, centred(stock, key, spot, canvas)))
        label = _box(0.50, along - 0.045, 0.44, 0.09) if is_column else _box(along - 0.15, 0.60, 0.30, 0.072)
        layers.append(TextLayer(name, label, palette.ink, family, 700, "left" if is_column else "centre", role="label"))
        if place < len(things) - 1:
            ends = ((0.34, along + 0.125), (0.34, along + 0.21)) if is_column else ((along + 0.125, 0.46), (along + 0.21, 0.46))
            layers.append(LineLayer(tuple((round(x, 4), round(y, 4)) for x, y in ends), palette.accent, 0.022, True))
    return layers
