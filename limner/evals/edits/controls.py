"""Editors of whom the answer is known, scored beside the model so that a report shows what its rule is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from limner.engine.protocol import Pixels
from limner.evals.edits.cases import EditCase
from limner.evals.edits.examine import EditExaminer
from limner.media.alpha import with_alpha
from limner.media.resize import fit_pixels
from limner.model.layout import Size

TRUTH, NOTHING, ANOTHER, NOISE, SENT = "the truth", "doing nothing", "another pair's truth", "noise", "an image as it was sent"


def score_controls(examiner: EditExaminer, cases: Sequence[EditCase]) -> dict[str, dict[str, tuple[int, int]]]:
    """Return, by editor and set of cases, (right, count); the first editor must have all right, the others next to none."""
    scores: dict[str, dict[str, tuple[int, int]]] = {}
    for place, case in enumerate(cases):
        another = cases[(place + len(cases) // 2) % len(cases)]
        for editor, picture in _answer(case, another):
            right, count = scores.setdefault(editor, {}).get(case.set, (0, 0))
            scores[editor][case.set] = (right + examiner.is_made(case, picture), count + 1)
    return scores


def add_up(scores: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """Return the (right, count) of all sets together."""
    return sum(right for right, _ in scores.values()), sum(count for _, count in scores.values())


def _answer(case: EditCase, another: EditCase) -> Iterator[tuple[str, Pixels]]:
    """Yield each editor's picture for a case."""
    noise = np.random.default_rng(case.number).integers(0, 256, case.truth.shape, np.uint8)
    if case.background == "opaque":
        noise[..., 3] = 255
    yield TRUTH, case.truth
    yield NOTHING, case.before
    yield ANOTHER, another.truth
    yield NOISE, noise
    if case.source is None and case.references:
        yield SENT, with_alpha(fit_pixels(case.references[0], Size(case.truth.shape[1], case.truth.shape[0])))
