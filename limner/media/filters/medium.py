"""Make a picture again in another medium: the same scene in oil, as paper cut, as stained glass. By name, from a seed, at any size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from limner.media.filters.canvas import Canvas, Field, luminance, mix, ramp, rgb, to_bytes
from limner.media.filters.lines import draw_blueprint, draw_chalk, draw_ink, draw_neon, draw_pencil

_DECO = np.stack([rgb(text) for text in ("#14161f", "#0e4a50", "#6e2233", "#b98a35", "#e3c886", "#f7edd3", "#2c6e5c")])
_DECO_WEIGHTS = np.array([1.0, 1.4, 0.8], np.float32)  # of red, green and blue
_PIXEL_ROWS, _PIXEL_COLOURS = 32, 24
_MAX_LABELS = 16


def apply_medium(pixels: npt.NDArray[np.uint8], mask: npt.NDArray[np.bool_], medium: str, seed: int) -> npt.NDArray[np.uint8]:
    """Return (H, W, 4) pixels made again in a medium of `LOOKS`; transparency stays. `mask` is true where something stands in front."""
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, 0x1005], np.uint64)))
    alpha = pixels[..., 3:]
    picture = pixels[..., :3].astype(np.float32) / 255
    if alpha.min() < 255:
        picture = 1 - (1 - picture) * (alpha.astype(np.float32) / 255)
    made = LOOKS[medium](Canvas(picture, mask.astype(np.float32), rng))
    return np.concatenate([to_bytes(made), alpha], axis=-1)


def _paint_oil(canvas: Canvas) -> Field:
    """Thick strokes along the forms, broad ones first and fine ones where there is something to see, lit from the left."""
    over = 2 if canvas.unit <= 2 else 1
    unit = canvas.unit * over
    width, height = canvas.size
    soft = canvas.blur(canvas.picture, 0.7)
    tone = canvas.blur(luminance(soft), 3.0)
    down, across = np.gradient(tone)
    flow = np.where(np.hypot(across, down) * canvas.unit > 0.006, np.arctan2(down, across) + np.pi / 2, 2.2 * canvas.noise(40))
    image = Image.fromarray(to_bytes(soft)).resize((width * over, height * over), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(image)
    detail = canvas.edges(soft, 1.6)
    area = width * height / canvas.unit**2
    for count, long, wide, least in ((area / 17, 5.0, 3.6, 0.0), (area / 7, 1.8, 1.5, 0.08)):
        x, y = canvas.rng.integers(0, width, int(count)), canvas.rng.integers(0, height, int(count))
        kept = detail[y, x] >= least
        x, y = x[kept], y[kept]
        angle = flow[y, x] + canvas.rng.normal(0, 0.22, len(x))
        colours = to_bytes(soft[y, x] * (1 + canvas.rng.normal(0, 0.06 if wide > 3 else 0.03, (len(x), 1))))
        inks, thick = (colours @ np.array([1, 256, 65536])).tolist(), round(wide * unit)
        reach_x, reach_y = np.cos(angle) * long * unit, np.sin(angle) * long * unit
        ends = np.stack([x * over - reach_x, y * over - reach_y, x * over + reach_x, y * over + reach_y], 1).tolist()
        for end, ink in zip(ends, inks, strict=True):
            pen.line(end, fill=ink, width=thick)
    painted = np.asarray(image.resize((width, height), Image.Resampling.BOX) if over > 1 else image, np.float32) / 255
    tone = luminance(painted)
    relief = canvas.shifted(tone, 0.9, 0.9) - tone
    return painted * (1 - 0.9 * np.clip(relief, -0.22, 0.22)[..., None]) + 0.012 * canvas.noise(1.0)[..., None]


def _paint_watercolour(canvas: Canvas) -> Field:
    """Thin washes that pool at their edges and run, on white paper that stays free around them."""
    width, height = canvas.size
    x, y = np.arange(width)[None, :], np.arange(height)[:, None]
    shift_x, shift_y = (canvas.unit * (1.6 * canvas.noise(9) + 0.8 * canvas.noise(3)) for _ in range(2))
    run = canvas.picture[np.clip(y + shift_y, 0, height - 1).astype(int), np.clip(x + shift_x, 0, width - 1).astype(int)]
    soft = canvas.blur(run, 0.6)
    tone = luminance(soft)
    pooled = np.clip(canvas.blur(tone, 2.2) - tone, 0, 0.3)
    wash = 1 + 0.30 * canvas.noise(22) + 0.16 * canvas.noise(6) + 0.07 * canvas.noise(1.2)
    pigment = (1 - soft) * (0.90 * wash + 1.9 * pooled)[..., None]
    rim = canvas.from_edge() + 3.0 * canvas.noise(16) + 1.2 * canvas.noise(4)
    wet = ramp(rim, 5.0, 6.2) * (1 + 0.45 * ramp(9.0 - rim, 0.0, 2.5))
    paper = rgb("#fdfbf4") - 0.022 * np.abs(canvas.noise(1.4))[..., None]
    painted: Field = paper * np.clip(1 - pigment * wet[..., None], 0.03, 1)
    return painted


def _labels(canvas: Canvas, colours: int, smooth: float) -> tuple[npt.NDArray[np.uint8], Field]:
    """Return the few colours that the picture is made of: (H, W) numbers and the (colours, 3) that they stand for."""
    side = max(1, round(canvas.unit))
    width, height = (max(1, round(length / side)) for length in canvas.size)
    small = Image.fromarray(to_bytes(canvas.blur(canvas.picture, smooth))).resize((width, height), Image.Resampling.BOX)
    few = small.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).filter(ImageFilter.ModeFilter(3))
    palette = _means(np.asarray(few), np.asarray(small, np.float32) / 255)
    if side == 1:
        return np.array(few), palette
    planes = [few.point([255 * (index == number) for index in range(256)], "L") for number in range(len(palette))]
    smoothed = [np.asarray(plane.resize(canvas.size, Image.Resampling.BICUBIC)) for plane in planes]
    return np.argmax(np.stack(smoothed), axis=0).astype(np.uint8), palette


def _means(labels: npt.NDArray[np.integer[Any]], picture: Field) -> Field:
    """Return the (labels, 3) mean colour of what carries each label, black where nothing does."""
    flat = labels.ravel()
    share = np.maximum(np.bincount(flat), 1)
    return np.stack([np.bincount(flat, picture[..., channel].ravel()) / share for channel in range(3)], -1).astype(np.float32)


def _cut_paper(canvas: Canvas) -> Field:
    """A few sheets of coloured paper, one upon the other, each throwing a soft shadow."""
    labels, palette = _labels(canvas, 16, 0.35)
    area = np.bincount(labels.ravel(), minlength=len(palette))
    inside = np.bincount(labels.ravel(), canvas.mask.ravel(), minlength=len(palette)) / np.maximum(area, 1)
    rank = np.empty(len(palette), np.float32)
    rank[np.argsort(inside - area / area.sum())] = np.arange(len(palette))
    level = rank[labels]
    shadow = sum(
        (canvas.shifted(level, step, step * 1.15) > level) * np.float32(weight)
        for step, weight in ((0.8, 0.30), (1.6, 0.30), (2.6, 0.25), (3.8, 0.15))
    )
    lip = (canvas.shifted(level, 0.7, 0.7) < level) * np.float32(1)
    flat = palette[labels] + 0.10 * lip[..., None] + (0.016 * canvas.noise(1.1) + 0.01 * canvas.noise(5))[..., None]
    shaded: Field = flat * (1 - 0.52 * canvas.blur(np.asarray(shadow, np.float32), 0.7))[..., None]
    return shaded


def _lead_glass(canvas: Canvas) -> Field:
    """Panes of glowing glass, cut along the forms and held by dark lead."""
    labels, _ = _labels(canvas, 8, 0.8)
    x, y = canvas.grid
    cell = 15.0
    columns, rows = (int(length / canvas.unit / cell) + 3 for length in canvas.size)
    spots = (np.indices((rows, columns)) - 1 + canvas.rng.uniform(0.1, 0.9, (2, rows, columns))).astype(np.float32).reshape(2, -1) * cell
    corner = np.floor(y / cell).astype(int) * columns + np.floor(x / cell).astype(int)
    best, pane = np.full(canvas.tone.shape, np.inf, np.float32), corner
    for step in (row * columns + column for row in range(3) for column in range(3)):
        spot = corner + step
        away = (spots[1].take(spot) - x) ** 2 + (spots[0].take(spot) - y) ** 2
        pane = np.where(away < best, spot, pane)
        best = np.minimum(best, away)
    pane = pane * _MAX_LABELS + labels
    means = _means(pane, canvas.picture)
    grey = means.mean(-1, keepdims=True)
    means = grey + (means - grey) * 1.35 + canvas.rng.normal(0, 0.045, (len(means), 1))
    glass = np.clip(means, 0.02, 1).astype(np.float32)[pane]
    glass = glass * (1 + 0.13 * canvas.noise(5) + 0.10 * canvas.noise(26))[..., None] + 0.05
    numbers = pane.astype(np.float32)
    lead = np.zeros(canvas.tone.shape, np.float32)
    for right, down in ((0.7, 0.0), (0.0, 0.7), (-0.7, 0.0), (0.0, -0.7)):
        lead = np.maximum(lead, (canvas.shifted(numbers, *_at_least(right, down, canvas.unit)) != numbers) * np.float32(1))
    lead = np.maximum(canvas.blur(lead, 0.35) * 1.25, ramp(2.6 - canvas.from_edge(), 0, 0.4))
    return mix(glass, rgb("#17161a"), np.clip(lead, 0, 1))


def _at_least(right: float, down: float, unit: float) -> tuple[float, float]:
    """Return a shift of one whole pixel at the smallest."""
    least = max(1.0, 0.51 / unit)
    return (np.sign(right) * least, np.sign(down) * least)


def _print_halftone(canvas: Canvas) -> Field:
    """A comic in four inks: turned screens of dots, and a black outline."""
    x, y = canvas.grid
    pitch = 4.4
    ink = 1 - canvas.blur(canvas.picture, 0.5)
    black = np.clip(ink.min(-1) - 0.25, 0, 1) * 1.1
    paper = np.ones((*canvas.tone.shape, 3), np.float32) * rgb("#fbf6e8")
    sharp = 3.2 * max(1.0, canvas.unit * 0.6)
    inks = ((ink[..., 0], 15, "#0aa5e0"), (ink[..., 1], 75, "#e8207c"), (ink[..., 2], 0, "#ffdd00"), (black, 45, "#16161a"))
    for density, degrees, colour in inks:
        angle = np.deg2rad(degrees)
        across, along = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        screen = (2 + np.cos(across * (2 * np.pi / pitch)) + np.cos(along * (2 * np.pi / pitch))) / 4
        dots = np.clip((np.clip(density, 0, 1) ** 1.3 * 1.1 - (1 - screen)) * sharp + 0.5, 0, 1) * ramp(density, 0.03, 0.10)
        paper = paper * (1 - dots[..., None] * (1 - rgb(colour)))
    outline = ramp(canvas.edges(canvas.mask, 1.6), 0.25, 0.6)
    return mix(paper, rgb("#16161a"), outline.astype(np.float32))


def _set_pixels(canvas: Canvas) -> Field:
    """A few dozen rows of squares in a few colours, what stands in front with a dark rim."""
    width, height = canvas.size
    rows = (max(1, round(_PIXEL_ROWS * width / min(width, height))), max(1, round(_PIXEL_ROWS * height / min(width, height))))
    image = Image.fromarray(to_bytes(canvas.picture)).resize(rows, Image.Resampling.BOX)
    labels = np.asarray(image.quantize(_PIXEL_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE))
    small = _means(labels, np.asarray(image, np.float32) / 255)[labels]
    solid = np.asarray(Image.fromarray(to_bytes(canvas.mask)).resize(rows, Image.Resampling.BOX)) > 127
    padded = np.pad(solid, 1, mode="edge")
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    rimmed = np.where((solid & ~inner)[..., None], small * 0.5, small)
    return np.asarray(Image.fromarray(to_bytes(rimmed)).resize((width, height), Image.Resampling.NEAREST), np.float32) / 255


def _set_deco(canvas: Canvas) -> Field:
    """Black, gold, cream and deep green, with rays behind, gold outlines and a stepped gold frame."""
    soft = canvas.blur(canvas.picture, 0.5)
    few = np.argmin((_DECO**2) @ _DECO_WEIGHTS - 2 * (soft @ (_DECO * _DECO_WEIGHTS).T), axis=-1)
    flat = _DECO[few]
    x, y = canvas.grid
    width, height = canvas.size[0] / canvas.unit, canvas.size[1] / canvas.unit
    ray = np.floor((np.arctan2(x - width / 2, height * 0.92 - y) / np.pi + 1) * 15) % 2
    behind = mix(np.broadcast_to(_DECO[0], flat.shape).astype(np.float32), np.broadcast_to(_DECO[1], flat.shape), ray.astype(np.float32))
    dim = canvas.blur(canvas.tone, 1.5)[..., None]
    flat = np.where(canvas.mask[..., None] > 0.5, flat, behind * (0.62 + 0.6 * dim))
    gold = rgb("#d4ab4e")
    drawn = mix(flat, gold, np.maximum(ramp(canvas.edges(canvas.mask, 1.2), 0.25, 0.6), 0.75 * ramp(canvas.edges(soft, 1.0), 0.25, 0.5)))
    edge = np.minimum(np.minimum(x, width - x) + 0 * y, np.minimum(y, height - y) + 0 * x)
    corner = np.minimum(x, width - x) + np.minimum(y, height - y)
    edge = np.where(corner < 22, np.minimum(edge, np.floor(corner / 5.5) * 2.2 - 2.0), edge)
    drawn = mix(drawn, _DECO[0], ramp(5.4 - edge, 0, 0.5))
    frame = np.maximum(ramp(0.95 - np.abs(edge - 2.2), 0, 0.4), ramp(0.65 - np.abs(edge - 4.9), 0, 0.4))
    return mix(drawn, gold, frame)


LOOKS: Mapping[str, Callable[[Canvas], Field]] = {
    "oil": _paint_oil, "watercolour": _paint_watercolour, "pencil": draw_pencil, "ink": draw_ink, "paper cut": _cut_paper,
    "stained glass": _lead_glass, "neon": draw_neon, "blueprint": draw_blueprint, "halftone": _print_halftone, "pixel art": _set_pixels,
    "art deco": _set_deco, "chalk": draw_chalk,
}  # fmt: skip
