"""Was the task done? Each kind of task has its own rule; what a rule needs and this machine lacks is said before anything is drawn."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from limner.evals.judge import Found, Judge
from limner.evals.metrics.reading import Reader, draw_word, read_all, says
from limner.evals.metrics.styles import Looks
from limner.evals.metrics.transparency import measure_cutout
from limner.evals.prompts.naming import NUM_CHOICES
from limner.evals.tasks import CATEGORIES, Task
from limner.evals.verdict import fulfils
from limner.media.alpha import Pixels

RULES_VERSION = 1  # counts changes of the rules that change a verdict
MAX_SEEN_CHARS, MAX_SEEN_THINGS = 80, 4


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of a task: `right` is None where nothing is scored; `seen` says in a few words what was there instead.

    A word whose real drawing no reader can read does not count. `figures` are what was measured beside.
    """

    task: str
    right: bool | None
    seen: str = ""
    counts: bool = True
    figures: Mapping[str, float] = field(default_factory=dict)


class Examiner:
    """Judges pictures against their tasks with what there is: the judge, two readers, the looks of real styles."""

    def __init__(self, judge: Judge | None, readers: Sequence[Reader], looks: Looks | None) -> None:
        self._judge = judge
        self._readers = tuple(readers)
        self._looks = looks
        self._readable: dict[str, bool] = {}

    @cached_property
    def digest(self) -> str:
        """A name for everything that a verdict depends on beside the picture."""
        parts = (RULES_VERSION, self.judge_digest, self.reader_names, self._looks.digest if self._looks else None)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    @property
    def judge_digest(self) -> str | None:
        """The digest of the judge's weights, None without a judge."""
        return self._judge.digest if self._judge else None

    @property
    def reader_names(self) -> tuple[str, ...]:
        """The readers with their versions."""
        return tuple(reader.name for reader in self._readers)

    def remark(self, category: str) -> str:
        """Say how a category's rule does on real drawings and by chance, "" where nothing is to be said."""
        if CATEGORIES[category].group == "text":
            return "of words that a reader can read in a real drawing"
        if category == "styles" and self._looks is not None:
            right, count = self._looks.ceiling
            return f"{right} of {count} real drawings are right; 1 in {len(self._looks.styles)} by chance"
        return f"1 in {NUM_CHOICES} by chance" if CATEGORIES[category].group == "named" else ""

    def missing(self, category: str) -> str:
        """Say what a category's rule needs and lacks, "" when it can be scored."""
        group = CATEGORIES[category].group
        if group == "text":
            return "" if self._readers else "no readers"
        if group in ("transparency", "unscored"):
            return ""
        if self._judge is None:
            return "no judge among the weights"
        return "the looks of the real styles were measured by another judge" if group == "styles" and self._looks is None else ""

    def examine(self, task: Task, pixels: Pixels) -> Verdict:
        """Judge one picture, (H, W, 4) straight alpha or (H, W, 3) opaque."""
        if CATEGORIES[task.category].group == "unscored" or self.missing(task.category):
            return Verdict(task=task.key, right=None)
        if task.word:
            return self._read(task, pixels)
        if task.category == "transparency":
            cutout = measure_cutout(pixels)
            return Verdict(task=task.key, right=cutout.is_clean, seen=cutout.describe())
        assert self._judge is not None, "missing() has said so"
        full = pixels if pixels.shape[-1] == 4 else np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
        if task.category == "styles":
            assert self._looks is not None, "missing() has said so"
            style = self._looks.nearest(self._judge.features(full))
            return Verdict(task=task.key, right=style == task.style, seen=style)
        if task.choices:
            chosen = self._judge.choose(full, task.choices)
            return Verdict(task=task.key, right=chosen in (task.concept, *task.also), seen=chosen)
        assert task.order is not None, "every other task is an order of things"
        found = self._judge.find(full)
        return Verdict(task=task.key, right=fulfils(found, task.order), seen=describe_found(found))

    def _read(self, task: Task, pixels: Pixels) -> Verdict:
        if task.word not in self._readable:
            real = draw_word(task.word, max(pixels.shape[:2]))
            self._readable[task.word] = says(read_all(real, self._readers), task.word)
        texts = read_all(pixels, self._readers)
        seen = " | ".join(dict.fromkeys(text for text in texts if text))
        return Verdict(task=task.key, right=says(texts, task.word), seen=seen[:MAX_SEEN_CHARS], counts=self._readable[task.word])


def describe_found(found: Sequence[Found]) -> str:
    """Return what was found in a few words: "2 red car, bell"."""
    names = Counter(" ".join(word for word in (thing.colour, thing.concept) if word) for thing in found)
    words = [name if count == 1 else f"{count} {name}" for name, count in names.items()]
    return ", ".join(words[:MAX_SEEN_THINGS] + ["…"] * (len(words) > MAX_SEEN_THINGS)) or "nothing"
