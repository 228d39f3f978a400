"""Things of the source that go elsewhere, grow, shrink, change places, or make room for new ones; and its ground."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from limner.engine.arranging.cutouts import Cutout, Scene, cut_between, without_specks
from limner.engine.arranging.desk import Desk, NotArrangedError
from limner.engine.arranging.places import at_place_of, box_beside, box_where, lay, scaled, sides_of
from limner.engine.arranging.putting import paint_ground
from limner.engine.protocol import Mask, Pixels
from limner.engine.words.arrangements import SPOTS, Arrangement
from limner.media.alpha import is_paintable, recolour, with_alpha
from limner.media.boxes import Box
from limner.model.prompts.colours import rgb_of


def change(desk: Desk, scene: Scene, arrangement: Arrangement) -> Pixels:
    """Return the source, taken apart, with its things where they belong.

    Raises:
        NotArrangedError: one of them is not found.
    """
    masks = [desk.find(subject) for subject in arrangement.subjects if not subject.is_new]
    shown = [_cut(scene, mask) for mask in masks]
    picture = scene.pixels.copy()
    for mask in masks:
        picture[mask] = scene.behind[mask]
    for thing, box in _new_places(desk, arrangement, shown):
        picture = lay(thing, box, picture)
    return desk.within_mask(picture)


def change_ground(desk: Desk, scene: Scene, arrangement: Arrangement) -> Pixels:
    """Return all that stands in the source on another ground, clear where the result is to be."""
    picture = paint_ground(desk, arrangement.ground)
    for thing in filter(None, map(scene.cut, scene.parts)):
        picture = lay(thing, thing.box, picture)
    return desk.within_mask(picture)


@dataclass(frozen=True, kw_only=True, eq=False)
class Finish:
    """What becomes of a source and of what the network drew without a thing at some `place`: it, or what is new, comes where it belongs."""

    desk: Desk
    arrangement: Arrangement
    place: Mask
    new: Cutout | None

    def __call__(self, source: Pixels, drawn: Pixels) -> Pixels:
        """Return the picture; without the thing's place it is the drawing."""
        drawn = drawn if drawn.shape[-1] == source.shape[-1] else with_alpha(drawn)
        gone = cut_between(source, drawn, without_specks((source != drawn).any(-1) & self.place))
        if gone is None:
            return drawn
        if self.new is not None:
            places = [(self.new, instead(self.desk, self.new, gone))]
        else:
            places = _new_places(self.desk, self.arrangement, [gone])
        picture = drawn
        for thing, box in places:
            picture = lay(thing, box, picture)
        return self.desk.within_mask(picture)


def _new_places(desk: Desk, arrangement: Arrangement, shown: list[Cutout]) -> list[tuple[Cutout, Box]]:
    """Return what is laid where; `shown` are the things of the source that the words name first."""
    first, where = shown[0], arrangement.where
    sides = first.box.width, first.box.height
    if arrangement.kind == "swap":
        stands = all(thing.has_shadow for thing in shown)
        other = shown[1]
        return [
            (first, at_place_of((first.box.width, first.box.height), other.box, desk.canvas, stands=stands)),
            (other, at_place_of((other.box.width, other.box.height), first.box, desk.canvas, stands=stands)),
        ]
    if arrangement.kind == "replace":
        new = desk.cut(arrangement.subjects[1])
        return [(new, instead(desk, new, first))]
    if arrangement.kind == "resize":
        return [(first, scaled(first.box, arrangement.factor, desk.canvas, stands=first.has_shadow))]
    if arrangement.kind == "remove":
        return []
    if arrangement.kind == "paint":
        return [(_painted(first, arrangement.colour), first.box)]
    if where.other is not None and where.relation is not None:
        return [(first, box_beside(where.relation, sides, desk.find_box(where.other), desk.canvas))]
    middle = replace(where, x=where.x or SPOTS[1], y=where.y or SPOTS[1])  # a mask may say that "to the left" is the middle of the left
    boxes = (box_where(spot, sides, first.box, desk.canvas) for spot in (where, middle))
    return [(first, max(boxes, key=desk.freedom))]


def instead(desk: Desk, new: Cutout, gone: Cutout) -> Box:
    """Return the box of what comes in the place of another: as large, on its foot where that cast a shadow."""
    sides = sides_of(new, max(gone.box.width, gone.box.height))
    return at_place_of(sides, gone.box, desk.canvas, stands=gone.has_shadow)


def paint(desk: Desk, arrangement: Arrangement) -> Pixels:
    """Return the source, which cannot be taken apart, with one of its things in another colour.

    Raises:
        NotArrangedError: it is not found, or has no colour to change.
    """
    thing = cut_between(desk.source, np.zeros_like(desk.source), desk.find(arrangement.subjects[0]))
    if thing is None:
        raise NotArrangedError
    return desk.within_mask(lay(_painted(thing, arrangement.colour), thing.box, desk.source))


def _painted(thing: Cutout, colour: str) -> Cutout:
    if not is_paintable(thing.pixels):
        raise NotArrangedError
    return replace(thing, pixels=recolour(thing.pixels, rgb_of(colour)))


def _cut(scene: Scene, mask: Mask) -> Cutout:
    thing = scene.cut(mask)
    if thing is None:
        raise NotArrangedError
    return thing
