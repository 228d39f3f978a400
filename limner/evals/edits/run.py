"""One run of the benchmark of edits: draw, judge, keep, score. Killed and started again, it goes on where it was."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from limner.engine.protocol import Pixels
from limner.evals.edits.cases import INTO, INTO_FILE, digest_cases
from limner.evals.edits.controls import score_controls
from limner.evals.edits.editors import Editor, ModelEditor
from limner.evals.edits.examine import EditExaminer
from limner.evals.edits.rows import build_rows
from limner.evals.edits.tasks import EditOrder, EditTask
from limner.evals.generators import Setting
from limner.evals.report.report import Answer, Report
from limner.evals.report.rows import Row
from limner.evals.shelf import Shelf
from limner.evals.tasks import is_operation
from limner.model.layout import Size, parse_size


@dataclass(frozen=True, kw_only=True)
class EditRun:
    """What is edited, by whom, who judges, and where everything is kept."""

    tasks: Sequence[EditTask]
    editor: Editor
    examiner: EditExaminer
    shelf: Shelf
    setting: Setting

    def work(self, on_done: Callable[[EditTask], None]) -> dict[str, tuple[Answer, ...]]:
        """Draw and judge what is not on the shelf yet; `on_done` hears of each task, kept ones too.

        Returns one answer for each picture of a task, by the task's key; the last one carries the verdict.

        Raises:
            EngineError, DamagedFile, UnwritableOutput: a picture could not be drawn, judged or kept.
        """
        answers = {}
        for task in self.tasks:
            answers[task.key] = self._settle(fit_task(task, parse_size(self.setting.size)))
            on_done(task)
        return answers

    def _settle(self, task: EditTask) -> tuple[Answer, ...]:
        keys: list[str] = []
        pictures: list[Pixels] = []
        for order in task.orders:
            then = replace(order, images=(pictures[-1], *order.images[1:])) if task.is_chain and pictures else order
            keys.append(self.editor.key(then, task.seed(self.setting.seed)))
            pictures.append(_with_alpha(self._draw(keys[-1], then, task.seed(self.setting.seed))))
        verdict = self.shelf.verdict(keys[-1], task.key, self.examiner.digest)
        if verdict is None:
            verdict = self.examiner.examine(task, pictures)
            self.shelf.keep_verdict(keys[-1], verdict, self.examiner.digest)
        return tuple(
            Answer(prompt=order.prompt, seed=task.seed(self.setting.seed), picture=key, verdict=verdict)
            for order, key in zip(task.orders, keys, strict=True)
        )

    def _draw(self, key: str, order: EditOrder, seed: int) -> Pixels:
        """Return the picture of an edit, drawn now unless it is kept."""
        pixels = self.shelf.picture(key)
        if pixels is None:
            began = time.perf_counter()
            pixels = self.editor.edit(order, seed)
            self.shelf.keep_picture(key, pixels, time.perf_counter() - began)
        return pixels

    def facts(self) -> dict[str, Any]:
        """Return what a report says of the edits, nothing if there are none."""
        if not self.tasks:
            return {}
        model = ModelEditor(self.setting)
        pictures = sum(len(task.orders) for task in self.tasks)
        digests = {"edits": digest_cases(), "edits_into": digest_cases(INTO_FILE)}
        return {**digests, "edit_pictures": pictures, "editor": model.snapshot, "editor_digest": model.digest}

    def add_to(self, report: Report, answers: Mapping[str, tuple[Answer, ...]]) -> Report:
        """Return a report with the rows and the answers of the edits at its end, one answer for each task; unchanged without edits."""
        if not self.tasks:
            return report
        said = tuple(replace(answers[task.key][-1], prompt=task.prompt) for task in self.tasks)
        keys = {answer.picture for own in answers.values() for answer in own}
        seconds = [self.shelf.seconds[key] for key in keys if key in self.shelf.seconds]
        timed = {"seconds_per_edit": round(statistics.median(seconds), 3) if seconds else None}
        return replace(report, facts={**report.facts, **timed}, rows=(*report.rows, *self.rows(answers)), answers=(*report.answers, *said))

    def rows(self, answers: Mapping[str, tuple[Answer, ...]]) -> tuple[Row, ...]:
        """Return the rows of a finished run, bad editors beside it."""
        verdicts = {key: said[-1].verdict for key, said in answers.items()}
        missing = {task.category: reason for task in self.tasks if (reason := self.examiner.missing(task.category))}
        operations = score_controls(self.examiner, [task.case for task in self.tasks if is_operation(task.category)])
        into = score_controls(self.examiner, [task.case for task in self.tasks if task.case.set == INTO])
        return build_rows(self.tasks, verdicts, missing, operations, into)


def fit_task(task: EditTask, size: Size) -> EditTask:
    """Return a task whose sources and masks are as large as pictures are drawn, so that nothing is fitted on the way."""
    case = task.case.at(size)
    sources = () if case.source is None else (case.source,)
    references = case.references
    orders = []
    for order in task.orders:
        rest = references[: len(order.images) - len(sources)]
        orders.append(replace(order, images=(*sources, *rest), mask=None if order.mask is None else case.free))
    return replace(task, case=case, orders=tuple(orders))


def _with_alpha(pixels: Pixels) -> Pixels:
    return pixels if pixels.shape[-1] == 4 else np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
