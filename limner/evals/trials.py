"""Pictures of which the truth is known, to validate the judge on: scenes for each category of prompts, and what they are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PIL import Image

from limner.data.colours import COLOURS, clear_colour
from limner.data.scenes.places import PAINTS
from limner.evals.concepts import COLOURABLE_CONCEPTS, JUDGED_COLOURS
from limner.evals.verdict import Order, Relation, Wanted
from limner.media.alpha import recolour

CATEGORIES = ("one", "two", "counting", "colours", "position", "colour attribution")
DRAWN_PX = 128
GROUNDS = ("white", "cream", "light blue", "light yellow", "light pink", "mint green", "light grey", "sky blue", "navy blue", "teal")
SHARE_TRANSPARENT = 0.6
MOST = 4
_SPOTS: Mapping[int, tuple[tuple[float, float], ...]] = {
    1: ((0.5, 0.5),),
    2: ((0.27, 0.5), (0.73, 0.5)),
    3: ((0.27, 0.28), (0.73, 0.28), (0.5, 0.73)),
    4: ((0.27, 0.27), (0.73, 0.27), (0.27, 0.73), (0.73, 0.73)),
}
_RELATIONS: Mapping[Relation, tuple[tuple[float, float], tuple[float, float]]] = {
    "left of": ((0.27, 0.5), (0.73, 0.5)),
    "right of": ((0.73, 0.5), (0.27, 0.5)),
    "above": ((0.5, 0.27), (0.5, 0.73)),
    "below": ((0.5, 0.73), (0.5, 0.27)),
}
_OPPOSITE: Mapping[Relation, Relation] = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A picture, (256, 256, 4), the order that it fulfils, and orders that it misses by a little: a number, a colour, a side."""

    category: str
    pixels: Pixels
    order: Order
    near_misses: tuple[Order, ...]


class Trials:
    """Draws trials from square (P, P, 4) drawings of `SCENE_CONCEPTS`."""

    def __init__(self, drawings: Mapping[str, Sequence[Pixels]]) -> None:
        self.drawings = {concept: tuple(kept) for concept, kept in drawings.items() if kept}
        self._concepts = tuple(self.drawings)
        self._colourable = tuple(concept for concept in self._concepts if concept in COLOURABLE_CONCEPTS)

    def draw(self, category: str, rng: np.random.Generator) -> Trial:
        """Return one trial of a category of `CATEGORIES`."""
        return _MAKERS[category](self, rng)

    def one(self, rng: np.random.Generator) -> Trial:
        """Return one thing in the middle."""
        concept = self.pick(rng, 1)[0]
        near = Order(things=(Wanted(concept=concept), Wanted(concept=self.another(rng, (concept,)))))
        pixels = self.place(rng, [self.sprite(concept, rng)], _SPOTS[1], float(rng.uniform(0.5, 0.88)))
        return Trial(category="one", pixels=pixels, order=Order(things=(Wanted(concept=concept),)), near_misses=(near,))

    def two(self, rng: np.random.Generator) -> Trial:
        """Return two things beside each other, or one over the other."""
        first, second = self.pick(rng, 2)
        spots = _RELATIONS[_relation(rng)]
        near = Order(things=(Wanted(concept=first), Wanted(concept=self.another(rng, (first, second)))))
        pixels = self.place(rng, [self.sprite(first, rng), self.sprite(second, rng)], spots, float(rng.uniform(0.34, 0.44)))
        return Trial(
            category="two", pixels=pixels, order=Order(things=(Wanted(concept=first), Wanted(concept=second))), near_misses=(near,)
        )

    def counting(self, rng: np.random.Generator) -> Trial:
        """Return two to four of one thing."""
        concept, count = self.pick(rng, 1)[0], int(rng.integers(2, MOST + 1))
        order = Order(things=(Wanted(concept=concept, count=count),), is_exact=True)
        near = [replace(order, things=(Wanted(concept=concept, count=wrong),)) for wrong in (count - 1, count + 1)]
        pixels = self.place(rng, [self.sprite(concept, rng)] * count, _SPOTS[count], float(rng.uniform(0.3, 0.42)))
        return Trial(category="counting", pixels=pixels, order=order, near_misses=tuple(near))

    def colours(self, rng: np.random.Generator) -> Trial:
        """Return one thing in a colour."""
        concept, sprite, colour = self.painted(rng, "")
        near = Order(things=(Wanted(concept=concept, colour=_other_colour(rng, colour)),))
        pixels = self.place(rng, [sprite], _SPOTS[1], float(rng.uniform(0.5, 0.88)))
        return Trial(category="colours", pixels=pixels, order=Order(things=(Wanted(concept=concept, colour=colour),)), near_misses=(near,))

    def position(self, rng: np.random.Generator) -> Trial:
        """Return two things in a relation."""
        first, second = self.pick(rng, 2)
        relation = _relation(rng)
        order = Order(things=(Wanted(concept=first), Wanted(concept=second)), relation=relation)
        sprites = [self.sprite(first, rng), self.sprite(second, rng)]
        pixels = self.place(rng, sprites, _RELATIONS[relation], float(rng.uniform(0.34, 0.44)))
        return Trial(category="position", pixels=pixels, order=order, near_misses=(replace(order, relation=_OPPOSITE[relation]),))

    def colour_attribution(self, rng: np.random.Generator) -> Trial:
        """Return two things, each in its colour."""
        first, second = self.painted(rng, ""), self.painted(rng, "")
        while second[0] == first[0] or second[2] == first[2]:
            second = self.painted(rng, first[0])
        things = tuple(Wanted(concept=concept, colour=colour) for concept, _, colour in (first, second))
        swapped = Order(things=(replace(things[0], colour=things[1].colour), replace(things[1], colour=things[0].colour)))
        pixels = self.place(rng, [first[1], second[1]], _RELATIONS[_relation(rng)], float(rng.uniform(0.34, 0.44)))
        return Trial(category="colour attribution", pixels=pixels, order=Order(things=things), near_misses=(swapped,))

    def pick(self, rng: np.random.Generator, count: int) -> list[str]:
        """Return different concepts."""
        return [self._concepts[int(place)] for place in rng.choice(len(self._concepts), count, replace=False)]

    def another(self, rng: np.random.Generator, taken: Sequence[str]) -> str:
        """Return a concept that is none of those taken."""
        return next(concept for concept in self.pick(rng, len(taken) + 1) if concept not in taken)

    def sprite(self, concept: str, rng: np.random.Generator) -> Pixels:
        """Return a drawing of a concept."""
        return self.drawings[concept][int(rng.integers(len(self.drawings[concept])))]

    def painted(self, rng: np.random.Generator, taken: str) -> tuple[str, Pixels, str]:
        """Return a concept that is not `taken`, a drawing of it that is plainly of one colour, and the colour."""
        while True:
            concept = self._colourable[int(rng.integers(len(self._colourable)))]
            sprite, colour = self.sprite(concept, rng), PAINTS[int(rng.integers(len(PAINTS)))]
            own = clear_colour(sprite)
            if concept == taken:
                continue
            if own in JUDGED_COLOURS and rng.random() < 0.3:
                return concept, sprite, own
            if clear_colour(painted := recolour(sprite, COLOURS[colour])) == colour:
                return concept, painted, colour

    def place(self, rng: np.random.Generator, sprites: Sequence[Pixels], spots: Sequence[tuple[float, float]], share: float) -> Pixels:
        """Return a picture with drawings around spots, each `share` of it long, drawn at 128 px and enlarged as the model's are."""
        ground = (0, 0, 0, 0) if rng.random() < SHARE_TRANSPARENT else (*COLOURS[GROUNDS[int(rng.integers(len(GROUNDS)))]], 255)
        image = Image.new("RGBA", (DRAWN_PX, DRAWN_PX), ground)
        for sprite, (x, y) in zip(sprites, spots, strict=True):
            side = round(share * DRAWN_PX * float(rng.uniform(0.92, 1.0)))
            room = max(0.0, (0.46 if len(sprites) > 1 else 0.98) * DRAWN_PX - side) / 2
            left, top = (round(centre * DRAWN_PX - side / 2 + float(rng.uniform(-room, room)) * 0.6) for centre in (x, y))
            image.alpha_composite(
                Image.fromarray(sprite).resize((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0), (max(0, left), max(0, top))
            )
        return np.array(image.resize((2 * DRAWN_PX, 2 * DRAWN_PX), Image.Resampling.LANCZOS))


_MAKERS: Mapping[str, Callable[[Trials, np.random.Generator], Trial]] = {
    "one": Trials.one, "two": Trials.two, "counting": Trials.counting, "colours": Trials.colours, "position": Trials.position,
    "colour attribution": Trials.colour_attribution,
}  # fmt: skip


def _relation(rng: np.random.Generator) -> Relation:
    return tuple(_RELATIONS)[int(rng.integers(len(_RELATIONS)))]


def _other_colour(rng: np.random.Generator, colour: str) -> str:
    return next(str(name) for name in rng.permutation(JUDGED_COLOURS) if name != colour)
