"""The pen of backgrounds: it draws in fractions of the canvas, and knows skies, clouds and pines."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from limner.data.colours import Rgb
from limner.data.scenes.scene import Light
from limner.media.filters.light import TINTS, LightName

OVERSAMPLE = 2


def tint_colour(colour: Rgb, light: LightName) -> Rgb:
    """Return a colour as it looks in a light."""
    red, green, blue = (round(channel * factor) for channel, factor in zip(colour, TINTS[light], strict=True))
    return red, green, blue


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """Return the first colour where the share is 0, the second where it is 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


class Pen:
    """Draws in fractions of the canvas at twice its size."""

    def __init__(self, size: tuple[int, int], colours: Sequence[tuple[int, ...]], horizon: float, light: Light) -> None:
        self.size = size
        self.width, self.height = size[0] * OVERSAMPLE, size[1] * OVERSAMPLE
        self.unit = min(self.width, self.height)
        self.aspect = self.width / self.height
        self.colours: list[Rgb] = [(colour[0], colour[1], colour[2]) for colour in colours]
        self.horizon = horizon
        self.light = light
        self.image = Image.new("RGB", (self.width, self.height), self.colours[0])
        self.draw = ImageDraw.Draw(self.image)

    def colour(self, place: int) -> Rgb:
        """Return a colour of the palette, the last one for places beyond it."""
        return self.colours[min(place, len(self.colours) - 1)]

    def lit(self, place: int) -> Rgb:
        """Return a colour of the palette in the light."""
        return tint_colour(self.colour(place), self.light.name)

    def ramp(self, top: Rgb, bottom: Rgb, from_y: float = 0.0, to_y: float = 1.0) -> None:
        """Fill rows with a vertical gradient."""
        first, last = round(from_y * self.height), round(to_y * self.height)
        if last <= first:
            return
        share = np.linspace(0, 1, last - first)[:, None, None]
        rows = np.round(np.array(top) * (1 - share) + np.array(bottom) * share).astype(np.uint8)
        self.image.paste(Image.fromarray(rows).resize((self.width, last - first)), (0, first))

    def polygon(self, points: Sequence[tuple[float, float]], colour: Rgb) -> None:
        """Fill a polygon of (x, y) fractions."""
        self.draw.polygon([(x * self.width, y * self.height) for x, y in points], fill=colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Rgb, *, radius: float = 0.0) -> None:
        """Fill a rectangle, with corners rounded by a fraction of the shorter canvas side."""
        corners = (left * self.width, top * self.height, max(left, right) * self.width, max(top, bottom) * self.height)
        self.draw.rounded_rectangle(corners, radius * self.unit, fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: Rgb, *, squash: float = 1.0) -> None:
        """Fill an ellipse; `radius` is a fraction of the shorter canvas side, `squash` its height by its width."""
        across, down = radius * self.unit, radius * self.unit * squash
        self.draw.ellipse((x * self.width - across, y * self.height - down, x * self.width + across, y * self.height + down), fill=colour)

    def ridge(
        self, base: float, rise: float, colour: Rgb, rng: np.random.Generator, *, waves: float = 2.0, is_jagged: bool = False
    ) -> None:
        """Fill from a wavy or jagged line around `base` down to the bottom."""
        x = np.linspace(0, 1, 49)
        phases = rng.uniform(0, 2 * math.pi, 3)
        curve = sum(np.sin(2 * math.pi * waves * (k + 1) * x + phases[k]) / (k + 1.5) for k in range(3))
        if is_jagged:
            knots = np.linspace(0, 1, int(4 + waves * 3))
            curve = np.interp(x, knots, rng.uniform(-1, 1.2, len(knots)))
        points = list(zip(x.tolist(), (base - rise * np.asarray(curve) * 0.5).tolist(), strict=True))
        self.polygon([(0.0, 1.0), *points, (1.0, 1.0)], colour)

    def finish(self) -> Image.Image:
        """Return the image at the size asked for."""
        return self.image.reduce(OVERSAMPLE)


def paint_sky(pen: Pen, rng: np.random.Generator, *, down_to: float) -> None:
    """Paint the sky of the light, with its sun or its moon and stars, down to a fraction of the height."""
    pen.ramp(pen.colour(0), pen.colour(1), 0.0, min(1.0, down_to + 0.02))
    side, name = pen.light.side, pen.light.name
    x = 0.5 + side * 0.38
    if name == "dusk":
        y = down_to - 0.10
        for radius, share in ((0.24, 0.10), (0.17, 0.18), (0.115, 0.32)):
            pen.disc(x, y, radius, mix(mix(pen.colour(0), pen.colour(1), y / max(down_to, 0.01)), (255, 236, 196), share))
        pen.disc(x, y, 0.075, (255, 240, 205))
    if name == "moon":
        for _ in range(36):
            star_x, star_y, radius = rng.uniform(0, 1), rng.uniform(0, down_to * 0.8), rng.uniform(0.0018, 0.0048)
            pen.disc(star_x, star_y, radius, mix(pen.colour(0), (255, 255, 255), float(rng.uniform(0.4, 0.9))))
        y = max(0.12, down_to * 0.28)
        pen.disc(x, y, 0.105, mix(pen.colour(0), (255, 250, 225), 0.10))
        pen.disc(x, y, 0.07, (250, 246, 224))
        pen.disc(x - 0.015, y - 0.018, 0.014, (232, 226, 200))
        pen.disc(x + 0.022, y + 0.016, 0.019, (232, 226, 200))


def paint_clouds(pen: Pen, rng: np.random.Generator, count: int, lowest: float) -> None:
    """Paint white clouds, none lower than a fraction of the height."""
    white = mix(pen.colour(1), (255, 255, 255), 0.72)
    for place in range(count):
        x = (place + rng.uniform(0.25, 0.75)) / count
        y, radius = rng.uniform(0.10, max(0.12, lowest)), rng.uniform(0.035, 0.06)
        for step, size in ((-1.5, 0.72), (-0.5, 1.15), (0.6, 1.0), (1.5, 0.66)):
            pen.disc(x + step * radius * 0.8 / pen.aspect, y - size * radius * 0.35, radius * size, white)
        pen.box(
            x - 2.0 * radius / pen.aspect, y - radius * 0.35, x + 2.0 * radius / pen.aspect, y + radius * 0.55, white, radius=radius * 0.45
        )


def paint_pines(pen: Pen, rng: np.random.Generator, *, base: float, height: float, colour: Rgb, count: int) -> None:
    """Paint a row of dark pines standing on `base`."""
    for place in range(count):
        x = (place + rng.uniform(0.1, 0.9)) / count
        tall = height * rng.uniform(0.7, 1.2)
        for level in range(3):
            top = base - tall * (1 - 0.26 * level)
            half = tall * (0.16 + 0.07 * level) / pen.aspect
            pen.polygon([(x, top), (x - half, top + tall * 0.48), (x + half, top + tall * 0.48)], colour)
