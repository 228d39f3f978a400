"""What an engine is asked and what it answers: plain frozen values, the same for every backend.

A request ends in exactly one of `Finished`, `Failed`, `Cancelled`:

    Queued -> [Started -> (Progress | Partial)*] -> Finished | Failed | Cancelled
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from limner.model.layout import Size

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

Background = Literal["transparent", "opaque"]
Quality = Literal["low", "medium", "high"]
Fidelity = Literal["low", "high"]
Priority = Literal["interactive", "batch"]
MAX_SEED = 2**53 - 1
MAX_INPUT_IMAGES = 16


@dataclass(frozen=True, kw_only=True)
class GenerateRequest:
    """Pictures from words. Every field is resolved: nothing here is `auto`.

    `prompt` is the text to encode, `snapshot` an immutable snapshot name, `seed` in [0, MAX_SEED]. `owner` names whose turn it
    is when several wait, and what is interactive goes before batches. Fewer partial pictures come when a picture has fewer steps.
    """

    request_id: str
    prompt: str
    snapshot: str
    size: Size
    quality: Quality
    background: Background
    num_images: int
    seed: int
    num_partials: int = 0
    owner: str = ""
    priority: Priority = "interactive"

    def seed_of(self, index: int) -> int:
        """Return the seed of picture `index`."""
        return (self.seed + index) % (MAX_SEED + 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class EditRequest(GenerateRequest):
    """Pictures from pictures and words.

    `images` are straight-alpha RGBA, uint8, (height, width, 4), 1 to `MAX_INPUT_IMAGES` of them. The first is the source,
    fitted to `size`; the others are used beside it, and none is without effect. `mask` is (height, width) of the source, True
    where it may change: wherever it is False, every result equals the fitted source byte for byte. Without a mask all of it
    may change, less so at `fidelity` high. With `place` nothing is fitted: `size` is a canvas, the source's top left
    pixel lies at that (left, top) of it, and what the source leaves uncovered may change too. The prompt may be empty.

    `words` name the part of the source that may change when no mask does: the engine finds it before it draws. Without a source
    (`has_source` False) every image is a subject to be shown anew, and none is fitted to `size`.
    """

    images: tuple[Pixels, ...]
    mask: Mask | None = None
    fidelity: Fidelity = "low"
    place: tuple[int, int] | None = None
    words: str = ""
    has_source: bool = True


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One finished picture, uint8: straight-alpha RGBA, (height, width, 4), or (height, width, 3) where nothing of it can be clear."""

    pixels: Pixels
    seed: int
    index: int


@dataclass(frozen=True)
class Queued:
    """The request was accepted and waits."""

    request_id: str


@dataclass(frozen=True)
class Started:
    """The first step of the request's first picture begins. `encoded_prompt` is exactly the text that was encoded."""

    request_id: str
    encoded_prompt: str


@dataclass(frozen=True)
class Progress:
    """Step `step` of `num_steps` of picture `index` is done."""

    request_id: str
    index: int
    step: int
    num_steps: int


@dataclass(frozen=True)
class Partial:
    """What picture `index` looks like so far, at the requested size."""

    request_id: str
    index: int
    partial_index: int
    pixels: Pixels


@dataclass(frozen=True)
class Finished:
    """All pictures of the request, in order. The last event."""

    request_id: str
    pictures: tuple[Drawn, ...]
    machine_kind: str


@dataclass(frozen=True)
class Failed:
    """The request ended in an error of `limner.errors` with this code. The last event."""

    request_id: str
    code: str
    message: str
    param: str | None = None


@dataclass(frozen=True)
class Cancelled:
    """The request was cancelled and holds nothing any more. The last event."""

    request_id: str


Event = Queued | Started | Progress | Partial | Finished | Failed | Cancelled
LAST_EVENTS = (Finished, Failed, Cancelled)


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a backend can do; one that takes no edits says 0 input images.

    It is told, not enforced: `limner.engine.resolve` has refused illegal values before a request is made.
    """

    snapshots: tuple[str, ...]
    qualities: tuple[Quality, ...]
    backgrounds: tuple[Background, ...]
    num_partials: int
    fidelities: tuple[Fidelity, ...]
    num_input_images: int
    machine_kind: str


class Engine(Protocol):
    """Anything that draws."""

    def submit(self, request: GenerateRequest, on_event: Callable[[Event], None]) -> None:
        """Accept the request and return at once; `on_event` is called from another thread, in order, to the last event.

        Raises:
            QueueFull: too many requests wait; `retry_after_s` says when to try again, if that can be told.
        """

    def cancel(self, request_id: str) -> None:
        """End the request with `Cancelled` within one step; a request that has ended stays as it is."""

    def seconds_until_end(self, owner: str | None = None) -> float | None:
        """Estimate when a request will have ended, of this owner or of anybody; None if that cannot be told."""

    def capabilities(self) -> Capabilities:
        """What this backend draws."""

    def close(self) -> None:
        """Cancel what runs and free everything."""
