"""`limner doctor`."""

import json
import shutil
from pathlib import Path

import pytest

from limner.cli.main import run
from limner.engine.machine import has_fast_int8


def examine(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, str]]]:
    code = run(["doctor", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] == (code == 0)
    return code, {finding["subject"]: finding for finding in said["findings"]}


@pytest.fixture(autouse=True)
def _weights(tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    monkeypatch.setenv("LIMNER_THREADS", "1")


def test_a_well_machine_draws_and_says_what_it_is(capsys: pytest.CaptureFixture[str]):
    code, findings = examine(capsys)

    assert code == 0
    assert findings["machine kind"]["value"].endswith("threads-1")
    assert findings["arithmetic"]["value"].startswith("int8 " if has_fast_int8() else "float32, ")
    assert "every digest right" in "".join(finding["value"] for finding in findings.values())
    assert findings["drawing"]["value"].startswith("256x256 at low in ")


def test_damaged_weights_are_named_and_the_exit_code_is_1(
    tmp_path: Path, tiny_weights: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "weights"
    shutil.copytree(tiny_weights, folder)
    graph = next(path for path in folder.rglob("denoise.onnx"))
    graph.write_bytes(graph.read_bytes()[:-1])
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(folder))

    code, findings = examine(capsys)

    assert code == 1
    problems = [finding for finding in findings.values() if finding["state"] == "problem"]
    assert any("denoise.onnx" in finding["value"] for finding in problems)


def test_a_setting_that_cannot_be_read_is_a_problem(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIMNER_THREADS", "many")

    code, findings = examine(capsys)

    assert code == 1
    assert findings["settings"]["value"].startswith("LIMNER_THREADS='many'")


def test_people_see_a_mark_before_every_finding(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "1000")

    assert run(["doctor"]) == 0

    said = capsys.readouterr().out
    assert {line[0] for line in said.splitlines()} <= {"✓", "•"}


@pytest.mark.parametrize("file", ["weights-00001-of-00001.safetensors", "manifest.json"])
def test_damaged_names_of_eyes_are_named_and_the_exit_code_is_1(
    tmp_path: Path, tiny_weights: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, file: str
):
    folder = tmp_path / "weights"
    shutil.copytree(tiny_weights, folder)
    damaged = folder / "tiny-eyes-names" / file
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(folder))

    code, findings = examine(capsys)

    assert code == 1
    assert findings["weights tiny-1"]["state"] == "problem"
    assert f"tiny-eyes-names/{file}" in findings["weights tiny-1"]["value"]
    assert findings["drawing"]["state"] == findings["weights tiny-0"]["state"] == "ok"


def test_what_is_checked_with_a_snapshot_is_listed_its_names_too(capsys: pytest.CaptureFixture[str]):
    _, findings = examine(capsys)

    assert "tiny-up and tiny-far and tiny-eyes and tiny-eyes-names, every digest right" in findings["weights tiny-1"]["value"]
    assert "tiny-eyes" not in findings["weights tiny-0"]["value"]


def test_what_helps_every_snapshot_is_checked_too(
    tmp_path: Path, tiny_weights: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    folder = Path(shutil.copytree(tiny_weights, tmp_path / "weights"))
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(folder))
    _, sound = examine(capsys)
    (folder / "tiny-restorer" / "restore.onnx").write_bytes(b"other")

    code, damaged = examine(capsys)

    assert (sound["weights restorer"]["state"], sound["weights restorer"]["value"]) == ("ok", "tiny-restorer, every digest right")
    assert code == 1
    assert damaged["weights restorer"]["state"] == "problem"
    assert "tiny-restorer/restore.onnx" in damaged["weights restorer"]["value"]
