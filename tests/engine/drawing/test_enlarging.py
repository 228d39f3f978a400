"""Enlarging with a snapshot's upsampler, and without."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from limner.engine.drawing.enlarging import enlarge_towards
from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import develop
from limner.engine.weights import Catalogue
from limner.errors import DamagedFile
from limner.media.resize import fit
from limner.model import flow
from limner.model.layout import Size


def make_small(height: int, width: int, *, alpha: float | None = None) -> np.ndarray:
    random = np.random.default_rng(height)
    channels = random.uniform(-1, 1, (4, height, width)).astype(np.float32)
    if alpha is not None:
        channels[3] = alpha
    return flow.clamp_pixels(channels)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Size(32, 32), (32, 32)),
        (Size(16, 24), (32, 32)),
        (Size(32, 33), (128, 128)),
        (Size(2048, 1024), (128, 128)),
    ],
)
def test_one_pass_makes_four_times_the_sides_where_more_pixels_are_wanted(runtime: Runtime, wanted: Size, expected: tuple[int, int]):
    assert enlarge_towards(make_small(32, 32), wanted, runtime.upsample).shape == (4, *expected)


def test_a_picture_is_the_same_bytes_each_time_and_not_those_of_lanczos(runtime: Runtime):
    small, size = make_small(32, 32), Size(256, 256)

    first, second = (develop(enlarge_towards(small, size, runtime.upsample), size, "transparent") for _ in range(2))

    np.testing.assert_array_equal(first, second)
    assert first.shape == (256, 256, 4)
    assert not np.array_equal(first, develop(small, size, "transparent"))


@pytest.mark.parametrize(("alpha", "expected"), [(1.0, 255), (-1.0, 0)])
def test_opaque_stays_opaque_and_clear_stays_clear(runtime: Runtime, alpha: float, expected: int):
    small, size = make_small(32, 32, alpha=alpha), Size(256, 256)

    pixels = develop(enlarge_towards(small, size, runtime.upsample), size, "transparent")

    assert (pixels[..., 3] == expected).all()


def test_a_snapshot_that_names_no_upsampler_is_enlarged_as_ever(tiny_weights: Path):
    runtime = Runtime(Catalogue.open(tiny_weights), "tiny-0", threads=1)
    small, size = make_small(32, 32), Size(256, 240)

    enlarged = enlarge_towards(small, size, runtime.upsample)

    assert runtime.upsample is None
    np.testing.assert_array_equal(fit(flow.to_premultiplied(enlarged), size), fit(flow.to_premultiplied(small), size))


def test_another_upsampler_of_the_same_name_is_refused(tiny_weights: Path, tmp_path: Path):
    folder = tmp_path / "weights"
    shutil.copytree(tiny_weights, folder)
    manifest = json.loads((folder / "tiny-up" / "manifest.json").read_text())
    (folder / "tiny-up" / "manifest.json").write_text(json.dumps(manifest | {"licence": "another"}))

    with pytest.raises(DamagedFile, match=r"tiny-up/manifest\.json is not the one that was released"):
        Runtime(Catalogue.open(folder), "tiny-1", threads=1)
