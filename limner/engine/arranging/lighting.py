"""A picture in another light: its colours tinted, and its sky, where one is found, exchanged for that of the new light.

Which light it stands in now is read from its sky, or indoors from its brightest colours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from limner.engine.arranging.cutouts import FULL_AT, LOOKED_AT_PX, components, enclosed, reach, resize_mask
from limner.engine.protocol import Mask, Pixels
from limner.engine.weights import Floats
from limner.media.boxes import Box
from limner.media.filters.light import SKIES, TINTS, LightName, light_up
from limner.media.masks import bounding_box, greatest_around
from limner.media.resize import reduce_pixels

EVEN_STEP = 16  # of 255 in any channel, between pixels two apart: what changes less is one surface
LEAST_TOP = 0.3  # of the upper edge, that a sky takes
LEAST_SKY = 0.04  # of the picture
LIKE_THE_SKY = 50  # of 255 in any channel: what is nearer to the sky at its height, and within it, is a glow in it
LIKE_A_SKY = 45  # of 255, the mean difference of each of its ends; what is farther from every known sky keeps its own colours
DISC_FILL, DISC_SIDES = (0.7, 0.88), 1.25  # of its box, that a sun or a moon fills; and how much longer one side may be
MOST_DISC, MOST_STAR = 0.05, 0.0015  # of the picture
BRIGHT = 0.95  # the quantile of a channel that is taken for white
DRAWN_SHARE = 0.4  # of the pixels of a drawing are as those beside them
PLAINLY = 0.15  # how much nearer than daylight's another light's white must be: walls are cream
GAP_PX = 7  # at the size that is looked at
EDGE_SHARE = 0.012  # of the longer side: how far from the sky its edge is looked for
LEAST_COVER = 0.05
HALF = 127  # of 255
STARS, MOON_RADIUS, MOON_COLOUR = 36, 0.07, (250, 246, 224)  # the radius is a share of the shorter side
OUTDOORS: tuple[LightName, ...] = ("noon", "dusk", "moon")
INDOORS: tuple[LightName, ...] = (*OUTDOORS, "lamp")


@dataclass(frozen=True, kw_only=True, eq=False)
class Sky:
    """Where the sky is, (H, W), its colours from above to the horizon, (H, 1, 3), and the light of such a sky, None if none is known."""

    mask: Mask
    colours: Floats
    light: LightName | None


def relight(pixels: Pixels, light: LightName, seed: int, *, is_view: bool = True) -> Pixels:
    """Return a picture (H, W, 4) in another light; its alpha stays. What is no view of a place has no sky."""
    sky = find_sky(pixels) if is_view else None
    now = sky.light if sky and sky.light else _light_indoors(pixels)
    gain = np.array(TINTS[light], np.float32) / np.array(TINTS[now], np.float32)
    colours = pixels[..., :3].astype(np.float32)
    if sky is None or sky.light is None or light not in OUTDOORS:
        lit = colours * gain
    else:
        cover = _cover_before(colours, sky)[..., None]
        own = sky.colours + (colours - sky.colours) / np.maximum(cover, LEAST_COVER)
        lit = (own * gain).clip(0, 255) * cover + _draw_sky(sky, light, seed) * (1 - cover)
    return light_up(np.dstack([np.rint(lit.clip(0, 255)).astype(np.uint8), pixels[..., 3]]), light, 0.0)


def find_sky(pixels: Pixels) -> Sky | None:
    """Return the sky of a picture (H, W, 4): one surface that takes much of the upper edge; None without one."""
    height, width = pixels.shape[:2]
    small = reduce_pixels(pixels, LOOKED_AT_PX)
    colours = small[..., :3].astype(np.float32)
    even = small[..., 3] > HALF
    even[:, 1:-1] &= np.abs(colours[:, 2:] - colours[:, :-2]).max(-1) <= EVEN_STEP
    even[1:-1] &= np.abs(colours[2:] - colours[:-2]).max(-1) <= EVEN_STEP
    top = np.zeros_like(even)
    top[:2] = True
    found = reach(top, even)
    if found[:2].any(0).mean() < LEAST_TOP or found.mean() < LEAST_SKY:
        return None
    rows = np.stack(
        [np.median(colours[row][seen], axis=0) if (seen := found[row]).any() else np.full(3, np.nan) for row in range(len(found))]
    )
    seen = np.flatnonzero(~np.isnan(rows[:, 0]))
    fading = np.stack([np.interp(np.arange(len(rows)), seen, rows[seen, channel]) for channel in range(3)], axis=-1)
    depth = max(1, len(seen) // 8)
    light = _light_of(np.stack([fading[seen[:depth]].mean(0), fading[seen[-depth:]].mean(0)]))
    near = np.abs(colours - fading[:, None]).max(-1) <= LIKE_THE_SKY
    mask = resize_mask(_with_discs(_closed(found, near)), width, height)
    large = np.stack([np.interp(np.linspace(0, len(rows) - 1, height), np.arange(len(rows)), channel) for channel in fading.T], axis=-1)
    return Sky(mask=mask, colours=large[:, None].astype(np.float32), light=light)


def _closed(found: Mask, near: Mask) -> Mask:
    """Return a sky with the thin lines in it that are nearly of its colour: the rims of a glow."""
    closed = greatest_around(1 - greatest_around(found.astype(np.uint8), GAP_PX), GAP_PX) == 0
    filled: Mask = found | (closed & near)
    return filled


def _with_discs(found: Mask) -> Mask:
    """Return a sky with the round holes and the specks in it: a sun, a moon, stars."""
    holes = enclosed(found)
    kept = np.zeros_like(holes)
    for hole in components(holes):
        box, share = bounding_box(hole), hole.mean()
        if box and not (share <= MOST_STAR or (share <= MOST_DISC and _is_disc(box, int(hole.sum())))):
            kept |= hole
    filled: Mask = found | (holes & ~kept)
    return filled


def _cover_before(colours: Floats, sky: Sky) -> Floats:
    """Return how much of each pixel stands before the sky, (H, W): nothing in it, all of it elsewhere, a share at its edge."""
    reach_px = 2 * max(1, round(EDGE_SHARE * max(sky.mask.shape))) + 1
    wide = greatest_around(sky.mask.astype(np.uint8), reach_px) > 0
    apart = np.abs(colours - sky.colours).max(-1)
    around = greatest_around(apart.clip(0, 255).astype(np.uint8), reach_px).astype(np.float32)
    edge = (apart / np.maximum(FULL_AT * around, 1)).clip(0, 1)
    cover: Floats = np.where(sky.mask, 0, np.where(wide, edge, 1)).astype(np.float32)
    return cover


def _is_disc(box: Box, area: int) -> bool:
    longer, shorter = max(box.width, box.height), min(box.width, box.height)
    return longer <= DISC_SIDES * shorter + 1 and DISC_FILL[0] <= area / (box.width * box.height) <= DISC_FILL[1]


def _light_of(ends: Floats) -> LightName | None:
    """Return the light of the known sky that is nearest at both ends (2, 3), None if none is near."""
    apart = {light: min(float(np.abs(ends - _ends_of(pair)).mean(-1).max()) for pair in SKIES[light]) for light in OUTDOORS}
    nearest, (red, _, blue) = min(apart, key=apart.__getitem__), ends[0]
    return nearest if apart[nearest] <= LIKE_A_SKY and red <= blue else None


def _light_indoors(pixels: Pixels) -> LightName:
    """Return the light whose white the brightest colours of a drawing are nearest to; a photograph's may be anything."""
    seen = pixels[pixels[..., 3] > HALF][:, :3]
    is_drawn = (pixels[:, 1:, :3] == pixels[:, :-1, :3]).all(-1).mean() >= DRAWN_SHARE
    if not len(seen) or not is_drawn:
        return "noon"
    white = np.quantile(seen, BRIGHT, axis=0) / 255
    return min(INDOORS, key=lambda light: float(np.abs(white - np.array(TINTS[light])).sum()) + PLAINLY * (light != "noon"))


def _ends_of(pair: tuple[str, str]) -> Floats:
    return np.array([ImageColor.getrgb(colour)[:3] for colour in pair], np.float32)


def _draw_sky(sky: Sky, light: LightName, seed: int) -> Floats:
    """Draw the sky of a light, (H, W, 3), its horizon where that of another sky is."""
    height, width = sky.mask.shape
    horizon = int(np.flatnonzero(sky.mask.any(1))[-1])
    share = (np.arange(height) / max(1, horizon)).clip(0, 1)[:, None, None]
    ends = _ends_of(SKIES[light][0])
    fading = np.broadcast_to(ends[0] + (ends[1] - ends[0]) * share, (height, width, 3)).astype(np.float32)
    if light != "moon":
        return fading
    picture = Image.fromarray(np.rint(fading).astype(np.uint8))
    _hang_moon(picture, horizon / height, ends, seed)
    return np.asarray(picture, np.float32)


def _hang_moon(picture: Image.Image, horizon: float, ends: Floats, seed: int) -> None:
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, 0x1147], np.uint64)))
    pen, (width, height), short = ImageDraw.Draw(picture), picture.size, min(picture.size)

    def dot(x: float, y: float, radius: float, colour: tuple[int, ...]) -> None:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    for _ in range(STARS):
        colour = ends[0] + (255 - ends[0]) * rng.uniform(0.4, 0.9)
        dot(rng.uniform(0, width), rng.uniform(0, 0.8 * horizon * height), rng.uniform(0.0018, 0.0048) * short, tuple(map(int, colour)))
    dot(0.78 * width, max(0.12, 0.28 * horizon) * height, MOON_RADIUS * short, MOON_COLOUR)
