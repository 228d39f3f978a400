"""More views."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from limner.data.colours import Rgb
from limner.data.scenes.pen import Pen, mix, paint_clouds, paint_pines, paint_sky, tint_colour
from limner.data.scenes.scene import BackgroundName


def _paint_beach(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=pen.horizon)
    if pen.light.name == "noon":
        paint_clouds(pen, rng, 2, pen.horizon * 0.5)
    shore = pen.horizon + 0.16
    pen.ramp(pen.lit(2), pen.lit(3), pen.horizon, shore + 0.06)
    for place in range(3):
        y = pen.horizon + 0.03 + 0.04 * place
        pen.box(0.1 + rng.uniform(0, 0.5), y, 0.3 + rng.uniform(0.1, 0.6), y + 0.006, mix(pen.lit(3), (255, 255, 255), 0.35), radius=0.003)
    pen.ridge(shore - 0.012, 0.03, tint_colour((250, 252, 252), pen.light.name), rng, waves=1.3)
    pen.ridge(shore + 0.012, 0.03, mix(pen.lit(4), pen.lit(2), 0.22), rng, waves=1.1)
    pen.ridge(shore + 0.045, 0.03, pen.lit(4), rng, waves=0.8)
    for _ in range(26):
        x, y = rng.uniform(0, 1), rng.uniform(shore + 0.1, 0.99)
        pen.disc(x, y, rng.uniform(0.003, 0.006), mix(pen.lit(4), (120, 90, 50), 0.25), squash=0.6)
    if rng.random() < 0.6:
        x, y = rng.uniform(0.08, 0.92), 0.93
        pen.disc(x, y, 0.026, tint_colour((240, 120, 90), pen.light.name), squash=0.6)


def _paint_mountains(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=pen.horizon)
    if pen.light.name == "noon":
        paint_clouds(pen, rng, 2, pen.horizon * 0.3)
    white = tint_colour((250, 252, 255), pen.light.name)
    far, near = mix(pen.lit(2), pen.colour(1), 0.3), pen.lit(3)
    for colour, tall, count in ((far, 0.40, 4), (near, 0.31, 3)):
        shift = rng.uniform(-0.1, 0.1)
        for place in range(count):
            x, rise = (place + 0.5) / count + shift, tall * rng.uniform(0.75, 1.1)
            half, top = rise * 0.75 / pen.aspect, pen.horizon + 0.05 - rise
            pen.polygon([(x, top), (x - half, pen.horizon + 0.06), (x + half, pen.horizon + 0.06)], colour)
            pen.polygon([(x, top), (x, pen.horizon + 0.06), (x + half, pen.horizon + 0.06)], mix(colour, (20, 24, 50), 0.14))
            jag = ((-0.30, 0.30), (-0.13, 0.22), (0.0, 0.33), (0.14, 0.22), (0.30, 0.30))
            pen.polygon([(x, top), *((x + half * share, top + rise * down) for share, down in jag)], white)
    paint_pines(pen, rng, base=pen.horizon + 0.06, height=0.09, colour=mix(pen.lit(4), (20, 60, 50), 0.5), count=14)
    pen.ridge(pen.horizon + 0.05, 0.02, pen.lit(4), rng, waves=1.0)
    pen.ridge(pen.horizon + 0.18, 0.05, mix(pen.lit(4), (255, 255, 220), 0.12), rng, waves=0.6)


def _paint_underwater(pen: Pen, rng: np.random.Generator) -> None:
    pen.ramp(pen.colour(0), pen.colour(1), 0.0, 1.0)
    for _ in range(4):
        x, width = rng.uniform(0.0, 0.9), rng.uniform(0.04, 0.1)
        for step in range(6):
            top, bottom = step * 0.11 - 0.02, step * 0.11 + 0.09
            colour = mix(mix(pen.colour(0), pen.colour(1), (top + bottom) / 2), (255, 255, 255), 0.17 - 0.03 * step)
            corners = [(x - 0.26 * y + width * side * (1 + 1.9 * y), y) for y, side in ((top, 0), (top, 1), (bottom, 1), (bottom, 0))]
            pen.polygon(corners, colour)
    sand = mix(pen.colour(2), pen.colour(1), 0.25)
    pen.ridge(0.84, 0.05, mix(sand, pen.colour(1), 0.4), rng, waves=1.0)
    for place in range(9):
        x, tall, sway = (place + rng.uniform(0.1, 0.9)) / 9, rng.uniform(0.10, 0.26), rng.uniform(0.006, 0.016)
        weed: Rgb = mix((38, 140, 90), pen.colour(1), float(rng.uniform(0, 0.4)))
        left = [(x - 0.010 + sway * math.sin(7 * step / 8 + place), 0.92 - tall * step / 8) for step in range(9)]
        right = [(a + 0.022 * (1 - step / 8), b) for step, (a, b) in enumerate(left)]
        pen.polygon([*left, *reversed(right)], weed)
    pen.ridge(0.90, 0.04, sand, rng, waves=0.7)
    for _ in range(16):
        x, y, radius = rng.uniform(0, 1), rng.uniform(0.05, 0.8), rng.uniform(0.006, 0.016)
        pen.disc(x, y, radius, mix(pen.colour(0), (255, 255, 255), 0.55))
        pen.disc(x, y, radius * 0.7, mix(pen.colour(0), pen.colour(1), y))


def _paint_kitchen(pen: Pen, rng: np.random.Generator) -> None:
    wall, wood, top = pen.lit(0), pen.lit(1), pen.lit(2)
    pen.box(0, 0, 1, 1, wall)
    tile = mix(wall, (255, 255, 255), 0.45)
    for row in range(4):
        for column in range(11):
            x, y = (column - 0.5 * (row % 2)) / 10, 0.34 + row * (pen.horizon - 0.34) / 4
            pen.box(x + 0.003, y + 0.004, x + 0.097, y + (pen.horizon - 0.34) / 4 - 0.004, tile)
    for place in (0, 1, 2, 3):
        if place != 1 + int(pen.light.side > 0):
            _cupboard(pen, place / 4, 0.02, place / 4 + 0.25, 0.32, wood)
    left = 0.28 if pen.light.side <= 0 else 0.53
    pane: Rgb = (24, 34, 78) if pen.light.name in {"moon", "lamp"} else tint_colour((176, 220, 246), pen.light.name)
    pen.box(left, 0.05, left + 0.2, 0.31, (250, 250, 248))
    pen.box(left + 0.012, 0.065, left + 0.095, 0.295, pane)
    pen.box(left + 0.105, 0.065, left + 0.188, 0.295, pane)
    pen.box(0, pen.horizon, 1, pen.horizon + 0.18, top)
    pen.box(0, pen.horizon + 0.17, 1, pen.horizon + 0.20, mix(top, (60, 40, 30), 0.4))
    pen.box(0, pen.horizon + 0.20, 1, 1, mix(wood, (20, 20, 30), 0.15))
    for place in range(4):
        _cupboard(pen, place / 4, pen.horizon + 0.205, place / 4 + 0.25, 1.02, wood)


def _cupboard(pen: Pen, left: float, top: float, right: float, bottom: float, wood: Rgb) -> None:
    pen.box(left + 0.006, top, right - 0.006, bottom, wood, radius=0.008)
    pen.box(left + 0.028, top + 0.026, right - 0.028, bottom - 0.026, mix(wood, (255, 255, 255), 0.14), radius=0.006)
    pen.disc(right - 0.05, (top + bottom) / 2, 0.011, mix(wood, (30, 20, 10), 0.55))


def _paint_street(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=pen.horizon)
    is_lit = pen.light.name in {"dusk", "moon"}
    kerb, x, place = pen.horizon + 0.12, -0.03, 0
    while x < 1.0:
        width, top = rng.uniform(0.17, 0.26), pen.horizon - rng.uniform(0.16, 0.42)
        wall = mix(pen.lit(2 + place % 2), (230, 170, 140), float(rng.uniform(0.0, 0.3)))
        pen.box(x, top, x + width, kerb, wall)
        pen.polygon([(x - 0.008, top), (x + width / 2, top - 0.055), (x + width + 0.008, top)], mix(wall, (50, 20, 30), 0.45))
        for row in range(int((kerb - 0.10 - top) / 0.11)):
            for column in range(2):
                glow = (255, 216, 128) if is_lit and rng.random() < 0.6 else mix(wall, (22, 26, 48), 0.45)
                left, upper = x + width * (0.16 + 0.40 * column), top + 0.035 + 0.11 * row
                pen.box(left, upper, left + width * 0.26, upper + 0.062, glow)
        pen.box(x + width * 0.38, kerb - 0.085, x + width * 0.62, kerb, mix(wall, (60, 30, 20), 0.6))
        x, place = x + width, place + 1
    pen.box(0, kerb, 1, kerb + 0.07, mix(pen.lit(4), (255, 255, 255), 0.28))
    pen.box(0, kerb + 0.065, 1, kerb + 0.08, mix(pen.lit(4), (0, 0, 0), 0.25))
    pen.box(0, kerb + 0.08, 1, 1, pen.lit(4))
    for spot in (0.16, 0.5, 0.84):
        _street_lamp(pen, spot, kerb, is_lit=is_lit)


def _street_lamp(pen: Pen, x: float, foot: float, *, is_lit: bool) -> None:
    top, iron = foot - 0.40, tint_colour((44, 48, 58), pen.light.name)
    if is_lit:
        pen.disc(x, foot + 0.05, 0.13, mix(pen.lit(4), (255, 214, 130), 0.42), squash=0.26)
        for radius, share in ((0.085, 0.28), (0.06, 0.5)):
            pen.disc(x, top, radius, mix(pen.lit(2), (255, 214, 130), share))
    pen.box(x - 0.007, top, x + 0.007, foot + 0.045, iron)
    pen.box(x - 0.018, foot + 0.02, x + 0.018, foot + 0.05, iron)
    pen.disc(x, top, 0.033, (255, 244, 196) if is_lit else tint_colour((226, 230, 232), pen.light.name))
    pen.polygon([(x - 0.042, top - 0.018), (x, top - 0.058), (x + 0.042, top - 0.018)], iron)


def _paint_open_road(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=pen.horizon)
    if pen.light.name == "noon":
        paint_clouds(pen, rng, 3, pen.horizon * 0.5)
    pen.ridge(pen.horizon - 0.02, 0.09, mix(pen.lit(2), pen.colour(1), 0.25), rng, waves=1.3)
    pen.ramp(mix(pen.lit(3), pen.colour(1), 0.2), pen.lit(3), pen.horizon, 1.0)
    _road_ahead(pen, mix(pen.lit(4), (255, 255, 255), 0.85), mix(pen.lit(3), (90, 80, 60), 0.35))


def _paint_snowy_road(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=pen.horizon)
    pen.ridge(pen.horizon - 0.03, 0.12, pen.lit(2), rng, waves=1.5, is_jagged=True)
    paint_pines(pen, rng, base=pen.horizon + 0.015, height=0.10, colour=tint_colour((96, 130, 138), pen.light.name), count=12)
    pen.ramp(mix(pen.lit(3), pen.lit(2), 0.25), pen.lit(3), pen.horizon, 1.0)
    _road_ahead(pen, mix(pen.lit(4), (255, 255, 255), 0.6), tint_colour((252, 253, 255), pen.light.name))
    for side in (-1, 1):
        for near in (0.06, 0.2, 0.5):
            x, y = 0.5 + side * (0.05 + 0.62 * near), pen.horizon + (1 - pen.horizon) * near
            pen.box(x - 0.01 * near - 0.002, y - 0.22 * near, x + 0.01 * near + 0.002, y, tint_colour((120, 76, 58), pen.light.name))


def _road_ahead(pen: Pen, line: Rgb, verge: Rgb) -> None:
    """Draw a straight road from below the feet to the horizon, with its broken middle line."""
    top = pen.horizon
    pen.polygon([(0.482, top), (0.518, top), (1.02, 1.0), (-0.02, 1.0)], verge)
    pen.polygon([(0.486, top), (0.514, top), (0.94, 1.0), (0.06, 1.0)], pen.lit(4))
    for near, far in ((0.98, 0.72), (0.56, 0.40), (0.31, 0.22), (0.17, 0.12), (0.09, 0.06)):
        corners = [(0.5 - 0.016 * far, far), (0.5 + 0.016 * far, far), (0.5 + 0.016 * near, near), (0.5 - 0.016 * near, near)]
        pen.polygon([(x, top + (1 - top) * share) for x, share in corners], line)


WORLDS: Mapping[BackgroundName, Callable[[Pen, np.random.Generator], None]] = {
    "beach": _paint_beach, "mountains": _paint_mountains, "underwater": _paint_underwater, "kitchen": _paint_kitchen,
    "street": _paint_street, "open road": _paint_open_road, "snowy road": _paint_snowy_road,
}  # fmt: skip
