"""Which medium a picture is made in, read from its traits by a linear head."""

from __future__ import annotations

import numpy as np

from limner.engine.protocol import Pixels
from limner.engine.weights import WeightsPart
from limner.media.alpha import with_alpha
from limner.media.filters.traits import measure_traits

NO_MEDIUM = "none"
LEAST_SHARE = 0.4  # of all that a picture may be made in, that the likeliest takes


class MediumReader:
    """Reads media of `limner.media.filters.medium`, or none."""

    def __init__(self, part: WeightsPart) -> None:
        """Read a folder that `limner train media` wrote.

        Raises:
            DamagedFile: it is not as it was written.
        """
        tensors = part.tensors()
        self.names: tuple[str, ...] = tuple(part.manifest["media"])
        self._mean, self._spread = tensors["mean"], tensors["spread"]
        self._weight, self._bias = tensors["weight"], tensors["bias"]

    def read(self, pixels: Pixels) -> str:
        """Return the medium of a picture (height, width, 3 or 4), "" where none is likely."""
        scores = self._weight @ ((measure_traits(with_alpha(pixels)) - self._mean) / self._spread) + self._bias
        shares = np.exp(scores - scores.max())
        best = int(shares.argmax())
        found = self.names[best]
        return found if shares[best] >= LEAST_SHARE * shares.sum() and found != NO_MEDIUM else ""
