"""One run of the benchmark: draw, judge, keep, score. Killed and started again in the same folder, it goes on where it was."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from limner.engine.machine import default_threads, instruction_set, machine_kind, num_cores
from limner.engine.pictures import software_name
from limner.engine.settings import read_settings
from limner.evals.examine import Examiner, Verdict
from limner.evals.generators import Generator, ModelGenerator, Setting
from limner.evals.prompts.plan import digest_prompts
from limner.evals.report.report import NAME, Answer, Report
from limner.evals.report.rows import build_rows
from limner.evals.shelf import Shelf
from limner.evals.tasks import Task


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is drawn, by whom, who judges, and where everything is kept."""

    tasks: Sequence[Task]
    generator: Generator
    examiner: Examiner
    shelf: Shelf

    def work(self, on_done: Callable[[Task], None]) -> dict[str, Verdict]:
        """Draw and judge what is not on the shelf yet; `on_done` hears of each task, kept ones too.

        Raises:
            EngineError, DamagedFile, UnwritableOutput: a picture could not be drawn, judged or kept.
        """
        verdicts: dict[str, Verdict] = {}
        for task in self.tasks:
            verdicts[task.key] = self._settle(task)
            on_done(task)
        return verdicts

    def _settle(self, task: Task) -> Verdict:
        key = self.generator.key(task)
        kept = self.shelf.verdict(key, task.key, self.examiner.digest)
        if kept and self.shelf.has_picture(key):
            return kept
        pixels = self.shelf.picture(key)
        if pixels is None:
            began = time.perf_counter()
            pixels = self.generator.draw(task)
            self.shelf.keep_picture(key, pixels, time.perf_counter() - began)
        verdict = self.examiner.examine(task, pixels)
        self.shelf.keep_verdict(key, verdict, self.examiner.digest)
        return verdict


def make_report(run: Run, verdicts: Mapping[str, Verdict], facts: Mapping[str, Any]) -> Report:
    """Return the report of a finished run; `facts` are those of `describe_run`."""
    missing = {name: reason for name in {task.category for task in run.tasks} if (reason := run.examiner.missing(name))}
    remarks = {name: run.examiner.remark(name) for name in {task.category for task in run.tasks}}
    keys = {task.key: run.generator.key(task) for task in run.tasks}
    answers = tuple(
        Answer(prompt=task.prompt, seed=task.seed(facts["seed"]), picture=keys[task.key], verdict=verdicts[task.key]) for task in run.tasks
    )
    seconds = [run.shelf.seconds[key] for key in keys.values() if key in run.shelf.seconds]
    timed = {"seconds_per_picture": round(statistics.median(seconds), 3) if seconds else None}
    return Report(facts={**facts, **timed}, rows=build_rows(run.tasks, verdicts, missing, remarks), answers=answers)


def describe_run(run: Run, setting: Setting, *, form: str, generator: str) -> dict[str, Any]:
    """Return how a run is made, before it is made: plain data for the report."""
    model, drawing = ModelGenerator(setting), read_settings(os.environ)
    return {
        "benchmark": NAME,
        "software": software_name(),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{num_cores()} cores, {instruction_set()}, load {os.getloadavg()[0]:.1f}",
        "machine_kind": machine_kind(drawing.threads or default_threads(), drawing.device),
        "snapshot": model.snapshot,
        "snapshot_digest": model.digest,
        "judge": run.examiner.judge_digest,
        "readers": list(run.examiner.reader_names),
        "prompts": digest_prompts(),
        "form": form,
        "size": setting.size,
        "quality": setting.quality,
        "seed": setting.seed,
        "generator": generator,
        "pictures": len(run.tasks),
    }
