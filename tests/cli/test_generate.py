"""`limner generate` with a real engine on a tiny network."""

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from limner.cli.main import run
from limner.media.metadata import describe_file

SMALL = ["--size", "256x256", "--quality", "low"]


@pytest.fixture
def here(tmp_path: Path, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with the tiny network as the weights."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    monkeypatch.setenv("LIMNER_THREADS", "1")
    return tmp_path


def limner(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "limner", *arguments]
    return subprocess.run(command, check=False, capture_output=True, input=stdin, env={**os.environ, **environment})


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_prompt_becomes_a_picture_that_says_how_it_was_drawn(here: Path, capsys: pytest.CaptureFixture[str]):
    code = run(["generate", "a red kite", "-o", "kite.png", "--size", "288x256", "--quality", "low", "--seed", "7"])

    assert code == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("✓ kite.png  288×256 · low · opaque · seed 7 · ")
    description = describe_file(here / "kite.png")
    assert (description.width, description.height, description.has_alpha) == (288, 256, False)
    assert description.record is not None
    assert (description.record.prompt, description.record.seed, description.record.quality) == ("a red kite", 7, "low")


def test_json_tells_a_program_everything(here: Path, capsys: pytest.CaptureFixture[str]):
    run(["generate", "a red kite", "-o", "kite.webp", *SMALL, "--seed", "7", "--n", "2", "--json", "--quiet"])

    first, second = lines(capsys)
    assert (first["path"], second["path"]) == ("kite-1.webp", "kite-2.webp")
    assert (first["seed"], second["seed"]) == (7, 8)
    assert (first["size"], first["quality"], first["background"], first["format"]) == ("256x256", "low", "opaque", "webp")
    assert first["encoded_prompt"] == "a red kite"
    assert first["sha256"] == hashlib.sha256((here / "kite-1.webp").read_bytes()).hexdigest()
    assert isinstance(first["seconds"], float)


def test_the_same_seed_gives_the_same_bytes_alone_among_others_and_in_a_new_process(here: Path):
    run(["generate", "a red kite", "-o", "many.png", *SMALL, "--seed", "3", "--n", "3", "--quiet"])
    run(["generate", "a red kite", "-o", "single.png", *SMALL, "--seed", "5", "--quiet"])
    limner("generate", "a red kite", "-o", "again.png", *SMALL, "--seed", "5", "--quiet")

    files = [(here / name).read_bytes() for name in ("many-3.png", "single.png", "again.png")]
    assert files[0] == files[1] == files[2]
    assert (here / "many-1.png").read_bytes() != files[0]


def test_transparent_has_alpha_and_opaque_has_none(here: Path):
    run(["generate", "a fox", "-o", "clear.png", *SMALL, "--background", "transparent", "--quiet"])
    run(["generate", "a fox", "-o", "solid.png", *SMALL, "--background", "opaque", "--quiet"])

    assert np.asarray(Image.open(here / "clear.png")).shape == (256, 256, 4)
    assert np.asarray(Image.open(here / "solid.png")).shape == (256, 256, 3)


def test_partial_pictures_lie_beside_the_output(here: Path):
    run(["generate", "a fox", "-o", "fox.webp", "--size", "256x256", "--partials", "2", "--quiet"])

    partials = sorted(path.name for path in here.glob("fox-partial-*"))
    assert partials == ["fox-partial-1.webp", "fox-partial-2.webp"]
    assert describe_file(here / partials[0]).width == 256


def test_prompts_from_a_file_are_numbered_through(here: Path, capsys: pytest.CaptureFixture[str]):
    (here / "animals.txt").write_text("a fox\na hen\n")

    run(["generate", "--prompts", "animals.txt", *SMALL, "--json", "--quiet"])

    said = lines(capsys)
    assert [(line["path"], line["encoded_prompt"]) for line in said] == [("animals-1.png", "a fox"), ("animals-2.png", "a hen")]


def test_a_prompt_goes_in_and_a_picture_comes_out_through_pipes(here: Path):
    answer = limner("generate", "-", "-o", "-", *SMALL, "--format", "jpeg", stdin=b"a red kite\n")

    assert answer.returncode == 0
    assert Image.open(io.BytesIO(answer.stdout)).size == (256, 256)
    assert Image.open(io.BytesIO(answer.stdout)).format == "JPEG"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([""], "prompt '' is empty; say what to draw"),
        (["x" * 32_001], "has 32,001 characters; shorten it to 32,000"),
        (["kite", "--size", "100x100"], "size '100x100' cannot be drawn; use WIDTHxHEIGHT"),
        (["kite", "--size", "huge"], "size 'huge' is not understood"),
        (["kite", "--n", "0"], "n 0 is out of range; use a whole number from 1 to 10"),
        (["kite", "--n", "11"], "n 11 is out of range"),
        (["kite", "--n=-1"], "n -1 is out of range"),
        (["kite", "--seed", "9007199254740992"], "seed 9007199254740992 is out of range; use a whole number from 0 to 9007199254740991"),
        (["kite", "--seed=-1"], "seed -1 is out of range"),
        (["kite", "--quality", "ultra"], "quality 'ultra' is not known; use auto, low, medium or high"),
        (["kite", "--background", "blue"], "background 'blue' is not known; use auto, transparent or opaque"),
        (["kite", "--partials", "4"], "partials 4 is out of range"),
        (["kite", "--model", "nope"], "model 'nope' does not exist; use one of"),
        (["kite", "--format", "gif"], "format 'gif' is not known; use png, webp, jpeg"),
        (["kite", "-o", "kite.gif"], "'kite.gif' does not end in .png"),
        (["kite", "-o", "nowhere/kite.png"], "there is no folder 'nowhere'; create it first"),
        (["kite", "-o", "k.jpg", "--background", "transparent"], "jpeg has no transparency; use format png or webp, or background opaque"),
        (["kite", "-o", "kite.png", "--compression", "50"], "png loses nothing and takes no compression; use format webp or jpeg"),
        (["kite", "-o", "kite.webp", "--compression", "101"], "compression 101 is out of range; use 0"),
        (["a", "red", "kite"], "put one prompt in quotes ('a red kite')"),
        ([], "there is no prompt; say what to draw"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line_before_anything_is_written(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
):
    code = run(["generate", *arguments])

    said = capsys.readouterr()
    assert code == 2
    assert message in said.err
    assert said.err.startswith("limner: ")
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert list(here.iterdir()) == []


def test_a_setting_that_cannot_be_read_is_refused(here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIMNER_THREADS", "many")

    assert run(["generate", "a kite", "--quiet"]) == 2

    assert capsys.readouterr().err.startswith("limner: LIMNER_THREADS='many' is not a count")


def test_the_longest_prompt_is_drawn(here: Path):
    prompt = ("a red kite over a harbour at dusk " * 1000)[:32_000]

    assert run(["generate", prompt, "-o", "kite.png", *SMALL, "--quiet"]) == 0

    record = describe_file(here / "kite.png").record
    assert record is not None
    assert record.prompt == prompt


def test_a_damaged_weights_file_is_refused_in_one_line(here: Path, tiny_weights: Path):
    folder = here / "weights"
    shutil.copytree(tiny_weights, folder)
    shard = next(path for path in folder.rglob("*.safetensors") if path.parent.name != "text-encoder")
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)

    answer = limner("generate", "a kite", "-o", "kite.png", *SMALL, LIMNER_WEIGHTS_DIR=str(folder))

    assert answer.returncode == 2
    assert answer.stderr.decode().startswith("limner: ")
    assert f"{shard.name} is damaged" in answer.stderr.decode()
    assert answer.stderr.count(b"\n") == 1
    assert not (here / "kite.png").exists()


@pytest.fixture
def _hears_interrupts() -> Iterator[None]:
    """What a shell runs in the background inherits deafness to them, and its children would too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_hears_interrupts")
def test_ctrl_c_ends_the_command_and_its_engine_quickly(here: Path):
    asked = ["--n", "10", "--size", "2048x2048", "--quality", "high", "--background", "transparent", "--partials", "3"]
    command = [sys.executable, "-m", "limner", "generate", "kite", "-o", "k.png", *asked]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not list(here.glob("*partial*")) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert said == "limner: interrupted\n"
    assert not (here / "k-1.png").exists()
