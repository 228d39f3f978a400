"""Looks of lines: pencil, ink, chalk, neon, blueprint. None of them keeps the colours of the picture."""

from __future__ import annotations

import numpy as np
from PIL import Image

from limner.media.filters.canvas import Canvas, Field, mix, ramp, rgb, to_bytes


def draw_pencil(canvas: Canvas) -> Field:
    """Graphite on white paper: thin grey outlines, tones in slanted strokes."""
    dark = 1 - canvas.blur(canvas.tone, 1.0)
    grain = 0.75 + 0.25 * canvas.noise(1.0)
    first = ramp(canvas.stripes(48, 3.1, 0.5) + dark, 1.02, 1.35)
    second = ramp(canvas.stripes(65, 3.4, 0.5) + dark, 1.35, 1.7)
    tone = (0.10 * dark + 0.42 * first * ramp(dark, 0.08, 0.4) + 0.3 * second) * grain
    graphite = np.clip(tone + 0.85 * canvas.lines * (0.85 + 0.15 * grain), 0, 0.92)
    return mix(rgb("#fbf9f4") + 0.015 * canvas.noise(1.3)[..., None], rgb("#2c2c31"), graphite)


def draw_ink(canvas: Canvas) -> Field:
    """Black ink on ivory paper: bold outlines, shadows crosshatched or filled."""
    tone = canvas.blur(canvas.tone, 0.8)
    sharp = 0.5 / max(1.0, canvas.unit)
    hatch = canvas.stripes(40, 4.0, 0.35) * ramp(0.62 - tone, 0.0, 0.06)
    cross = canvas.stripes(-42, 4.0, 0.35) * ramp(0.42 - tone, 0.0, 0.06)
    drawn = np.maximum(ramp(np.maximum(hatch, cross), 0.72 - sharp / 2, 0.72 + sharp / 2), ramp(0.2 - tone, -0.02, 0.03))
    outline = ramp(canvas.edges(canvas.picture, 1.5), 0.22, 0.42)
    return mix(rgb("#f8f1de") + 0.01 * canvas.noise(2.0)[..., None], rgb("#0d0d10"), np.maximum(drawn, outline))


def draw_chalk(canvas: Canvas) -> Field:
    """Chalk on a blackboard in its wooden frame: grainy outlines, pale colour rubbed in."""
    smear = 0.6 * canvas.noise(34) + 0.4 * canvas.noise(9)
    board = rgb("#23352f") + 0.045 * smear[..., None]
    grain = ramp(canvas.noise(1.0), -0.55, 0.35)
    pale = 0.55 + 0.45 * canvas.blur(canvas.picture, 1.2)
    rubbed = canvas.stripes(52, 4.2, 0.9) * grain * (0.14 + 0.62 * canvas.mask) * (0.5 + 0.5 * canvas.tone)
    drawn = mix(board, pale, np.clip(rubbed, 0, 1))
    drawn = mix(drawn, rgb("#f4f3ea"), np.clip(1.25 * canvas.lines * (0.35 + 0.65 * grain), 0, 1))
    frame = ramp(4.2 - canvas.from_edge(), 0.0, 0.6)
    return mix(drawn, rgb("#9a6a3c") + 0.05 * canvas.noise(3)[..., None], frame)


def draw_neon(canvas: Canvas) -> Field:
    """Glowing tubes along the outlines, before a dark wall of bricks."""
    wall = rgb("#0b0916") + 0.05 * _bricks(canvas)[..., None] * rgb("#9a7fc0")
    tubes = np.clip(ramp(canvas.edges(canvas.picture, 1.1), 0.16, 0.4) * (0.16 + 0.84 * canvas.mask), 0, 1)
    tubes = np.maximum(tubes, ramp(canvas.edges(canvas.mask, 1.3), 0.25, 0.6))
    light = tubes[..., None] * _vivid(canvas)
    glow = 1.5 * canvas.blur(light, 1.6) + 1.5 * canvas.blur(light, 5.0) + 0.8 * canvas.blur(light, 13.0)
    lit: Field = np.clip(wall + glow + 0.75 * light + 0.30 * tubes[..., None], 0, 1)
    return lit


def _bricks(canvas: Canvas) -> Field:
    x, y = canvas.grid
    row = np.floor(y / 8)
    return ramp(np.minimum(4 - np.abs(y % 8 - 4) + 0 * x, 8 - np.abs((x + 8 * (row % 2)) % 16 - 8)), 0.2, 0.9) * np.float32(0.8)


def _vivid(canvas: Canvas) -> Field:
    """Return the hues of the picture as tubes have them; greys become one of the colours that every sign has."""
    hsv = np.array(Image.fromarray(to_bytes(canvas.blur(canvas.picture, 1.2))).convert("HSV"))
    grey = hsv[..., 1] < 70
    hsv[..., 0][grey] = int(canvas.rng.choice([128, 140, 222, 236]))
    hsv[..., 1] = np.clip(hsv[..., 1].astype(np.int16) * 2, 190, 245)
    hsv[..., 2] = 255
    return np.asarray(Image.fromarray(hsv, "HSV").convert("RGB"), np.float32) / 255


def draw_blueprint(canvas: Canvas) -> Field:
    """White lines on blue squared paper, with a border and an empty title block."""
    x, y = canvas.grid
    width, height = canvas.size[0] / canvas.unit, canvas.size[1] / canvas.unit
    fine = np.maximum(_rule(x, 6.4, 0.35), _rule(y, 6.4, 0.35))
    coarse = np.maximum(_rule(x, 32, 0.5), _rule(y, 32, 0.5))
    paper = rgb("#1d4f9c") + 0.012 * canvas.noise(12)[..., None]
    drawn: Field = paper + (0.075 * fine + 0.10 * coarse)[..., None]
    drawn = mix(drawn, rgb("#6f9be0"), 0.30 * canvas.mask * (canvas.stripes(45, 3.6) > 0.5))
    border = ramp(0.55 - np.abs(canvas.from_edge() - 4.0), 0.0, 0.3)
    left, top = width - 40, height - 16
    block = ((x > left) & (y > top) & (x < width - 4) & (y < height - 4)).astype(np.float32)
    drawn = mix(drawn, paper, block)
    ruled = np.maximum(_bar(x, left), np.maximum(_bar(y, top), _bar(y, top + 6))) * ((x > left - 0.6) & (y > top - 0.6))
    white = np.maximum(np.maximum(canvas.lines * (1 - block), border), ruled * (x < width - 3.6) * (y < height - 3.6))
    return mix(drawn, rgb("#f2f7ff"), np.clip(white, 0, 1) * 0.95)


def _rule(axis: Field, period: float, half: float) -> Field:
    return ramp(half + 0.25 - np.abs((axis + period / 2) % period - period / 2), 0.0, 0.5)


def _bar(axis: Field, place: float) -> Field:
    return ramp(0.6 - np.abs(axis - place), 0.0, 0.3)
