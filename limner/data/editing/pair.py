"""What one lesson in editing is: pictures that are shown, words that say what to do, and the picture that comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from limner.data.scenes.scene import Scene
from limner.data.scenes.sprites import Pixels

Mask = npt.NDArray[np.bool_]
Operation = Literal[
    "inpaint", "outpaint", "add", "remove", "replace", "recolour", "move", "resize", "restyle", "relight", "background", "text", "restore",
    "subject", "style", "compose",
]  # fmt: skip
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
LOCAL: frozenset[Operation] = frozenset({"add", "remove", "replace", "recolour", "move", "resize", "text"})


@dataclass(frozen=True, kw_only=True, eq=False)
class EditPair:
    """One edit with its truth. Pictures are (S, S, 4) uint8 straight-alpha RGBA, all of one side S; masks are (S, S).

    `source` is image 1, or None where only references are given; `free` is True where a mask lets the picture change (None: no mask);
    `shown` is True where the source shows something (None: everywhere; elsewhere the source is all zeros);
    `reference_numbers` are the numbers that the instruction calls the references by, counted from 1, the source first.
    `result` equals the source wherever `free` or `changed` is False. `before` and `after` are the scenes drawn, where there are any.
    """

    operation: Operation
    instruction: str
    source: Pixels | None
    free: Mask | None
    shown: Mask | None
    references: tuple[Pixels, ...]
    reference_numbers: tuple[int, ...]
    result: Pixels
    background: Literal["transparent", "opaque"]
    changed: Mask
    before: Scene | None
    after: Scene | None


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A change of a scene in words, not drawn yet. `references` are scenes too, each of one drawing or one picture alone."""

    before: Scene | None
    after: Scene
    instruction: str
    references: tuple[Scene, ...] = ()
