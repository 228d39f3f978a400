"""The images of one order, as whoever arranges them has them before himself: fitted, taken apart, their things found and cut out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from limner.engine.arranging.cutouts import CLAIMED_SHARE, CLEAR_SHARE, Cutout, Scene, take_apart
from limner.engine.arranging.drawn import draw_alone
from limner.engine.drawing.graphs import Graph
from limner.engine.drawing.locating import IsWanted, find, recognise
from limner.engine.drawing.runtime import Runtime
from limner.engine.protocol import Mask, Pixels
from limner.engine.weights import Floats
from limner.engine.wire import Order
from limner.engine.words.arrangements import Subject
from limner.media.alpha import lay_on_white, with_alpha
from limner.media.boxes import Box
from limner.media.masks import bounding_box, fit_mask
from limner.media.resize import fit_pixels
from limner.model.layout import Size

SPOKEN_OF, MAYBE_SPOKEN_OF = 8.0, 5.0  # as `recognise` says it; a thing of which words speak less may have, or has, another name
MOST_SHOWN, LEAST_SHOWN = 0.25, 0.05  # of a hole: its rim; in a picture that is clear elsewhere too it is thin
STRONGEST_SHARE = 0.3  # of the pixels of a part: some of it may look like other things


class NotArrangedError(Exception):
    """What is to be put somewhere cannot be told from the rest; the network may still draw it."""


class Desk:
    """One order's images. The network finds what words name; `open_drawer` opens the snapshot that draws what is new."""

    def __init__(self, runtime: Runtime, order: Order, is_wanted: IsWanted, open_drawer: Callable[[], Runtime]) -> None:
        self.order, self.canvas = order, Size(order.width, order.height)
        self.free = None if order.mask is None else fit_mask(order.mask, self.canvas)
        self._runtime, self._is_wanted, self._open_drawer = runtime, is_wanted, open_drawer

    @property
    def side(self) -> int:
        """The shorter side of the result in pixels."""
        return min(self.canvas.width, self.canvas.height)

    @property
    def restorer(self) -> Graph | None:
        """What repairs pictures; None where the network does."""
        return self._runtime.restorer

    @cached_property
    def source(self) -> Pixels:
        """The source (height, width, 4) at the result's size, on white where the result is opaque; a hole shows the ground, if known."""
        source = fit_pixels(self.order.images[0], self.canvas)
        if self.hole is not None and self._seen is not None:
            return np.where(self.hole[..., None], self._seen.behind, source)
        return with_alpha(lay_on_white(source)) if self.order.background == "opaque" and self.free is None else source

    @cached_property
    def hole(self) -> Mask | None:
        """What the mask lets change, where the source shows nothing there, else None."""
        if self.free is None or not self.free.any() or self.free.all():
            return None
        is_shown = fit_pixels(self.order.images[0], self.canvas)[..., 3] > 0
        is_clear = (~is_shown[~self.free]).mean() >= CLEAR_SHARE  # where the ground is clear too, a thing may stand in it
        return None if is_shown[self.free].mean() > (LEAST_SHOWN if is_clear else MOST_SHOWN) else self.free

    @cached_property
    def scene(self) -> Scene | None:
        """The source taken apart, None where that cannot be done."""
        return take_apart(self.source) if self.hole is None else self._seen and replace(self._seen, pixels=self.source)

    @cached_property
    def _seen(self) -> Scene | None:
        """What a source with a hole shows around it."""
        return take_apart(fit_pixels(self.order.images[0], self.canvas), self.hole)

    def find(self, subject: Subject) -> Mask:
        """Return where in the source a thing is, (height, width).

        Raises:
            NotArrangedError: it is not found there.
        """
        if subject.image != 1:
            raise NotArrangedError
        return self._find_in(self.source, self.scene, subject)

    def find_box(self, subject: Subject) -> Box:
        """Return the box of a thing of the source.

        Raises:
            NotArrangedError: it is not found there.
        """
        box = bounding_box(self.find(subject))
        if box is None:
            raise NotArrangedError
        return box

    def cut(self, subject: Subject) -> Cutout:
        """Return what an image shows, or the thing of that name in it, or draw it; a whole image where its ground cannot be told.

        Raises:
            NotArrangedError: the image shows nothing, or nothing of that name.
        """
        if subject.is_new:
            return _there(draw_alone(self._open_drawer(), self.order, subject.name, self._is_wanted))
        pixels = self.order.images[subject.image - 1]
        scene = take_apart(pixels)
        if scene is None and not subject.name:
            return Cutout(pixels=pixels, box=Box(0, 0, pixels.shape[1], pixels.shape[0]))
        if scene is None or not scene.parts:
            raise NotArrangedError
        try:
            wanted = self._find_in(pixels, scene, subject)
        except NotArrangedError:  # eyes know few names, and a picture of a hat shows a hat
            wanted = scene.standing
        return _there(scene.cut(wanted))

    def how_much_of(self, name: str, parts: Sequence[Mask]) -> list[float]:
        """Return how much a name speaks of each part of the source, in the measure of `SPOKEN_OF`."""
        asked = replace(self.order, images=(self.source,), has_source=True, mask=None)
        spoken = recognise(self._runtime, asked, name) if parts else None
        return [0.0 if spoken is None else _strongest(spoken[part]) for part in parts]

    def how_much_shown(self, name: str, number: int) -> float:
        """Return how much a name speaks of what stands in image `number`, in the measure of `SPOKEN_OF`; 0 where that cannot be told."""
        pixels = self.order.images[number - 1]
        scene = take_apart(pixels)
        if scene is None or not scene.parts:
            return 0.0
        spoken = recognise(self._runtime, self._asked(pixels), name)
        return 0.0 if spoken is None else _strongest(spoken[scene.standing])

    def spoken_of(self, subject: Subject) -> Mask:
        """Return where in the source, patch by patch, a name speaks of what is seen; everywhere where it speaks of nothing."""
        asked = replace(self.order, images=(self.source,), mask=None)
        spoken = recognise(self._runtime, asked, subject.name)
        if spoken is None or spoken.max() < SPOKEN_OF:
            return np.ones(self.source.shape[:2], np.bool_)
        found: Mask = spoken >= SPOKEN_OF / 2
        return found

    def within_mask(self, picture: Pixels) -> Pixels:
        """Return the picture where a mask lets it change, else the source."""
        return picture if self.free is None else np.where(self.free[..., None], picture, self.source)

    def freedom(self, box: Box) -> float:
        """Return how much of a box may change."""
        return 1.0 if self.free is None else float(self.free[inside(box, self.canvas).cut].mean())

    def _find_in(self, pixels: Pixels, scene: Scene | None, subject: Subject) -> Mask:
        """Find the part of a scene that has a name, and all that look like it; elsewhere what the network would take away."""
        name = subject.name
        if scene is not None and not name and scene.parts:
            return scene.standing
        asked = self._asked(pixels)
        if scene is not None and scene.parts:
            alike = scene.alike(self._best_part(asked, scene, name))
            return alike[_at_spot(alike, subject.spot)] if subject.spot else np.logical_or.reduce(alike)
        words = f"the {name} on the {subject.spot}" if subject.spot else f"the {name}"
        found = find(self._runtime, asked, words, self._is_wanted) if scene is None and name else None
        if found is None or found.all():
            raise NotArrangedError
        return found

    def _asked(self, pixels: Pixels) -> Order:
        return replace(self.order, images=(pixels,), has_source=True, mask=None, width=pixels.shape[1], height=pixels.shape[0])

    def _best_part(self, asked: Order, scene: Scene, name: str) -> int:
        """Return the number of the part of which a name speaks most; where it says little, the network must find the same."""
        spoken = recognise(self._runtime, asked, name)
        if spoken is None:
            raise NotArrangedError
        scores = [_strongest(spoken[part]) for part in scene.parts]
        best = scores.index(max(scores))
        if scores[best] < SPOKEN_OF:
            found = find(self._runtime, asked, f"the {name}", self._is_wanted) if scores[best] >= MAYBE_SPOKEN_OF else None
            covered = [0.0 if found is None else float(found[part].mean()) for part in scene.parts]
            if covered[best] < max(CLAIMED_SHARE, *covered):
                raise NotArrangedError
        return best


def _strongest(spoken: Floats) -> float:
    """Return the mean of the largest numbers."""
    return float(np.sort(spoken)[-max(1, round(STRONGEST_SHARE * len(spoken))) :].mean())


def _at_spot(parts: list[Mask], spot: str) -> int:
    """Return which of several parts is the leftmost, the uppermost, ..."""
    axis = 0 if spot in ("top", "bottom") else 1
    middles = [float(np.nonzero(part)[axis].mean()) for part in parts]
    order = sorted(range(len(parts)), key=middles.__getitem__)
    return order[{"left": 0, "top": 0, "right": -1, "bottom": -1}.get(spot, len(order) // 2)]


def inside(box: Box, canvas: Size) -> Box:
    """Return the part of a box that lies on the canvas; a pixel of it where none does."""
    return box.overlap(Box(0, 0, canvas.width, canvas.height)) or Box(0, 0, 1, 1)


def _there(thing: Cutout | None) -> Cutout:
    if thing is None:
        raise NotArrangedError
    return thing
