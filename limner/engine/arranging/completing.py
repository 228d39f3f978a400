"""A picture that becomes what a caption says, or whole: what the caption names and the source lacks comes in, a hole is filled.

In a hole there is the ground, and the things that the hole cuts go on into it as they are at its edge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFilter

from limner.engine.arranging.changing import change_ground, instead
from limner.engine.arranging.cutouts import LOOKED_AT_PX, SAME_COLOUR, Scene, resize_mask
from limner.engine.arranging.desk import SPOKEN_OF, Desk, NotArrangedError
from limner.engine.arranging.places import box_in, lay
from limner.engine.arranging.putting import FILLED_MASK, room
from limner.engine.describing.colours import find_main_hues, name_plainly
from limner.engine.protocol import Mask, Pixels
from limner.engine.words.arrangements import MAX_COLOUR_WORDS, Arrangement, Relation, Subject, Where
from limner.media.alpha import is_paintable, recolour
from limner.media.masks import bounding_box, greatest_around
from limner.model.prompts.colours import colour_names, rgb_of

RIM_PX = 7  # at the size that parts are told at: a hole, and on both sides of its edge what is neither hole nor picture
SURELY = 16.0  # as `SPOKEN_OF`
NEIGHBOURS = ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))
RIM_SHARE, CONTACT_SHARE = 0.02, 0.0003  # how near to a hole what it cuts is seen, of the longer side; and how much of it, of its square
BEYOND_SHARE = 0.11  # of the longer side: how far what the edge cut goes on beyond it
OPPOSITE: Mapping[Relation, Relation] = {
    "left": "right", "right": "left", "above": "below", "below": "above", "behind": "before", "before": "behind",
}  # fmt: skip
OTHER_GROUND, HALF = 60, 127  # of 255 in any channel
MOST_OF_HOLE = 0.6  # of its box, that a hole must fill for a thing to be put into it


@dataclass(frozen=True, kw_only=True, eq=False)
class _Compared:
    """A source beside a caption: the named things that are there, those that are not, and the parts that nothing names."""

    there: list[tuple[Subject, Mask]]
    missing: list[Subject]
    unnamed: list[Mask]


def complete(desk: Desk, wish: Arrangement) -> Pixels:
    """Return the source with what it lacks.

    Raises:
        NotArrangedError: what is there cannot be told, or nothing is lacking.
    """
    if desk.scene is None:
        raise NotArrangedError
    compared = _compare(desk, desk.scene, wish)
    if desk.hole is not None:
        return _fill(desk, desk.scene, desk.hole, compared)
    if compared.missing:
        return _bring_in(desk, desk.scene, wish, compared)
    return _change(desk, desk.scene, wish, compared)


def gather(desk: Desk, caption: Arrangement) -> Arrangement:
    """Return the composition that a caption of a new picture asks for: of what it names, the images show some, and the rest is new.

    Raises:
        NotArrangedError: an image shows nothing that is named.
    """
    numbers, subjects = list(range(1, len(desk.order.images) + 1)), list(caption.subjects)
    if not subjects or len(numbers) > len(subjects):
        raise NotArrangedError
    spoken = {(place, number): desk.how_much_shown(subjects[place].name, number) for place in range(len(subjects)) for number in numbers}
    while numbers:
        place, number = max(spoken, key=lambda pair: spoken[pair])
        if spoken[place, number] < SPOKEN_OF:
            raise NotArrangedError
        subjects[place] = Subject(number)
        numbers.remove(number)
        spoken = {pair: score for pair, score in spoken.items() if pair[0] != place and pair[1] != number}
    return replace(caption, kind="compose", subjects=tuple(subjects))


def _fill(desk: Desk, scene: Scene, hole: Mask, compared: _Compared) -> Pixels:
    """Return the source with its hole filled: things that it cuts go on, one that is missing stands in it."""
    cut = [part for part in scene.parts if _is_cut(part, scene, hole)]
    mistaken = sum(_is_cut(part, scene, hole) for part in compared.unnamed)  # half a thing may not look like one
    picture = _continued(desk.source, hole, scene, cut) if cut else desk.source
    if len(compared.missing) <= mistaken:
        return desk.within_mask(picture)
    box = bounding_box(hole)
    if box is None or len(compared.missing) > 1 or hole[box.cut].mean() < MOST_OF_HOLE:
        raise NotArrangedError
    thing = desk.cut(compared.missing[0])
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


def _compare(desk: Desk, scene: Scene, wish: Arrangement) -> _Compared:
    """Find the named things among the parts of the source, the surest first.

    One thing that is named for a hole is there only where the hole cuts it, or beyond doubt.
    """
    subjects, hole = wish.subjects, desk.hole
    doubts = [SURELY if wish.kind == "fill" and hole is not None and not _is_cut(part, scene, hole) else SPOKEN_OF for part in scene.parts]
    spoken = {name: desk.how_much_of(name, scene.parts) for name in {_uncoloured(subject) for subject in subjects}}
    missing, unnamed = list(range(len(subjects))), list(range(len(scene.parts)))
    there = []
    while missing and unnamed:
        score, name, part = max(
            (spoken[_uncoloured(subjects[name])][part] - doubts[part], -name, -part) for name in missing for part in unnamed
        )
        if score < 0:
            break
        there.append((subjects[-name], scene.parts[-part]))
        missing.remove(-name)
        unnamed.remove(-part)
    return _Compared(there=there, missing=[subjects[name] for name in missing], unnamed=[scene.parts[part] for part in unnamed])


def _colour_of(subject: Subject) -> str:
    """Return the colour that a name begins with, as captions name it, "" without one."""
    words = subject.name.split()
    said = (" ".join(words[:length]).lower() for length in range(min(MAX_COLOUR_WORDS, len(words) - 1), 0, -1))
    return next((name for each in said if (name := colour_names().get(each))), "")


def _uncoloured(subject: Subject) -> str:
    words = subject.name.split()
    lengths = range(min(MAX_COLOUR_WORDS, len(words) - 1), 0, -1)
    length = next((length for length in lengths if " ".join(words[:length]).lower() in colour_names()), 0)
    return " ".join(words[length:])


def _bring_in(desk: Desk, scene: Scene, wish: Arrangement, compared: _Compared) -> Pixels:
    """Return the source with what is missing: where the mask is, in the place of the one that is not named, or where it has room."""
    marked, missing, unnamed = None if desk.free is None else bounding_box(desk.free), compared.missing, compared.unnamed
    if marked is not None and desk.free is not None:
        if len(missing) > 1 or desk.free[marked.cut].mean() < MOST_OF_HOLE:
            raise NotArrangedError
        picture = _without(desk.source, scene, _within(desk.free, scene.parts))
        thing = desk.cut(missing[0])
        return desk.within_mask(lay(thing, box_in(marked, thing, FILLED_MASK), picture))
    if len(unnamed) == len(missing) == 1:
        gone = scene.cut(unnamed[0])
        if gone is None:
            raise NotArrangedError
        new = desk.cut(missing[0])
        return lay(new, instead(desk, new, gone), _without(desk.source, scene, unnamed))
    if unnamed:
        raise NotArrangedError
    return _add(desk, scene, wish, missing)


def _change(desk: Desk, scene: Scene, wish: Arrangement, compared: _Compared) -> Pixels:
    """Return the source with its things in the colours of the caption, on its ground; what nothing names leaves a mask.

    Raises:
        NotArrangedError: all is so already.
    """
    gone = [] if desk.free is None else _within(desk.free, compared.unnamed)
    painted = [(_colour_of(subject), part) for subject, part in compared.there if _is_other_colour(desk.source, subject, part)]
    is_other_ground = wish.ground is not None and _is_other_ground(scene, wish.ground)
    if not (gone or painted or is_other_ground):
        raise NotArrangedError
    picture = _without(desk.source, scene, [*gone, *(part for _, part in painted)])
    for colour, part in painted:
        thing = scene.cut(part)
        if thing is None or not is_paintable(thing.pixels):
            raise NotArrangedError
        picture = lay(replace(thing, pixels=recolour(thing.pixels, rgb_of(colour))), thing.box, picture)
    if is_other_ground:
        staying = tuple(part for part in scene.parts if not any(part is other for other in gone))
        return change_ground(desk, replace(scene, pixels=picture, parts=staying), wish)
    return desk.within_mask(picture)


def _within(free: Mask, parts: Sequence[Mask]) -> list[Mask]:
    return [part for part in parts if free[part].mean() >= MOST_OF_HOLE]


def _without(picture: Pixels, scene: Scene, parts: Sequence[Mask]) -> Pixels:
    return np.where(np.logical_or.reduce(parts)[..., None], scene.behind, picture) if parts else picture.copy()


def _is_other_colour(source: Pixels, subject: Subject, part: Mask) -> bool:
    colour = _colour_of(subject)
    return bool(colour) and name_plainly(colour) not in find_main_hues(source[part][:, :3])


def _is_other_ground(scene: Scene, colours: tuple[str, ...]) -> bool:
    """Tell whether the ground of a scene is another than those colours from above downwards, none where it is clear."""
    ends = scene.behind[[0, -1]].mean(axis=1)
    if not colours or ends[:, 3].min() < HALF:
        return bool(colours) or bool(ends[:, 3].max() > 0)
    wanted = np.array([rgb_of(colours[0]), rgb_of(colours[-1])], np.float32)
    return bool(np.abs(ends[:, :3] - wanted).max() > OTHER_GROUND)


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
