"""A report as data: what was asked, of whom, on what machine, who judged, what came out; as JSON of a fixed schema."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from limner.errors import InvalidField, UnwritableOutput
from limner.evals.examine import Verdict
from limner.evals.report.rows import Row, with_previous

FORMAT, VERSION = "limner-scenes", 1
NAME = "Limner Scenes"
MAX_PROMPT_CHARS = 300  # a long prompt is cut: the digest of the prompts names it whole
EDIT_FACTS = ("edits", "edits_into")  # digests of the edits that were asked for; two reports compare in the rest if one asked for none
COMPARED_FACTS = ("form", "prompts", "judge", "size", "quality", "seed", "generator")  # two reports compare when these agree
CAVEAT = "These figures are of our own drawings and our own judge; they must not be set beside those of other benchmarks."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One task of a report: its prompt, the seed and the name of its picture, and what came of it."""

    prompt: str
    seed: int
    picture: str
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Report:
    """`facts` are plain data that say how the run was made; `answers` are in the order of the tasks, one for each."""

    facts: Mapping[str, Any]
    rows: tuple[Row, ...]
    answers: tuple[Answer, ...] = ()

    @property
    def made_by(self) -> str:
        """The snapshot that drew, and the one that edited if that was another."""
        snapshot = str(self.facts["snapshot"])
        editor = self.facts.get("editor", snapshot)
        return snapshot if editor == snapshot else f"{snapshot}, edits by {editor}"

    def compares_with(self, other: Report) -> bool:
        """Say whether both were made the same way, so that their figures may stand side by side."""
        return not self._differing(other)

    def against(self, other: Report) -> Report:
        """Return this report with the rows of another beside its own.

        Raises:
            InvalidField: the other is of another form, other prompts or another judge, so that its figures say nothing here.
        """
        if differing := self._differing(other):
            told = "; ".join(f"{name} {other.facts.get(name)!r}, here {self.facts.get(name)!r}" for name in differing)
            raise InvalidField("against", f"the report to compare with was made otherwise ({told}); make it again as this one is made")
        before = other.made_by
        return Report(facts={**self.facts, "against": before}, rows=with_previous(self.rows, before, other.rows), answers=self.answers)

    def _differing(self, other: Report) -> list[str]:
        """Return the facts that keep two reports from being compared."""
        edits = [name for name in EDIT_FACTS if self.facts.get(name) and other.facts.get(name)]
        return [name for name in (*COMPARED_FACTS, *edits) if self.facts.get(name) != other.facts.get(name)]


def write_report(report: Report, path: Path) -> None:
    """Write JSON, one row and one answer a line.

    Raises:
        UnwritableOutput: the file cannot be written.
    """
    head = {"format": FORMAT, "version": VERSION, "caveat": CAVEAT, "facts": dict(report.facts)}
    lines = [f"{_dump(name)}: {_dump(value)}" for name, value in head.items()]
    for name, values in (("rows", [asdict(row) for row in report.rows]), ("answers", [_answer(answer) for answer in report.answers])):
        lines.append(f"{_dump(name)}: [\n  " + ",\n  ".join(map(_dump, values)) + "\n]")
    try:
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    except OSError as error:
        raise UnwritableOutput(f"cannot write {str(path)!r} ({error.strerror}); name another folder with --out") from error


def read_report(path: Path) -> Report:
    """Read facts and rows of a report.

    Raises:
        InvalidField: it cannot be read, or is no report of this version.
    """
    try:
        said = json.loads(path.read_bytes())
        if (said["format"], said["version"]) != (FORMAT, VERSION):
            raise ValueError(f"its format is {said['format']!r} {said['version']!r}, this release reads {FORMAT!r} {VERSION}")
        rows = tuple(Row(**{**row, "previous": tuple(row["previous"]) if row["previous"] else None}) for row in said["rows"])
        return Report(facts=said["facts"], rows=rows)
    except OSError as error:
        raise InvalidField("against", f"cannot read the report {str(path)!r} ({error.strerror}); name a report.json") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidField("against", f"{str(path)!r} is not a report of `limner eval` ({error}); name a report.json") from error


def _answer(answer: Answer) -> dict[str, Any]:
    verdict = answer.verdict
    prompt = textwrap.shorten(answer.prompt, MAX_PROMPT_CHARS, placeholder=" …")
    told: dict[str, Any] = {"task": verdict.task, "prompt": prompt, "seed": answer.seed, "right": verdict.right}
    told |= ({"seen": verdict.seen} if verdict.seen else {}) | ({} if verdict.counts else {"counts": False})
    return told | ({"figures": dict(verdict.figures)} if verdict.figures else {})


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
