"""A run of edits on the tiny network: masks kept byte for byte, gone on after a stop, judged the same again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from limner.evals.edits.cases import read_cases
from limner.evals.edits.editors import ModelEditor, open_editor
from limner.evals.edits.examine import EditExaminer
from limner.evals.edits.run import EditRun
from limner.evals.edits.sheets import make_sheets
from limner.evals.edits.tasks import EditTask, plan_edits
from limner.evals.generators import Setting
from limner.evals.report.rows import Row
from limner.evals.shelf import Shelf

SETTING = Setting(quality="low")
TASKS = (
    *plan_edits(("edit-recolour",), is_quick=True)[:4],
    plan_edits(("edit-compose",), is_quick=True)[0],
    plan_edits(("edit-turns-masked",), is_quick=True)[0],
)
NUM_PICTURES = 5 + 8


@pytest.fixture(autouse=True)
def _tiny(tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    monkeypatch.setenv("LIMNER_THREADS", "1")


def make_run(folder: Path, generator: str = "model", tasks: tuple[EditTask, ...] = TASKS) -> EditRun:
    editor = open_editor(generator, SETTING, tasks)
    examiner = EditExaminer(None, (), read_cases())
    return EditRun(tasks=tasks, editor=editor, examiner=examiner, shelf=Shelf(folder), setting=SETTING)


def ignore(task: EditTask) -> None:
    pass


def rows_of(run: EditRun) -> dict[str, Row]:
    return {row.name: row for row in run.rows(run.work(ignore))}


def drawn(folder: Path) -> dict[str, int]:
    """When each picture was written."""
    return {path.name: path.stat().st_mtime_ns for path in (folder / "pictures").iterdir()}


@pytest.fixture
def other_editor(tiny_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the snapshot that edits for the models of `tiny-1` in a catalogue of this test."""
    folder = tmp_path / "weights"
    folder.mkdir()
    for path in tiny_weights.iterdir():
        (folder / path.name).symlink_to(path)
    catalogue = json.loads((tiny_weights / "snapshots.json").read_text())
    (folder / "snapshots.json").unlink()
    (folder / "snapshots.json").write_text(json.dumps({**catalogue, "editors": {"tiny-1": "tiny-0"}}))
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(folder))
    return "tiny-0"


def test_the_editor_of_a_model_edits_for_it_and_a_snapshot_for_itself(tmp_path: Path, other_editor: str):
    model, itself, editor = (ModelEditor(Setting(quality="low", model=name)) for name in ("limner", "tiny-1", other_editor))
    order, seed = TASKS[0].orders[0], TASKS[0].seed(0)

    drawn_by_model = model.edit(order, seed)

    assert (model.snapshot, itself.snapshot) == (other_editor, "tiny-1")
    assert model.key(order, seed) == editor.key(order, seed) != itself.key(order, seed)
    np.testing.assert_array_equal(drawn_by_model, editor.edit(order, seed))
    assert not np.array_equal(drawn_by_model, itself.edit(order, seed))
    assert make_run(tmp_path / "run").facts()["editor"] == other_editor


def test_random_weights_edit_nothing_right_and_touch_nothing_outside_masks(tmp_path: Path):
    rows = rows_of(make_run(tmp_path))

    masked = sum(task.case.free is not None for task in TASKS[:5])
    assert (rows["edit-masked"].right, rows["edit-masked"].count) == (masked, masked)
    assert rows["edit-turns-masked"].score == 1
    assert rows["edit-recolour"].right == 0
    assert "the truth 5 of 5, doing nothing 0 of 5" in rows["edit-all"].note


def test_a_composition_into_a_source_has_a_row_of_its_own_and_is_no_part_of_the_mean(tmp_path: Path):
    into = plan_edits(("edit-into",), is_quick=True)[:2]

    rows = rows_of(make_run(tmp_path, "noise", (*TASKS[:1], *into)))

    assert (rows["edit-into"].right, rows["edit-into"].count) == (0, 2)
    assert rows["edit-into"].note.startswith("by the same rule the truth 2 of 2, doing nothing 0 of 2")
    assert rows["edit-into-rest"].score < 0.9
    assert (rows["edit-all"].count, rows["edit-unmasked"].count if "edit-unmasked" in rows else 0) == (1, int(TASKS[0].case.free is None))
    assert "the truth 1 of 1" in rows["edit-all"].note


def test_a_run_that_was_stopped_goes_on_in_the_middle_of_a_chain_and_ends_the_same(tmp_path: Path):
    whole = make_run(tmp_path / "whole").work(ignore)
    cut = make_run(tmp_path / "cut")
    cut.work(ignore)
    for path in sorted((tmp_path / "cut" / "pictures").iterdir())[::3]:
        path.unlink()
    (tmp_path / "cut" / "journal.jsonl").write_text("")
    before = drawn(tmp_path / "cut")

    answers = make_run(tmp_path / "cut").work(ignore)

    after = drawn(tmp_path / "cut")
    assert len(after) == NUM_PICTURES > len(before)
    assert {name: after[name] for name in before} == before
    assert answers == whole


def test_every_turn_of_a_chain_starts_from_the_picture_before(tmp_path: Path):
    answers = make_run(tmp_path, tasks=TASKS[-1:]).work(ignore)

    (said,) = answers.values()
    assert len({answer.picture for answer in said}) == 8


def test_noise_in_the_mask_is_no_edit(tmp_path: Path):
    rows = rows_of(make_run(tmp_path, "noise", TASKS[:4]))

    assert (rows["edit-all"].right, rows["edit-all"].count) == (0, 4)


def test_the_sheet_shows_before_after_and_truth_of_every_case(tmp_path: Path):
    run = make_run(tmp_path)
    answers = run.work(ignore)

    page = make_sheets(TASKS, answers, run.rows(answers), run.shelf.thumbnail)

    assert page.count("<section>") == 3
    assert page.count('alt="truth"') == 5
    assert page.count('class="after"') == 6
    assert "with a mask" in page
