"""A picture that becomes what a caption says, or whole: what the caption names and the source lacks comes in, a hole is filled.

In a hole there is the ground, and the things that the hole cuts go on into it as they are at its edge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFilter

from limner.engine.arranging.changing import change_ground, instead
from limner.engine.arranging.cutouts import Scene, looked_at_size, resize_mask, stands_out
from limner.engine.arranging.desk import SPOKEN_OF, Desk, NotArrangedError
from limner.engine.arranging.places import box_in, lay
from limner.engine.arranging.putting import FILLED_MASK, put, room
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
    cut: list[Mask]  # by a hole


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
        subjects[place] = Subject(number, size=subjects[place].size)
        numbers.remove(number)
        spoken = {pair: score for pair, score in spoken.items() if pair[0] != place and pair[1] != number}
    return replace(caption, kind="compose", subjects=tuple(subjects))


def _fill(desk: Desk, scene: Scene, hole: Mask, compared: _Compared) -> Pixels:
    """Return the source with its hole filled: things that it cuts go on, one that is missing stands in it."""
    cut = compared.cut
    mistaken = sum(any(part is each for each in cut) for part in compared.unnamed)  # half a thing may not look like one
    picture = _continued(desk.source, hole, scene, cut) if cut else desk.source
    if len(compared.missing) <= mistaken:
        return desk.within_mask(picture)
    box = bounding_box(hole)
    if box is None or len(compared.missing) > 1 or hole[box.cut].mean() < MOST_OF_HOLE:
        raise NotArrangedError
    thing = desk.cut(compared.missing[0])
    place = room(desk, thing, Where(), None, scene.standing | ~hole) if cut else box_in(box, thing, FILLED_MASK)
    return desk.within_mask(lay(thing, place, picture))


def _cut_by(hole: Mask, scene: Scene) -> list[Mask]:
    """Return the parts that are seen along a hole, and not only near it."""
    side = max(hole.shape)
    along = greatest_around(hole.astype(np.uint8), 2 * max(1, round(RIM_SHARE * side)) + 1) > 0
    rim = along & ~hole & stands_out(scene.pixels, scene.behind)
    return [part for part in scene.parts if (part & rim).sum() >= CONTACT_SHARE * side**2 and not along[part].all()]


def _continued(source: Pixels, hole: Mask, scene: Scene, cut: list[Mask]) -> Pixels:
    """Return the source with the parts that a hole cuts going on into it, each pixel as the nearest one at the edge, but not far beyond
    the picture's old edge.
    """
    height, width = hole.shape
    size = looked_at_size(height, width)
    small = np.array(Image.fromarray(source).resize(size, Image.Resampling.BOX))
    known = greatest_around(resize_mask(hole, *size).astype(np.uint8), RIM_PX) == 0
    new = ~known
    is_part = resize_mask(np.logical_or.reduce(cut) & stands_out(scene.pixels, scene.behind), *size) & known
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
    subjects = wish.subjects
    cut = [] if desk.hole is None else _cut_by(desk.hole, scene)
    is_for_hole = wish.kind == "fill" and desk.hole is not None
    doubts = [SURELY if is_for_hole and not any(part is each for each in cut) else SPOKEN_OF for part in scene.parts]
    names = [_split_colour(subject)[1] for subject in subjects]
    spoken = {name: desk.how_much_of(name, scene.parts) for name in set(names)}
    missing, unnamed = list(range(len(subjects))), list(range(len(scene.parts)))
    there = []
    while missing and unnamed:
        score, name, part = max((spoken[names[name]][part] - doubts[part], -name, -part) for name in missing for part in unnamed)
        if score < 0:
            break
        there.append((subjects[-name], scene.parts[-part]))
        missing.remove(-name)
        unnamed.remove(-part)
    left = [scene.parts[part] for part in unnamed]
    return _Compared(there=there, missing=[subjects[name] for name in missing], unnamed=left, cut=cut)


def _split_colour(subject: Subject) -> tuple[str, str]:
    """Return the colour that a name begins with, as captions name it, "" without one, and the rest of the name."""
    words = subject.name.split()
    for length in range(min(MAX_COLOUR_WORDS, len(words) - 1), 0, -1):
        if colour := colour_names().get(" ".join(words[:length]).lower()):
            return colour, " ".join(words[length:])
    return "", subject.name


def _bring_in(desk: Desk, scene: Scene, wish: Arrangement, compared: _Compared) -> Pixels:
    """Return the source with what is missing: where the mask is, in the place of the one that is not named, or where it has room.

    Raises:
        NotArrangedError: the caption has other colours for what is there as well.
    """
    if _other_colours(desk, compared) or _is_other_ground(scene, wish.ground):
        raise NotArrangedError
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
    return _add(desk, wish, missing)


def _change(desk: Desk, scene: Scene, wish: Arrangement, compared: _Compared) -> Pixels:
    """Return the source with its things in the colours of the caption, on its ground; what nothing names leaves a mask.

    Raises:
        NotArrangedError: all is so already.
    """
    gone = [] if desk.free is None else _within(desk.free, compared.unnamed)
    painted, is_other_ground = _other_colours(desk, compared), _is_other_ground(scene, wish.ground)
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


def _other_colours(desk: Desk, compared: _Compared) -> list[tuple[str, Mask]]:
    """Return the colours that a caption has for parts that are there and have others."""
    named = [(_split_colour(subject)[0], part) for subject, part in compared.there]
    return [(colour, part) for colour, part in named if colour and name_plainly(colour) not in find_main_hues(desk.source[part][:, :3])]


def _is_other_ground(scene: Scene, colours: tuple[str, ...] | None) -> bool:
    """Tell whether the ground of a scene is another than those colours from above downwards, none where it is clear; None is any."""
    if colours is None:
        return False
    ends = scene.behind[[0, -1]].mean(axis=1)
    if not colours or ends[:, 3].min() < HALF:
        return bool(colours) or bool(ends[:, 3].max() > 0)
    wanted = np.array([rgb_of(colours[0]), rgb_of(colours[-1])], np.float32)
    return bool(np.abs(ends[:, :3] - wanted).max() > OTHER_GROUND)


def _add(desk: Desk, wish: Arrangement, missing: list[Subject]) -> Pixels:
    """Put what is missing where the caption says that it is, of several things where they have room."""
    where = wish.where if len(missing) == 1 else Where()
    if wish.where.relation is not None:
        if len(missing) > 1:
            raise NotArrangedError
        there = next(subject for subject in wish.subjects if subject not in missing)
        is_first = missing[0] == wish.subjects[0]
        relation = wish.where.relation if is_first else OPPOSITE.get(wish.where.relation, wish.where.relation)
        where = Where(relation=relation, other=Subject(1, _split_colour(there)[1]))
    return put(desk, Arrangement(kind="put", subjects=tuple(missing), where=where))
