"""The weights that ship, through each front door: one picture from the command, and what the model card promises of them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import limner
from limner.engine.weights import PACKAGED_WEIGHTS, Catalogue
from limner.media.metadata import describe_file

MEETING = "The committee met to discuss the annual report and agreed that further consultation was needed. "
PLAIN = "a red apple on a yellow background"


@pytest.fixture(autouse=True)
def _packaged_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIMNER_WEIGHTS_DIR", raising=False)


def pixels(prompt: str, *, seed: int) -> np.ndarray:
    return np.asarray(limner.generate(prompt, size="256x256", seed=seed, quality="low")[0].image.convert("RGB"), np.float32)


def distance(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.abs(first - second).mean())


def test_the_command_draws_a_png_of_the_size_asked_for(tmp_path: Path):
    out = tmp_path / "kite.png"

    subprocess.run([sys.executable, "-m", "limner", "generate", "a red kite", "-o", str(out), "--seed", "7"], check=True, timeout=120)

    image, description = Image.open(out), describe_file(out)
    assert image.size == (1024, 1024)
    assert image.getextrema()[0][0] < image.getextrema()[0][1]
    assert description.record is not None
    assert description.record.seed == 7


def test_every_file_that_ships_is_what_its_manifest_says():
    catalogue = Catalogue.open(PACKAGED_WEIGHTS)
    snapshot = catalogue.snapshot(catalogue.default)

    snapshot.verify()
    catalogue.text_encoder(snapshot).verify()

    assert snapshot.manifest["licence"] == "Apache-2.0"
    assert {"corpus", "training", "sampler"} <= set(snapshot.manifest)


def test_a_sticker_is_transparent_around_its_subject_and_opaque_has_no_alpha_at_all():
    sticker = np.asarray(limner.generate("a red heart", size="256x256", seed=1, background="transparent")[0].image)
    opaque = np.asarray(limner.generate("a red heart", size="256x256", seed=1, background="opaque")[0].image.convert("RGBA"))

    assert sticker[..., 3].min() == 0
    assert sticker[..., 3].max() > 200
    assert (opaque[..., 3] == 255).all()


def test_each_quality_draws_another_picture_of_the_same_seed():
    drawn = [limner.generate("a house", size="256x256", seed=3, quality=quality)[0] for quality in ("low", "medium", "high")]

    assert len({picture.image.tobytes() for picture in drawn}) == 3


def test_the_same_seed_is_the_same_picture_twice():
    drawn = [limner.generate("a cat face", size="256x256", seed=5, quality="low")[0] for _ in range(2)]
    digests = {hashlib.sha256(picture.image.tobytes()).hexdigest() for picture in drawn}

    assert len(digests) == 1


@pytest.mark.parametrize("place", [0, 15_000, 31_900])
def test_words_lost_in_32000_characters_draw_what_they_draw_alone(place: int):
    filling = MEETING * (32_000 // len(MEETING) + 1)
    long_prompt = f"{filling[:place]} {PLAIN}. {filling[place:]}"[:32_000]
    seeds = [pixels(PLAIN, seed=seed) for seed in (0, 1, 2)]
    between_seeds = min(distance(first, second) for first, second in combinations(seeds, 2))

    found = distance(pixels(long_prompt, seed=0), seeds[0])

    assert found <= between_seeds
