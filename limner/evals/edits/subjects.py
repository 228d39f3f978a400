"""Who is in the picture: the judge's features tell which of twenty real drawings a part of a result looks like most."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from limner.data.scenes.scene import Box
from limner.engine.protocol import Pixels
from limner.evals.edits.cases import INTO, EditCase
from limner.evals.judge import Judge
from limner.evals.judging.things import choose_things
from limner.evals.judging.trunk import DEEP_WIDTH
from limner.evals.tasks import ranked
from limner.media.masks import Mask

NUM_CHOICES = 20
MOST_THINGS = 6
LEAST_ALIKE = 0.8  # of features; drawings on another ground are 0.80 to 0.98 like their references, other drawings mostly less
MARGIN = 0.06
LOOK_FROM = DEEP_WIDTH  # of the features
FACES, STYLE = "faces", "style"
CHOSEN_AMONG = ("subject", "compose")  # whose references are the other drawings to choose among
WITH_SUBJECTS = (*CHOSEN_AMONG, INTO)

Floats = npt.NDArray[np.float32]


@dataclass(eq=False)
class Gallery:
    """Real drawings to choose among: the references of all cases, the faces, and the truths of the cases of style."""

    judge: Judge
    cases: Sequence[EditCase]
    _known: dict[str, Floats] = field(default_factory=dict)
    _seen: dict[bytes, list[Floats]] = field(default_factory=dict)

    def is_subject(self, case: EditCase, place: int, pixels: Pixels) -> bool:
        """Say whether some part of a result, as large as the case, looks more like this reference than like nineteen others."""
        own = f"{case.key}:{place}"
        names = (own, *(f"{case.key}:{other}" for other in range(len(case.references)) if other != place))
        pool = (*names, *self._others(self._references(), own, NUM_CHOICES - len(names)))
        spot = [self.judge.features(crop(pixels, case.subjects[place]))] if place < len(case.subjects) else []
        vectors = [*spot, *self._things(pixels)]
        wanted = self._features(own)
        return any(float(vector @ wanted) >= LEAST_ALIKE and self._nearest(vector, pool) == own for vector in vectors)

    def is_face(self, case: EditCase, pixels: Pixels) -> bool:
        """Say whether the face of a result looks more like the one of its source than like nineteen others."""
        return self._nearest(self.judge.features(crop(pixels, case.subjects[0])), self._pool(case)) == case.key

    def has_look(self, case: EditCase, pixels: Pixels) -> bool:
        """Say whether a result looks drawn like the truth or the reference, and not like its source or truths in other media."""
        vector = self._look(pixels)
        known = {name: self._known_look(name) for name in self._pool(case) if name == case.key or self._cases[name].medium != case.medium}
        known["source"] = self._look(case.before)
        if case.references:
            known["reference"] = self._look(case.references[0])
        return max(known, key=lambda name: float(vector @ known[name])) in (case.key, "reference")

    def _things(self, pixels: Pixels) -> Sequence[Floats]:
        """Return the features of the things that the judge cuts out of a picture, largest first; of the same picture only once."""
        name = hashlib.sha256(pixels.tobytes()).digest()
        if name not in self._seen:
            look = self.judge.look(pixels)
            nodes = sorted(choose_things(look.roots, look.trust), key=lambda node: -node.area)[:MOST_THINGS]
            self._seen[name] = [self.judge.features(_only(look.small, node.mask)) for node in nodes]
        return self._seen[name]

    def _nearest(self, vector: Floats, names: Sequence[str]) -> str:
        return max(names, key=lambda name: float(vector @ self._features(name)))

    def _pool(self, case: EditCase) -> tuple[str, ...]:
        return (case.key, *self._others([other.key for other in self.cases if other.set == case.set], case.key, NUM_CHOICES - 1))

    def _references(self) -> list[str]:
        return [f"{case.key}:{place}" for case in self.cases if case.set in CHOSEN_AMONG for place in range(len(case.references))]

    def _others(self, names: Sequence[str], own: str, count: int) -> list[str]:
        """Return other cases' names in an order that depends on this one alone."""
        case = own.split(":")[0]
        return ranked([name for name in names if name.split(":")[0] != case], own)[: max(0, count)]

    def _features(self, name: str) -> Floats:
        if name not in self._known:
            case = self._cases[name.split(":")[0]]
            picture = case.references[int(name.split(":")[1])] if ":" in name else crop(case.truth, case.subjects[0])
            self._known[name] = self.judge.features(picture)
        return self._known[name]

    def _known_look(self, name: str) -> Floats:
        kept = f"look of {name}"
        if kept not in self._known:
            self._known[kept] = self._look(self._cases[name].truth)
        return self._known[kept]

    def _look(self, pixels: Pixels) -> Floats:
        """Return how a picture is drawn: the second half of its features."""
        vector = self.judge.features(pixels)
        return vector[LOOK_FROM:] * np.float32(np.sqrt(2))

    @property
    def _cases(self) -> Mapping[str, EditCase]:
        return {case.key: case for case in self.cases}


def crop(pixels: Pixels, box: Box) -> Pixels:
    """Return the part of a picture in a box, a little more on each side."""
    height, width = pixels.shape[:2]
    grown = MARGIN * max(box.width, box.height)
    left, top = max(0, round((box.left - grown) * width)), max(0, round((box.top - grown) * height))
    right, bottom = min(width, round((box.right + grown) * width)), min(height, round((box.bottom + grown) * height))
    return pixels[top : max(bottom, top + 1), left : max(right, left + 1)]


def _only(small: Pixels, mask: Mask) -> Pixels:
    alone = small.copy()
    alone[~mask, 3] = 0
    return alone
