"""The rule of success: the truth passes, and editors that do nothing, something else or noise do not."""

from __future__ import annotations

import numpy as np
import pytest

from limner.data.editing.pair import OPERATIONS
from limner.engine.weights import PACKAGED_WEIGHTS
from limner.evals.edits.cases import INTO, read_cases
from limner.evals.edits.controls import ANOTHER, NOISE, NOTHING, SENT, TRUTH, score_controls
from limner.evals.edits.examine import EditExaminer
from limner.evals.edits.subjects import WITH_SUBJECTS
from limner.evals.edits.truth import Yardstick, other_edits, turn_hues
from limner.evals.judge import Judge

CASES = tuple(case for case in read_cases() if case.set in OPERATIONS and case.number < 3)
COMPOSED = tuple(case for case in read_cases() if case.set == INTO)


@pytest.fixture(scope="module")
def scores() -> dict[str, dict[str, tuple[int, int]]]:
    return score_controls(EditExaminer(None, (), CASES), CASES)


def test_the_truth_is_right_in_every_case(scores):
    assert scores[TRUTH] == {name: (3, 3) for name in OPERATIONS}


def test_of_compositions_into_a_source_the_truth_alone_is_right():
    scores = score_controls(EditExaminer(None, (), COMPOSED), COMPOSED)

    assert {editor: sets[INTO] for editor, sets in scores.items()} == {TRUTH: (12, 12), NOTHING: (0, 12), ANOTHER: (0, 12), NOISE: (0, 12)}


@pytest.mark.parametrize("editor", [NOTHING, ANOTHER, NOISE, SENT])
def test_a_bad_editor_is_right_next_to_nowhere(scores, editor: str):
    assert sum(right for right, _ in scores[editor].values()) <= (0 if editor == NOTHING else 1)


def test_what_was_sent_is_no_new_picture_for_the_judge_either():
    """It shows every subject that was to be shown."""
    cases = [case for case in CASES if case.set in WITH_SUBJECTS and case.source is None]
    examiner = EditExaminer(Judge.open(PACKAGED_WEIGHTS / "judge"), (), CASES)

    scores = score_controls(examiner, cases)

    assert sum(count for _, count in scores[SENT].values()) == len(cases) > 3
    assert not any(right for right, _ in scores[SENT].values())
    assert all(right == count for right, count in scores[TRUTH].values())


@pytest.mark.parametrize("operation", ["add", "recolour", "remove", "replace", "move"])
def test_another_edit_of_the_same_source_is_not_the_one_asked_for(operation: str):
    for case in CASES:
        if case.set == operation:
            yardstick = Yardstick(case)
            apart = [nearness for pixels in other_edits(case) if (nearness := yardstick.measure(pixels)).truth > 0.5]

            assert apart
            assert not any(nearness.is_done for nearness in apart)


def test_a_slip_of_a_few_pixels_is_no_fault_and_half_of_the_edit_is():
    case = next(case for case in CASES if case.set == "recolour" and case.changed.mean() > 0.03)
    half = case.truth.copy()
    rows = np.nonzero(case.changed.any(axis=1))[0]
    half[: (rows[0] + rows[-1]) // 2] = case.source[: (rows[0] + rows[-1]) // 2]

    slipped, halved = (Yardstick(case).measure(pixels) for pixels in (np.roll(case.truth, 1, axis=1), half))

    assert slipped.is_done
    assert not halved.is_done


def test_hues_turn_and_greys_do_not_stay_grey():
    red = np.full((4, 4, 4), (220, 40, 40, 255), np.uint8)
    grey = np.full((4, 4, 4), (128, 128, 128, 255), np.uint8)

    turned, tinted = turn_hues(red, 1 / 3), turn_hues(grey, 1 / 3)

    assert turned[0, 0, 0] < turned[0, 0, :3].max()
    assert np.ptp(tinted[0, 0, :3].astype(int)) > 30
    np.testing.assert_array_equal(turned[..., 3], red[..., 3])
