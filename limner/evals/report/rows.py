"""Scores: one row a category, the six of prompt following as one, and what a long text costs; each with its 95 % interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from limner.evals.examine import Verdict
from limner.evals.intervals import difference_interval, mean_interval, wilson
from limner.evals.tasks import CATEGORIES, FOLLOWING_GOAL, GROUPS, LONG_GOAL, Task, is_operation

Previous = tuple[str, float, float, float]
WHOLES = ("following", "edit-all")
REST = "-rest"  # ends the name of a row that says how much of the rest of a picture an operation left alone


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table, in shares from 0 to 1 (a difference may be below 0). `score` is None where nothing could be scored.

    `left_out` counts tasks that do not count; `note` says why a score is missing or what it is of;
    `previous` is (snapshot, score, low, high) of the report compared with.
    """

    name: str
    title: str
    score: float | None
    low: float | None = None
    high: float | None = None
    right: int = 0
    count: int = 0
    left_out: int = 0
    goal: float | None = None
    note: str = ""
    previous: Previous | None = None

    @property
    def reaches_goal(self) -> bool | None:
        """Whether the score is at least the goal; None where there is no score or no goal."""
        return None if self.score is None or self.goal is None else self.score >= self.goal


def is_part(name: str) -> bool:
    """Say whether a row is one part of a whole."""
    return name in GROUPS["following"] or is_operation(name) or name.endswith(REST)


def build_rows(
    tasks: Sequence[Task], verdicts: Mapping[str, Verdict], missing: Mapping[str, str], remarks: Mapping[str, str]
) -> tuple[Row, ...]:
    """Return the rows of a run; `missing` says why a category could not be scored, `remarks` what its rule is worth."""
    names = [name for name in CATEGORIES if any(task.category == name for task in tasks) and CATEGORIES[name].group != "unscored"]
    rows = {name: _category_row(name, tasks, verdicts, missing.get(name, ""), remarks.get(name, "")) for name in names}
    return (*_following(rows), *rows.values(), *_long_against_plain(tasks, verdicts))


def with_previous(rows: Sequence[Row], snapshot: str, before: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows with what an earlier report says in the same rows."""
    known = {row.name: row for row in before}
    return tuple(replace(row, previous=_previous(snapshot, known.get(row.name))) for row in rows)


def _previous(snapshot: str, row: Row | None) -> Previous | None:
    if row is None or row.score is None or row.low is None or row.high is None:
        return None
    return snapshot, row.score, row.low, row.high


def _category_row(name: str, tasks: Sequence[Task], verdicts: Mapping[str, Verdict], missing: str, remark: str) -> Row:
    category = CATEGORIES[name]
    if missing:
        return Row(name=name, title=category.title, score=None, goal=category.goal, note=missing)
    found = [verdicts[task.key] for task in tasks if task.category == name and task.key in verdicts]
    counted = [verdict for verdict in found if verdict.counts and verdict.right is not None]
    right = sum(bool(verdict.right) for verdict in counted)
    low, high = wilson(right, len(counted))
    return Row(
        name=name,
        title=category.title,
        score=right / len(counted) if counted else None,
        low=low,
        high=high,
        right=right,
        count=len(counted),
        left_out=len(found) - len(counted),
        goal=category.goal,
        note=remark,
    )


def _following(rows: Mapping[str, Row]) -> Iterator[Row]:
    """Yield the mean of the six categories, each of the same weight, once all of them are scored."""
    parts = [rows[name] for name in GROUPS["following"] if name in rows]
    if len(parts) < len(GROUPS["following"]) or any(row.score is None for row in parts):
        return
    low, high = mean_interval([(row.right, row.count) for row in parts])
    yield Row(
        name="following",
        title="prompt following, six categories",
        score=sum(row.right / row.count for row in parts) / len(parts),
        low=low,
        high=high,
        right=sum(row.right for row in parts),
        count=sum(row.count for row in parts),
        goal=FOLLOWING_GOAL,
        note="mean of the six",
    )


def _long_against_plain(tasks: Sequence[Task], verdicts: Mapping[str, Verdict]) -> Iterator[Row]:
    """Yield the share of long prompts less that of the same prompts said plainly."""
    pairs = [(verdicts.get(task.key), verdicts.get(task.twin)) for task in tasks if task.category == "long"]
    scored = [(long, plain) for long, plain in pairs if long and plain and long.right is not None and plain.right is not None]
    if not scored:
        return
    long_right, plain_right = (sum(bool(pair[side].right) for pair in scored) for side in (0, 1))
    low, high = difference_interval((long_right, len(scored)), (plain_right, len(scored)))
    yield Row(
        name="long-against-plain",
        title="long prompts less the same said plainly",
        score=(long_right - plain_right) / len(scored),
        low=low,
        high=high,
        right=long_right,
        count=len(scored),
        goal=LONG_GOAL,
        note=f"{plain_right} of {len(scored)} right when said plainly",
    )
