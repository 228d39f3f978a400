"""`limner eval` as it is typed, on the tiny network, with what needs neither judge nor readers."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from limner.cli.main import run

SMALL = ["eval", "--quick", "--only", "transparency", "--quality", "low"]


@pytest.fixture
def here(tmp_path: Path, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with the tiny network as the weights."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    monkeypatch.setenv("LIMNER_THREADS", "1")
    return tmp_path


def pictures(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (folder / "pictures").glob("*.webp")}


def test_one_command_draws_judges_and_writes_both_reports(here: Path, capsys: pytest.CaptureFixture[str]):
    code = run(SMALL)

    said = capsys.readouterr()
    folder = here / "runs" / "eval" / "tiny-1"
    report = json.loads((folder / "report.json").read_text())
    assert code == 0
    assert "Limner Scenes: tiny-1, quick form" in said.out
    assert "/16" in said.out
    assert len(pictures(folder)) == len(report["answers"]) == report["rows"][0]["count"] == 16
    assert (report["format"], report["version"], report["facts"]["form"]) == ("limner-scenes", 1, "quick")
    assert (folder / "report.html").read_text().count("data:image/webp") == 16


def test_a_killed_command_goes_on_where_it_was(here: Path):
    command = [sys.executable, "-m", "limner", *SMALL, "--out", "out"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env=os.environ)
    deadline = time.monotonic() + 60
    while len(pictures(here / "out")) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = pictures(here / "out")

    code = run([*SMALL, "--out", "out"])

    after = pictures(here / "out")
    assert code == 0
    assert 3 <= len(before) < 16
    assert len(after) == 16
    assert {name: after[name] for name in before} == before


def test_an_earlier_snapshot_beside_it_is_compared_with_of_itself(here: Path, capsys: pytest.CaptureFixture[str]):
    run([*SMALL, "--model", "tiny-0"])
    run(SMALL)

    folder = here / "runs" / "eval"
    first, second = (json.loads((folder / name / "report.json").read_text()) for name in ("tiny-0", "tiny-1"))
    assert first["rows"][0]["previous"] is None
    assert second["facts"]["against"] == "tiny-0"
    assert second["rows"][0]["previous"][1] == first["rows"][0]["score"]


def test_a_report_made_otherwise_is_refused_before_anything_is_drawn(here: Path, capsys: pytest.CaptureFixture[str]):
    run([*SMALL, "--out", "first"])

    code = run([*SMALL, "--seed", "1", "--out", "second", "--against", "first/report.json"])

    assert code == 2
    assert "made otherwise (seed 0, here 1)" in capsys.readouterr().err
    assert pictures(here / "second") == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "speed"], "category 'speed' is not known; use following"),
        (["--generator", "blur"], "generator 'blur' is not known; use model, shuffled, noise"),
        (["--model", "limner-99"], "model 'limner-99' does not exist"),
        (["--size", "17x17"], "17x17"),
        (["--quality", "best"], "quality 'best' is not known"),
        (["--against", "nothing.json"], "cannot read the report 'nothing.json'"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str):
    code = run([*SMALL, *arguments])

    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert message in said.err
    assert list(here.rglob("*.webp")) == []
