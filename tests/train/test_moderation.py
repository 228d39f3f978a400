"""Training of the moderation head, on the tiny text encoder and a part of the sentences."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from limner.engine.weights import TEXT_ENCODER, WeightsPart
from limner.moderation.head import HEAD, to_scores
from limner.moderation.phrases import Phrase, read_phrases
from limner.moderation.text import Reading
from limner.moderation.verdict import CATEGORIES
from limner.train.moderation import choose_thresholds, label, train_head


@pytest.fixture
def weights_dir(tiny_weights: Path, tmp_path: Path) -> Path:
    shutil.copytree(tiny_weights / TEXT_ENCODER, tmp_path / TEXT_ENCODER)
    return tmp_path


def test_training_twice_gives_the_same_bytes(weights_dir: Path):
    written = []
    for _ in range(2):
        report = train_head(weights_dir, every=13)
        written.append((report.digest, {file.name: file.read_bytes() for file in sorted((weights_dir / HEAD).iterdir())}))

    assert written[0] == written[1]
    part = WeightsPart.open(weights_dir / HEAD, digest=written[0][0])
    part.verify()
    assert part.manifest["text_encoder"] == WeightsPart.open(weights_dir / TEXT_ENCODER, digest=None).digest
    assert {row.category for row in report.rows} == set(CATEGORIES)


def test_a_sentence_is_what_its_category_implies_and_does_not_count_where_that_is_unclear():
    labels, counted = label([Phrase("", "hate/threatening", ""), Phrase("", None, "")])

    named = [{name for name, is_one in zip(CATEGORIES, row, strict=True) if is_one} for row in labels]
    assert named == [{"hate", "hate/threatening"}, set()]
    assert {name for name, counts in zip(CATEGORIES, counted[0], strict=True) if not counts} == {
        "violence",
        "harassment",
        "harassment/threatening",
    }
    assert counted[1].all()


def test_a_threshold_lies_between_what_must_be_found_and_what_must_pass():
    phrases = [Phrase("", None, "")] * 50 + [Phrase("", name, "") for name in CATEGORIES]
    logits = np.concatenate([np.full((50, len(CATEGORIES)), -1.0), np.full((len(CATEGORIES), len(CATEGORIES)), 2.0)])

    thresholds = choose_thresholds(phrases, [Reading(row, row, (), ()) for row in logits.astype(np.float32)])

    passing, found = to_scores(np.float32(-1)), to_scores(np.float32(2))
    assert all(passing < value <= found for value in thresholds["auto"].values())
    assert thresholds["low"]["sexual/minors"] == thresholds["auto"]["sexual/minors"]
    assert thresholds["low"]["violence"] > thresholds["auto"]["violence"]


def test_every_nth_sentence_still_holds_every_category():
    assert {phrase.category for phrase in read_phrases("held")[::13]} == {*CATEGORIES, None}
