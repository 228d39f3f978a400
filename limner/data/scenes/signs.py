"""Compose lettering: one word, large, alone on its ground or on a sign, a badge or a label."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from limner.data.colours import colour_named, contrast
from limner.data.scenes.places import TITLES
from limner.data.scenes.scene import Background, Box, Canvas, Kind, Light, Scene, ShapeLayer, TextLayer
from limner.data.scenes.stock import Stock, any_family, hex_colour, pick, pick_text

KIND_SHARES: Mapping[Kind, float] = {"letters": 0.46, "board": 0.22, "badge": 0.16, "label": 0.16}
INKS = ("black", "white", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "navy blue", "teal")
GROUNDS = ("white", "white", "cream", "light blue", "light yellow", "light pink", "mint green", "light grey", "navy blue", "black", "teal")
_CASES = (str.upper, str.capitalize, str.lower)
_LEAST_CONTRAST = 2.4  # between letters and what they stand on
_SHARE_PHRASE = 0.15
_SHAPES: Mapping[Kind, tuple[ShapeLayer, Box]] = {
    "board": (ShapeLayer("rectangle", Box(0.08, 0.29, 0.84, 0.42), "#000000", 0.12, "drop"), Box(0.15, 0.37, 0.70, 0.26)),
    "badge": (ShapeLayer("ellipse", Box(0.12, 0.12, 0.76, 0.76), "#000000"), Box(0.21, 0.36, 0.58, 0.28)),
    "label": (ShapeLayer("rectangle", Box(0.06, 0.36, 0.88, 0.28), "#000000", 0.5), Box(0.16, 0.42, 0.68, 0.16)),
}


def compose_sign(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return a word in big letters, on bare ground or on a coloured shape."""
    kind = tuple(KIND_SHARES)[int(rng.choice(len(KIND_SHARES), p=list(KIND_SHARES.values())))]
    ground = pick(rng, GROUNDS)
    board = pick(rng, _apart(INKS, ground)) if kind in _SHAPES else ground
    ink = pick(rng, _apart(INKS, board))
    weight = 700 if rng.random() < 0.7 else 400
    shape, box = _SHAPES.get(kind, (None, _wide(rng)))
    letters = TextLayer(_word(stock, rng), box, hex_colour(ink), any_family(stock, rng), weight)
    layers = (letters,) if shape is None else (_painted(shape, board), letters)
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


def _painted(shape: ShapeLayer, colour: str) -> ShapeLayer:
    return ShapeLayer(shape.shape, shape.box, hex_colour(colour), shape.radius, shape.shadow)
