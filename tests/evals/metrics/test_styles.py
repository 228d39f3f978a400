"""Looks measured from features: the nearest style, the file, and the judge that measured it."""

from pathlib import Path

import numpy as np
import pytest

from limner.errors import DamagedFile
from limner.evals.metrics.styles import Looks

STYLES = ("flat", "line", "shaded")


def features_of(style: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """Vectors of a style: its own direction, and what the things in them have in common, spread far wider."""
    own = np.zeros(12)
    own[STYLES.index(style)] = 1.0
    return (own + rng.normal(0, 0.2, (count, 12)) + rng.normal(0, 3.0, (count, 1)) * np.eye(12)[11]).astype(np.float32)


def measured() -> Looks:
    rng = np.random.default_rng(0)
    vectors = np.concatenate([features_of(style, 40, rng) for style in STYLES])
    return Looks.measure(vectors, [style for style in STYLES for _ in range(40)], ceiling=(9, 10))


def test_new_drawings_are_nearest_to_their_own_style_however_their_subjects_differ():
    looks, rng = measured(), np.random.default_rng(1)

    named = {style: [looks.nearest(vector) for vector in features_of(style, 30, rng)] for style in STYLES}

    assert all(names.count(style) >= 28 for style, names in named.items())


def test_looks_come_back_from_their_file_for_the_judge_that_measured_them(tmp_path: Path):
    looks, path = measured(), tmp_path / "looks.safetensors"
    looks.write(path, "sha256:one")

    same, other, none = Looks.open(path, "sha256:one"), Looks.open(path, "sha256:two"), Looks.open(tmp_path / "no", "sha256:one")

    assert same is not None
    assert (same.styles, same.ceiling) == (looks.styles, (9, 10))
    assert np.array_equal(same.weights, looks.weights)
    assert same.digest
    assert (other, none) == (None, None)


def test_a_damaged_file_of_looks_is_said_to_be_damaged(tmp_path: Path):
    path = tmp_path / "looks.safetensors"
    path.write_bytes(b"nothing of the kind")

    with pytest.raises(DamagedFile, match=r"looks\.safetensors cannot be read"):
        Looks.open(path, "sha256:one")
