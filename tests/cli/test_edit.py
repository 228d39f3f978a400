"""`limner edit` with a real engine on a tiny network."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import limner
from limner.cli.drawing import filling
from limner.cli.main import run
from limner.engine.library import draw
from limner.engine.pictures import Pictures
from limner.media.history import FILES, FOLDER, TURNS
from limner.media.metadata import describe_file

FAST = ["--quality", "low", "--seed", "7", "--quiet"]
LEFT = ["--mask", "box:0,0,50%,100%"]


@pytest.fixture
def here(tmp_path: Path, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in with `cat.png`, a photograph of sorts, and the tiny network as the weights."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    monkeypatch.setenv("LIMNER_THREADS", "1")
    Image.fromarray(noise()).save(tmp_path / "cat.png")
    return tmp_path


def noise(width: int = 96, height: int = 64, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def pixels(path: str) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def turns() -> list[dict[str, object]]:
    return [json.loads(line) for line in (FOLDER / TURNS).read_text().splitlines()]


def test_a_masked_edit_changes_the_file_inside_the_mask_alone_and_undo_brings_it_back(here: Path, capsys: pytest.CaptureFixture[str]):
    before = (here / "cat.png").read_bytes()

    code = run(["edit", "cat.png", "make it red", *LEFT, "--quality", "low", "--seed", "7"])

    assert code == 0
    said = capsys.readouterr().err
    assert said.startswith("✓ cat.png  96×64 · low · opaque · seed 7 · tiny-1 · ")
    assert said.endswith("· --undo takes it back\n")
    edited = pixels("cat.png")
    np.testing.assert_array_equal(edited[:, 48:], noise()[:, 48:])
    assert not np.array_equal(edited[:, :48], noise()[:, :48])
    assert run(["edit", "cat.png", "--undo", "--quiet"]) == 0
    assert (here / "cat.png").read_bytes() == before


def test_the_file_and_the_history_tell_parent_instruction_seed_and_snapshot(here: Path):
    parent = digest("cat.png")

    run(["edit", "cat.png", "make it red", *LEFT, *FAST])

    record = describe_file(here / "cat.png").record
    assert record is not None
    assert (record.parent, record.prompt, record.seed, record.snapshot) == (parent, "make it red", 7, "tiny-1")
    (turn,) = turns()
    assert (turn["parent"], turn["root"], turn["output"], turn["pixels"]) == (parent, parent, digest("cat.png"), digest("cat.png"))
    assert (turn["instruction"], turn["seed"], turn["snapshot"]) == ("make it red", 7, "tiny-1")
    assert turn["settings"] == {"size": "auto", "fidelity": "low", "region": LEFT[1], "quality": "low", "background": "opaque"}


@pytest.mark.parametrize(("name", "options"), [("cat.jpg", []), ("cat.webp", ["--compression", "10"])])
def test_a_turn_begins_with_exact_pixels_whatever_the_file_lost(here: Path, name: str, options: list[str]):
    run(["edit", "cat.png", "one", *LEFT, *FAST, "-o", name, *options])
    run(["edit", "cat.png", "one", *LEFT, *FAST, "-o", "exact.png"])

    run(["edit", name, "two", *LEFT, *FAST, "-o", "second.png"])
    run(["edit", name, "two", *LEFT, *FAST, "-o", "reencoded.png", "--no-history"])

    np.testing.assert_array_equal(pixels("second.png")[:, 48:], noise()[:, 48:])
    run(["edit", "exact.png", "two", *LEFT, *FAST, "-o", "expected.png"])
    np.testing.assert_array_equal(pixels("second.png"), pixels("expected.png"))
    assert not np.array_equal(pixels("reencoded.png")[:, 48:], noise()[:, 48:])


def test_eight_turns_drift_nowhere_outside_their_masks_and_all_are_undone_to_the_byte(here: Path):
    shutil.copy("cat.png", "first.png")
    files = [(here / "first.png").read_bytes()]

    for number in range(8):
        run(["edit", "cat.png", f"turn {number}", "--mask", "box:0,0,32,32", *FAST])
        files.append((here / "cat.png").read_bytes())

    np.testing.assert_array_equal(pixels("cat.png")[32:], noise()[32:])
    np.testing.assert_array_equal(pixels("cat.png")[:, 32:], noise()[:, 32:])
    assert len(set(files)) == 9
    for count in (1, 2, 8):
        assert run(["edit", "cat.png", "--undo", str(count), "-o", "undone.png", "--quiet"]) == 0
        assert (here / "undone.png").read_bytes() == files[8 - count]
    for expected in reversed(files[:8]):
        run(["edit", "cat.png", "--undo", "--quiet"])
        assert (here / "cat.png").read_bytes() == expected
    assert run(["edit", "cat.png", "--undo", "--quiet"]) == 2


def test_what_something_else_saved_over_the_image_meanwhile_stays(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def draw_slowly(*arguments: Any, **options: Any) -> Pictures:
        (here / "cat.png").write_bytes(b"an hour of work")
        return draw(*arguments, **options)

    monkeypatch.setattr(filling, "draw", draw_slowly)

    code = run(["edit", "cat.png", "make it red", *LEFT, *FAST])

    assert code != 0
    assert "'cat.png' was changed by something else while it was drawn, so it stays" in capsys.readouterr().err
    assert (here / "cat.png").read_bytes() == b"an hour of work"
    assert not (here / FOLDER).exists()


def test_a_chain_is_its_turns_one_by_one(here: Path):
    shutil.copy("cat.png", "dog.png")

    run(["edit", "cat.png", "make it red", "add a hat", "--chain", *LEFT, *FAST])
    run(["edit", "dog.png", "make it red", *LEFT, *FAST])
    middle = (here / "dog.png").read_bytes()
    run(["edit", "dog.png", "add a hat", *LEFT, *FAST])

    assert digest("cat.png") == digest("dog.png")
    run(["edit", "cat.png", "--undo", "--quiet"])
    assert (here / "cat.png").read_bytes() == middle


def test_a_chain_writes_every_turn_where_it_is_asked_to_and_reads_instructions_from_a_pipe(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"make it red\n\nadd a hat\n")))
    before = digest("cat.png")

    run(["edit", "cat.png", "-", "--chain", *LEFT, *FAST, "-o", "turn.png", "--json"])

    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["path"] for line in said] == ["turn-1.png", "turn-2.png"]
    assert [line["parent"] for line in said] == [before, digest("turn-1.png")]
    assert digest("cat.png") == before


def test_several_results_lie_beside_the_image_which_stays(here: Path):
    before = digest("cat.png")

    run(["edit", "cat.png", "make it red", *LEFT, *FAST, "--n", "2"])

    assert digest("cat.png") == before
    assert not np.array_equal(pixels("cat-1.png"), pixels("cat-2.png"))
    assert {turn["parent"] for turn in turns()} == {before}


def test_outpainting_keeps_the_picture_where_it_lies(here: Path):
    run(["edit", "cat.png", "a meadow", "--outpaint", "left=32,bottom=25%", *FAST, "-o", "wide.png"])

    wide = pixels("wide.png")
    assert wide.shape == (80, 128, 3)
    np.testing.assert_array_equal(wide[:64, 32:], noise())


def test_a_mask_picture_marks_by_transparency_or_by_white_and_by_nothing_else(here: Path, capsys: pytest.CaptureFixture[str]):
    white = np.zeros((64, 96), np.uint8)
    white[:, :48] = 255
    Image.fromarray(white).save(here / "white.png")
    Image.fromarray(np.dstack([noise(seed=1), 255 - white])).save(here / "clear.png")

    assert run(["edit", "cat.png", "red", "--mask", "white.png", *FAST, "-o", "a.png"]) == 2
    assert "the mask is black and white and has no alpha channel" in capsys.readouterr().err
    assert run(["edit", "cat.png", "red", "--mask", "white.png", "--mask-mode", "luma", *FAST, "-o", "b.png"]) == 0
    assert run(["edit", "cat.png", "red", "--mask", "clear.png", *FAST, "-o", "c.png"]) == 0
    assert run(["edit", "cat.png", "red", *LEFT, *FAST, "-o", "d.png"]) == 0

    np.testing.assert_array_equal(pixels("b.png"), pixels("c.png"))
    np.testing.assert_array_equal(pixels("b.png"), pixels("d.png"))


def test_the_command_and_the_library_draw_the_same(here: Path):
    run(["edit", "cat.png", "make it red", *LEFT, *FAST, "-o", "red.png"])

    picture = limner.edit("cat.png", "make it red", region=LEFT[1], quality="low", seed=7)[0]

    assert picture.to_bytes() == (here / "red.png").read_bytes()


def test_further_images_are_not_without_effect(here: Path):
    Image.fromarray(noise(seed=2)).save(here / "hat.png")

    run(["edit", "cat.png", "hat.png", "put on the hat", *LEFT, *FAST, "-o", "with.png"])
    run(["edit", "cat.png", "put on the hat", *LEFT, *FAST, "-o", "without.png"])

    assert not np.array_equal(pixels("with.png"), pixels("without.png"))
    assert [len(turn["settings"].get("images", [])) for turn in turns()] == [1, 0]


def test_a_composition_over_the_first_image_names_all_images_and_can_be_undone(here: Path):
    Image.fromarray(noise(seed=2)).save(here / "hat.png")
    cat, hat = digest("cat.png"), digest("hat.png")

    run(["edit", "cat.png", "hat.png", "image 1 and image 2 side by side", "--size", "256x256", *FAST])

    record = describe_file(here / "cat.png").record
    assert record is not None
    assert record.parent == f"{cat} {hat}"
    assert run(["edit", "cat.png", "--undo", "--quiet"]) == 0
    assert digest("cat.png") == cat


def test_a_picture_goes_in_and_comes_out_through_pipes_and_leaves_nothing(here: Path):
    content = (here / "cat.png").read_bytes()
    command = [sys.executable, "-m", "limner", "edit", "-", "make it red", *LEFT, *FAST, "-o", "-"]

    answer = subprocess.run(command, check=False, capture_output=True, input=content, env={**os.environ})

    assert (answer.returncode, answer.stderr) == (0, b"")
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(answer.stdout)))[:, 48:], noise()[:, 48:])
    assert [path.name for path in here.iterdir()] == ["cat.png"]


def test_without_a_history_nothing_is_kept_and_the_image_is_not_changed(here: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["edit", "cat.png", "make it red", *LEFT, *FAST, "--no-history"]) == 2
    assert "--no-history keeps nothing of it; name a file with -o" in capsys.readouterr().err

    assert run(["edit", "cat.png", "make it red", *LEFT, *FAST, "--no-history", "-o", "red.png"]) == 0

    assert sorted(path.name for path in here.iterdir()) == ["cat.png", "red.png"]


def test_a_jpeg_shows_kept_transparency_on_white_and_the_next_turn_still_has_it(here: Path):
    clear = np.dstack([noise(), np.full((64, 96), 128, np.uint8)])
    Image.fromarray(clear).save(here / "clear.png")

    run(["edit", "clear.png", "red", *LEFT, *FAST, "-o", "clear.jpg"])
    run(["edit", "clear.jpg", "blue", *LEFT, *FAST, "-o", "again.png"])

    assert pixels("clear.jpg").shape == (64, 96, 3)
    np.testing.assert_array_equal(pixels("again.png")[:, 48:], clear[:, 48:])


def test_what_was_kept_is_what_undo_writes_and_of_its_own_format(here: Path, capsys: pytest.CaptureFixture[str]):
    run(["edit", "cat.png", "red", *LEFT, *FAST, "-o", "red.jpg"])

    assert run(["edit", "red.jpg", "--undo"]) == 2
    assert "before that it was a png, and 'red.jpg' says jpeg; name a file with -o" in capsys.readouterr().err
    assert run(["edit", "red.jpg", "--undo", "1", "-o", "back.png", "--json"]) == 0

    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "path": "back.png",
        "undone": 1,
        "sha256": digest("cat.png"),
        "size_bytes": (here / "cat.png").stat().st_size,
    }
    assert said.err == "✓ back.png  1 turn undone\n"
    assert digest("back.png") == digest("cat.png")


def test_undo_goes_through_a_pipe_but_not_beside_json(here: Path, capfdbinary: pytest.CaptureFixture[bytes]):
    before = (here / "cat.png").read_bytes()
    run(["edit", "cat.png", "red", *LEFT, *FAST])
    edited = digest("cat.png")

    assert run(["edit", "cat.png", "--undo", "-o", "-", "--json"]) == 2
    assert b"both want standard output" in capfdbinary.readouterr().err
    assert run(["edit", "cat.png", "--undo", "-o", "-"]) == 0

    said = capfdbinary.readouterr()
    assert said.out == before
    assert said.err.decode() == "✓ standard output  1 turn undone\n"
    assert digest("cat.png") == edited
    assert not (here / "-").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "there is no image and no instruction; name both: limner edit cat.png"),
        (["cat.png"], "there is no instruction after 'cat.png'"),
        (["make it red"], "there is no image before 'make it red'"),
        (["cat.png", "hat.png"], "'hat.png' stands where what to do should"),
        (["cat.png", ""], "prompt '' is empty"),
        (["nowhere.png", "x"], "image 'nowhere.png' cannot be read: No such file or directory; name a PNG, JPEG or WebP file"),
        (["words.txt", "x", "-o", "a.png"], "'words.txt' is not a PNG, JPEG or WebP picture, it looks like text"),
        (["cat.png", "words.txt", "x"], "'words.txt' is not a PNG, JPEG or WebP picture"),
        (["cat.png", "x", "--mask", "cat.png"], "the mask has no alpha channel"),
        (["cat.png", "x", "--mask", "words.txt"], "'words.txt' is not a PNG"),
        (["cat.png", "x", "--mask", "box:1,2,3"], "has 3 numbers and a box has 4"),
        (["cat.png", "x", "--mask", "polygon:1,2 3,4"], "with at least 3 corners"),
        (["cat.png", "x", "--mask", "words: "], "names nothing"),
        (["cat.png", "x", "--mask-mode", "luma"], "mask_mode says how a mask is read, and there is no mask"),
        (["cat.png", "x", "--outpaint", "up=5"], "canvas 'up=5' is not understood; use sides such as 'left=128,right=25%'"),
        (["cat.png", "x", "--outpaint", "all=5", "--size", "512x512"], "leave one out"),
        (["cat.png", "x", "--fidelity", "mid"], "input_fidelity 'mid' is not known"),
        (["cat.png", "x", "--n", "11"], "n 11 is out of range"),
        (["cat.png", "x", "-o", "no/cat.png"], "there is no folder 'no'"),
        (["cat.png", "x", "-o", "cat.jpg", "--background", "transparent"], "jpeg has no transparency"),
        (["cat.png", "a", "b", "--chain", "--n", "2"], "each turn of a chain goes on from one picture, and n is 2"),
        (["cat.png", "a", "b", "--chain", "--outpaint", "all=5"], "outpaint first, then chain"),
        (["cat.png", "a", "", "--chain"], "prompt '' is empty"),
        (["cat.png", "a", "b", "--chain", "-o", "-"], "standard output holds one picture and 2 were asked for"),
        (["-", "x"], "the image came from standard input and has no file; name one with -o"),
        (["-", "-", "-o", "a.png"], "standard input cannot be the image and the instruction"),
        (["cat.png", "--undo"], "there is nothing to undo: no turn in '.limner/turns' made this file"),
        (["cat.png", "--undo", "0"], "--undo takes one image, and how many turns, from 1"),
        (["cat.png", "--undo", "9" * 5_000], "--undo takes one image, and how many turns, from 1"),
        (["cat.png", "--undo", "--seed", "7"], "--undo draws nothing, so --seed says nothing"),
        (["--undo"], "--undo takes one image"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line_before_anything_is_written(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
):
    (here / "words.txt").write_text("a cat")
    before = digest("cat.png")

    code = run(["edit", *arguments])

    said = capsys.readouterr()
    assert code == 2
    assert message in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert digest("cat.png") == before
    assert sorted(path.name for path in here.iterdir()) == ["cat.png", "words.txt"]


def test_a_damaged_history_is_named_and_can_be_gone_around(here: Path, capsys: pytest.CaptureFixture[str]):
    run(["edit", "cat.png", "red", *LEFT, *FAST])
    for path in (here / FOLDER / FILES).iterdir():
        path.write_bytes(b"")

    assert run(["edit", "cat.png", "blue", *LEFT, *FAST]) == 2
    assert "is not what was kept; bring it back, or use --no-history" in capsys.readouterr().err
    assert run(["edit", "cat.png", "blue", *LEFT, *FAST, "--no-history", "-o", "blue.png"]) == 0
