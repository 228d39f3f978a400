"""`limner describe`, and `--alt-text` of the commands that draw, with a real engine on a tiny network."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from limner.cli.main import run
from limner.engine.describing.describer import Describer
from limner.media.metadata import describe_file

SMALL = ["--size", "256x256", "--quality", "low", "--seed", "7"]


@pytest.fixture
def here(tmp_path: Path, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with the tiny network as the weights."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    monkeypatch.setenv("LIMNER_THREADS", "1")
    return tmp_path


def test_each_file_gets_a_line(here: Path, capsys: pytest.CaptureFixture[str]):
    names = ["red.png", "blue.jpg", "clear.webp"]
    for name, colour in zip(names, ("red", "blue", (0, 0, 0, 0)), strict=True):
        Image.new("RGBA" if name == "clear.webp" else "RGB", (40, 30), colour).save(name, lossless=True)

    codes = run(["describe", *names]), run(["describe", "clear.webp"])

    *several, alone = capsys.readouterr().out.splitlines()
    assert codes == (0, 0)
    assert [line.split(":")[0] for line in several] == names
    assert several[2] == f"clear.webp: {alone}"


def test_json_tells_a_program_what_was_seen(here: Path, tiny_weights: Path, capsys: pytest.CaptureFixture[str]):
    Image.new("RGB", (64, 64), "red").save("red.png")

    run(["describe", "red.png", "--json"])

    said = json.loads(capsys.readouterr().out)
    expected = Describer(tiny_weights).describe(np.asarray(Image.open("red.png")))
    assert said["path"] == "red.png"
    assert (said["alt_text"], said["colours"]) == (expected.alt_text, list(expected.colours))
    assert {"things", "background"} < said.keys()


def test_what_is_no_picture_is_refused_by_its_name(here: Path, capsys: pytest.CaptureFixture[str]):
    Path("notes.png").write_text("no picture")

    codes = run(["describe", "notes.png"]), run(["describe", "missing.png"])

    assert codes == (2, 2)
    first, second = capsys.readouterr().err.splitlines()
    assert "notes.png" in first
    assert "'missing.png' cannot be read" in second


@pytest.mark.parametrize("name", ["kite.png", "kite.webp", "kite.jpg"])
def test_a_file_says_what_is_seen_in_it_when_asked_to(here: Path, name: str, capsys: pytest.CaptureFixture[str]):
    run(["generate", "a red kite", "-o", name, *SMALL, "--alt-text", "--json"])

    said = json.loads(capsys.readouterr().out)
    record = describe_file(here / name).record
    assert record is not None
    assert record.alt_text == said["alt_text"] != ""
    assert record.prompt == "a red kite"


def test_without_the_option_a_file_says_nothing_of_it_and_the_pixels_are_the_same(here: Path, capsys: pytest.CaptureFixture[str]):
    run(["generate", "a red kite", "-o", "plain.png", *SMALL, "--json"])
    run(["generate", "a red kite", "-o", "told.png", *SMALL, "--alt-text"])

    assert "alt_text" not in json.loads(capsys.readouterr().out)
    assert b"AltText" not in Path("plain.png").read_bytes()
    assert np.array_equal(np.asarray(Image.open("plain.png")), np.asarray(Image.open("told.png")))


def test_an_edit_says_it_too(here: Path):
    Image.new("RGB", (256, 256), "red").save("red.png")

    run(["edit", "red.png", "a blue kite", "-o", "blue.png", *SMALL, "--alt-text"])

    record = describe_file(here / "blue.png").record
    assert record is not None
    assert record.alt_text != ""
