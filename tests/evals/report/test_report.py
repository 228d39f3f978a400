"""Rows from verdicts, reports as files, and what may be compared with what."""

import json
from pathlib import Path

import pytest

from limner.errors import InvalidField
from limner.evals.examine import Verdict
from limner.evals.prompts.plan import all_tasks, plan_tasks
from limner.evals.report.report import Answer, Report, read_report, write_report
from limner.evals.report.rows import Row, build_rows
from limner.evals.tasks import CATEGORIES, GROUPS, Task

FACTS = {
    "snapshot": "limner-0", "form": "quick", "prompts": "p", "judge": "j", "size": "256x256", "quality": "medium", "seed": 0,
    "generator": "model",
}  # fmt: skip
ROW = Row(name="counting", title="counting", score=0.25, low=0.11, high=0.47, right=5, count=20)
ANSWER = Answer(prompt="two keys", seed=7, picture="abc", verdict=Verdict(task="counting/00", right=False, seen="key"))


def lengthy(task: Task) -> Verdict:
    """A wrong verdict that says what was seen."""
    return Verdict(task=task.key, right=False, seen="yellow cup of coffee, brown cat")


def rows_of(*categories: str, right_every: int = 2, **missing: str) -> dict[str, Row]:
    """Rows of the quick form in which every so-manieth task of a category is right."""
    tasks = plan_tasks(categories, is_quick=True)
    verdicts = {task.key: Verdict(task=task.key, right=task.number % right_every == 0) for task in tasks}
    return {row.name: row for row in build_rows(tasks, verdicts, missing, {})}


def test_a_report_names_the_editor_where_another_snapshot_edited_and_stands_under_that_name_beside_others():
    own, other = (Report(facts={**FACTS, "editor": editor}, rows=(ROW,)) for editor in ("limner-0", "limner-1.1"))

    beside = own.against(other)

    assert (Report(facts=FACTS, rows=()).made_by, own.made_by) == ("limner-0", "limner-0")
    assert other.made_by == beside.facts["against"] == "limner-0, edits by limner-1.1"


def test_a_row_counts_its_right_answers_with_an_interval_and_its_goal():
    row = rows_of("named-cells", right_every=3)["named-cells"]

    assert (row.right, row.count, row.score) == (10, 30, pytest.approx(1 / 3))
    assert (row.low, row.high) == (pytest.approx(0.1923, abs=1e-3), pytest.approx(0.5122, abs=1e-3))
    assert (row.goal, row.reaches_goal) == (0.75, False)


def test_following_is_the_mean_of_six_shares_however_many_prompts_each_has():
    tasks = plan_tasks(GROUPS["following"], is_quick=True)
    verdicts = {task.key: Verdict(task=task.key, right=task.category == "two-objects") for task in tasks}

    row = build_rows(tasks, verdicts, {}, {})[0]

    assert (row.name, row.score, row.goal) == ("following", pytest.approx(1 / 6), 0.87)
    assert row.low is not None
    assert row.high is not None
    assert row.low < 1 / 6 < row.high


def test_following_has_no_score_unless_all_six_have():
    without_one = rows_of(*GROUPS["following"][:5])
    unjudged = rows_of(*GROUPS["following"], counting="no judge")

    assert "following" not in without_one
    assert "following" not in unjudged
    assert (unjudged["counting"].score, unjudged["counting"].note) == (None, "no judge")


def test_words_that_no_reader_can_read_when_really_drawn_are_left_out():
    tasks = plan_tasks(("text-held-out",), is_quick=True)
    verdicts = {task.key: Verdict(task=task.key, right=task.number < 6, counts=task.number < 8) for task in tasks}

    (row,) = build_rows(tasks, verdicts, {}, {})

    assert (row.right, row.count, row.left_out, row.score) == (6, 8, 4, 0.75)


def test_long_prompts_are_set_against_the_same_prompts_said_plainly():
    tasks = plan_tasks((*GROUPS["following"], "long"), is_quick=True)
    verdicts = {task.key: Verdict(task=task.key, right=task.category != "long" or task.number % 2 == 0) for task in tasks}

    row = build_rows(tasks, verdicts, {}, {})[-1]

    assert (row.name, row.score, row.goal, row.reaches_goal) == ("long-against-plain", -0.5, -0.10, False)
    assert row.note == "18 of 18 right when said plainly"


def test_every_scored_category_has_a_row_and_the_unscored_have_none():
    rows = rows_of(*CATEGORIES)

    assert set(rows) == set(CATEGORIES) - {*GROUPS["unscored"], *GROUPS["edits"]} | {"following", "long-against-plain"}


def test_a_report_is_read_back_as_it_was_written(tmp_path: Path):
    write_report(Report(facts=FACTS, rows=(ROW,), answers=(ANSWER,)), tmp_path / "report.json")

    report = read_report(tmp_path / "report.json")

    assert (report.facts, report.rows) == (FACTS, (ROW,))
    said = json.loads((tmp_path / "report.json").read_text())
    assert said["answers"] == [{"task": "counting/00", "prompt": "two keys", "seed": 7, "right": False, "seen": "key"}]
    assert "must not be set beside" in said["caveat"]


def test_an_earlier_report_stands_beside_each_row_that_it_has():
    other = Row(name="styles", title="styles", score=None)
    report = Report(facts={**FACTS, "snapshot": "limner-1"}, rows=(ROW, other))

    compared = report.against(Report(facts=FACTS, rows=(ROW,)))

    assert compared.facts["against"] == "limner-0"
    assert [row.previous for row in compared.rows] == [("limner-0", 0.25, 0.11, 0.47), None]


def test_the_report_of_the_full_form_is_small_enough_to_keep(tmp_path: Path):
    tasks = all_tasks()
    answers = tuple(Answer(prompt=task.prompt, seed=2**52 + 1, picture="abc", verdict=lengthy(task)) for task in tasks)
    rows = build_rows(tasks, {task.key: lengthy(task) for task in tasks}, {}, {})

    write_report(Report(facts=FACTS, rows=rows, answers=answers), tmp_path / "report.json")

    assert 200_000 < (tmp_path / "report.json").stat().st_size < 330_000


@pytest.mark.parametrize("fact", ["form", "prompts", "judge", "size", "quality", "seed", "generator"])
def test_reports_made_otherwise_are_not_compared(fact: str):
    report = Report(facts=FACTS, rows=(ROW,))

    with pytest.raises(InvalidField, match=rf"made otherwise \({fact} 'other', here"):
        report.against(Report(facts={**FACTS, fact: "other"}, rows=(ROW,)))


def test_reports_compare_in_what_both_asked_for_unless_they_asked_for_other_edits():
    with_edits, without = Report(facts={**FACTS, "edits": "a"}, rows=(ROW,)), Report(facts=FACTS, rows=(ROW,))

    assert with_edits.against(without).rows[0].previous is not None
    with pytest.raises(InvalidField, match=r"edits 'b', here 'a'"):
        with_edits.against(Report(facts={**FACTS, "edits": "b"}, rows=(ROW,)))


def test_figures_of_a_verdict_stand_in_the_report(tmp_path: Path):
    verdict = Verdict(task="edit-add/00", right=True, figures={"difference": 0.01})
    answer = Answer(prompt="add a hat", seed=7, picture="abc", verdict=verdict)

    write_report(Report(facts=FACTS, rows=(ROW,), answers=(answer,)), tmp_path / "report.json")

    assert json.loads((tmp_path / "report.json").read_text())["answers"][0]["figures"] == {"difference": 0.01}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "limner-scenes", "version": 99}', '{"format": "x", "version": 1}'])
def test_a_file_that_is_no_report_is_refused(tmp_path: Path, content: str):
    (tmp_path / "report.json").write_text(content)

    with pytest.raises(InvalidField, match=r"is not a report of `limner eval`.*name a report\.json"):
        read_report(tmp_path / "report.json")
