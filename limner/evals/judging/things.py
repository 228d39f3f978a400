"""Where the things are: a picture's foreground as a tree of ever smaller groups, and the cut through it that shows whole things.

Grown a little, neighbouring pieces become one group; shrunk a little, things that touch come apart. All groups of all these steps are
nested, so they form a tree; which of its nodes are things, the judge's head says, and `choose_things` takes the cut that it likes best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from limner.data.scenes.scene import Box

REACHES_PX = (18.0, 12.0, 8.0, 5.0, 3.0, 1.5, 0.0)  # how far apart pieces of one group may be, of a picture 256 px long
DEPTHS_PX = (2.0, 4.0, 7.0, 11.0, 16.0)  # how deep a waist is cut
SOLID_ALPHA = 110
LEAST_SHARE = 0.003  # of the picture; what is smaller is no thing
MOST_NODES = 48

Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.int32]


@dataclass
class Node:
    """A group of pixels, and the groups that it falls into at the next step that divides it or takes something away."""

    mask: Mask
    children: list[Node] = field(default_factory=list)

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(self.mask.sum())

    @property
    def box(self) -> Box:
        """What the group covers, in fractions of the picture."""
        rows, columns = np.nonzero(self.mask.any(axis=1))[0], np.nonzero(self.mask.any(axis=0))[0]
        height, width = self.mask.shape
        top, left = int(rows[0]), int(columns[0])
        return Box(left / width, top / height, (int(columns[-1]) + 1 - left) / width, (int(rows[-1]) + 1 - top) / height)


def group(alpha: npt.NDArray[np.uint8]) -> list[Node]:
    """Return the roots of the tree of a picture's (H, W) alpha: one, or none where nothing is solid."""
    solid: Mask = alpha >= SOLID_ALPHA
    if not solid.any():
        return []
    gaps = ndimage.distance_transform_edt(~solid)
    depths = ndimage.distance_transform_edt(solid)
    levels = [_labels(gaps <= reach) * solid for reach in REACHES_PX]
    levels += [_nearest(_labels(depths > depth)) * solid for depth in DEPTHS_PX if (depths > depth).any()]
    least = LEAST_SHARE * solid.size
    root = Node(solid)
    root.children = _divide(root, levels, least, budget=[MOST_NODES])
    return [root] if root.area >= least else []


def _labels(mask: Mask) -> Labels:
    labels: Labels = ndimage.label(mask, np.ones((3, 3), int))[0].astype(np.int32)
    return labels


def _nearest(seeds: Labels) -> Labels:
    """Return for every pixel the label of the nearest seed."""
    rows, columns = ndimage.distance_transform_edt(seeds == 0, return_distances=False, return_indices=True)
    return np.asarray(seeds[rows, columns], np.int32)


def _divide(node: Node, levels: Sequence[Labels], least: float, *, budget: list[int]) -> list[Node]:
    """Return what a group falls into at the first level that changes it, each part with its own children."""
    for step, labels in enumerate(levels):
        inside = labels[node.mask]
        sizes = np.bincount(inside)
        parts = [label for label in np.argsort(-sizes) if label > 0 and sizes[label] >= least]
        if len(parts) == 1 and sizes[parts[0]] == len(inside):
            continue
        children = []
        for label in parts:
            if budget[0] <= 0:
                break
            budget[0] -= 1
            child = Node(node.mask & (labels == label))
            child.children = _divide(child, levels[step + 1 :], least, budget=budget)
            children.append(child)
        return children
    return []


def walk(nodes: Sequence[Node]) -> list[Node]:
    """Return every node of some trees, parents first."""
    return [found for node in nodes for found in (node, *walk(node.children))]


def choose_things(nodes: Sequence[Node], trust: Mapping[int, float]) -> list[Node]:
    """Return the cut through the trees that covers most: pixels count as much as their group is trusted, `trust[id(node)]`, 0 to 1."""
    return [chosen for node in nodes for chosen in _cut(node, trust)[1]]


def _cut(node: Node, trust: Mapping[int, float]) -> tuple[float, list[Node]]:
    own = node.area * trust[id(node)]
    below = [_cut(child, trust) for child in node.children]
    total = sum(value for value, _ in below)
    return (own, [node]) if own >= total else (total, [chosen for _, part in below for chosen in part])
