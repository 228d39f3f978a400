"""The text head: from vectors of the text encoder to thirteen scores, and the one table of thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from limner.engine.weights import REMEDY, Floats, WeightsPart
from limner.errors import DamagedFile
from limner.moderation.verdict import CATEGORIES, STRICTNESSES, Strictness

HEAD = "moderation"  # its folder among the weights


@dataclass(frozen=True, kw_only=True)
class Head:
    """One hidden layer over the sentence encoder's vectors.

    Shapes: `shift`, `scale` (2 x width); `inner` (2 x width, hidden); `inner_bias` (hidden); `outer` (hidden, 13); `outer_bias` (13).
    `screen` (width, 13) and `screen_bias` score bare word vectors, to rank the pieces of a long text. `thresholds` are on scores.
    """

    shift: Floats
    scale: Floats
    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats
    screen: Floats
    screen_bias: Floats
    hint_weight: float
    thresholds: Mapping[Strictness, Mapping[str, float]]

    @classmethod
    def open(cls, weights_dir: Path, text_encoder: str) -> Head:
        """Read the head of a weights folder; `text_encoder` is the digest of the encoder that will feed it.

        Raises:
            DamagedFile: it is missing, damaged, or was trained on another text encoder.
        """
        part = WeightsPart.open(weights_dir / HEAD, digest=None)
        if part.manifest.get("text_encoder") != text_encoder:
            raise DamagedFile(f"{HEAD} was trained with another text encoder than the one that is here; {REMEDY}")
        try:
            said = part.manifest["thresholds"]
            thresholds = {strictness: {name: float(said[strictness][name]) for name in CATEGORIES} for strictness in STRICTNESSES}
            return cls(**part.tensors(), hint_weight=float(part.manifest["hint_weight"]), thresholds=thresholds)
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedFile(f"{HEAD}/manifest.json is not the manifest of a moderation head; {REMEDY}") from error

    def logits(self, vectors: Floats) -> Floats:
        """Return the log odds (texts, 13) of vectors (texts, 2 x width)."""
        hidden = np.maximum((vectors - self.shift) * self.scale @ self.inner + self.inner_bias, 0)
        return np.asarray(hidden @ self.outer + self.outer_bias, np.float32)

    def screen_logits(self, means: Floats) -> Floats:
        """Return rough log odds (texts, 13) of mean word vectors (texts, width)."""
        return np.asarray(means @ self.screen + self.screen_bias, np.float32)


def to_scores(logits: Floats) -> Floats:
    """Turn log odds into scores between 0 and 1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)
