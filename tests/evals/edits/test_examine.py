"""Verdicts that need the frozen judge: who is in a picture, whose face it is, and what is a smear."""

from __future__ import annotations

import numpy as np
import pytest

from limner.engine.weights import weights_folder
from limner.evals.edits.cases import INTO, read_cases
from limner.evals.edits.examine import EditExaminer
from limner.evals.edits.tasks import plan_edits
from limner.evals.judge import JUDGE, Judge


@pytest.fixture(scope="module")
def examiner() -> EditExaminer:
    return EditExaminer(Judge.open(weights_folder() / JUDGE), (), read_cases())


def test_a_subject_left_out_must_be_gone_and_must_have_been_there(examiner: EditExaminer):
    task = plan_edits(("edit-left-out",), is_quick=True)[0]
    whole, bare = task.case.truth, task.case.before

    gone, stayed, never = (examiner.examine(task, pictures) for pictures in ([whole, bare], [whole, whole], [bare, bare]))

    assert (gone.right, gone.counts) == (True, True)
    assert (stayed.right, stayed.counts, stayed.seen) == (False, True, "still there")
    assert never.counts is False


def test_a_composition_is_right_when_its_subjects_stand_elsewhere(examiner: EditExaminer):
    task = next(task for task in plan_edits(("edit-compose",), is_quick=True) if task.case.source is None)

    mirrored = examiner.examine(task, [np.ascontiguousarray(task.case.truth[:, ::-1])])

    assert (mirrored.right, mirrored.figures["subjects"]) == (True, 1)
    assert mirrored.seen == "the judge: all that was to be shown"


def test_a_composition_into_a_source_is_known_by_its_subject_too_and_what_others_are_chosen_among_stays(examiner: EditExaminer):
    task = plan_edits(("edit-into",), is_quick=True)[5]

    made, undone = (examiner.examine(task, [picture]) for picture in (task.case.truth, task.case.before))

    assert (made.right, made.figures["subjects"], made.figures["alone"]) == (True, 1, 1)
    assert (undone.right, undone.figures["subjects"]) == (False, 0)
    assert examiner._gallery is not None
    assert not any(name.startswith(INTO) for name in examiner._gallery._references())


def test_a_face_is_its_own_and_not_anothers(examiner: EditExaminer):
    first, second = plan_edits(("edit-faces",), is_quick=True)[:2]

    own, another = examiner.examine(first, [first.case.truth]), examiner.examine(first, [second.case.truth])

    assert (own.right, another.right) == (True, False)


def test_a_smear_of_the_right_colour_is_not_the_thing_that_was_asked_for(examiner: EditExaminer):
    task = next(task for task in plan_edits(("edit-add",), is_quick=True) if task.case.concept)
    case, smear = task.case, task.case.before.copy()
    smear[::2, ::2][case.changed[::2, ::2]] = np.median(case.truth[case.changed], axis=0).astype(np.uint8)

    assert examiner.examine(task, [case.truth]).right is True
    assert examiner.examine(task, [smear]).right is False


def test_without_a_judge_what_it_alone_can_say_has_no_verdict():
    blind = EditExaminer(None, (), ())
    task = plan_edits(("edit-faces",), is_quick=True)[0]

    assert blind.missing("edit-faces") == blind.missing("edit-left-out") == "no judge among the weights"
    assert blind.missing("edit-add") == ""
    assert blind.examine(task, [task.case.truth]).right is None
