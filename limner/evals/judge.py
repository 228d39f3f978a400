"""The judge of the benchmark: what is in a picture, which of twenty things it shows, and what it looks like, as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from limner.data.colours import hue_shares
from limner.data.scenes.scene import Box
from limner.engine.weights import WeightsPart
from limner.errors import DamagedFile, InvalidField
from limner.evals.judging.head import NOTHING, Head
from limner.evals.judging.things import Node, choose_things, group, walk
from limner.evals.judging.trunk import Trunk, trunk_digest
from limner.evals.judging.views import cut_view, reduce_picture, whole_view

JUDGE = "judge"
GRAPH = "trunk.onnx"
NEUTRALS = ("black", "grey", "white")
NEUTRAL_WEIGHT = 0.5  # outlines, windows and highlights are neutral whatever the colour of a thing
LEAST_COLOUR = 0.26  # of a thing's pixels, for a thing to be called so
RULES_VERSION = 2  # counts changes of the code under `evals/judge.py` and `evals/judging` that change an answer
MOST_NAMES = 3  # for one thing: of what is called four things, nothing is known
LEAST_COVER = 0.35  # of what is drawn must be trusted things; a picture that is mostly neither shows nothing
_COLOUR_PIXELS = 1500

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A thing in a picture.

    `concept` is a name of `SCENE_CONCEPTS`, `box` in fractions of the picture, `colour` one of `JUDGED_COLOURS` or "" where none
    covers most of it, `score` how sure the judge is, 0 to 1.
    """

    concept: str
    box: Box
    colour: str
    score: float


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How sure is sure enough: the least share of a `name`, and the least `trust` that a group is one thing at all; each 0 to 1."""

    name: float
    trust: float


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the judge saw in a picture before it made up its mind: the tree of its groups, and by node its trust and the shares of names."""

    small: Pixels
    roots: Sequence[Node]
    trust: Mapping[int, float]
    shares: Mapping[int, Floats]


class Judge:
    """The frozen judge. One picture at a time, on one thread of the CPU; the same answers everywhere up to rounding."""

    def __init__(self, part: WeightsPart) -> None:
        """Read the judge from an open folder; see `open`."""
        if part.manifest["trunk"] != trunk_digest():
            raise DamagedFile(f"the judge was made with the trunk {part.manifest['trunk']!r}, this release has {trunk_digest()!r}")
        if part.manifest["rules"] != RULES_VERSION:
            raise DamagedFile(f"the judge follows rules {part.manifest['rules']!r}, this release has {RULES_VERSION}; install it again")
        self.digest = part.digest
        self._trunk = Trunk(part.read(GRAPH))
        self._head = Head(part.tensors(), part.manifest["classes"])
        self._places = {name: place for place, name in enumerate(self._head.classes)}
        scene = part.manifest["scene_concepts"]
        self._scene = tuple(scene)
        self._gather = np.zeros((len(self._places), len(scene)), np.float32)
        for column, shown in enumerate(scene.values()):
            self._gather[[self._places[name] for name in shown], column] = 1
        self._limits = Limits(**part.manifest["limits"])

    @classmethod
    def open(cls, folder: Path) -> Judge:
        """Read the judge from its folder in the weights (`weights_folder() / "judge"`).

        `digest` is "sha256:..." of its manifest, which names everything that decides an answer: head, classes, limits, trunk, rules.

        Raises:
            DamagedFile: a file is missing or is not the one of the manifest, or the trunk is not the one that the judge was made with.
        """
        return cls(WeightsPart.open(folder, digest=None))

    def find(self, pixels: Pixels) -> list[Found]:
        """Return the things of `SCENE_CONCEPTS` in a picture, (H, W, 4) straight-alpha RGBA, surest first; none on noise.

        The ground must be transparent or plain. A thing of which the judge is not sure may be found as two or three concepts in one box.
        """
        return self.conclude(self.look(pixels), self._limits)

    def look(self, pixels: Pixels) -> Look:
        """Return what is seen in a picture, whatever the limits."""
        small = reduce_picture(pixels)
        roots = group(small[..., 3])
        nodes = walk(roots)
        if not nodes:
            return Look(small=small, roots=(), trust={}, shares={})
        rows = self._head.read(*self._trunk.read(np.stack([cut_view(_only(small, node)) for node in nodes])))
        trust = {id(node): 1 - float(row[self._places[NOTHING]]) for node, row in zip(nodes, rows, strict=True)}
        shares = {id(node): row @ self._gather for node, row in zip(nodes, rows, strict=True)}
        return Look(small=small, roots=roots, trust=trust, shares=shares)

    def conclude(self, look: Look, limits: Limits) -> list[Found]:
        """Return the things of a look that the limits let through, surest first."""
        things = [node for node in choose_things(look.roots, look.trust) if look.trust[id(node)] >= limits.trust]
        if sum(node.area for node in things) < LEAST_COVER * sum(root.area for root in look.roots):
            return []
        found = [thing for node in things for thing in self._name(look, node, limits.name)]
        return sorted(found, key=lambda thing: -thing.score)

    def choose(self, pixels: Pixels, candidates: Sequence[str]) -> str:
        """Return the one of the candidates, names of `NAMED_CONCEPTS`, that a picture of one thing shows.

        Raises:
            InvalidField: the judge does not know a candidate, or there is none.
        """
        unknown = [name for name in candidates if name not in self._places]
        if unknown or not candidates:
            raise InvalidField("candidates", f"the judge does not know {unknown!r}; use at least one name of NAMED_CONCEPTS")
        shares = self._read_whole(pixels)
        return max(candidates, key=lambda name: float(shares[self._places[name]]))

    def features(self, pixels: Pixels) -> Floats:
        """Return a vector of length 1 whose scalar products compare pictures by subject and look, each half of it."""
        halves = [half[0] / max(float(np.linalg.norm(half[0])), 1e-9) for half in self._trunk.read(whole_view(pixels)[None])]
        return np.asarray(np.concatenate(halves) / np.sqrt(2), np.float32)

    def _read_whole(self, pixels: Pixels) -> Floats:
        shares: Floats = self._head.read(*self._trunk.read(whole_view(pixels)[None]))[0]
        return shares

    def _name(self, look: Look, node: Node, least: float) -> list[Found]:
        shares = look.shares[id(node)]
        sure = [int(place) for place in np.argsort(-shares)[:MOST_NAMES] if shares[place] >= least]
        if not sure:
            return []
        colour = main_colour(look.small[node.mask][:, :3])
        return [Found(concept=self._scene[place], box=node.box, colour=colour, score=float(shares[place])) for place in sure]


def main_colour(rgb: Pixels) -> str:
    """Return the one of `JUDGED_COLOURS` that some pixels, (N, 3), mostly have, or "" where none does."""
    shares = hue_shares(rgb[:: max(1, len(rgb) // _COLOUR_PIXELS)])
    weighed = {hue: share * (NEUTRAL_WEIGHT if hue in NEUTRALS else 1) for hue, share in shares.items() if hue}
    best = max(weighed, key=lambda hue: weighed[hue])
    return best if weighed[best] >= LEAST_COLOUR else ""


def _only(small: Pixels, node: Node) -> Pixels:
    """Return the picture without what does not belong to a group; soft edges stay."""
    alone = small.copy()
    alone[~ndimage.binary_dilation(node.mask, np.ones((3, 3))), 3] = 0
    return alone
