"""`limner compose` with a real engine on a tiny network."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from limner.cli.main import run
from limner.media.metadata import describe_file

SMALL = ["--size", "256x256", "--quality", "low", "--seed", "7", "--quiet"]


@pytest.fixture
def here(tmp_path: Path, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in with three pictures, and the tiny network as the weights."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    monkeypatch.setenv("LIMNER_THREADS", "1")
    for number in (1, 2, 3):
        pixels = np.random.default_rng(number).integers(0, 256, (40, 60, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    return tmp_path


def test_a_composition_is_named_after_its_words_and_names_what_it_was_made_from(here: Path, capsys: pytest.CaptureFixture[str]):
    code = run(["compose", "1.png", "2.png", "3.png", "all three, in a row", *SMALL, "--json"])

    assert code == 0
    said = json.loads(capsys.readouterr().out)
    parents = " ".join(hashlib.sha256((here / f"{number}.png").read_bytes()).hexdigest() for number in (1, 2, 3))
    assert (said["path"], said["size"], said["parent"]) == ("all-three-in-a-row.png", "256x256", parents)
    record = describe_file(here / said["path"]).record
    assert record is not None
    assert (record.parent, record.prompt) == (parents, "all three, in a row")
    assert not (here / ".limner").exists()


def test_leaving_an_image_out_changes_the_result(here: Path):
    run(["compose", "1.png", "2.png", "3.png", "x", *SMALL, "-o", "all.png"])
    run(["compose", "1.png", "3.png", "x", *SMALL, "-o", "fewer.png"])

    assert (here / "all.png").read_bytes() != (here / "fewer.png").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "there is no image and no instruction; name both: limner compose cat.png hat.png"),
        (["1.png"], "there is no instruction after '1.png'"),
        (["1.png", "2.png"], "'2.png' stands where what to do should"),
        (["1.png", "4.png", "x y"], "image '4.png' cannot be read"),
        (["1.png"] * 17 + ["x"], "17 images were given; use 1 to 16"),
        (["1.png", "x", "--size", "333x77"], "size '333x77' cannot be drawn"),
        (["1.png", "x", "--mask", "box:1,1,2,2"], "no such option: --mask"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line_before_anything_is_written(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
):
    assert run(["compose", *arguments]) == 2

    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert len(list(here.iterdir())) == 3


def test_the_file_of_a_composition_says_what_is_seen_in_it_when_asked_to(here: Path, capsys: pytest.CaptureFixture[str]):
    run(["compose", "1.png", "2.png", "both", *SMALL, "-o", "told.webp", "--alt-text", "--json"])
    run(["compose", "1.png", "2.png", "both", *SMALL, "-o", "plain.webp", "--json"])

    told, plain = map(json.loads, capsys.readouterr().out.splitlines())
    records = [describe_file(here / name).record for name in ("told.webp", "plain.webp")]
    assert told["alt_text"] != ""
    assert [record.alt_text for record in records if record] == [told["alt_text"], ""]
    assert "alt_text" not in plain
