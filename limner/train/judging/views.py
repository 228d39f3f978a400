"""What the judge learns from: drawings as a small model would draw them, and things that are no thing at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageFilter

from limner.data.colours import COLOURS
from limner.data.scenes.places import PAINTS
from limner.evals.judging.views import GROUND, Pixels, frame
from limner.media.alpha import recolour

SMALLEST_PX, LARGEST_PX = 36, 118
MESH = 4
SHARE_PAINTED = 0.4


def drawn_view(sprite: Pixels, rng: np.random.Generator, *, may_paint: bool = False) -> Pixels:
    """Return a (192, 192, 3) view of a square (P, P, 4) drawing as it may come out of a model: smaller, softer, bent, noisy."""
    pixels = recolour(sprite, COLOURS[PAINTS[int(rng.integers(len(PAINTS)))]]) if may_paint and rng.random() < SHARE_PAINTED else sprite
    image = Image.fromarray(pixels)
    if rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    side = round(float(np.exp(rng.uniform(np.log(SMALLEST_PX), np.log(LARGEST_PX)))))
    image = image.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    image = _bend(_widen(image, 1.15), rng, strength=float(rng.uniform(0, 0.035)))
    if rng.random() < 0.4:
        image = image.rotate(float(rng.uniform(-10, 10)), Image.Resampling.BICUBIC)
    if rng.random() < 0.2:
        image = _punch(image, rng, share=float(rng.uniform(0.05, 0.22)))
    return frame(_soil(_trim(image), rng))


def broken_view(sprites: Sequence[Pixels], rng: np.random.Generator) -> Pixels:
    """Return a view that shows no one thing: a piece of a drawing, two at once, a mixture, a smear, a blob or noise."""
    first, second = (_shrunk(sprites[int(rng.integers(len(sprites)))], rng) for _ in range(2))
    kind = rng.random()
    if kind < 0.34:
        image = _piece(first, rng)
    elif kind < 0.56:
        image = _beside(first, second, rng)
    elif kind < 0.72:
        image = _mixture(first, second, rng)
    elif kind < 0.86:
        image = _bend(_widen(first, 1.3), rng, strength=float(rng.uniform(0.16, 0.3))).filter(
            ImageFilter.GaussianBlur(first.width * float(rng.uniform(0.02, 0.07)))
        )
    else:
        image = _blob(rng)
    return frame(_soil(_trim(image), rng))


def _shrunk(sprite: Pixels, rng: np.random.Generator) -> Image.Image:
    side = int(rng.integers(44, 110))
    return Image.fromarray(sprite).resize((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)


def _widen(image: Image.Image, factor: float) -> Image.Image:
    side = round(max(image.size) * factor)
    wide = Image.new("RGBA", (side, side), (*GROUND, 0))
    wide.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return wide


def _trim(image: Image.Image) -> Image.Image:
    box = image.getchannel("A").point(lambda alpha: 255 * (alpha > 16)).getbbox()
    return image.crop(box) if box else image


def _bend(image: Image.Image, rng: np.random.Generator, *, strength: float) -> Image.Image:
    """Move the corners of a mesh by up to `strength` of the side."""
    step = image.width / MESH
    corners = np.stack(np.meshgrid(np.arange(MESH + 1) * step, np.arange(MESH + 1) * step), axis=-1)
    corners += rng.uniform(-1, 1, corners.shape) * strength * image.width
    mesh = []
    for row in range(MESH):
        for column in range(MESH):
            target = tuple(round(edge * step) for edge in (column, row, column + 1, row + 1))
            quad = (corners[row, column], corners[row + 1, column], corners[row + 1, column + 1], corners[row, column + 1])
            mesh.append((target, tuple(float(value) for corner in quad for value in corner)))
    return image.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def _punch(image: Image.Image, rng: np.random.Generator, *, share: float) -> Image.Image:
    """Take away a round bit near the edge of what is drawn."""
    pixels = np.array(image)
    angle, radius = rng.uniform(0, 2 * np.pi), share * image.width
    centre = image.width * (0.5 + 0.42 * np.array([np.sin(angle), np.cos(angle)]))
    rows, columns = np.mgrid[: image.height, : image.width]
    pixels[np.hypot(rows - centre[0], columns - centre[1]) < radius, 3] = 0
    return Image.fromarray(pixels)


def _soil(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Soften, shift the colours a little and add noise."""
    if rng.random() < 0.6:
        image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.2, 1.1))))
    pixels = np.asarray(image).astype(np.float32)
    pixels[..., :3] = pixels[..., :3] * rng.uniform(0.88, 1.1, 3) + rng.uniform(-12, 12)
    if rng.random() < 0.6:
        pixels[..., :3] += rng.normal(0, rng.uniform(2, 16), pixels[..., :3].shape)
    if rng.random() < 0.3:
        pixels[..., 3] += np.where(pixels[..., 3] > 8, rng.normal(0, rng.uniform(4, 40), pixels.shape[:2]), 0)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _piece(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Cut between a tenth and a half of a drawing off."""
    width, height = image.size
    across, down = ((rng.uniform(0.25, 0.55), 1.0), (1.0, rng.uniform(0.25, 0.55)), (rng.uniform(0.4, 0.65), rng.uniform(0.4, 0.65)))[
        int(rng.integers(3))
    ]
    left, top = rng.uniform(0, 1 - across) * width, rng.uniform(0, 1 - down) * height
    return image.crop((round(left), round(top), round(left + across * width), round(top + down * height)))


def _beside(first: Image.Image, second: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Put two drawings, half of the time two of the same, side by side or one above the other."""
    other = first if rng.random() < 0.5 else second
    gap = round(float(rng.uniform(-0.12, 0.25)) * first.width)
    if rng.random() < 0.6:
        wide = Image.new("RGBA", (first.width + max(gap, 0) + other.width, max(first.height, other.height)), (*GROUND, 0))
        places = ((0, wide.height - first.height), (first.width + gap, wide.height - other.height))
    else:
        wide = Image.new("RGBA", (max(first.width, other.width), first.height + max(gap, 0) + other.height), (*GROUND, 0))
        places = ((0, 0), (0, first.height + gap))
    for image, place in zip((first, other), places, strict=True):
        wide.alpha_composite(image, (max(0, place[0]), max(0, place[1])))
    return wide


def _mixture(first: Image.Image, second: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Blend two drawings, or lay one's squares between the other's."""
    other = second.resize(first.size)
    if rng.random() < 0.5:
        return Image.blend(first, other, float(rng.uniform(0.35, 0.65)))
    cells = int(rng.integers(2, 5))
    mask = Image.fromarray((rng.random((cells, cells)) < 0.5).astype(np.uint8) * 255).resize(first.size, Image.Resampling.NEAREST)
    return Image.composite(first, other, mask)


def _blob(rng: np.random.Generator) -> Image.Image:
    """Draw coloured clouds, coarse squares or plain noise."""
    side = int(rng.integers(40, 110))
    cells = int(rng.choice([2, 3, 4, 6, 10, side]))
    is_soft = rng.random() < 0.5
    colours = Image.fromarray(rng.integers(0, 256, (cells, cells, 4), np.uint8))
    pixels = np.array(colours.resize((side, side), Image.Resampling.BICUBIC if is_soft else Image.Resampling.NEAREST))
    pixels[..., 3] = 255 * (pixels[..., 3] > rng.integers(0, 200))
    return Image.fromarray(pixels)
