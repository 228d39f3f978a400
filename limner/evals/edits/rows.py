"""Scores of edits: success operation by operation and as one, what was left alone, and who or what was kept; each with its interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from limner.evals.edits.controls import add_up
from limner.evals.edits.tasks import EditTask
from limner.evals.examine import Verdict
from limner.evals.intervals import interval_of_mean, mean_interval, wilson
from limner.evals.report.rows import REST, Row
from limner.evals.tasks import CATEGORIES, is_operation

ALL, COMPOSED_INTO = "edit-all", "edit-into"
SUCCESS_GOAL, SAME_GOAL = 0.95, 0.99
Verdicts = Mapping[str, Verdict]
Controls = Mapping[str, Mapping[str, tuple[int, int]]]


def build_rows(
    tasks: Sequence[EditTask], verdicts: Verdicts, missing: Mapping[str, str], controls: Controls, into: Controls
) -> tuple[Row, ...]:
    """Return the rows of a run; `missing` says why a category could not be scored, `controls` how known editors did the operations,
    `into` how they did compositions into a source."""
    names = list(dict.fromkeys(task.category for task in tasks))
    of = {name: [verdicts[task.key] for task in tasks if task.category == name and task.key in verdicts] for name in names}
    operations = [name for name in names if is_operation(name)]
    rows = [_success(name, of[name], missing.get(name, ""), _remark(controls, name)) for name in operations]
    single = [verdict for name in operations for verdict in of[name]]
    others = [name for name in names if name not in operations]
    notes = {COMPOSED_INTO: f"by the same rule {_tell(into)}"}
    return (
        *_all(rows, controls),
        *rows,
        *(_rest(name, of[name]) for name in operations if _differences(of[name])),
        *_masked(single),
        *_unmasked(single),
        *_likeness(single),
        *(
            _turns(of[name]) if name == "edit-turns" else _success(name, of[name], missing.get(name, ""), notes.get(name, ""))
            for name in others
        ),
        *(_rest(name, of[name]) for name in others if name == COMPOSED_INTO and _differences(of[name])),
    )


def _success(name: str, verdicts: Sequence[Verdict], missing: str, note: str) -> Row:
    category = CATEGORIES[name]
    if missing:
        return Row(name=name, title=f"edit: {category.title}", score=None, goal=category.goal, note=missing)
    counted = [verdict for verdict in verdicts if verdict.counts and verdict.right is not None]
    left_out = len(verdicts) - len(counted)
    return _share(name, f"edit: {category.title}", [bool(verdict.right) for verdict in counted], category.goal, note, left_out)


def _share(name: str, title: str, said: Sequence[bool], goal: float | None, note: str = "", left_out: int = 0) -> Row:
    low, high = wilson(sum(said), len(said))
    score = sum(said) / len(said) if said else None
    return Row(
        name=name, title=title, score=score, low=low, high=high, right=sum(said), count=len(said), left_out=left_out, goal=goal, note=note
    )


def _mean(name: str, title: str, values: Sequence[float], goal: float | None, note: str) -> Row:
    """Return the row of a mean of shares; right are those that reach the goal alone."""
    low, high = interval_of_mean(values)
    right = sum(value >= (1.0 if goal is None else goal) for value in values)
    return Row(
        name=name, title=title, score=sum(values) / len(values), low=low, high=high, right=right, count=len(values), goal=goal, note=note
    )


def _all(rows: Sequence[Row], controls: Controls) -> Iterator[Row]:
    """Yield the mean of all operations, each of the same weight."""
    parts = [row for row in rows if row.count]
    if not parts or len(parts) < len(rows):
        return
    low, high = mean_interval([(row.right, row.count) for row in parts])
    told = _tell(controls)
    yield Row(
        name=ALL,
        title=f"edits in one turn, {len(parts)} operations",
        score=sum(row.right / row.count for row in parts) / len(parts),
        low=low,
        high=high,
        right=sum(row.right for row in parts),
        count=sum(row.count for row in parts),
        goal=SUCCESS_GOAL,
        note=f"mean of the operations; by the same rule {told}" if told else "mean of the operations",
    )


def _tell(controls: Controls) -> str:
    """Return "the truth 12 of 12, doing nothing 0 of 12"."""
    sums = ((name, add_up(sets)) for name, sets in controls.items())
    return ", ".join(f"{editor} {right} of {count}" for editor, (right, count) in sums)


def _remark(controls: Controls, name: str) -> str:
    """Say how editors of whom the answer is known did, where they did not do as they should."""
    counts = {editor: sets[name.removeprefix("edit-")] for editor, sets in controls.items() if name.removeprefix("edit-") in sets}
    odd = [f"{editor} {right}" for place, (editor, (right, count)) in enumerate(counts.items()) if right != (count if place == 0 else 0)]
    return f"by the same rule {', '.join(odd)}" if odd else ""


def _rest(name: str, verdicts: Sequence[Verdict]) -> Row:
    same = [1 - value for value in _differences(verdicts)]
    equal = [verdict.figures["alone"] for verdict in verdicts if "alone" in verdict.figures]
    masked = [verdict.figures["untouched"] for verdict in verdicts if "kept" in verdict.figures]
    notes = [f"{sum(masked):.0f} of {len(masked)} with a mask untouched"] if masked else []
    notes += [f"without one {sum(equal) / len(equal):.1%} of the pixels equal"] if equal else []
    return _mean(f"{name}{REST}", f"the rest: {CATEGORIES[name].title}", same, SAME_GOAL, "; ".join(notes))


def _differences(verdicts: Sequence[Verdict]) -> list[float]:
    return [verdict.figures["difference"] for verdict in verdicts if "difference" in verdict.figures]


def _masked(verdicts: Sequence[Verdict]) -> Iterator[Row]:
    kept = [verdict for verdict in verdicts if "kept" in verdict.figures]
    if kept:
        share = sum(verdict.figures["kept"] for verdict in kept) / len(kept)
        note = f"{share:.4%} of the pixels"
        yield _share(
            "edit-masked",
            "with a mask, every byte outside is the source's",
            [bool(verdict.figures["untouched"]) for verdict in kept],
            1.0,
            note,
        )


def _unmasked(verdicts: Sequence[Verdict]) -> Iterator[Row]:
    free = [verdict for verdict in verdicts if "alone" in verdict.figures]
    if free:
        same = [1 - value for value in _differences(free)]
        yield _mean("edit-unmasked", "without a mask, the rest is as it was", same, SAME_GOAL, "1 less the mean difference")
        equal = [verdict.figures["alone"] for verdict in free]
        yield _mean("edit-unmasked-equal", "without a mask, pixels of the rest equal in every byte", equal, None, "")


def _likeness(verdicts: Sequence[Verdict]) -> Iterator[Row]:
    subjects = [verdict.figures["subjects"] for verdict in verdicts if "subjects" in verdict.figures]
    if subjects:
        note = f"pictures that show all of theirs; {sum(subjects) / len(subjects):.0%} of a picture's on average"
        yield _share("edit-subjects", "subjects recognised among twenty", [share == 1 for share in subjects], None, note)
    looks = [bool(verdict.figures["look"]) for verdict in verdicts if "look" in verdict.figures]
    if looks:
        yield _share("edit-look", "style taken over, nearest look among twenty", looks, None)


def _turns(verdicts: Sequence[Verdict]) -> Row:
    """Return how much of what no turn was to change is as it was after the last one."""
    same = [1 - value for value in _differences(verdicts)]
    category = CATEGORIES["edit-turns"]
    if not same:
        return Row(name=category.name, title=f"edit: {category.title}", score=None, goal=category.goal, note="nothing was measured")
    return _mean(category.name, f"edit: {category.title}", same, category.goal, "1 less the mean difference")
