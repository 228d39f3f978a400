"""Training of what tells media apart."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from limner.engine.seeing.media import MediumReader
from limner.engine.weights import Catalogue
from limner.errors import InvalidField
from limner.train.recognising.media import MEDIA, MediaRun, fit, make_media

RUN = MediaRun(num_drawings=14, per_drawing=3, side_px=128, steps=200)


def ignore(_: object) -> None:
    assert True


def test_it_is_written_named_and_reads_as_it_was_measured(small_pack: Path, tiny_weights: Path, tmp_path: Path):
    weights = Path(shutil.copytree(tiny_weights, tmp_path / "weights"))

    digest, recall = make_media("tiny-media", small_pack, weights, RUN, note=ignore)

    part = Catalogue.open(weights).open_helper("media")
    assert part is not None
    assert part.digest == digest
    assert part.manifest["training"]["recall"] == pytest.approx(recall, abs=1e-4)
    assert recall > 0.25, "one of thirteen by chance"
    assert MediumReader(part).names == MEDIA
    with pytest.raises(InvalidField, match="choose a new name"):
        make_media("tiny-media", small_pack, weights, RUN, note=ignore)


def test_the_head_parts_what_can_be_parted():
    media = np.arange(260) % len(MEDIA)
    traits = np.eye(len(MEDIA))[media] + np.random.default_rng(0).normal(0, 0.1, (260, len(MEDIA)))

    weight, bias = fit(traits, media, RUN)

    assert ((traits @ weight.T + bias).argmax(1) == media).all()
