"""What a moderator says: thirteen scores, which of them block at which strictness, what they rest on, and what was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

from limner.engine.protocol import Pixels

CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/intent",
    "self-harm/instructions",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
IMAGE_CATEGORIES = ("self-harm", "self-harm/intent", "self-harm/instructions", "sexual", "violence", "violence/graphic")

InputType = Literal["text", "image"]
Strictness = Literal["auto", "low"]
STRICTNESSES: tuple[Strictness, ...] = get_args(Strictness)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The judgement of one input, or of several as one.

    `scores` has all thirteen categories, each 0 to 1. `flagged` and `flagged_low` are the categories that block at strictness `auto` and
    `low`, in the order of CATEGORIES. `evidence` says for each of them, in words, what it rests on; it may quote the prompt.
    """

    scores: Mapping[str, float]
    flagged: tuple[str, ...] = ()
    flagged_low: tuple[str, ...] = ()
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: tuple[InputType, ...]

    def blocked(self, strictness: Strictness) -> tuple[str, ...]:
        """Return the categories for which the input is refused at a strictness; none means that it passes."""
        return self.flagged if strictness == "auto" else self.flagged_low

    @property
    def applied_input_types(self) -> dict[str, tuple[InputType, ...]]:
        """What each category's score was taken from; an image says nothing of the categories outside IMAGE_CATEGORIES."""
        return {name: tuple(kind for kind in self.inputs if kind == "text" or name in IMAGE_CATEGORIES) for name in CATEGORIES}


class Moderator(Protocol):
    """Judges texts and images; may be called from several threads at once."""

    def judge_text(self, text: str) -> Verdict:
        """Judge a prompt of any length.

        Raises:
            ModerationFailed: it could not be judged, and must not be let through.
        """

    def judge_image(self, pixels: Pixels) -> Verdict:
        """Judge straight-alpha RGBA, uint8, (height, width, 4).

        Raises:
            ModerationFailed: it could not be judged, and must not be let through.
        """

    def close(self) -> None:
        """Let go of what judging holds; nothing can be judged afterwards."""


def join(verdicts: Iterable[Verdict]) -> Verdict:
    """Return one verdict over the parts of an input (one or more): the highest score and all evidence of each category."""
    parts = list(verdicts)
    return Verdict(
        scores={name: max(part.scores[name] for part in parts) for name in CATEGORIES},
        flagged=_in_order(name for part in parts for name in part.flagged),
        flagged_low=_in_order(name for part in parts for name in part.flagged_low),
        evidence=_join_evidence(parts),
        inputs=tuple(kind for kind in get_args(InputType) if any(kind in part.inputs for part in parts)),
    )


def _in_order(names: Iterable[str]) -> tuple[str, ...]:
    found = set(names)
    return tuple(name for name in CATEGORIES if name in found)


def _join_evidence(parts: list[Verdict]) -> dict[str, tuple[str, ...]]:
    said = {name: dict.fromkeys(reason for part in parts for reason in part.evidence.get(name, ())) for name in CATEGORIES}
    return {name: tuple(reasons) for name, reasons in said.items() if reasons}
