"""Verdicts on edits: was it made, was the rest left alone, is it the same subject, face or style; each by its own rule."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property

from limner.engine.protocol import Pixels
from limner.evals.edits.cases import INTO_FILE, EditCase, digest_cases
from limner.evals.edits.outside import compare, left_alone
from limner.evals.edits.subjects import FACES, STYLE, WITH_SUBJECTS, Gallery
from limner.evals.edits.tasks import EditTask
from limner.evals.edits.truth import Nearness, Yardstick, crop_box
from limner.evals.examine import Verdict
from limner.evals.judge import Judge
from limner.evals.metrics.reading import Reader, read_all, says
from limner.evals.tasks import ranked

RULES_VERSION = 1  # counts changes of the rules that change a verdict
FREE_DRAWING = ("inpaint", "outpaint", "add", "replace")  # where a right result need not be the truth's drawing
RESTYLED = ("restyle", STYLE)
LEAST_CHANGE = 0.3  # of the way from source to truth; the judge is asked only about results that changed at least so much
MOST_SPOILT = 0.05  # mean difference of what was to be left alone, above which a judge is not asked
LEAST_ALIKE = 0.75  # of features: smears that the judge gives the right one of twenty names are up to 0.76 like the truth
NUM_NAMES = 20
MOST_DRIFT = 0.01  # mean difference of what no turn was to change, without a mask
CROP_MARGIN = 0.08


class EditExaminer:
    """Judges the pictures of a task, each (H, W, 4) and as large as the task's case."""

    def __init__(self, judge: Judge | None, readers: Sequence[Reader], cases: Sequence[EditCase]) -> None:
        self._judge = judge
        self._readers = tuple(readers)
        self._gallery = Gallery(judge, cases) if judge else None
        self._names = tuple(dict.fromkeys(case.concept for case in cases if case.concept))
        self._yardsticks: dict[tuple[str, int], Yardstick] = {}

    @cached_property
    def digest(self) -> str:
        """A name for everything that a verdict depends on beside the pictures."""
        parts = (
            RULES_VERSION,
            digest_cases(),
            digest_cases(INTO_FILE),
            self._judge.digest if self._judge else None,
            [reader.name for reader in self._readers],
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def missing(self, category: str) -> str:
        """Say what a category's rule needs and lacks, "" when it can be scored."""
        needs_judge = category in ("edit-left-out", "edit-faces")
        return "no judge among the weights" if needs_judge and self._judge is None else ""

    def examine(self, task: EditTask, pictures: Sequence[Pixels]) -> Verdict:
        """Judge the pictures of a task, one for each of its orders."""
        if self.missing(task.category):
            return Verdict(task=task.key, right=None)
        if task.category == "edit-left-out":
            return self._left_out(task, *pictures)
        if task.is_chain:
            return self._turns(task, pictures[-1])
        if len(pictures) > 1:
            done = [self._judge_edit(task.case, picture)[0] for picture in pictures]
            return Verdict(task=task.key, right=all(done), seen=f"{sum(done)} of {len(done)} phrasings")
        return self._single(task, pictures[0])

    def is_made(self, case: EditCase, picture: Pixels) -> bool:
        """Say whether a picture shows what a case asked for."""
        return self._judge_edit(case, picture)[0]

    def _single(self, task: EditTask, picture: Pixels) -> Verdict:
        case = task.case
        is_done, seen = self._judge_edit(case, picture)
        figures = self._rest(case, picture) | self._likeness(case, picture)
        if case.set == FACES:
            return Verdict(task=task.key, right=bool(figures["face"]), seen="" if figures["face"] else "another face", figures=figures)
        return Verdict(task=task.key, right=is_done, seen=seen, figures=figures)

    def _judge_edit(self, case: EditCase, picture: Pixels) -> tuple[bool, str]:
        """Say whether the edit was made, and by what that is known."""
        nearness = self._yardstick(case).measure(picture)
        if nearness.is_done:
            return True, ""
        if self._judge and _may_differ(case, picture, nearness) and (seen := self._sees(case, picture)):
            return True, f"the judge: {seen}"
        if case.word and self._readers and self._reads(case, picture) and self._reads(case, case.truth):
            return True, f"read: {case.word}"
        return False, _describe(nearness)

    def _sees(self, case: EditCase, picture: Pixels) -> str:
        """Return by what the judge knows a picture that is not the truth's drawing to be right all the same, "" where it does not."""
        if case.set in RESTYLED:
            return "the look of the truth" if self._gallery and self._gallery.has_look(case, picture) else ""
        if case.set in WITH_SUBJECTS:
            return "all that was to be shown" if all(self._subjects(case, picture)) else ""
        if case.set not in FREE_DRAWING or not case.concept or self._name(case, case.truth) != case.concept:
            return ""
        is_named = self._name(case, picture) == case.concept != self._name(case, case.before)
        return case.concept if is_named and self._alike(case, picture) >= LEAST_ALIKE else ""

    def _alike(self, case: EditCase, picture: Pixels) -> float:
        """Return how alike the changed parts of a picture and of the truth are to the judge, 1 for the same."""
        assert self._judge is not None, "asked for only where there is one"
        part = crop_box(case.changed, CROP_MARGIN)
        return float(self._judge.features(picture[part]) @ self._judge.features(case.truth[part]))

    def _yardstick(self, case: EditCase) -> Yardstick:
        place = (case.key, len(case.truth))
        if place not in self._yardsticks:
            self._yardsticks[place] = Yardstick(case)
        return self._yardsticks[place]

    def _name(self, case: EditCase, picture: Pixels) -> str:
        """Return the one of twenty things that the judge sees in the changed part."""
        assert self._judge is not None, "asked for only where there is one"
        others = ranked([name for name in self._names if name != case.concept], "edits", case.key)
        return self._judge.choose(picture[crop_box(case.changed, CROP_MARGIN)], (case.concept, *others[: NUM_NAMES - 1]))

    def _reads(self, case: EditCase, picture: Pixels) -> bool:
        return says(read_all(picture[crop_box(case.changed, 3 * CROP_MARGIN)], self._readers), case.word)

    def _rest(self, case: EditCase, picture: Pixels) -> dict[str, float]:
        """Measure what was left alone."""
        if case.source is None or (outside := compare(picture, case.source, left_alone(case))) is None:
            return {}
        kind = "kept" if case.free is not None else "alone"
        return {
            kind: outside.equal / outside.count,
            "untouched": float(outside.is_untouched),
            "difference": round(outside.difference, 6),
        }

    def _likeness(self, case: EditCase, picture: Pixels) -> dict[str, float]:
        """Ask whether subject, face or style are those that were shown."""
        if self._gallery is None:
            return {}
        if case.set in WITH_SUBJECTS and case.subjects:
            are_there = self._subjects(case, picture)
            return {"subjects": sum(are_there) / len(are_there)}
        if case.set == FACES:
            return {"face": float(self._gallery.is_face(case, picture))}
        return {"look": float(self._gallery.has_look(case, picture))} if case.set == STYLE else {}

    def _subjects(self, case: EditCase, picture: Pixels) -> list[bool]:
        """Say of each reference whether a picture shows it; of none where its places are not known."""
        assert self._gallery is not None, "asked for only where there is one"
        return [self._gallery.is_subject(case, place, picture) for place in range(len(case.subjects))] or [False]

    def _left_out(self, task: EditTask, whole: Pixels, without: Pixels) -> Verdict:
        """Judge a composition without its last image: its subject must be gone. One that was not there with it says nothing."""
        assert self._gallery is not None, "missing() has said so"
        last = len(task.case.references) - 1
        was_there = self._gallery.is_subject(task.case, last, whole)
        is_there = was_there and self._gallery.is_subject(task.case, last, without)
        seen = "still there" if is_there else "" if was_there else "not there with it either"
        return Verdict(task=task.key, right=not is_there, seen=seen, counts=was_there)

    def _turns(self, task: EditTask, last: Pixels) -> Verdict:
        figures = self._rest(task.case, last)
        if not figures:
            return Verdict(task=task.key, right=None)
        right = bool(figures["untouched"]) if task.case.free is not None else figures["difference"] <= MOST_DRIFT
        return Verdict(task=task.key, right=right, seen=f"mean difference {figures['difference']:.2%}", figures=figures)


def _may_differ(case: EditCase, picture: Pixels, nearness: Nearness) -> bool:
    """Say whether a picture that is not the truth's drawing may be right all the same: it changed for the better, and the rest stands.

    Subjects may stand elsewhere than in the truth; but what was sent is no new picture.
    """
    if nearness.truth >= nearness.sent:
        return False
    if nearness.is_rough or nearness.source < LEAST_CHANGE or (nearness.truth > 1 and case.set not in WITH_SUBJECTS):
        return False
    rest = compare(picture, case.source, left_alone(case)) if case.source is not None else None
    return rest is None or rest.difference <= MOST_SPOILT


def _describe(nearness: Nearness) -> str:
    if nearness.source < LEAST_CHANGE / 3:
        return "nothing was done"
    return f"{nearness.truth:.0%} as far from the truth as the source is"
