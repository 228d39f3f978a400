"""`limner models`."""

import json
from pathlib import Path

import pytest

from limner.cli.main import run


@pytest.fixture(autouse=True)
def _weights(tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    monkeypatch.setenv("COLUMNS", "120")


def test_people_see_each_snapshot_with_its_names_and_qualities(tiny_weights: Path, capsys: pytest.CaptureFixture[str]):
    catalogue = json.loads((tiny_weights / "snapshots.json").read_text())

    assert run(["models"]) == 0

    said = capsys.readouterr().out
    assert all(name in said for name in [*catalogue["snapshots"], *catalogue["models"]])
    assert "256 to 2048 px a side in steps of 16, ratio up to 3:1" in said
    assert all(quality in said for quality in ("low", "medium", "high"))
    assert "then enlarged with Lanczos" in said
    assert "then enlarged with tiny-up or tiny-far" in said


def test_programs_get_the_same_as_json(tiny_weights: Path, capsys: pytest.CaptureFixture[str]):
    catalogue = json.loads((tiny_weights / "snapshots.json").read_text())

    assert run(["models", "--json"]) == 0

    said = json.loads(capsys.readouterr().out)
    (snapshot,) = [entry for entry in said["snapshots"] if entry["is_default"]]
    assert said["default"] == snapshot["name"] == catalogue["default"]
    assert said["models"] == catalogue["models"]
    assert snapshot["digest"] == catalogue["snapshots"][snapshot["name"]]["digest"]
    assert snapshot["qualities"]["medium"]["num_steps"] >= 1
    assert {entry["name"]: entry["enlarged_with"] for entry in said["snapshots"]} == {"tiny-0": "lanczos", "tiny-1": "tiny-up"}
    assert {entry["name"]: entry["enlarged_far_with"] for entry in said["snapshots"]} == {"tiny-0": "lanczos", "tiny-1": "tiny-far"}
    assert snapshot["sizes"]["named"]["landscape"] == "1536x1024"
