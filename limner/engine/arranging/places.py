"""Where what is arranged stands: boxes on a canvas, in pixels, and how a thing is laid there."""

from __future__ import annotations

import numpy as np

from limner.engine.arranging.cutouts import Cutout
from limner.engine.protocol import Pixels
from limner.engine.words.arrangements import Relation, Where
from limner.media.alpha import premultiply, straighten
from limner.media.boxes import Box
from limner.media.resize import cut_out
from limner.model.layout import Size

MARGIN = 0.03  # of the shorter side: nothing is laid nearer to the edge
GAP = 0.05  # of the shorter side, between what stands beside another
OVERLAP = 0.45  # of the smaller one, that is before or behind another
Slot = tuple[float, float, float]  # the middle and the longer side, in shares of the canvas's sides and of its shorter one
ROWS: dict[int, tuple[int, ...]] = {1: (1,), 2: (2,), 3: (3,), 4: (2, 2), 5: (3, 2), 6: (3, 3), 7: (4, 3), 8: (4, 4), 9: (3, 3, 3)}
IN_A_ROW = 4  # of more rows than these numbers tell
FILLED = 0.84  # of its share of the canvas
LARGEST = 0.7


def slots(count: int) -> list[Slot]:
    """Return where several things stand together, in order, in rows."""
    rows = ROWS.get(count) or tuple(min(IN_A_ROW, count - start) for start in range(0, count, IN_A_ROW))
    side = min(LARGEST, FILLED / max(max(rows), len(rows)))
    found = []
    for number, length in enumerate(rows):
        y = 0.5 + (number - (len(rows) - 1) / 2) * FILLED * 1.1 / max(len(rows), 2)
        found += [(0.5 + (place - (length - 1) / 2) * FILLED * 1.1 / max(length, 2), y, side) for place in range(length)]
    return found


def pair_slots(relation: Relation) -> tuple[Slot, Slot]:
    """Return where one thing and another stand of which the first is left, right, above, ... of the second."""
    across, down = ((0.27, 0.5, 0.42), (0.73, 0.5, 0.42)), ((0.5, 0.27, 0.42), (0.5, 0.73, 0.42))
    back, front = (0.58, 0.4, 0.5), (0.37, 0.64, 0.5)
    orders: dict[Relation, tuple[Slot, Slot]] = {
        "left": across, "beside": across, "right": (across[1], across[0]), "above": down, "below": (down[1], down[0]),
        "behind": (back, front), "before": (front, back),
    }  # fmt: skip
    return orders[relation]


def box_at(slot: Slot, thing: Cutout, canvas: Size) -> Box:
    """Return the box of a thing whose longer side is that of a slot."""
    x, y, longer = slot
    return within(_centred(x * canvas.width, y * canvas.height, sides_of(thing, longer * min(canvas.width, canvas.height))), canvas)


def box_where(where: Where, sides: tuple[int, int], before: Box | None, canvas: Size) -> Box:
    """Return the box of that width and height at a spot; where the spot says nothing of an axis, it stays as `before`, or in the middle."""
    middle = (canvas.width / 2, canvas.height / 2) if before is None else centre(before)
    x = middle[0] if where.x is None else where.x * canvas.width
    y = middle[1] if where.y is None else where.y * canvas.height
    return within(_centred(x, y, sides), canvas)


def box_beside(relation: Relation, sides: tuple[int, int], other: Box, canvas: Size) -> Box:
    """Return the box of that width and height beside another; "beside" is on the side with more room."""
    (width, height), (x, y) = sides, centre(other)
    gap = GAP * min(canvas.width, canvas.height)
    if relation == "beside":
        relation = "left" if other.left > canvas.width - other.right else "right"
    apart = {
        "left": (other.left - gap - width / 2, other.bottom - height / 2 if height > other.height else y),
        "right": (other.right + gap + width / 2, other.bottom - height / 2 if height > other.height else y),
        "above": (x, other.top - gap - height / 2),
        "below": (x, other.bottom + gap + height / 2),
        "behind": (x + OVERLAP * width, y - OVERLAP * height),
        "before": (x - OVERLAP * width, y + OVERLAP * height),
    }
    return within(_centred(*apart[relation], sides), canvas)


def scaled(box: Box, factor: float, canvas: Size, *, stands: bool) -> Box:
    """Return a box so many times as large around its middle, or on its foot; never larger than the canvas."""
    factor = min(factor, canvas.width / box.width, canvas.height / box.height)
    sides = max(1, round(box.width * factor)), max(1, round(box.height * factor))
    x, y = centre(box)
    return within(_centred(x, box.bottom - sides[1] / 2 if stands else y, sides), canvas, margin=0)


def at_place_of(sides: tuple[int, int], other: Box, canvas: Size, *, stands: bool) -> Box:
    """Return the box of that width and height in the middle of another, or on its foot."""
    x, y = centre(other)
    return within(_centred(x, other.bottom - sides[1] / 2 if stands else y, sides), canvas)


def box_in(other: Box, thing: Cutout, share: float) -> Box:
    """Return the largest box of a thing's shape in the middle of such a share of another box."""
    height, width = thing.pixels.shape[:2]
    scale = share * min(other.width / width, other.height / height)
    return _centred(*centre(other), (max(1, round(width * scale)), max(1, round(height * scale))))


def within(box: Box, canvas: Size, *, margin: float = MARGIN) -> Box:
    """Push a box inside the canvas, and inside its margin where it is small enough."""
    edge = round(margin * min(canvas.width, canvas.height))
    left, top = (
        min(max(at, min(edge, room // 2)), max(room - edge, room // 2)) if room >= 0 else room // 2
        for at, room in ((box.left, canvas.width - box.width), (box.top, canvas.height - box.height))
    )
    return Box(left, top, box.width, box.height)


def sides_of(thing: Cutout, longer: float) -> tuple[int, int]:
    """Return width and height of a thing whose longer side is so long, in pixels."""
    height, width = thing.pixels.shape[:2]
    scale = longer / max(height, width)
    return max(1, round(width * scale)), max(1, round(height * scale))


def centre(box: Box) -> tuple[float, float]:
    """Return the middle of a box."""
    return box.left + box.width / 2, box.top + box.height / 2


def lay(thing: Cutout, box: Box, ground: Pixels) -> Pixels:
    """Return the ground (height, width, 4) with a thing in a box of it; what stands over the edge is cut off."""
    height, width = ground.shape[:2]
    seen = box.overlap(Box(0, 0, width, height))
    if seen is None:
        return ground
    across, down = thing.pixels.shape[1] / box.width, thing.pixels.shape[0] / box.height
    part = (
        (seen.left - box.left) * across, (seen.top - box.top) * down, (seen.right - box.left) * across, (seen.bottom - box.top) * down,
    )  # fmt: skip
    drawn = cut_out(thing.pixels, part, Size(seen.width, seen.height))
    laid = ground.copy()
    below = premultiply(ground[seen.cut])
    mixed = straighten(drawn + below * (1 - drawn[..., 3:]))
    np.copyto(laid[seen.cut], mixed, where=drawn[..., 3:] > 0)
    return laid


def _centred(x: float, y: float, sides: tuple[int, int]) -> Box:
    return Box(round(x - sides[0] / 2), round(y - sides[1] / 2), *sides)
