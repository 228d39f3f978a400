"""The page of a report: every picture in it, nothing outside it, nothing that a prompt could break."""

import re
from dataclasses import replace

from limner.evals.examine import Verdict
from limner.evals.prompts.plan import all_tasks, plan_tasks
from limner.evals.report.page import make_page
from limner.evals.report.report import Answer, Report
from limner.evals.report.rows import build_rows
from limner.evals.tasks import CATEGORIES, GROUPS

TASKS = plan_tasks(tuple(CATEGORIES), is_quick=True)
VERDICTS = {
    task.key: Verdict(task=task.key, right=None if task.category in GROUPS["unscored"] else task.number % 2 == 0, seen="a <b> fox")
    for task in TASKS
}
FACTS = {"snapshot": "limner-1", "form": "quick", "judge": "sha256:" + "0123456789abcdef" * 4, "readers": ["one", "two"]}


def thumbnail(key: str, side_px: int, quality: int) -> bytes:
    return f"{key} {side_px} {quality}".encode()


def make_report() -> Report:
    answers = tuple(Answer(prompt=task.prompt, seed=1, picture=task.key, verdict=VERDICTS[task.key]) for task in TASKS)
    return Report(facts=FACTS, rows=build_rows(TASKS, VERDICTS, {}, {}), answers=answers)


def test_the_page_stands_alone_and_shows_every_picture_once():
    page = make_page(make_report(), thumbnail)

    assert page.count("data:image/webp;base64,") == len(TASKS)
    assert re.findall(r"(?:src|href)=\"(?!data:)", page) == []
    assert "url(" not in page
    assert "<script" not in page


def test_right_and_wrong_are_marked_and_the_wrong_say_what_was_seen():
    page = make_page(make_report(), thumbnail)

    right = sum(verdict.right is True for verdict in VERDICTS.values())
    wrong = sum(verdict.right is False for verdict in VERDICTS.values())
    assert page.count("<em>✓</em>") == right
    assert page.count("<em>✗</em>") == page.count("saw: a &lt;b&gt; fox") == wrong


def test_prompts_are_shown_as_text_whatever_is_in_them():
    page = make_page(make_report(), thumbnail)

    html_prompts = [task for task in TASKS if task.category == "html"]
    assert html_prompts
    assert '<div class="scene"' not in page
    assert "&lt;div class=&quot;scene&quot;" in page


def test_every_row_is_in_the_table_with_goal_and_interval():
    report = make_report()
    page = make_page(report, thumbnail)

    assert all(row.title in page for row in report.rows)
    assert "87.0 %" in page
    assert "sha256:0123456789ab<" in page


def test_what_is_compared_with_has_a_column_and_without_it_there_is_none():
    report = make_report()
    earlier = Report(facts={**FACTS, "snapshot": "limner-0"}, rows=tuple(replace(row, score=0.111) for row in report.rows))

    compared, alone = make_page(report.against(earlier), thumbnail), make_page(report, thumbnail)

    assert "<th>limner-0</th>" in compared
    assert compared.count("11.1 %") >= len(report.rows) - 1
    assert "limner-0" not in alone


def test_a_task_of_the_full_form_has_its_place_too():
    last = {task.category: task for task in all_tasks()}
    answers = tuple(
        Answer(prompt=task.prompt, seed=1, picture=task.key, verdict=Verdict(task=task.key, right=None)) for task in last.values()
    )

    page = make_page(Report(facts=FACTS, rows=(), answers=answers), thumbnail)

    assert page.count("data:image/webp;base64,") == len(last)
