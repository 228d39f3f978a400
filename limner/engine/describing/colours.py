"""What colours pixels have, in the words that people use first."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from limner.model.prompts.colours import nearest_colour

CLEAR_SHARE = 0.56  # of a thing that a colour covers which is said of it
SEEN_SHARE = 0.12
STEP = 16  # colours nearer than this are counted as one
STEPS = 256 // STEP
_PLAIN = {
    "coral": "red", "peach": "orange", "gold": "yellow", "cream": "white", "beige": "brown", "tan": "brown", "teal": "green",
    "turquoise": "blue", "lavender": "purple", "magenta": "pink",
}  # fmt: skip


def name_plainly(colour: str) -> str:
    """Return the one-word colour for a name of the captions' palette: "dark red" is red."""
    word = colour.split()[-1]
    return _PLAIN.get(word, word)


def measure_hues(rgb: npt.NDArray[np.uint8]) -> dict[str, float]:
    """Return which share of pixels (N, 3) has each one-word colour, the largest first."""
    steps = rgb.astype(np.int64) // STEP @ (STEPS**2, STEPS, 1)
    counts = np.bincount(steps, minlength=STEPS**3)
    shares: dict[str, float] = {}
    for step in np.flatnonzero(counts).tolist():
        hue = _hue(step // STEPS**2, step // STEPS % STEPS, step % STEPS)
        shares[hue] = shares.get(hue, 0.0) + int(counts[step]) / len(rgb)
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def find_clear_hue(rgb: npt.NDArray[np.uint8]) -> str:
    """Return the one-word colour that covers most of some pixels (N, 3), "" where none does."""
    hue, share = next(iter(measure_hues(rgb).items()), ("", 0.0))
    return hue if share >= CLEAR_SHARE else ""


def find_main_hues(rgb: npt.NDArray[np.uint8]) -> tuple[str, ...]:
    """Return the one-word colours that are seen first, at most two."""
    return tuple(hue for hue, share in measure_hues(rgb).items() if share >= SEEN_SHARE)[:2]


@functools.cache
def _hue(red: int, green: int, blue: int) -> str:
    middle = STEP // 2
    return name_plainly(nearest_colour(*(min(255, part * STEP + middle) for part in (red, green, blue))))
