"""Compose lettering: posters with a title, a drawing, sometimes a line; and signs, one word, large, alone or on a shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from limner.data.colours import colour_named, contrast
from limner.data.scenes.places import SUBTITLES, TITLES
from limner.data.scenes.scene import AssetLayer, Background, Box, Canvas, Kind, Layer, Light, Scene, ShapeLayer, TextLayer
from limner.data.scenes.stock import Stock, any_family, centred, hex_colour, pick, pick_text, pick_thing


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

SIGN_SHARES: Mapping[Kind, float] = {"letters": 0.46, "board": 0.22, "badge": 0.16, "label": 0.16}
_INKS = ("black", "white", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "navy blue", "teal")
_GROUNDS = ("white", "white", "cream", "light blue", "light yellow", "light pink", "mint green", "light grey", "navy blue", "black", "teal")
_CASES = (str.upper, str.capitalize, str.lower)
_LEAST_CONTRAST = 2.4  # between letters and what they stand on
_SHARE_PHRASE = 0.15
_SHAPES: Mapping[Kind, tuple[ShapeLayer, Box]] = {
    "board": (ShapeLayer("rectangle", Box(0.08, 0.29, 0.84, 0.42), "#000000", 0.12, "drop"), Box(0.15, 0.37, 0.70, 0.26)),
    "badge": (ShapeLayer("ellipse", Box(0.12, 0.12, 0.76, 0.76), "#000000"), Box(0.21, 0.36, 0.58, 0.28)),
    "label": (ShapeLayer("rectangle", Box(0.06, 0.36, 0.88, 0.28), "#000000", 0.5), Box(0.16, 0.42, 0.68, 0.16)),
}


def _lettered(text: str, rng: np.random.Generator) -> str:
    return (text.upper, text.title, text.capitalize)[int(rng.choice(3, p=[0.5, 0.3, 0.2]))]()


def _title_text(stock: Stock, rng: np.random.Generator) -> str:
    if rng.random() < 0.35 and stock.words:
        return pick(rng, stock.words)
    return pick_text(rng, TITLES)


def _square(x: float, y: float, height: float, canvas: Canvas) -> Box:
    width = height * canvas.height / canvas.width
    return Box(round(x - width / 2, 4), round(y - height / 2, 4), round(width, 4), round(height, 4))


def compose_poster(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a poster, its title above, below or across the picture."""
    layouts = (_classic, _classic, _banner, _halves, _stacked)
    return layouts[int(rng.integers(len(layouts)))](stock, rng, canvas)


def _classic(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a drawing on a disc or on bare paper, a title over or under it, sometimes a line below."""
    palette = _POSTERS[int(rng.integers(len(_POSTERS)))]
    key, concept = pick_thing(stock, rng)
    family = any_family(stock, rng)
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


def _ordered(stock: Stock, rng: np.random.Generator) -> tuple[_Palette, tuple[str, str], str, str]:
    """Return what every other layout begins with: a palette, a drawing (key, concept), a family, a title."""
    palette = _POSTERS[int(rng.integers(len(_POSTERS)))]
    return palette, pick_thing(stock, rng), any_family(stock, rng), _lettered(_title_text(stock, rng), rng)


def _banner(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a drawing above or below a broad band that holds the title."""
    palette, (key, concept), family, title = _ordered(stock, rng)
    is_low = bool(rng.random() < 0.6)
    top = 0.68 if is_low else 0.08
    layers = (
        AssetLayer(key, concept, centred(stock, key, (0.5, 0.35 if is_low else 0.65, 0.54), canvas)),
        ShapeLayer("rectangle", Box(0.0, top, 1.0, 0.24), palette.ink, role="decoration"),
        TextLayer(title, Box(0.07, top + 0.04, 0.86, 0.16), palette.paper, family, 700),
    )
    return Scene(canvas, Background("plain", (palette.paper,)), layers, Light(), "poster")


def _halves(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a drawing in a coloured half, the title and a line in the other."""
    palette, (key, concept), family, title = _ordered(stock, rng)
    layers = (
        ShapeLayer("rectangle", Box(0.0, 0.0, 1.0, 0.56), palette.accent, role="decoration"),
        AssetLayer(key, concept, centred(stock, key, (0.5, 0.29, 0.42), canvas), shadow="drop"),
        TextLayer(title, Box(0.07, 0.615, 0.86, 0.19), palette.ink, family, 700),
        TextLayer(pick_text(rng, SUBTITLES).capitalize(), Box(0.14, 0.85, 0.72, 0.07), palette.ink, family, 400, role="subtitle"),
    )
    return Scene(canvas, Background("plain", (palette.paper,)), layers, Light(), "poster")


def _stacked(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return one large word for each line of the title, and a small drawing below or beside."""
    palette, (key, concept), family, title = _ordered(stock, rng)
    lines = title.replace(" ", "\n")
    layers = (
        TextLayer(lines, Box(0.07, 0.06, 0.86, 0.46 if "\n" in lines else 0.30), palette.ink, family, 700, "left"),
        ShapeLayer("rectangle", Box(0.07, 0.56 if "\n" in lines else 0.40, 0.24, 0.022), palette.accent, role="decoration"),
        AssetLayer(key, concept, centred(stock, key, (0.68, 0.74, 0.40) if "\n" in lines else (0.64, 0.68, 0.50), canvas)),
    )
    return Scene(canvas, Background("plain", (palette.paper,)), layers, Light(), "poster")


def compose_sign(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a word in big letters, on bare ground or on a coloured shape."""
    kind = tuple(SIGN_SHARES)[int(rng.choice(len(SIGN_SHARES), p=list(SIGN_SHARES.values())))]
    ground = pick(rng, _GROUNDS)
    board = pick(rng, _apart(_INKS, ground)) if kind in _SHAPES else ground
    ink = pick(rng, _apart(_INKS, board))
    weight = 700 if rng.random() < 0.7 else 400
    shape, box = _SHAPES.get(kind, (None, _wide(rng)))
    letters = TextLayer(_word(stock, rng), box, hex_colour(ink), any_family(stock, rng), weight)
    layers = (letters,) if shape is None else (replace(shape, colour=hex_colour(board)), letters)
    return Scene(canvas, Background("plain", (hex_colour(ground),)), layers, Light(), "sign", kind=kind)


def _word(stock: Stock, rng: np.random.Generator) -> str:
    is_phrase = not stock.words or rng.random() < _SHARE_PHRASE
    return _CASES[int(rng.integers(len(_CASES)))](pick_text(rng, TITLES) if is_phrase else pick(rng, stock.words))


def _wide(rng: np.random.Generator) -> Box:
    """Return a band across the middle, the letters in it larger or smaller."""
    width, height = (round(float(rng.uniform(*span)), 3) for span in ((0.6, 0.92), (0.2, 0.5)))
    return Box(round((1 - width) / 2, 4), round((1 - height) / 2, 4), width, height)


def _apart(names: tuple[str, ...], ground: str) -> tuple[str, ...]:
    """Return the colours that stand out from a ground."""
    return tuple(name for name in names if contrast(colour_named(name), colour_named(ground)) >= _LEAST_CONTRAST)
