"""Which of several pictures shows best what a prompt asks for, by the eyes of the model: how likely they would say those words of it."""

from __future__ import annotations

import re

import numpy as np

from limner.engine.seeing.names import Names
from limner.engine.seeing.seen import GROUND
from limner.engine.weights import Floats

QUOTED = re.compile(r'"[^"]*"')
LEAST_SHARE = 1e-3


class Chooser:
    """Rates what eyes see. `vectors` are those of the names, for `seen.chances_of`."""

    def __init__(self, names: Names) -> None:
        self.vectors = names.vectors
        self._numbers: dict[str, int] = {}
        for number, thing in enumerate(names.things, start=1):
            for words in (thing.name, thing.one, thing.many):
                self._numbers.setdefault(words.lower(), number)
        longest_first = sorted(self._numbers, key=lambda words: (-len(words), words))
        self._pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")

    def read(self, prompt: str) -> tuple[int, ...]:
        """Return the numbers of the things that a prompt in the words of captions names, each once; what stands in quotes names nothing."""
        said = self._pattern.findall(QUOTED.sub(" ", prompt).lower())
        return tuple(dict.fromkeys(self._numbers[words] for words in said))


def rate(chances: Floats, numbers: tuple[int, ...]) -> float:
    """Return how well a picture shows these things, at most 0, by chances (rows, columns, 1 + things); pictures of one prompt compare.

    It is the logarithm of each one's share in what stands before the ground, added up: a thing that is missing weighs most.
    """
    standing = (1 - chances[..., GROUND]).sum() + LEAST_SHARE
    shares = chances[..., list(numbers)].sum((0, 1)) / standing
    return float(np.log(shares + LEAST_SHARE).sum())
