"""A run on the tiny network: drawn once, gone on after a stop, judged the same again; bad draughtsmen score nothing."""

from pathlib import Path

import pytest

from limner.errors import InvalidField, UnknownModel, UnsupportedSize
from limner.evals.examine import Examiner, Verdict
from limner.evals.generators import ModelGenerator, Setting, open_generator
from limner.evals.prompts.plan import plan_tasks
from limner.evals.run import Run, describe_run, make_report
from limner.evals.shelf import Shelf
from limner.evals.tasks import Task

SETTING = Setting(quality="low")
TASKS = plan_tasks(("transparency",), is_quick=True)[:5]


@pytest.fixture(autouse=True)
def _tiny(tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    monkeypatch.setenv("LIMNER_THREADS", "1")


def make_run(folder: Path, generator: str = "model", tasks: tuple[Task, ...] = TASKS) -> Run:
    examiner = Examiner(None, (), None)
    return Run(tasks=tasks, generator=open_generator(generator, SETTING, tasks), examiner=examiner, shelf=Shelf(folder))


def drawn(folder: Path) -> dict[str, int]:
    """When each picture was written."""
    return {path.name: path.stat().st_mtime_ns for path in (folder / "pictures").iterdir()}


def ignore(task: Task) -> None:
    pass


def test_a_run_that_was_stopped_goes_on_where_it_was_and_ends_the_same(tmp_path: Path):
    def stop_at_the_third(task: Task) -> None:
        if task == TASKS[2]:
            raise KeyboardInterrupt

    whole = make_run(tmp_path / "whole").work(ignore)
    with pytest.raises(KeyboardInterrupt):
        make_run(tmp_path / "cut").work(stop_at_the_third)
    before = drawn(tmp_path / "cut")

    verdicts = make_run(tmp_path / "cut").work(ignore)

    after = drawn(tmp_path / "cut")
    assert (len(before), len(after)) == (3, 5)
    assert {name: after[name] for name in before} == before
    assert verdicts == whole


def test_a_finished_run_draws_and_judges_nothing_again(tmp_path: Path):
    first = make_run(tmp_path).work(ignore)
    journal = (tmp_path / "journal.jsonl").read_text().split()
    pictures = drawn(tmp_path)

    second = make_run(tmp_path).work(ignore)

    assert second == first
    assert drawn(tmp_path) == pictures
    assert (tmp_path / "journal.jsonl").read_text().split() == journal


def test_a_picture_is_named_by_all_that_it_depends_on():
    task = TASKS[0]
    settings = [SETTING, Setting(quality="medium"), Setting(quality="low", size="272x256"), Setting(quality="low", seed=1)]

    names = {ModelGenerator(setting).key(task) for setting in settings} | {ModelGenerator(Setting(quality="low", model="tiny-0")).key(task)}

    assert len(names) == 5
    assert ModelGenerator(Setting(quality="low", model="tiny")).key(task) == ModelGenerator(SETTING).key(task)


def test_the_shuffled_draughtsman_shows_another_tasks_picture_every_time(tmp_path: Path):
    model, shuffled = ModelGenerator(SETTING), open_generator("shuffled", SETTING, TASKS)

    own, shown = [model.key(task) for task in TASKS], [shuffled.key(task) for task in TASKS]

    assert set(own) == set(shown)
    assert all(one != other for one, other in zip(own, shown, strict=True))


def test_noise_scores_nothing_in_transparency(tmp_path: Path):
    verdicts = make_run(tmp_path, "noise").work(ignore)

    assert [verdict.right for verdict in verdicts.values()] == [False] * 5


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        (Setting(model="limner-99"), UnknownModel),
        (Setting(size="17x17"), UnsupportedSize),
        (Setting(quality="best"), InvalidField),
        (Setting(seed=-1), InvalidField),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_once(setting: Setting, error: type[Exception]):
    with pytest.raises(error):
        open_generator("model", setting, TASKS)


def test_an_unknown_generator_is_refused():
    with pytest.raises(InvalidField, match=r"generator 'blur' is not known; use model, shuffled, noise"):
        open_generator("blur", SETTING, TASKS)


def test_without_a_judge_its_rows_say_so_and_have_no_score(tmp_path: Path):
    tasks = (*plan_tasks(("counting",), is_quick=True)[:1], *plan_tasks(("seeds",), is_quick=True)[:1], *TASKS[:1])
    run = make_run(tmp_path, tasks=tasks)

    verdicts = run.work(ignore)
    report = make_report(run, verdicts, describe_run(run, SETTING, form="quick", generator="model"))

    assert verdicts["counting/00"] == Verdict(task="counting/00", right=None)
    assert [(row.name, row.score is None, row.note) for row in report.rows] == [
        ("counting", True, "no judge among the weights"),
        ("transparency", False, ""),
    ]
    assert (report.facts["snapshot"], report.facts["judge"], report.facts["pictures"]) == ("tiny-1", None, 3)
    assert len(report.answers) == 3
