"""Things cut out of the pictures that show them: from a ground that is clear, of one colour or a gradient, or from what was found behind.

Shape letters: H and W pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from limner.engine.protocol import Mask, Pixels
from limner.engine.weights import Floats
from limner.media.alpha import with_alpha
from limner.media.boxes import Box
from limner.media.masks import bounding_box, greatest_around

LOOKED_AT_PX = 192  # the longer side that parts are told from each other at
BORDER_SHARE = 0.03  # of the shorter side: what lies there is taken for ground
CLEAR_SHARE = 0.06  # of the picture; where so much shows nothing the ground is that
GROUND_TERMS, FITS = (1, 3, 5), 4  # plain, even, uneven; the farthest are left out of each fit but the first
NEAR_GROUND = 10  # of 255 in any channel, at the border
STRANGE_SHARE = 0.25  # of the border that may be unlike a ground that is one
STRANGE_SHARE_ALONG, MOST_STRANGE_ALONG = 0.4, 0.85  # where a part is hidden, and its border is looked at too; and of that alone
SAME_COLOUR = 26  # of 255 in any channel: what is nearer to the ground is ground
NEAR_COLOUR = 8  # and nearer than this surely
FULL_AT = 0.8  # of the difference around it, from which a pixel shows nothing of what is behind
LEAST_APART, HAZE = 48, 0.12  # of 255: what shows less is thin; and what covers less than such a share covers nothing
LEAST_COVER = 0.05
EDGE_PX = 5  # a square that reaches from an edge's outside to its inside, at the size of a picture of 512 pixels
LEAST_SHARE = 0.0006  # of the picture; less is a speck and no thing
CLAIMED_SHARE = 0.4  # of a part that was found, for all of it to be meant
SPECK_SHARE = 0.05  # of the largest part; what is smaller is a speck of what was drawn
MOST_PIECES = 40  # more are a texture
MOST_STANDING = 0.75  # of the picture; more is no ground with things on it
FOOT_SHARE = 0.2  # of a thing's height, from below: where its shadow lies
DEEPEST_SHADOW, FAINTEST_SHADOW = 0.55, 0.975  # of the ground's light
SHADOW_HUE = 0.1  # how unlike the channels may be darkened
SHADOW_SHARE = 0.25  # of what is cut out there
ALIKE_SIZE, ALIKE_COLOUR = 0.12, 12  # of a part's pixels, and of 255
ABOVE_SHARE, ABOVE_GAP = 0.8, 0.02  # of the narrower one's width, and of the picture's height
CLEAR = np.zeros(4, np.uint8)


@dataclass(frozen=True, kw_only=True, eq=False)
class Cutout:
    """A thing alone: straight-alpha RGBA (height, width, 4) of its `box` in the picture that showed it, where it may have had a shadow."""

    pixels: Pixels
    box: Box
    has_shadow: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """A picture (H, W, 4) taken apart: what is `behind` all that stands in it, (H, W, 4), and the parts that stand before it, (H, W)."""

    pixels: Pixels
    behind: Pixels
    parts: tuple[Mask, ...]

    @property
    def standing(self) -> Mask:
        """Where anything stands."""
        everything = np.zeros(self.pixels.shape[:2], np.bool_)
        for part in self.parts:
            everything |= part
        return everything

    def alike(self, number: int) -> list[Mask]:
        """Return a part and all that look like it: as large, and of its mean colour."""
        sizes = [int(part.sum()) for part in self.parts]
        colours = [self.pixels[part][:, :3].mean(0) for part in self.parts]
        return [
            part
            for part, size, colour in zip(self.parts, sizes, colours, strict=True)
            if abs(size / sizes[number] - 1) < ALIKE_SIZE and np.abs(colour - colours[number]).max() < ALIKE_COLOUR
        ]

    def cut(self, wanted: Mask) -> Cutout | None:
        """Return what stands in a part of the picture, None if that is nothing."""
        return cut_between(self.pixels, self.behind, wanted)


def take_apart(pixels: Pixels, hidden: Mask | None = None) -> Scene | None:
    """Take a picture (H, W, 4) apart, None where its ground cannot be told from what stands there, as in a photograph.

    What is `hidden`, (H, W), shows nothing, and is taken for ground.
    """
    height, width = pixels.shape[:2]
    size = looked_at_size(height, width)
    small = np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize(size, Image.Resampling.BOX))
    unseen = np.zeros(small.shape[:2], np.bool_) if hidden is None else _grown(_grown(resize_mask(hidden, *size)))
    if unseen.all():
        return None
    if (small[~unseen][:, 3] < 128).mean() >= CLEAR_SHARE:
        behind = np.zeros_like(pixels)
        standing = (small[..., 3] > NEAR_COLOUR) & ~unseen
    else:
        model = _ground_of(small[..., :3].astype(np.float32), unseen)
        if model is None:
            return None
        near = np.abs(small[..., :3] - model).max(-1) <= SAME_COLOUR / 2
        standing = ~reach(_border(small.shape[:2]) | unseen, near | unseen)
        behind = with_alpha(np.asarray(Image.fromarray(np.rint(model).astype(np.uint8)).resize((width, height), Image.Resampling.BILINEAR)))
    pieces = components(standing)
    if standing.mean() > MOST_STANDING or len(pieces) > MOST_PIECES:
        return None
    parts = _joined(pieces)
    return Scene(pixels=pixels, behind=behind, parts=tuple(resize_mask(_grown(part), width, height) for part in parts))


def cut_between(pixels: Pixels, behind: Pixels, wanted: Mask) -> Cutout | None:
    """Return what stands before `behind` in a part of a picture, all (H, W, ...); None if that is nothing. A shadow is black and thin."""
    box = bounding_box(wanted)
    if box is None:
        return None
    shown, ground, part = pixels[box.cut].astype(np.float32), behind[box.cut].astype(np.float32), wanted[box.cut]
    cut = np.zeros(shown.shape, np.uint8)
    has_shadow = False
    if (ground[..., 3] < 128).mean() > 1 / 2:
        cut[part] = pixels[box.cut][part]
    else:
        alpha = cover_of(shown[..., :3], ground[..., :3]) * part * (shown[..., 3] / 255)
        own = ground[..., :3] + (shown[..., :3] - ground[..., :3]) / np.maximum(alpha, LEAST_COVER)[..., None]
        light = _light_left(shown[..., :3], ground[..., :3])
        shadow = part & ~np.isnan(light)
        own[shadow], alpha[shadow] = 0, 1 - light[shadow]
        has_shadow = bool(shadow.sum() > SHADOW_SHARE * part[-max(1, round(FOOT_SHARE * len(part))) :].sum())
        cut[..., :3], cut[..., 3] = np.rint(own.clip(0, 255)), np.rint(alpha * 255)
    cut[cut[..., 3] == 0] = 0
    inner = bounding_box(cut[..., 3] > NEAR_COLOUR)
    if inner is None:
        return None
    return Cutout(pixels=np.ascontiguousarray(cut[inner.cut]), box=inner.moved(box.left, box.top), has_shadow=has_shadow)


def _light_left(colours: Floats, ground: Floats) -> Floats:
    """Return what share of the ground's light is left in a shadow at the foot of a thing, (H, W); NaN where none lies."""
    ratio = (colours + 1) / (ground + 1)
    light = ratio.mean(-1)
    is_shadow = (np.ptp(ratio, axis=-1) < SHADOW_HUE) & (light > DEEPEST_SHADOW) & (light < FAINTEST_SHADOW)
    is_shadow[: -max(1, round(FOOT_SHARE * len(colours)))] = False
    left: Floats = np.where(is_shadow, light, np.nan).astype(np.float32)
    return left


def without_specks(mask: Mask) -> Mask:
    """Return a mask (H, W) without the parts that are small beside its largest."""
    parts = components(_looked_at(mask))
    largest = max((int(part.sum()) for part in parts), default=0)
    kept = np.logical_or.reduce([part for part in parts if part.sum() >= SPECK_SHARE * largest]) if parts else mask
    found: Mask = mask & resize_mask(_grown(kept), mask.shape[1], mask.shape[0])
    return found


def _looked_at(mask: Mask) -> Mask:
    size = looked_at_size(*mask.shape)
    return np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize(size, Image.Resampling.BOX)) > 127


def claimed(parts: tuple[Mask, ...], found: Mask, *, share: float = CLAIMED_SHARE) -> Mask | None:
    """Return all of the parts of which `found` covers such a share, None if there are none."""
    meant = [part for part in parts if found[part].mean() >= share]
    return np.logical_or.reduce(meant) if meant else None


def cover_of(colours: Floats, ground: Floats) -> Floats:
    """Return how much of each pixel a thing covers, (H, W) in [0, 1], by how far it is from the ground beside how far its middle is."""
    apart = np.abs(colours - ground).max(-1)
    side = 2 * round(EDGE_PX / 2 * max(1.0, max(apart.shape) / 512)) + 1
    around = greatest_around(apart.clip(0, 255).astype(np.uint8), side).astype(np.float32)
    edge = ((apart / np.maximum(FULL_AT * around, LEAST_APART) - HAZE) / (1 - HAZE)).clip(0, 1)
    small = max(1, max(apart.shape) // LOOKED_AT_PX)
    outside = reach(_border(apart[::small, ::small].shape), apart[::small, ::small] <= SAME_COLOUR / 2)
    inside = ~resize_mask(_grown(_grown(outside)), apart.shape[1], apart.shape[0])
    cover: Floats = np.where(inside, 1, edge).astype(np.float32)
    return cover


def _ground_of(colours: Floats, unseen: Mask) -> Floats | None:
    """Return the colours (H, W, 3) of a ground that runs through the border: plain, or fading evenly or not; None without.

    What is `unseen` is no ground; along it there may be some.
    """
    border, strange, along = _border(colours.shape[:2]), STRANGE_SHARE, unseen
    if unseen.any():
        along = _grown(_grown(_grown(unseen))) & ~unseen
        border, strange = (border | along) & ~unseen, STRANGE_SHARE_ALONG
    rows, columns = (axis.astype(np.float32) / len(colours) for axis in np.indices(colours.shape[:2]))
    terms = np.stack([np.ones_like(rows), rows, columns, rows**2, columns**2], axis=-1)
    for count in GROUND_TERMS[: 2 if unseen.any() else None]:  # the simplest that does: a richer one bulges where nothing holds it
        weights = _fit(terms[border][:, :count], colours[border], strange)
        far = np.abs(terms[..., :count] @ weights - colours).max(-1) > NEAR_GROUND
        if far[border].mean() <= strange and (not along.any() or far[along].mean() <= MOST_STRANGE_ALONG):
            model: Floats = (terms[..., :count] @ weights).clip(0, 255).astype(np.float32)
            return model
    return None


def _fit(terms: Floats, seen: Floats, strange: float) -> Floats:
    """Return the weights of terms (N, terms) that make most of what is seen, (N, 3); what stands at the border is left out."""
    near = np.ones(len(seen), np.bool_)
    weights = np.zeros((terms.shape[1], 3), np.float32)
    for _ in range(FITS):
        weights = np.linalg.lstsq(terms[near], seen[near], rcond=None)[0]
        apart = np.abs(terms @ weights - seen).max(-1)
        near = apart <= max(1.0, float(np.quantile(apart, 1 - strange)))
    return weights


def _border(shape: tuple[int, ...]) -> Mask:
    depth = max(1, round(BORDER_SHARE * min(shape[:2])))
    border = np.ones(shape[:2], np.bool_)
    border[depth:-depth, depth:-depth] = False
    return border


def reach(start: Mask, free: Mask) -> Mask:
    """Return what can be reached from `start` through what is `free`, step by step across and down."""
    labels = _label(free)
    reached: Mask = np.isin(labels, np.unique(labels[start & free])) & free
    return reached


def looked_at_size(height: int, width: int) -> tuple[int, int]:
    """Return the (width, height) that the parts of a picture are told from each other at."""
    scale = min(1.0, LOOKED_AT_PX / max(height, width))
    return max(8, round(width * scale)), max(8, round(height * scale))


def stands_out(pixels: Pixels, behind: Pixels, least: int = SAME_COLOUR) -> Mask:
    """Return where a picture differs from what is behind by more than so much of 255 in any channel, (H, W)."""
    apart: Mask = np.abs(pixels.astype(np.int16) - behind).max(-1) > least
    return apart


def enclosed(mask: Mask) -> Mask:
    """Return the holes of a mask: what it surrounds, (H, W)."""
    edge = np.zeros_like(mask)
    edge[[0, -1]] = edge[:, [0, -1]] = True
    holes: Mask = ~mask & ~reach(edge, ~mask)
    return holes


def components(standing: Mask) -> list[Mask]:
    """Return the parts that hang together, but for specks, the first from the top first."""
    labels = _label(standing)
    counts = np.bincount(labels.ravel())
    counts[0] = 0
    return [labels == label for label in np.flatnonzero(counts >= max(1, LEAST_SHARE * standing.size))]


def _label(mask: Mask) -> npt.NDArray[np.intp]:
    """Number what hangs together across and down, (H, W) from 1; 0 where the mask is False. In one pass over runs of pixels."""
    labels = np.zeros(mask.shape, np.intp)
    parents = [0]

    def root(label: int) -> int:
        while parents[label] != label:
            parents[label] = parents[parents[label]]
            label = parents[label]
        return label

    above: list[tuple[int, int, int]] = []
    for row, line in enumerate(np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)):
        runs = []
        for start, end in zip(np.flatnonzero(line == 1).tolist(), np.flatnonzero(line == -1).tolist(), strict=True):
            touching = [root(label) for first, last, label in above if first < end and start < last]
            label = min(touching, default=len(parents))
            if not touching:
                parents.append(label)
            for other in touching:
                parents[other] = label
            labels[row, start:end] = label
            runs.append((start, end, label))
        above = runs
    found: npt.NDArray[np.intp] = np.array([root(label) for label in range(len(parents))], np.intp)[labels]
    return found


def _joined(parts: list[Mask]) -> list[Mask]:
    """Join what stands just above or below another, as a sail over its hull, to one thing."""
    whole: list[Mask] = []
    for part in sorted(parts, key=lambda each: -int(each.sum())):
        box = bounding_box(part)
        near = [number for number, other in enumerate(whole) if box and _belongs(box, bounding_box(other), len(part))]
        if near:
            whole[near[0]] = whole[near[0]] | part
        else:
            whole.append(part)
    return sorted(whole, key=lambda each: int(np.argmax(each)))


def _belongs(box: Box, other: Box | None, height: int) -> bool:
    if other is None:
        return False
    shared = min(box.right, other.right) - max(box.left, other.left)
    apart = max(other.top - box.bottom, box.top - other.bottom)
    return shared >= ABOVE_SHARE * min(box.width, other.width) and apart <= ABOVE_GAP * height


def _grown(mask: Mask) -> Mask:
    grown: Mask = np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(3))) > 0
    return grown


def resize_mask(mask: Mask, width: int, height: int) -> Mask:
    """Return a mask of another size, its outline smooth."""
    large: Mask = np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize((width, height), Image.Resampling.BILINEAR)) > 127
    return large
