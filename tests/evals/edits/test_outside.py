"""What must not change is counted pixel by pixel: one byte that is another one is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from limner.evals.edits.cases import EditCase, read_cases
from limner.evals.edits.examine import EditExaminer
from limner.evals.edits.outside import compare, left_alone
from limner.evals.edits.tasks import EditTask, plan_edits

MASKED = next(case for case in read_cases() if case.set == "recolour" and case.free is not None)
UNMASKED = next(case for case in read_cases() if case.set == "recolour" and case.free is None)


def verdict_of(case: EditCase, pixels: np.ndarray) -> dict[str, float]:
    """The figures of one edit."""
    task = replace(plan_edits(("edit-recolour",), is_quick=False)[0], case=case)
    return dict(EditExaminer(None, (), ()).examine(task, [pixels]).figures)


@pytest.mark.parametrize("channel", range(4))
def test_a_single_changed_byte_outside_the_mask_is_found(channel: int):
    pixels = MASKED.truth.copy()
    row, column = np.argwhere(left_alone(MASKED))[7]
    pixels[row, column, channel] ^= 1

    outside = compare(pixels, MASKED.source, left_alone(MASKED))

    assert outside is not None
    assert (outside.count - outside.equal, outside.is_untouched) == (1, False)
    assert verdict_of(MASKED, pixels)["untouched"] == 0
    assert verdict_of(MASKED, MASKED.truth)["untouched"] == verdict_of(MASKED, MASKED.truth)["kept"] == 1


def test_what_changes_inside_the_mask_is_not_counted():
    pixels = np.where(MASKED.free[..., None], 255 - MASKED.source, MASKED.source)

    assert verdict_of(MASKED, pixels)["untouched"] == 1


def test_without_a_mask_the_rest_is_measured_as_a_mean_difference():
    darker = UNMASKED.truth.copy()
    darker[..., :3] = (darker[..., :3] * 0.9).astype(np.uint8)

    same, off = verdict_of(UNMASKED, UNMASKED.truth), verdict_of(UNMASKED, darker)

    assert (same["difference"], same["alone"]) == (0, 1)
    assert 0.002 < off["difference"] < 0.1
    assert "kept" not in same


def test_where_everything_changes_there_is_no_rest():
    case = replace(UNMASKED, changed=np.ones_like(UNMASKED.changed))

    assert compare(case.truth, case.source, left_alone(case)) is None


def make_chain(name: str) -> EditTask:
    return plan_edits((name,), is_quick=True)[0]


def test_a_chain_is_right_only_if_its_last_picture_kept_what_no_turn_was_to_change():
    masked, unmasked = make_chain("edit-turns-masked"), make_chain("edit-turns")
    examiner = EditExaminer(None, (), ())
    spoilt = masked.case.source.copy()
    row, column = np.argwhere(~masked.case.free)[0]
    spoilt[row, column, 0] ^= 1

    kept = examiner.examine(masked, [masked.case.source] * 8)
    lost = examiner.examine(masked, [masked.case.source] * 7 + [spoilt])
    drifted = examiner.examine(unmasked, [unmasked.case.source] * 7 + [255 - unmasked.case.source])

    assert (kept.right, lost.right, drifted.right) == (True, False, False)
