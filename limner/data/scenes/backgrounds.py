"""Procedural backgrounds by name: drawn from a seed and a few colours at any size, and lit by one light."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageColor

from limner.data.colours import Rgb
from limner.data.scenes.pen import Pen, mix, paint_clouds, paint_pines, paint_sky, tint_colour
from limner.data.scenes.scene import Background, BackgroundName, Light
from limner.data.scenes.worlds import WORLDS
from limner.media.filters.light import SKIES, LightName

GROUNDS: Mapping[BackgroundName, tuple[tuple[str, str, str], ...]] = {
    "hills": (("#a9d3b0", "#7dbb72", "#5aa552"), ("#b8d8c8", "#93c47d", "#6fae4f"), ("#9fc8c0", "#5fae8a", "#3f9468")),
    "forest": (("#8fb9a8", "#4f8f6b", "#6aa556"), ("#a5c4b0", "#3f7d5c", "#7fb069"), ("#9db8b0", "#5b8f5f", "#8fb86a")),
    "snow": (("#b9cfe4", "#dfeaf5", "#f6fafd"), ("#a8c0dd", "#d5e2f1", "#f2f6fb")),
    "desert": (("#e3b487", "#eec48b", "#f3d7a2"), ("#d9a077", "#e8b878", "#f0cd92")),
    "red planet": (("#b0573c", "#c56a45", "#d67f54"), ("#9c4a3a", "#b55a41", "#c96f4e")),
    "sea": (("#8cc5dd", "#3f9cc9", "#1f78ad"), ("#9ed5d8", "#45b0bd", "#1e8a9e")),
    "road": (("#a9d3b0", "#7dbb72", "#5b6068"), ("#c9d9c0", "#9fc07e", "#6a6d78"), ("#b9c7cf", "#8fa6a0", "#565b66")),
    "city": (("#b9c7dd", "#8b9dc0", "#c9ccd4"), ("#c9c3dd", "#9a8fbd", "#cfc9d0"), ("#b4cfd6", "#7fa6b5", "#c4cbcc")),
    "room": (("#f2e2c9", "#fff7ea", "#c99b6b"), ("#cfe0d8", "#f4faf6", "#b98a5e"),
             ("#d9d4ea", "#f6f3fd", "#a98467"), ("#f3cfc4", "#fdf0ec", "#b8875f")),
    "table": (("#f4e6d2", "#c98f5a", "#a9713f"), ("#cfe3ea", "#d9a775", "#b98450"),
              ("#e3d6ee", "#e9e2da", "#c9beb2"), ("#d5e8cf", "#b77b4b", "#935e35")),
    "stars": (("#0a0f2e", "#1d1f57", "#4a2f7a"), ("#070b22", "#10264d", "#1f5a7a"), ("#120a2b", "#31174f", "#7a2f6a")),
    "sky": (("#ffffff", "#ffffff", "#ffffff"),),
    "plain": (("#cfe6fb", "#cfe6fb", "#cfe6fb"),),
    "gradient": (("#a8d6fa", "#f8c4d6", "#f8c4d6"),),
    "beach": (("#3f9cc9", "#6cc3d5", "#f0dcae"), ("#2f93b8", "#7fd0cf", "#f4e2bd")),
    "mountains": (("#8fa5c4", "#5f7d8f", "#6a9a5c"), ("#9c9fc0", "#64748f", "#7fa56a")),
    "underwater": (("#3fb4d8", "#0e4f8a", "#d8c08a"), ("#4cc4c9", "#0b4a72", "#cdb98f")),
    "kitchen": (("#f4e8d0", "#6f9f95", "#e8ddca"), ("#dfeaf0", "#c98f5a", "#f2efe9"), ("#f3d9cf", "#7b8fa8", "#ece6da")),
    "street": (("#5d6f94", "#8b7aa0", "#4a4e5c"), ("#6b6f8f", "#a07f78", "#50525c")),
    "open road": (("#a9c9b0", "#8fbf6a", "#5b6068"), ("#d9b98a", "#d9b878", "#67656b")),
    "snowy road": (("#b9cfe4", "#eef4fa", "#8b93a0"), ("#a8c0dd", "#e6eef7", "#7f8896")),
    "grid paper": (("#fdfaf0", "#bcd6ec", "#ef9a9a"), ("#f7fbff", "#c3d7ee", "#f0a3a3")),
}  # fmt: skip


def background_colours(name: BackgroundName, light: LightName, rng: np.random.Generator) -> tuple[str, ...]:
    """Return the colours that suit a background in a light: sky above, sky below, then far, middle and near ground."""
    grounds = GROUNDS[name]
    ground = grounds[int(rng.integers(len(grounds)))]
    if name in {"plain", "gradient", "grid paper", "stars", "table", "room", "kitchen", "underwater"}:
        return ground
    if name == "red planet":
        return ("#5a2a35" if light != "noon" else "#c98a6a", "#e0a87f" if light != "moon" else "#8a4a48", *ground)
    skies = SKIES[light]
    return (*skies[int(rng.integers(len(skies)))], *ground)


def draw_background(background: Background, light: Light, size: tuple[int, int]) -> Image.Image | None:
    """Return an RGB image of `size` (width, height), lit; None for "transparent"."""
    if background.name == "transparent":
        return None
    rng = np.random.Generator(np.random.Philox(key=np.array([background.seed, 0xB6], np.uint64)))
    colours = background.colours or background_colours(background.name, light.name, rng)
    pen = Pen(size, [ImageColor.getrgb(colour)[:3] for colour in colours], background.horizon, light)
    _PAINTERS[background.name](pen, rng)
    return pen.finish()


def _paint_plain(pen: Pen, rng: np.random.Generator) -> None:
    pen.ramp(pen.lit(0), pen.lit(0))


def _paint_gradient(pen: Pen, rng: np.random.Generator) -> None:
    pen.ramp(pen.lit(0), pen.lit(1))


def _paint_open_sky(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=1.0)
    paint_clouds(pen, rng, int(rng.integers(3, 5)), 0.86)


def _paint_stars(pen: Pen, rng: np.random.Generator) -> None:
    pen.ramp(pen.colour(0), pen.colour(1))
    x, y = rng.uniform(0.15, 0.85), rng.uniform(0.15, 0.85)
    for radius, share in ((0.62, 0.05), (0.48, 0.09), (0.34, 0.13), (0.2, 0.17)):
        pen.disc(x, y, radius, mix(mix(pen.colour(0), pen.colour(1), y), pen.colour(2), share), squash=0.62)
    for _ in range(70):
        radius = float(rng.choice([0.002, 0.003, 0.0042, 0.0065], p=[0.4, 0.35, 0.2, 0.05]))
        pen.disc(rng.uniform(0, 1), rng.uniform(0, 1), radius, mix(pen.colour(1), (255, 252, 235), float(rng.uniform(0.5, 1))))


def _paint_snow(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=pen.horizon)
    pen.ridge(pen.horizon - 0.05, 0.20, pen.lit(2), rng, waves=1.6, is_jagged=True)
    pen.ridge(pen.horizon, 0.04, pen.lit(3), rng, waves=1.2)
    paint_pines(pen, rng, base=pen.horizon + 0.02, height=0.13, colour=tint_colour((96, 130, 138), pen.light.name), count=9)
    pen.ridge(pen.horizon + 0.06, 0.03, mix(pen.lit(3), pen.lit(4), 0.5), rng, waves=0.8)
    pen.ridge(pen.horizon + 0.16, 0.04, pen.lit(4), rng, waves=0.6)
    for _ in range(46):
        pen.disc(rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.003, 0.007), (255, 255, 255))


def _paint_hills(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=pen.horizon)
    if pen.light.name == "noon":
        paint_clouds(pen, rng, int(rng.integers(2, 4)), pen.horizon * 0.5)
    pen.ridge(pen.horizon - 0.04, 0.12, mix(pen.lit(2), pen.colour(1), 0.25), rng, waves=1.3)
    pen.ridge(pen.horizon + 0.01, 0.07, mix(pen.lit(2), pen.lit(3), 0.6), rng, waves=1.0)
    pen.ridge(pen.horizon + 0.07, 0.05, pen.lit(3), rng, waves=0.7)
    pen.ridge(pen.horizon + 0.18, 0.05, pen.lit(4), rng, waves=0.5)


def _paint_forest(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=pen.horizon)
    for layer, (height, count) in enumerate(((0.40, 12), (0.34, 9), (0.30, 7))):
        colour = mix(pen.lit(2), pen.lit(3), layer / 2)
        base = pen.horizon + 0.03 * layer
        paint_pines(pen, rng, base=base, height=height, colour=colour, count=count)
        pen.ridge(base - 0.01, 0.03, colour, rng, waves=1.2)
    pen.ridge(pen.horizon + 0.10, 0.04, pen.lit(4), rng, waves=0.7)
    pen.ridge(pen.horizon + 0.22, 0.04, mix(pen.lit(4), (255, 255, 255), 0.10), rng, waves=0.5)


def _paint_desert(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=pen.horizon)
    x, width = rng.uniform(0.1, 0.7), rng.uniform(0.14, 0.22)
    top = pen.horizon - rng.uniform(0.12, 0.2)
    pen.polygon(
        [(x - 0.04, pen.horizon + 0.05), (x, top), (x + width, top), (x + width + 0.04, pen.horizon + 0.05)],
        mix(pen.lit(2), pen.colour(1), 0.2),
    )
    pen.ridge(pen.horizon, 0.06, pen.lit(2), rng, waves=0.9)
    pen.ridge(pen.horizon + 0.07, 0.06, pen.lit(3), rng, waves=0.7)
    pen.ridge(pen.horizon + 0.18, 0.07, pen.lit(4), rng, waves=0.5)


def _paint_red_planet(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=pen.horizon)
    pen.disc(rng.uniform(0.15, 0.85), pen.horizon * 0.35, 0.05, mix(pen.colour(0), (255, 230, 200), 0.6))
    pen.ridge(pen.horizon - 0.03, 0.13, mix(pen.lit(2), pen.colour(1), 0.2), rng, waves=1.4, is_jagged=True)
    pen.ridge(pen.horizon + 0.04, 0.05, pen.lit(3), rng, waves=0.8)
    pen.ridge(pen.horizon + 0.13, 0.04, pen.lit(4), rng, waves=0.5)
    for place in range(6):
        near = (place + 0.5) / 6
        x, y, radius = (
            rng.uniform(0.03, 0.97),
            pen.horizon + 0.13 + (0.82 - pen.horizon) * near,
            0.028 + 0.075 * near * rng.uniform(0.7, 1.1),
        )
        pen.disc(x, y, radius, mix(pen.lit(4), (255, 220, 190), 0.28), squash=0.36)
        pen.disc(x, y + radius * 0.05, radius * 0.88, mix(pen.lit(2), (40, 10, 10), 0.38), squash=0.34)
        pen.disc(x, y + radius * 0.13, radius * 0.74, mix(pen.lit(2), (40, 10, 10), 0.12), squash=0.28)


def _paint_sea(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=pen.horizon)
    if pen.light.name == "noon":
        paint_clouds(pen, rng, 3, pen.horizon * 0.6)
    pen.ramp(pen.lit(2), pen.lit(3), pen.horizon, pen.horizon + 0.12)
    for place, share in enumerate((0.1, 0.4, 0.7, 1.0)):
        pen.ridge(pen.horizon + 0.07 + 0.10 * place, 0.016 + 0.006 * place, mix(pen.lit(3), pen.lit(4), share), rng, waves=4.5 - place)
    if pen.light.name in {"dusk", "moon"}:
        x = 0.5 + pen.light.side * 0.38
        for step in range(6):
            y, half = pen.horizon + 0.015 + 0.026 * step, 0.05 + 0.008 * step
            pen.box(x - half, y, x + half, y + 0.009, mix(pen.lit(3), (255, 240, 205), 0.55 - 0.07 * step), radius=0.005)


def _paint_road(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=pen.horizon)
    if pen.light.name == "noon":
        paint_clouds(pen, rng, 2, pen.horizon * 0.5)
    pen.ridge(pen.horizon - 0.03, 0.10, mix(pen.lit(2), pen.colour(1), 0.2), rng, waves=1.2)
    pen.ridge(pen.horizon + 0.02, 0.03, pen.lit(3), rng, waves=0.8)
    top, bottom = pen.horizon + 0.13, min(0.96, pen.horizon + 0.36)
    pen.box(0, top, 1, top + 0.016, mix(pen.lit(4), (255, 255, 255), 0.45))
    pen.box(0, top + 0.016, 1, bottom, pen.lit(4))
    middle = (top + bottom) / 2 + 0.01
    for place in range(6):
        x = (place + 0.25) / 6
        pen.box(x, middle, x + 0.085, middle + 0.014, mix(pen.lit(4), (255, 255, 255), 0.8), radius=0.004)
    pen.box(0, bottom, 1, 1, mix(pen.lit(3), (0, 0, 0), 0.08))


def _paint_city(pen: Pen, rng: np.random.Generator) -> None:
    paint_sky(pen, rng, down_to=pen.horizon)
    is_dark = pen.light.name in {"moon", "dusk"}
    for layer, (count, tall) in enumerate(((9, 0.36), (7, 0.25))):
        colour = mix(pen.lit(2), pen.lit(3), layer * 0.8)
        window = tint_colour(mix(colour, (255, 255, 255), 0.28), pen.light.name) if not is_dark else (255, 214, 130)
        x = -0.02
        while x < 1.0:
            width, height = rng.uniform(0.75, 1.25) / count, tall * rng.uniform(0.55, 1.1)
            top = pen.horizon + 0.05 - height
            pen.box(x, top, x + width, pen.horizon + 0.06, colour)
            if layer == 1:
                _paint_windows(pen, rng, (x, top, width), window)
            x += width + rng.uniform(0.0, 0.012)
    pen.box(0, pen.horizon + 0.05, 1, 1, pen.lit(4))
    pen.box(0, pen.horizon + 0.05, 1, pen.horizon + 0.066, mix(pen.lit(4), (255, 255, 255), 0.5))
    pen.box(0, pen.horizon + 0.24, 1, 1, mix(pen.lit(4), (0, 0, 0), 0.10))


def _paint_windows(pen: Pen, rng: np.random.Generator, house: tuple[float, float, float], colour: Rgb) -> None:
    left, top, width = house
    columns = max(2, round(width / 0.04))
    for row in range(int((pen.horizon + 0.02 - top) / 0.05)):
        for column in range(columns):
            if rng.random() < 0.62:
                x, y = left + (column + 0.3) * width / columns, top + 0.025 + row * 0.05
                pen.box(x, y, x + 0.4 * width / columns, y + 0.022, colour)


def _paint_room(pen: Pen, rng: np.random.Generator) -> None:
    wall, trim, floor = pen.lit(0), pen.lit(1), pen.lit(2)
    pen.box(0, 0, 1, pen.horizon, wall)
    if rng.random() < 0.5:
        for place in range(0, 12, 2):
            pen.box(place / 12, 0, (place + 1) / 12, pen.horizon, mix(wall, (255, 255, 255), 0.14))
    left = float(rng.choice([0.08, 0.62]))
    pane: Rgb = (24, 34, 78) if pen.light.name in {"moon", "lamp"} else tint_colour((176, 220, 246), pen.light.name)
    pen.box(left - 0.018, 0.10, left + 0.318, 0.418, trim, radius=0.012)
    for column in range(2):
        for row in range(2):
            x, y = left + column * 0.155, 0.118 + row * 0.146
            pen.box(x, y, x + 0.145, y + 0.136, pane)
    pen.box(0, pen.horizon, 1, 1, floor)
    for row in range(1, 5):
        y = pen.horizon + (1 - pen.horizon) * (row / 5) ** 1.4
        pen.box(0, y, 1, y + 0.004, mix(floor, (0, 0, 0), 0.12))
    pen.box(0, pen.horizon - 0.028, 1, pen.horizon, trim)
    pen.disc(0.5, pen.horizon + (1 - pen.horizon) * 0.55, 0.40, mix(wall, (150, 60, 70), 0.45), squash=0.27)
    pen.disc(0.5, pen.horizon + (1 - pen.horizon) * 0.55, 0.35, mix(wall, (255, 255, 255), 0.25), squash=0.25)


def _paint_table(pen: Pen, rng: np.random.Generator) -> None:
    wall, top, edge = pen.lit(0), pen.lit(1), pen.lit(2)
    pen.ramp(mix(wall, (255, 255, 255), 0.12), wall, 0, pen.horizon)
    if rng.random() < 0.5:
        for row in range(7):
            y = row * pen.horizon / 7
            pen.box(0, y, 1, y + 0.005, mix(wall, (255, 255, 255), 0.5))
            for column in range(9):
                x = (column + 0.5 * (row % 2)) / 8
                pen.box(x, y, x + 0.005 / pen.aspect, y + pen.horizon / 7, mix(wall, (255, 255, 255), 0.5))
    pen.ramp(mix(top, edge, 0.25), top, pen.horizon, 0.92)
    for _ in range(9):
        x, y, width = rng.uniform(-0.1, 0.9), rng.uniform(pen.horizon + 0.03, 0.9), rng.uniform(0.1, 0.35)
        pen.box(x, y, x + width, y + 0.005, mix(top, edge, 0.4), radius=0.002)
    pen.box(0, 0.92, 1, 1, edge)
    pen.box(0, 0.92, 1, 0.93, mix(edge, (255, 255, 255), 0.25))


def _paint_grid_paper(pen: Pen, rng: np.random.Generator) -> None:
    paper, line, margin = pen.lit(0), pen.lit(1), pen.lit(2)
    pen.box(0, 0, 1, 1, paper)
    rows = int(rng.integers(9, 13))
    step = 1 / rows
    for row in range(rows + 1):
        pen.box(0, row * step - 0.003, 1, row * step + 0.003, line)
    for column in range(int(rows * pen.aspect) + 1):
        x = column * step / pen.aspect
        pen.box(x - 0.003 / pen.aspect, 0, x + 0.003 / pen.aspect, 1, line)
    pen.box(step * 0.94 / pen.aspect, 0, (step * 0.94 + 0.009) / pen.aspect, 1, margin)


_PAINTERS: Mapping[BackgroundName, Callable[[Pen, np.random.Generator], None]] = {
    "plain": _paint_plain,
    "gradient": _paint_gradient, "sky": _paint_open_sky, "stars": _paint_stars, "snow": _paint_snow, "road": _paint_road,
    "desert": _paint_desert, "red planet": _paint_red_planet, "sea": _paint_sea, "forest": _paint_forest, "hills": _paint_hills,
    "city": _paint_city, "room": _paint_room, "table": _paint_table, "grid paper": _paint_grid_paper, **WORLDS,
}  # fmt: skip
