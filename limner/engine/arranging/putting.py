"""Things that come into a picture: into the source, or together with others on a ground of their own."""

from __future__ import annotations

import numpy as np

from limner.engine.arranging.cutouts import Cutout, claimed
from limner.engine.arranging.desk import Desk, NotArrangedError, inside
from limner.engine.arranging.places import box_at, box_beside, box_in, box_where, lay, pair_slots, sides_of, slots
from limner.engine.protocol import Mask, Pixels
from limner.engine.words.arrangements import SPOTS, Arrangement, Where
from limner.media.boxes import Box
from limner.media.masks import bounding_box
from limner.model.prompts.colours import rgb_of

ASIDE, ALONE = 0.32, 0.62  # of the shorter side: of what comes into a picture, and of what a picture shows alone
SHRUNK = (1.0, 0.85, 0.7, 0.55)  # what has no room is made smaller
MOST_COVERED = 0.02  # of its box, for a thing to have room there
MOST_BESIDE = 0.5  # of the shorter side, of what stands beside something
FILLED_MASK = 0.92  # of a mask's box, by what is put there
GONE_SHARE = 0.6  # of a part that a mask covers, for what is put there to come in its place


def compose(desk: Desk, arrangement: Arrangement) -> Pixels:
    """Lay the things of several images, or of one, on a ground.

    Raises:
        NotArrangedError: one of them is not found.
    """
    things, where = [desk.cut(subject) for subject in arrangement.subjects], arrangement.where
    picture = paint_ground(desk, arrangement.ground)
    if len(things) == 1:
        longer = min(1.0, arrangement.subjects[0].size * _lone_side(where)) * desk.side
        return lay(things[0], box_where(where, sides_of(things[0], longer), None, desk.canvas), picture)
    places = pair_slots(where.relation) if where.relation and len(things) == 2 else slots(len(things))
    sizes = [subject.size for subject in arrangement.subjects]
    laid = list(zip(things, places, sizes, strict=True))
    for thing, (x, y, longer), size in reversed(laid) if where.relation == "before" else laid:
        picture = lay(thing, box_at((x, y, longer * size), thing, desk.canvas), picture)
    return picture


def put(desk: Desk, arrangement: Arrangement) -> Pixels:
    """Lay the things of other images, or new ones, into the source.

    Raises:
        NotArrangedError: one of them is not found, or not what they are put beside, or it is to fill a part of what cannot be taken apart.
    """
    if arrangement.kind == "fill" and desk.scene is None:
        raise NotArrangedError
    where, picture = arrangement.where, desk.source
    other = None if where.other is None else desk.find_box(where.other)
    things = [desk.cut(subject) for subject in arrangement.subjects]
    standing = np.zeros(picture.shape[:2], np.bool_) if desk.scene is None else desk.scene.standing
    marked = None if desk.free is None or where != Where() else bounding_box(desk.free)
    if marked and desk.free is not None and desk.scene and (gone := claimed(desk.scene.parts, desk.free, share=GONE_SHARE)) is not None:
        picture = np.where(gone[..., None], desk.scene.behind, picture)
    for thing, subject in zip(things, arrangement.subjects, strict=True):
        box = box_in(marked, thing, FILLED_MASK) if marked else room(desk, thing, where, other, standing, size=subject.size)
        picture = lay(thing, box, picture)
        standing[inside(box, desk.canvas).cut] = True
    return desk.within_mask(picture)


def paint_ground(desk: Desk, colours: tuple[str, ...] | None) -> Pixels:
    """Return a canvas (height, width, 4) of one colour, or of two that fade into each other downwards; without any as the result is."""
    picture = np.zeros((desk.canvas.height, desk.canvas.width, 4), np.uint8)
    if desk.order.background == "transparent" and not colours:
        return picture
    named = colours or ("white",)
    first, last = (np.array(rgb_of(name), np.float32) for name in (named[0], named[-1]))
    along = np.linspace(0, 1, desk.canvas.height, dtype=np.float32)[:, None, None]
    picture[..., :3], picture[..., 3] = np.rint(first + (last - first) * along), 255
    return picture


def room(desk: Desk, thing: Cutout, where: Where, other: Box | None, standing: Mask, *, size: float = 1.0) -> Box:
    """Return the box of what comes in, smaller where it has no room; where no place was said, the one that covers least."""
    longer, best = size * _usual_side(desk, where, other), (np.inf, Box(0, 0, 1, 1))
    for scale in SHRUNK:
        sides = sides_of(thing, scale * longer)
        if other is not None and where.relation is not None:
            boxes = [box_beside(where.relation, sides, other, desk.canvas)]
        elif where == Where():
            boxes = [box_where(Where(x, y), sides, None, desk.canvas) for y in SPOTS for x in SPOTS]
        else:
            boxes = [box_where(where, sides, None, desk.canvas)]
        covered = [(float(standing[inside(box, desk.canvas).cut].mean()), box) for box in boxes]
        best = min([best, *covered], key=lambda pair: pair[0])
        if best[0] <= MOST_COVERED or where.relation in ("behind", "before"):
            break
    return best[1]


def _usual_side(desk: Desk, where: Where, other: Box | None) -> float:
    """Return the longer side of what comes in, in pixels: that of what it stands beside, or what is usual in the picture."""
    if other is not None:
        return min(max(other.width, other.height), MOST_BESIDE * desk.side)
    boxes = [box for part in (desk.scene.parts if desk.scene else ()) if (box := bounding_box(part))]
    if not boxes:
        return (ASIDE if desk.scene is None else _lone_side(where)) * desk.side
    return min(float(np.median([max(box.width, box.height) for box in boxes])), ASIDE * desk.side)


def _lone_side(where: Where) -> float:
    return ASIDE if where.x in SPOTS[::2] or where.y in SPOTS[::2] else ALONE
