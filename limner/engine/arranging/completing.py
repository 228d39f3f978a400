"""A picture that becomes what a caption says, or whole: what the caption names and the source lacks comes in, a hole is filled.

In a hole there is the ground, and the things that the hole cuts go on into it as they are at its edge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from PIL import Image, ImageFilter

from limner.engine.arranging.changing import instead
from limner.engine.arranging.cutouts import LOOKED_AT_PX, SAME_COLOUR, Scene, resize_mask
from limner.engine.arranging.desk import SPOKEN_OF, Desk, NotArrangedError
from limner.engine.arranging.places import box_in, lay
from limner.engine.arranging.putting import FILLED_MASK, room
from limner.engine.protocol import Mask, Pixels
from limner.engine.words.arrangements import Arrangement, Relation, Subject, Where
from limner.media.masks import bounding_box, greatest_around

RIM_PX = 7  # at the size that parts are told at: a hole, and on both sides of its edge what is neither hole nor picture
SURELY = 16.0  # as `SPOKEN_OF`
NEIGHBOURS = ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))
RIM_SHARE, CONTACT_SHARE = 0.02, 0.0003  # how near to a hole what it cuts is seen, of the longer side; and how much of it, of its square
BEYOND_SHARE = 0.11  # of the longer side: how far what the edge cut goes on beyond it
OPPOSITE: Mapping[Relation, Relation] = {
    "left": "right", "right": "left", "above": "below", "below": "above", "behind": "before", "before": "behind",
}  # fmt: skip
MOST_OF_HOLE = 0.6  # of its box, that a hole must fill for a thing to be put into it


def complete(desk: Desk, wish: Arrangement) -> Pixels:
    """Return the source with what it lacks.

    Raises:
        NotArrangedError: what is there cannot be told, or nothing is lacking.
    """
    if desk.scene is None:
        raise NotArrangedError
    missing, unnamed = _compare(desk, desk.scene, wish)
    if desk.hole is not None:
        return _fill(desk, desk.scene, desk.hole, missing, unnamed)
    if not missing:
        raise NotArrangedError
    return _bring_in(desk, desk.scene, wish, missing, unnamed)


def _fill(desk: Desk, scene: Scene, hole: Mask, missing: list[Subject], unnamed: list[Mask]) -> Pixels:
    """Return the source with its hole filled: things that it cuts go on, one that is missing stands in it."""
    cut = [part for part in scene.parts if _is_cut(part, scene, hole)]
    mistaken = sum(_is_cut(part, scene, hole) for part in unnamed)  # half a thing may not look like one
    picture = _continued(desk.source, hole, scene, cut) if cut else desk.source
    if len(missing) <= mistaken:
        return desk.within_mask(picture)
    box = bounding_box(hole)
    if box is None or len(missing) > 1 or hole[box.cut].mean() < MOST_OF_HOLE:
        raise NotArrangedError
    thing = desk.cut(missing[0])
    place = room(desk, thing, Where(), None, scene.standing | ~hole) if cut else box_in(box, thing, FILLED_MASK)
    return desk.within_mask(lay(thing, place, picture))


def _is_cut(part: Mask, scene: Scene, hole: Mask) -> bool:
    """Tell whether a part is seen along a hole, and not only near it."""
    side = max(hole.shape)
    along = greatest_around(hole.astype(np.uint8), 2 * max(1, round(RIM_SHARE * side)) + 1) > 0
    contact = part & along & ~hole & _stands_out(scene)
    return bool(contact.sum() >= CONTACT_SHARE * side**2) and not along[part].all()


def _stands_out(scene: Scene) -> Mask:
    apart: Mask = np.abs(scene.pixels.astype(np.int16) - scene.behind).max(-1) > SAME_COLOUR
    return apart


def _continued(source: Pixels, hole: Mask, scene: Scene, cut: list[Mask]) -> Pixels:
    """Return the source with the parts that a hole cuts going on into it, each pixel as the nearest one at the edge, but not far beyond
    the picture's old edge.
    """
    height, width = hole.shape
    scale = min(1.0, LOOKED_AT_PX / max(height, width))
    size = max(8, round(width * scale)), max(8, round(height * scale))
    small = np.array(Image.fromarray(source).resize(size, Image.Resampling.BOX))
    known = greatest_around(resize_mask(hole, *size).astype(np.uint8), RIM_PX) == 0
    new = ~known
    is_part = resize_mask(np.logical_or.reduce(cut) & _stands_out(scene), *size) & known
    is_border = np.ones_like(known)
    is_border[1:-1, 1:-1] = False
    farthest = round(BEYOND_SHARE * max(size)) if (is_border & new).any() else max(size)
    for step in range(farthest):
        was_known = known.copy()
        for down, across in NEIGHBOURS[: 4 if step % 2 else 8]:
            here, there = _shifted(down, across, known.shape), _shifted(-down, -across, known.shape)
            grown = was_known[there] & ~known[here]
            small[here][grown], is_part[here][grown] = small[there][grown], is_part[there][grown]
            known[here] |= grown
        if known.all():
            break
    calm = np.stack(
        [np.asarray(Image.fromarray(plane).filter(ImageFilter.MedianFilter(5))) for plane in np.moveaxis(small, -1, 0)], axis=-1
    )
    small = np.where(new[..., None], calm, small)
    part = np.asarray(Image.fromarray(is_part.astype(np.uint8) * 255).filter(ImageFilter.MedianFilter(5))) > 0
    large = np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))
    return np.where((hole & resize_mask(np.where(new, part, is_part), width, height))[..., None], large, source)


def _shifted(down: int, across: int, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return the part of an array whose neighbour so far up and to the left is in it too."""
    rows, columns = shape
    return slice(max(down, 0), rows + min(down, 0)), slice(max(across, 0), columns + min(across, 0))


def _compare(desk: Desk, scene: Scene, wish: Arrangement) -> tuple[list[Subject], list[Mask]]:
    """Return which of the named things the source lacks, and the parts of it that are none of them; the surest are told first.

    One thing that is named for a hole is there only where the hole cuts it, or beyond doubt.
    """
    subjects, hole = wish.subjects, desk.hole
    doubts = [SURELY if wish.kind == "fill" and hole is not None and not _is_cut(part, scene, hole) else SPOKEN_OF for part in scene.parts]
    spoken = [desk.how_much_of(subject.name, scene.parts) for subject in subjects]
    missing, unnamed = list(range(len(subjects))), list(range(len(scene.parts)))
    while missing and unnamed:
        score, name, part = max((spoken[name][part] - doubts[part], name, part) for name in missing for part in unnamed)
        if score < 0:
            break
        missing.remove(name)
        unnamed.remove(part)
    return [subjects[name] for name in missing], [scene.parts[part] for part in unnamed]


def _bring_in(desk: Desk, scene: Scene, wish: Arrangement, missing: list[Subject], unnamed: list[Mask]) -> Pixels:
    """Return the source with what is missing: in its hole, in the place of the one that is not named, or where it has room."""
    marked = None if desk.free is None else bounding_box(desk.free)
    picture = desk.source
    if marked is not None and desk.free is not None:
        if len(missing) > 1 or desk.free[marked.cut].mean() < MOST_OF_HOLE:
            raise NotArrangedError
        covered = [part for part in scene.parts if desk.free[part].mean() >= MOST_OF_HOLE]
        for part in covered:
            picture = np.where(part[..., None], scene.behind, picture)
        thing = desk.cut(missing[0])
        return desk.within_mask(lay(thing, box_in(marked, thing, FILLED_MASK), picture))
    if len(unnamed) == len(missing) == 1:
        gone = scene.cut(unnamed[0])
        if gone is None:
            raise NotArrangedError
        new = desk.cut(missing[0])
        return lay(new, instead(desk, new, gone), np.where(unnamed[0][..., None], scene.behind, picture))
    if unnamed:
        raise NotArrangedError
    return _add(desk, scene, wish, missing)


def _add(desk: Desk, scene: Scene, wish: Arrangement, missing: list[Subject]) -> Pixels:
    picture, standing = desk.source, scene.standing
    where, other = wish.where, None
    if where.relation is not None:
        if len(missing) > 1:
            raise NotArrangedError
        there = next(subject for subject in wish.subjects if subject not in missing)
        spoken = desk.how_much_of(there.name, scene.parts)
        other = bounding_box(scene.parts[spoken.index(max(spoken))])
        if missing[0] != wish.subjects[0]:
            where = replace(where, relation=OPPOSITE.get(where.relation, where.relation))
    for subject in missing:
        thing = desk.cut(subject)
        box = room(desk, thing, where if len(missing) == 1 else Where(), other, standing)
        picture = lay(thing, box, picture)
        standing[box.cut] = True
    return picture
