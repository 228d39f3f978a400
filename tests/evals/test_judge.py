"""The judge that ships: its digest, its answers about pictures drawn here, and what it refuses."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from limner.engine.weights import weights_folder
from limner.errors import DamagedFile, InvalidField
from limner.evals.judge import JUDGE, Judge, Limits, main_colour
from limner.evals.judging import trunk
from limner.evals.verdict import Order, Wanted, fulfils

FOLDER = weights_folder() / JUDGE
SIDE = 128


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge.open(FOLDER)


def draw_heart(colour: str, box: tuple[float, float, float, float] = (0.2, 0.2, 0.8, 0.8)) -> Image.Image:
    """A heart in a box given in fractions of the picture, on nothing."""
    image = Image.new("RGBA", (SIDE * 4, SIDE * 4))
    left, top, right, bottom = (edge * SIDE * 4 for edge in box)
    turn = np.linspace(0, 2 * np.pi, 90)
    x = 16 * np.sin(turn) ** 3
    y = -(13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn))
    across, down = left + (x + 16) / 32 * (right - left), top + (y + 12) / 29 * (bottom - top)
    ImageDraw.Draw(image).polygon(list(zip(across.tolist(), down.tolist(), strict=True)), fill=colour)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def draw_star(box: tuple[float, float, float, float] = (0.15, 0.15, 0.85, 0.85)) -> Image.Image:
    """A yellow star with five points."""
    image = Image.new("RGBA", (SIDE * 4, SIDE * 4))
    left, top, right, bottom = (edge * SIDE * 4 for edge in box)
    turn = np.arange(10) * np.pi / 5
    radius = np.where(np.arange(10) % 2 == 0, 0.5, 0.22)
    points = zip(
        (left + right) / 2 + radius * np.sin(turn) * (right - left),
        (top + bottom) / 2 - radius * np.cos(turn) * (bottom - top),
        strict=True,
    )
    ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in points], fill="#fcd034")
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def join(*images: Image.Image) -> np.ndarray:
    whole = images[0].copy()
    for image in images[1:]:
        whole.alpha_composite(image)
    return np.asarray(whole)


def best(judge: Judge, pixels: np.ndarray) -> list[tuple[str, str]]:
    """The surest name and colour of each box, from left to right."""
    surest = {thing.box: thing for thing in reversed(judge.find(pixels))}
    return [(thing.colour, thing.concept) for box, thing in sorted(surest.items(), key=lambda pair: pair[0].left)]


def test_the_judge_that_ships_has_the_digest_of_the_documents(judge: Judge):
    manifest = (FOLDER / "manifest.json").read_bytes()
    page = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text("utf-8")

    assert judge.digest == f"sha256:{hashlib.sha256(manifest).hexdigest()}"
    assert judge.digest in page


def test_one_thing_is_found_with_its_colour_and_place(judge: Judge):
    found = judge.find(join(draw_heart("#de2830", (0.1, 0.3, 0.5, 0.7))))[0]

    assert (found.colour, found.concept) == ("red", "heart")
    assert (found.box.left, found.box.right) == (pytest.approx(0.1, abs=0.02), pytest.approx(0.5, abs=0.02))


def test_things_beside_each_other_are_told_apart(judge: Judge):
    pixels = join(draw_heart("#2468e2", (0.05, 0.3, 0.45, 0.7)), draw_star((0.5, 0.28, 0.95, 0.73)))

    assert best(judge, pixels) == [("blue", "heart"), ("yellow", "star")]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_things_are_counted_on_a_plain_ground(judge: Judge, count: int):
    spots = [(0.06, 0.06), (0.54, 0.06), (0.06, 0.54), (0.54, 0.54)][:count]
    ground = Image.new("RGBA", (SIDE, SIDE), "#a8d6fa")
    pixels = join(ground, *(draw_heart("#de2830", (x, y, x + 0.4, y + 0.4)) for x, y in spots))

    assert fulfils(judge.find(pixels), Order(things=(Wanted(concept="heart", count=count, colour="red"),), is_exact=True))


@pytest.mark.parametrize("cells", [8, 32, 128])
def test_noise_is_nothing(judge: Judge, cells: int):
    noise = np.random.default_rng(cells).integers(0, 256, (cells, cells, 4), np.uint8)
    noise[..., 3] = 255

    assert judge.find(np.repeat(np.repeat(noise, 256 // cells, axis=0), 256 // cells, axis=1)) == []
    assert judge.find(np.zeros((64, 64, 4), np.uint8)) == []


def test_what_is_found_depends_on_how_sure_is_sure_enough(judge: Judge):
    look = judge.look(join(draw_heart("#de2830")))

    assert "heart" in {thing.concept for thing in judge.conclude(look, Limits(name=0.05, trust=0.5))}
    assert judge.conclude(look, Limits(name=1, trust=0)) == []
    assert judge.conclude(look, Limits(name=0, trust=1)) == []


def test_a_picture_is_named_among_candidates_that_the_judge_knows(judge: Judge):
    candidates = ("cat face", "anchor", "red heart", "rocket", "pizza", "scissors")

    assert judge.choose(join(draw_heart("#de2830")), candidates) == "red heart"
    with pytest.raises(InvalidField, match="unheard-of thing"):
        judge.choose(join(draw_heart("#de2830")), ["unheard-of thing"])


def test_features_of_one_thing_are_nearer_than_those_of_two(judge: Judge):
    small, large, other = (
        judge.features(join(image)) for image in (draw_heart("#de2830", (0.3, 0.3, 0.7, 0.7)), draw_heart("#de2830"), draw_star())
    )

    assert float(small @ small) == pytest.approx(1, abs=1e-5)
    assert small @ large > 0.97 > small @ other


def test_outlines_and_windows_do_not_decide_a_colour():
    pixels = np.array([(20, 21, 24)] * 45 + [(222, 40, 48)] * 40 + [(255, 255, 255)] * 15, np.uint8)

    assert main_colour(pixels) == "red"


def test_a_judge_of_another_trunk_is_refused(tmp_path: Path):
    shutil.copytree(FOLDER, tmp_path / JUDGE)
    manifest = json.loads((FOLDER / "manifest.json").read_text())
    (tmp_path / JUDGE / "manifest.json").write_text(json.dumps({**manifest, "trunk": "sha256:00"}))

    with pytest.raises(DamagedFile, match="made with the trunk"):
        Judge.open(tmp_path / JUDGE)


def test_without_its_package_the_trunk_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trunk, "PACKAGE", "no-such-package-of-weights")

    with pytest.raises(DamagedFile, match=r"limner\[eval\]"):
        trunk.read_trunk()
