"""Compose printed and user-interface pictures: posters with a title, cards with a button, bar charts with their numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limner.data.heldout import is_held_out_word
from limner.data.scenes.places import BUTTONS, CARD_NOTES, CARD_TITLES, SUBTITLES, TITLES
from limner.data.scenes.scene import AssetLayer, Background, Box, Canvas, Layer, Light, Scene, ShapeLayer, TextLayer
from limner.data.scenes.stock import Stock, centred, pick, pick_text

_BODY_CLASSES = ("clean sans serif", "condensed sans serif", "slab serif", "serif", "plain")


@dataclass(frozen=True)
class _Palette:
    paper: str
    ink: str
    accent: str


_POSTERS = (
    _Palette("#fdf3e3", "#1f2a44", "#f2a65a"), _Palette("#1f2a44", "#fdf3e3", "#ef6461"), _Palette("#e4572e", "#fff8ea", "#ffc15e"),
    _Palette("#f4f1de", "#3d405b", "#81b29a"), _Palette("#2a9d8f", "#fdfbf2", "#e9c46a"), _Palette("#ffd6e0", "#5b2a4a", "#ff8fab"),
    _Palette("#0b3954", "#fefefa", "#fed766"), _Palette("#fff1a8", "#2d2d34", "#f78764"), _Palette("#dcedff", "#14375e", "#78b6f0"),
    _Palette("#ffffff", "#16161d", "#ffd23f"), _Palette("#2b2d42", "#edf2f4", "#8d99ae"), _Palette("#d8f3dc", "#1b4332", "#74c69d"),
)  # fmt: skip
_SCREENS = (
    _Palette("#eef2ff", "#1e1b4b", "#6366f1"), _Palette("#fff1f2", "#3f1d2b", "#f43f5e"), _Palette("#ecfdf5", "#06372b", "#10b981"),
    _Palette("#fff7ed", "#3b2410", "#f97316"), _Palette("#f0f9ff", "#0c2d48", "#0ea5e9"), _Palette("#faf5ff", "#2e1065", "#a855f7"),
    _Palette("#111827", "#111827", "#3b82f6"), _Palette("#fefce8", "#3a2f0b", "#eab308"),
)  # fmt: skip


def _family(stock: Stock, rng: np.random.Generator, *, is_body: bool = False) -> str:
    families = [family for family, words in stock.families.items() if not is_body or words in _BODY_CLASSES]
    return pick(rng, families or list(stock.families))


def _lettered(text: str, rng: np.random.Generator) -> str:
    return (text.upper, text.title, text.capitalize)[int(rng.choice(3, p=[0.5, 0.3, 0.2]))]()


def _title_text(stock: Stock, rng: np.random.Generator) -> str:
    if rng.random() < 0.35 and stock.words:
        return pick(rng, stock.words)
    return pick_text(rng, TITLES)


def _thing(stock: Stock, rng: np.random.Generator) -> tuple[str, str]:
    style = stock.choose_set(rng)
    concept = pick(rng, stock.things(style))
    return stock.key(style, concept), concept


def _square(x: float, y: float, height: float, canvas: Canvas) -> Box:
    width = height * canvas.height / canvas.width
    return Box(round(x - width / 2, 4), round(y - height / 2, 4), round(width, 4), round(height, 4))


def compose_poster(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a poster: a quoted title, a drawing on a disc or on bare paper, sometimes a line below."""
    palette = _POSTERS[int(rng.integers(len(_POSTERS)))]
    key, concept = _thing(stock, rng)
    family = _family(stock, rng)
    title = _lettered(_title_text(stock, rng), rng)
    is_title_first, has_line = bool(rng.random() < 0.5), bool(rng.random() < 0.55)
    layers: list[Layer] = []
    if rng.random() < 0.4:
        inset = Box(0.035, 0.035, 0.93, 0.93)
        inner = Box(0.047, 0.047, 0.906, 0.906)
        layers += [
            ShapeLayer("rectangle", box, colour, role="decoration") for box, colour in ((inset, palette.accent), (inner, palette.paper))
        ]
    picture_y = 0.60 if is_title_first else 0.385
    if rng.random() < 0.65:
        layers.append(ShapeLayer("ellipse", _square(0.5, picture_y, 0.56, canvas), palette.accent, role="decoration"))
        layers.append(AssetLayer(key, concept, centred(stock, key, (0.5, picture_y, 0.40), canvas), shadow="drop"))
    else:
        layers.append(AssetLayer(key, concept, centred(stock, key, (0.5, picture_y, 0.50), canvas)))
    title_box = Box(0.09, 0.09, 0.82, 0.19) if is_title_first else Box(0.09, 0.70 if has_line else 0.72, 0.82, 0.17)
    layers.append(TextLayer(title, title_box, palette.ink, family, 700))
    if has_line:
        line_box = Box(0.2, 0.888, 0.6, 0.055)
        layers.append(TextLayer(pick_text(rng, SUBTITLES).capitalize(), line_box, palette.ink, family, 400, role="subtitle"))
    return Scene(canvas, Background("plain", (palette.paper,)), tuple(layers), Light(), "poster")


def compose_card(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a card of a user interface: an icon, a title, a note and a button, stacked or side by side."""
    palette = _SCREENS[int(rng.integers(len(_SCREENS)))]
    key, concept = _thing(stock, rng)
    family = _family(stock, rng, is_body=True)
    title, note, button = (
        pick_text(rng, CARD_TITLES).capitalize(),
        pick_text(rng, CARD_NOTES).capitalize(),
        pick_text(rng, BUTTONS).capitalize(),
    )
    panel = ShapeLayer("rectangle", Box(0.12, 0.10, 0.76, 0.80), "#ffffff", 0.09, "drop")
    ink = "#17181c" if palette.ink == palette.paper else palette.ink
    tint = ShapeLayer("rectangle", Box(0.12 + 0.045, 0.145, 0.67, 0.36), _pale(palette.accent), 0.12, role="decoration")
    rows: tuple[Layer, ...] = (
        panel, tint, AssetLayer(key, concept, centred(stock, key, (0.5, 0.325, 0.27), canvas)),
        TextLayer(title, Box(0.18, 0.535, 0.64, 0.085), ink, family, 700),
        TextLayer(note, Box(0.20, 0.635, 0.60, 0.055), "#6b7280", family, 400, role="subtitle"),
        ShapeLayer("rectangle", Box(0.28, 0.735, 0.44, 0.105), palette.accent, 0.5, role="decoration"),
        TextLayer(button, Box(0.32, 0.7625, 0.36, 0.05), "#ffffff", family, 700, role="button"),
    )  # fmt: skip
    return Scene(canvas, Background("plain", (palette.paper,)), rows, Light(), "card")


def _pale(colour: str) -> str:
    channels = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - channel) * 0.22):02x}" for channel in channels)


def compose_chart(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a bar chart with a title, two to five labelled bars and their numbers."""
    palette = _SCREENS[int(rng.integers(len(_SCREENS) - 2))]
    family = _family(stock, rng, is_body=True)
    count = int(rng.integers(2, 6))
    labels = _distinct(stock, rng, count)
    scale = int(rng.choice([1, 1, 5, 10]))
    allowed = [value * scale for value in range(1, 10) if not is_held_out_word(str(value * scale))]
    values = [allowed[int(place)] for place in rng.integers(len(allowed), size=count)]
    layers: list[Layer] = [TextLayer(_lettered(_title_text(stock, rng), rng), Box(0.1, 0.06, 0.8, 0.10), palette.ink, family, 700)]
    step = 0.80 / count
    label_height = round(min(0.065, 1.5 * step / max(map(len, labels))), 4)
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        left, height = 0.1 + (place + 0.16) * step, 0.52 * value / max(values)
        bar = Box(round(left, 4), round(0.82 - height, 4), round(step * 0.68, 4), round(height, 4))
        layers.append(ShapeLayer("rectangle", bar, palette.accent, 0.08, role="bar"))
        layers.append(
            TextLayer(str(value), Box(bar.left, round(bar.top - 0.075, 4), bar.width, 0.06), palette.ink, family, 700, role="label")
        )
        layers.append(
            TextLayer(
                label,
                Box(round(0.1 + (place + 0.06) * step, 4), 0.85, round(step * 0.88, 4), label_height),
                palette.ink,
                family,
                400,
                role="label",
            )
        )
    layers.append(ShapeLayer("rectangle", Box(0.08, 0.82, 0.84, 0.008), palette.ink, role="decoration"))
    return Scene(canvas, Background("plain", (palette.paper,)), tuple(layers), Light(), "chart")


def _distinct(stock: Stock, rng: np.random.Generator, count: int) -> list[str]:
    short = [word for word in stock.words if len(word) <= 6] or ["one", "two", "four", "five", "six"]
    return [short[int(index)].capitalize() for index in rng.choice(len(short), count, replace=False)]
