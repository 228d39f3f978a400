"""Which real style is nearest: pictures placed, by the judge's features, among real drawings of other things in each style."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from limner.errors import DamagedFile

Floats = npt.NDArray[np.float32]
LOOKS_FILE = Path(__file__).parent / "looks.safetensors"
SHRINKAGE = 0.5  # towards a round spread: there are about as many drawings as features


@dataclass(frozen=True, kw_only=True, eq=False)
class Looks:
    """Real styles as means of their drawings, in the measure in which drawings of one style spread alike (a linear discriminant).

    `weights` is (features, styles), `bias` (styles,). `ceiling` is (right, count) of real drawings of things that had no part in it.
    """

    styles: tuple[str, ...]
    weights: Floats
    bias: Floats
    ceiling: tuple[int, int]
    digest: str = ""

    @classmethod
    def measure(cls, features: Floats, labels: Sequence[str], ceiling: tuple[int, int] = (0, 0)) -> Looks:
        """Measure styles from the features of real drawings, (N, features), each with the name of its style."""
        styles = tuple(sorted(set(labels)))
        places = np.array([styles.index(label) for label in labels])
        means = np.stack([features[places == place].mean(axis=0) for place in range(len(styles))])
        inside = features - means[places]
        spread = inside.T @ inside / len(inside)
        round_spread = np.trace(spread) / len(spread) * np.eye(len(spread))
        weights = np.linalg.solve((1 - SHRINKAGE) * spread + SHRINKAGE * round_spread, means.T)
        bias = -0.5 * (means.T * weights).sum(axis=0)
        return cls(styles=styles, weights=weights.astype(np.float32), bias=bias.astype(np.float32), ceiling=ceiling)

    @classmethod
    def open(cls, path: Path, judge_digest: str) -> Looks | None:
        """Read the looks that were measured by this judge; None when there are none, or another judge measured them.

        Raises:
            DamagedFile: the file cannot be read.
        """
        if not path.is_file():
            return None
        try:
            with safe_open(path, framework="numpy") as file:
                told = json.loads((file.metadata() or {})["looks"])
                if told["judge"] != judge_digest:
                    return None
                weights, bias = file.get_tensor("weights"), file.get_tensor("bias")
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            raise DamagedFile(f"{path.name} cannot be read ({error}); install limner again") from error
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        right, count = told["ceiling"]
        return cls(styles=tuple(told["styles"]), weights=weights, bias=bias, ceiling=(right, count), digest=digest)

    def write(self, path: Path, judge_digest: str) -> None:
        """Write the looks, with the digest of the judge that measured them."""
        told = {"judge": judge_digest, "styles": self.styles, "ceiling": self.ceiling}
        save_file({"weights": self.weights, "bias": self.bias}, path, metadata={"looks": json.dumps(told)})

    def nearest(self, features: Floats) -> str:
        """Return the style whose drawings look most like a picture with these features."""
        return self.styles[int(np.argmax(features @ self.weights + self.bias))]
