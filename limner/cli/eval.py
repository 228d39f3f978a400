"""`limner eval`: draw the benchmark Limner Scenes, judge it, and write its report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

from limner.cli.console import shorten, to_stderr, to_stdout
from limner.engine.library import open_catalogue
from limner.engine.weights import PACKAGED_WEIGHTS
from limner.evals.edits.cases import read_cases
from limner.evals.edits.editors import open_editor
from limner.evals.edits.examine import EditExaminer
from limner.evals.edits.run import EditRun
from limner.evals.edits.sheets import make_sheets
from limner.evals.edits.tasks import EditTask, plan_edits
from limner.evals.examine import Examiner
from limner.evals.generators import GENERATORS, ModelGenerator, Setting, open_generator
from limner.evals.judge import Judge
from limner.evals.metrics.reading import Reader, open_readers
from limner.evals.metrics.styles import LOOKS_FILE, Looks
from limner.evals.prompts.plan import plan_tasks
from limner.evals.report.page import show_interval, show_score, write_page
from limner.evals.report.report import NAME, Answer, Report, read_report, write_report
from limner.evals.report.rows import is_part
from limner.evals.run import Run, describe_run, make_report
from limner.evals.shelf import Shelf
from limner.evals.tasks import CATEGORIES, GROUPS, Task, chosen_categories

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
DEFAULT_FOLDER = Path("runs") / "eval"
JUDGED_GROUPS = ("following", "named", "styles", "understanding", "edits")
REPORT_FILE = "report.json"


@app.command(epilog="For example: limner eval --quick --only following --only text")
def evaluate(
    quick: Annotated[bool, typer.Option("--quick", metavar="", help="A fixed part of the prompts: minutes instead of an hour.")] = False,
    model: Annotated[str, typer.Option(metavar="NAME", help="A model, alias or snapshot; limner models lists them.")] = "limner",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Where pictures, verdicts and reports lie. [default: runs/eval/SNAPSHOT]"),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", metavar="REPORT", help="A report.json to compare with. [default: that of an earlier snapshot beside FOLDER]"
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar="CATEGORY", help=f"May be repeated: {', '.join(GROUPS)}, or one category such as counting or edit-add."
        ),
    ] = None,
    size: Annotated[str, typer.Option(metavar="SIZE", help="WIDTHxHEIGHT of every picture.")] = "256x256",
    quality: Annotated[str, typer.Option(metavar="LEVEL", help="low, medium or high.")] = "medium",
    seed: Annotated[int, typer.Option(metavar="SEED", help="What the seed of each picture is made from.")] = 0,
    generator: Annotated[
        str,
        typer.Option(metavar="WHO", help=f"{', '.join(GENERATORS)}: all but the first are bad on purpose and must score near zero."),
    ] = "model",
) -> None:
    """Draw the benchmark Limner Scenes, edits among it, and score it; killed and started again, it goes on where it was.

    Words are read by Tesseract and RapidOCR (extra eval). FOLDER gets report.json and report.html.
    """
    setting = Setting(model=model, size=size, quality=quality, seed=seed)
    categories = chosen_categories(only or ())
    tasks = plan_tasks(categories, is_quick=quick)
    edits = plan_edits([name for name in categories if name in GROUPS["edits"]], is_quick=quick)
    drawing, editor = open_generator(generator, setting, tasks), open_editor(generator, setting, edits)
    folder = out or DEFAULT_FOLDER / _folder_name(ModelGenerator(setting).snapshot, generator)
    before = read_report(against) if against else None
    judge, readers, shelf = _open_judge(categories), _open_readers(categories), Shelf(folder)
    looks = Looks.open(LOOKS_FILE, judge.digest) if judge else None
    run = Run(tasks=tasks, generator=drawing, examiner=Examiner(judge, readers, looks), shelf=shelf)
    examiner = EditExaminer(judge, readers, read_cases() if edits else ())
    edit_run = EditRun(tasks=edits, editor=editor, examiner=examiner, shelf=shelf, setting=setting)
    facts = describe_run(run, setting, form="quick" if quick else "full", generator=generator) | edit_run.facts()
    if before:
        Report(facts=facts, rows=()).against(before)  # refused now, not after an hour of drawing
    report, edited = _work(run, edit_run, facts)
    report = report.against(before) if before else _against_earlier(report, folder)
    _publish(report, shelf, make_sheets(edits, edited, report.rows, shelf.thumbnail))


def _work(run: Run, edit_run: EditRun, facts: Mapping[str, Any]) -> tuple[Report, Mapping[str, Sequence[Answer]]]:
    """Draw and judge both parts; return the report, and the edits' answers picture by picture."""
    with _bar(len(run.tasks) + len(edit_run.tasks)) as bar:
        verdicts = run.work(bar.show)
        edited = edit_run.work(bar.show)
    return edit_run.add_to(make_report(run, verdicts, facts), edited), edited


def _publish(report: Report, shelf: Shelf, sheets: str) -> None:
    """Write the report as data and as a page, and print its scores."""
    write_report(report, shelf.folder / REPORT_FILE)
    write_page(report, shelf, sheets)
    to_stdout().print(make_table(report))
    to_stderr().print(Text(str(shelf.folder / "report.html"), "dim"), soft_wrap=True)


def _folder_name(snapshot: str, generator: str) -> str:
    return snapshot if generator == "model" else f"{snapshot}-{generator}"


def _open_judge(categories: Sequence[str]) -> Judge | None:
    """Open the judge if these categories need it; a machine without it leaves its rows empty."""
    folder = PACKAGED_WEIGHTS / "judge"
    is_needed = any(CATEGORIES[name].group in JUDGED_GROUPS for name in categories)
    return Judge.open(folder) if is_needed and folder.is_dir() else None


def _open_readers(categories: Sequence[str]) -> tuple[Reader, ...]:
    """Open the readers of words if these categories need them; a machine without them is told how to get them."""
    return open_readers() if {*GROUPS["text"], "edit-text"} & set(categories) else ()


def _against_earlier(report: Report, folder: Path) -> Report:
    """Set the newest earlier snapshot's report beside this one, where one that compares lies in the next folder."""
    snapshots = list(open_catalogue().snapshots)
    earlier = snapshots[: snapshots.index(report.facts["snapshot"])]
    for path in (folder.parent / name / REPORT_FILE for name in reversed(earlier)):
        if path.is_file() and (before := read_report(path)).compares_with(report):
            return report.against(before)
    return report


def make_table(report: Report) -> Table:
    """Return the scores for a terminal."""
    facts = report.facts
    table = Table(title=f"{NAME}: {report.made_by}, {facts['form']} form", title_justify="left", box=None, pad_edge=False)
    against = facts.get("against")
    for heading in ("row", "score", "95 %", "right", *([str(against)] if against else []), "goal"):
        table.add_column(heading, justify="left" if heading == "row" else "right", no_wrap=heading != "row")
    for row in report.rows:
        style = {True: "green", False: "", None: "dim" if row.score is None else ""}[row.reaches_goal]
        indent = "  " if is_part(row.name) else ""
        previous = [show_score(row, row.previous[1] if row.previous else None)] if against else []
        right = f"{row.right}/{row.count}" if row.count else "–"
        title = row.title if row.score is not None else f"{row.title}: {row.note}"
        cells = [indent + title, show_score(row, row.score), show_interval(row), right, *previous, show_score(row, row.goal)]
        table.add_row(*(Text(cell) for cell in cells), style=style)
    return table


class _Bar:
    """How many tasks are done, and how long the rest takes."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("waking up", total=total)

    def show(self, task: Task | EditTask) -> None:
        """Count one task."""
        self._progress.update(self._task, advance=1, description=shorten(f"{task.category}: {task.prompt}"))


@contextmanager
def _bar(total: int) -> Iterator[_Bar]:
    columns = (
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis", width=44)),
        BarColumn(bar_width=28, complete_style="cyan", finished_style="cyan"),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=to_stderr(), transient=True) as progress:
        yield _Bar(progress, total)
