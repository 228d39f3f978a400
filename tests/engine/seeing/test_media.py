"""Media that are read from pictures, by the head that ships."""

from __future__ import annotations

import numpy as np
import pytest

from limner.engine.seeing.media import MediumReader
from limner.engine.weights import Catalogue
from limner.evals.edits.cases import read_cases
from limner.media.filters.medium import LOOKS, apply_medium
from limner.media.filters.traits import NUM_TRAITS, measure_traits

SCENES = [
    case.source for case in read_cases() if case.set in ("move", "recolour") and case.source is not None and case.background == "opaque"
]


@pytest.fixture(scope="module")
def reader() -> MediumReader:
    part = Catalogue.open().open_helper("media")
    assert part is not None
    return MediumReader(part)


@pytest.mark.parametrize("medium", LOOKS)
def test_each_medium_is_known_at_once_in_most_pictures(reader: MediumReader, medium: str):
    made = [apply_medium(scene, np.ones(scene.shape[:2], np.bool_), medium, seed) for seed, scene in enumerate(SCENES[:8])]

    assert sum(reader.read(pixels) == medium for pixels in made) >= 5


def test_plain_drawings_and_noise_are_made_in_none(reader: MediumReader):
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 4)).astype(np.uint8)

    assert sum(reader.read(scene) == "" for scene in SCENES[:12]) >= 10
    assert measure_traits(noise).shape == (NUM_TRAITS,)
    assert reader.read(noise[..., :3]) in {"", *LOOKS}
