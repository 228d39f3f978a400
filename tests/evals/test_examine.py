"""Verdicts on pictures drawn exactly: the truth passes, anything else does not."""

import shutil
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from limner.data.scenes.scene import Box
from limner.evals.examine import Examiner, describe_found
from limner.evals.judge import Found
from limner.evals.metrics.reading import RAPIDOCR, TESSERACT, draw_word, open_readers
from limner.evals.prompts.plan import plan_tasks
from limner.evals.tasks import CATEGORIES, GROUPS

BOX = Box(0.1, 0.1, 0.2, 0.2)


def found(concept: str, colour: str = "") -> Found:
    return Found(concept=concept, box=BOX, colour=colour, score=0.9)


def test_what_is_missing_is_said_for_each_category():
    examiner = Examiner(None, (), None)

    missing = {name: examiner.missing(name) for name in CATEGORIES}

    assert {name for name, reason in missing.items() if not reason} == {*GROUPS["transparency"], *GROUPS["unscored"]}
    assert missing["text-seen"] == "no readers"
    assert missing["counting"] == missing["styles"] == "no judge among the weights"


def test_a_free_standing_shape_is_a_clean_cutout_and_a_full_picture_is_none():
    task = plan_tasks(("transparency",), is_quick=True)[0]
    pixels = np.zeros((256, 256, 4), np.uint8)
    pixels[60:200, 60:200] = (200, 40, 40, 255)
    examiner = Examiner(None, (), None)

    clean, full = examiner.examine(task, pixels), examiner.examine(task, pixels[..., :3])

    assert (clean.right, full.right) == (True, False)
    assert full.seen == "clear 0%, solid 100%"


def test_unscored_pictures_get_no_verdict():
    task = plan_tasks(("everyday",), is_quick=True)[0]

    verdict = Examiner(None, (), None).examine(task, np.zeros((256, 256, 3), np.uint8))

    assert (verdict.right, verdict.seen) == (None, "")


@pytest.mark.usefixtures("readers")
def test_the_right_word_passes_and_another_one_does_not():
    task = replace(plan_tasks(("text-seen",), is_quick=True)[0], word="Meadow")
    examiner = Examiner(None, open_readers(), None)

    right, wrong = examiner.examine(task, draw_word("Meadow", 256)), examiner.examine(task, draw_word("Shadow", 256))

    assert (right.right, right.counts) == (True, True)
    assert (wrong.right, wrong.counts) == (False, True)
    assert "Shadow" in wrong.seen


def test_other_readers_or_looks_make_another_examiner():
    assert Examiner(None, (), None).digest == Examiner(None, (), None).digest
    if shutil.which(TESSERACT) is not None and find_spec(RAPIDOCR) is not None:
        assert Examiner(None, open_readers(), None).digest != Examiner(None, (), None).digest


def test_what_was_found_is_told_in_few_words():
    many = [found("bell"), found("car", "red"), found("car", "red"), found("cat"), found("dog"), found("fox")]

    assert describe_found(many) == "bell, 2 red car, cat, dog, …"
    assert describe_found([]) == "nothing"
