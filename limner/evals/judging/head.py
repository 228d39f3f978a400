"""The learnt part of the judge: vectors of the trunk to shares of what a view may show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from limner.evals.concepts import NAMED_CONCEPTS, SCENE_CONCEPTS
from limner.evals.judging.trunk import DEEP_WIDTH, LOOK_WIDTH

OTHER, NOTHING = "some other thing", "no one thing"
INPUT_WIDTH = DEEP_WIDTH + LOOK_WIDTH

Floats = npt.NDArray[np.float32]


def list_classes() -> tuple[str, ...]:
    """Return what a view may show: every drawing's concept that the benchmark names, then `OTHER` and `NOTHING`."""
    drawn = {concept for shown in SCENE_CONCEPTS.values() for concept in shown}
    return (*sorted(drawn | set(NAMED_CONCEPTS)), OTHER, NOTHING)


def join(deep: Floats, look: Floats) -> Floats:
    """Return what the head reads, (N, 1360): roots, so that the few strong features of a view do not drown the many weak ones."""
    return np.asarray(np.concatenate([np.sqrt(np.maximum(deep, 0)), look], axis=1), np.float32)


@dataclass(frozen=True)
class Head:
    """Two layers over normalised vectors. `classes` name its outputs."""

    tensors: Mapping[str, Floats]
    classes: Sequence[str]

    def read(self, deep: Floats, look: Floats) -> Floats:
        """Return the shares of the classes, (N, classes), each row 1 in all."""
        known = (join(deep, look) - self.tensors["shift"]) * self.tensors["scale"]
        hidden = np.maximum(known @ self.tensors["inner"].T + self.tensors["inner_bias"], 0)
        logits = hidden @ self.tensors["outer"].T + self.tensors["outer_bias"]
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        scaled: Floats = (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)
        return scaled
