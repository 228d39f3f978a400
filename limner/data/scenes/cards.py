"""Compose screens of an app: cards, lists, forms, products, weather, profiles. Every word that is lettered is in the scene's texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from limner.data.heldout import is_held_out_word
from limner.data.naming import plain_names
from limner.data.scenes.places import BUTTONS, CARD_NOTES, CARD_TITLES, split_names
from limner.data.scenes.scene import AssetLayer, Background, Box, Canvas, Kind, Layer, Light, Scene, ShapeLayer, TextLayer
from limner.data.scenes.stock import Stock, body_family, centred, letter_name, pick, pick_text, pick_thing

_LOGINS = split_names("log in, sign in, sign up, join, welcome, my account, hello")
_FIELDS = split_names("email, name, password, user, phone, city, address, date, code, message, number")
_PEOPLE = split_names(
    "anna, ben, carla, david, emma, felix, grace, hugo, ida, jonas, kim, leo, maria, nora, oscar, paula, sam, tom, vera, zoe"
)
_WEATHERS = split_names(
    "sun, cloud, cloud with rain, cloud with lightning, cloud with snow, snowflake, rainbow, sun behind cloud, umbrella, tornado"
)
_CITIES = split_names(
    "paris, london, tokyo, berlin, rome, oslo, madrid, lima, cairo, delhi, boston, vienna, today, tonight, sunday, monday"
)


@dataclass(frozen=True)
class ScreenPalette:
    """Colours of a screen: what lies behind the card, the letters, and what may be pressed."""

    paper: str
    ink: str
    accent: str


SCREENS = (
    ScreenPalette("#eef2ff", "#1e1b4b", "#6366f1"), ScreenPalette("#fff1f2", "#3f1d2b", "#f43f5e"),
    ScreenPalette("#ecfdf5", "#06372b", "#10b981"), ScreenPalette("#fff7ed", "#3b2410", "#f97316"),
    ScreenPalette("#f0f9ff", "#0c2d48", "#0ea5e9"), ScreenPalette("#faf5ff", "#2e1065", "#a855f7"),
    ScreenPalette("#111827", "#17181c", "#3b82f6"), ScreenPalette("#fefce8", "#3a2f0b", "#eab308"),
)  # fmt: skip
_GREY, _LINE = "#6b7280", "#e5e7eb"
_PANEL = ShapeLayer("rectangle", Box(0.12, 0.08, 0.76, 0.84), "#ffffff", 0.08, "drop")


@dataclass(frozen=True)
class _Screen:
    stock: Stock
    rng: np.random.Generator
    canvas: Canvas
    palette: ScreenPalette
    family: str

    def text(self, text: str, box: Box, **fields: object) -> TextLayer:
        """Return a line in the ink of the screen."""
        return TextLayer(text, box, **({"colour": self.palette.ink, "font": self.family} | fields))  # type: ignore[arg-type]

    def choose(self, texts: tuple[str, ...]) -> str:
        """Return one of the texts that may be lettered, with a capital."""
        return pick_text(self.rng, texts).capitalize()

    def drawing(self, key: str, concept: str, spot: tuple[float, float, float]) -> AssetLayer:
        """Return a drawing with its middle and height at (x, y, height)."""
        return AssetLayer(key, concept, centred(self.stock, key, spot, self.canvas))

    def button(self, text: str, top: float, *, left: float = 0.26, width: float = 0.48) -> list[Layer]:
        """Return a button with its text."""
        shape = ShapeLayer("rectangle", Box(left, top, width, 0.11), self.palette.accent, 0.5, role="decoration")
        return [shape, self.text(text, Box(left + 0.04, top + 0.027, width - 0.08, 0.056), colour="#ffffff", weight=700, role="button")]


def compose_card(stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return one screen of an app, of a kind chosen at random."""
    kinds = tuple(_KINDS)
    kind = kinds[int(rng.integers(len(kinds)))]
    palette = SCREENS[int(rng.integers(len(SCREENS)))]
    screen = _Screen(stock, rng, canvas, palette, body_family(stock, rng))
    layers = _KINDS[kind](screen)
    return Scene(canvas, Background("plain", (palette.paper,)), tuple(layers), Light(), "card", kind=kind)


def pale(colour: str) -> str:
    """Return a light tint of "#rrggbb"."""
    channels = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - channel) * 0.22):02x}" for channel in channels)


def _card(screen: _Screen) -> list[Layer]:
    key, concept = pick_thing(screen.stock, screen.rng)
    return [
        ShapeLayer("rectangle", Box(0.12, 0.10, 0.76, 0.80), "#ffffff", 0.09, "drop"),
        ShapeLayer("rectangle", Box(0.165, 0.145, 0.67, 0.36), pale(screen.palette.accent), 0.12, role="decoration"),
        screen.drawing(key, concept, (0.5, 0.325, 0.29)),
        screen.text(screen.choose(CARD_TITLES), Box(0.18, 0.535, 0.64, 0.09), weight=700),
        screen.text(screen.choose(CARD_NOTES), Box(0.18, 0.635, 0.64, 0.062), colour=_GREY, role="subtitle"),
        *screen.button(screen.choose(BUTTONS), 0.735),
    ]


def _list(screen: _Screen) -> list[Layer]:
    count = int(screen.rng.integers(2, 5))
    things = lettered_things(screen.stock, screen.rng, count)
    title = screen.text(screen.choose(CARD_TITLES), Box(0.18, 0.12, 0.64, 0.10), weight=700, align="left")
    layers: list[Layer] = [_PANEL, title]
    step = 0.64 / count
    for place, (key, concept, label) in enumerate(things):
        middle = 0.26 + (place + 0.5) * step
        if place:
            layers.append(ShapeLayer("rectangle", Box(0.17, middle - step / 2, 0.66, 0.006), _LINE, role="decoration"))
        layers.append(screen.drawing(key, concept, (0.265, middle, min(0.15, step * 0.8))))
        layers.append(screen.text(label, Box(0.375, middle - 0.04, 0.44, 0.08), align="left", role="item"))
    return layers


def _form(screen: _Screen) -> list[Layer]:
    title = screen.text(screen.choose(_LOGINS), Box(0.18, 0.13, 0.64, 0.11), weight=700)
    layers: list[Layer] = [_PANEL, title]
    fields = [name.capitalize() for name in _FIELDS if not is_held_out_word(name)]
    for place, index in enumerate(screen.rng.choice(len(fields), 2, replace=False)):
        top = 0.29 + 0.20 * place
        layers.append(screen.text(fields[int(index)], Box(0.19, top, 0.62, 0.062), align="left", colour=_GREY, role="field"))
        layers.append(ShapeLayer("rectangle", Box(0.18, top + 0.068, 0.64, 0.10), _LINE, 0.25, role="decoration"))
        layers.append(ShapeLayer("rectangle", Box(0.187, top + 0.075, 0.626, 0.086), "#f9fafb", 0.25, role="decoration"))
    return [*layers, *screen.button(screen.choose(_LOGINS + BUTTONS), 0.74, left=0.18, width=0.64)]


def _product(screen: _Screen) -> list[Layer]:
    ((key, concept, name),) = lettered_things(screen.stock, screen.rng, 1)
    prices = [str(price) for price in (*range(2, 20), 25, 29, 30, 35, 40, 45, 49, 50, 60, 75, 80, 99) if not is_held_out_word(str(price))]
    return [
        _PANEL,
        ShapeLayer("rectangle", Box(0.12, 0.08, 0.76, 0.46), pale(screen.palette.accent), 0.13, role="decoration"),
        screen.drawing(key, concept, (0.5, 0.31, 0.38)),
        screen.text(name, Box(0.17, 0.58, 0.40, 0.095), weight=700, align="left"),
        screen.text(f"${pick(screen.rng, prices)}", Box(0.60, 0.58, 0.23, 0.095), weight=700, align="right", role="subtitle"),
        *screen.button(screen.choose(("buy now", "add to cart", "order", "buy")), 0.745, left=0.17, width=0.66),
    ]


def _weather(screen: _Screen) -> list[Layer]:
    style = screen.stock.choose_set(screen.rng)
    known = screen.stock.known(style, _WEATHERS) or screen.stock.things(style)
    concept = pick(screen.rng, known)
    degrees = pick(screen.rng, [str(value) for value in range(-9, 36) if not is_held_out_word(str(abs(value)))])
    return [
        ShapeLayer("rectangle", Box(0.12, 0.10, 0.76, 0.80), screen.palette.accent, 0.09, "drop"),
        screen.text(screen.choose(_CITIES), Box(0.2, 0.15, 0.6, 0.11), colour="#ffffff", weight=700),
        screen.drawing(screen.stock.key(style, concept), concept, (0.5, 0.455, 0.36)),
        screen.text(f"{degrees}°", Box(0.25, 0.67, 0.5, 0.18), colour="#ffffff", weight=700, role="subtitle"),
    ]


def _profile(screen: _Screen) -> list[Layer]:
    key, concept = pick_thing(screen.stock, screen.rng)
    side = 0.36 * screen.canvas.height / screen.canvas.width
    return [
        _PANEL,
        ShapeLayer("rectangle", Box(0.12, 0.08, 0.76, 0.22), screen.palette.accent, 0.25, role="decoration"),
        ShapeLayer("ellipse", Box(0.5 - side / 2 - 0.015, 0.105, side + 0.03, 0.39), "#ffffff", role="decoration"),
        ShapeLayer("ellipse", Box(0.5 - side / 2, 0.12, side, 0.36), pale(screen.palette.accent), role="decoration"),
        screen.drawing(key, concept, (0.5, 0.30, 0.25)),
        screen.text(screen.choose(_PEOPLE), Box(0.2, 0.515, 0.6, 0.105), weight=700),
        screen.text(screen.choose(CARD_NOTES), Box(0.18, 0.635, 0.64, 0.062), colour=_GREY, role="subtitle"),
        *screen.button(screen.choose(("follow", "message", "add friend", "share", "join")), 0.745),
    ]


def lettered_things(stock: Stock, rng: np.random.Generator, count: int) -> list[tuple[str, str, str]]:
    """Return (key, concept, name to be lettered) of different things of one style whose names are short and may be drawn."""
    style = stock.choose_set(rng)
    found: dict[str, tuple[str, str, str]] = {}
    things = stock.things(style)
    for index in rng.permutation(len(things)):
        name = letter_name(plain_names(things[int(index)])[0])
        if name and name not in found:
            found[name] = (stock.key(style, things[int(index)]), things[int(index)], name)
        if len(found) == count:
            break
    return list(found.values())


_KINDS: Mapping[Kind, Callable[[_Screen], list[Layer]]] = {
    "card": _card, "list": _list, "form": _form, "product": _product, "weather": _weather, "profile": _profile,
}  # fmt: skip
