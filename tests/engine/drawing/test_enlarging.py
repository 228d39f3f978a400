"""Enlarging with a snapshot's upsampler, and without."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner.engine.drawing.enlarging import Upsamplers, choose, develop, enlarge_towards, lay
from limner.engine.drawing.runtime import Runtime, open_upsampler
from limner.engine.weights import Catalogue
from limner.errors import DamagedFile
from limner.media.resize import fit, fit_opaque
from limner.model import flow
from limner.model.layout import Size


def make_small(height: int, width: int, *, alpha: float | None = None) -> np.ndarray:
    random = np.random.default_rng(height)
    channels = random.uniform(-1, 1, (4, height, width)).astype(np.float32)
    if alpha is not None:
        channels[3] = alpha
    return flow.clamp_pixels(channels)


def relist(folder: Path, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a snapshot's manifest, and the digest that is listed of it."""
    path = folder / name / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))
    catalogue = json.loads((folder / "snapshots.json").read_text())
    catalogue["snapshots"][name]["digest"] = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    (folder / "snapshots.json").write_text(json.dumps(catalogue))


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
    assert enlarge_towards(make_small(32, 32), wanted, runtime.upsamplers).shape == (4, *expected)


@pytest.mark.parametrize(
    ("wanted", "role"),
    [
        (Size(32, 32), None),
        (Size(64, 64), "near"),
        (Size(48, 64), "near"),
        (Size(64, 80), "far"),
        (Size(256, 256), "far"),
    ],
)
def test_what_is_over_twice_the_sides_is_drawn_by_the_far_one(runtime: Runtime, wanted: Size, role: str | None):
    upsamplers = runtime.upsamplers
    assert upsamplers
    assert upsamplers.near is not upsamplers.far

    assert choose(make_small(32, 32), wanted, upsamplers) is (None if role is None else getattr(upsamplers, role))


def test_one_upsampler_alone_draws_every_size(tiny_weights: Path, tmp_path: Path):
    folder = tmp_path / "weights"
    shutil.copytree(tiny_weights, folder)
    relist(folder, "tiny-1", lambda manifest: manifest.pop("far_upsampler"))

    upsamplers = Runtime(Catalogue.open(folder), "tiny-1", threads=1).upsamplers

    assert upsamplers
    assert upsamplers.near is upsamplers.far


@pytest.mark.parametrize(("background", "channels"), [("transparent", 4), ("opaque", 3)])
def test_a_picture_is_the_same_bytes_each_time_and_not_those_of_lanczos(runtime: Runtime, background: Any, channels: int):
    small, size = make_small(32, 32), Size(256, 256)

    first, second = (develop(small, size, background, runtime.upsamplers) for _ in range(2))

    np.testing.assert_array_equal(first, second)
    assert first.shape == (256, 256, channels)
    assert not np.array_equal(first, develop(small, size, background, None))


def test_what_is_clear_becomes_white_where_a_picture_is_opaque(runtime: Runtime):
    small = make_small(32, 32)
    small[:, :, 16:] = np.array([0, 0, 0, -1])[:, None, None]
    white = small.copy()
    white[:, :, 16:] = 1

    drawn, expected = (develop(channels, Size(256, 256), "opaque", runtime.upsamplers) for channels in (small, white))

    np.testing.assert_array_equal(drawn, expected)


def test_colours_of_an_older_upsampler_come_by_way_of_its_channels():
    released = Catalogue.open()
    part = released.companion(released.snapshot("limner-1"), "upsampler")
    assert part
    upsampler = open_upsampler(part, threads=1)
    upsamplers = Upsamplers(upsampler, upsampler)
    small, size = make_small(32, 32), Size(64, 64)

    assert "paint.onnx" not in part.graphs()
    np.testing.assert_array_equal(develop(small, size, "opaque", upsamplers), fit_opaque(lay(upsampler.enlarge(small)), size))


@pytest.mark.parametrize(("alpha", "expected"), [(1.0, 255), (-1.0, 0)])
def test_opaque_stays_opaque_and_clear_stays_clear(runtime: Runtime, alpha: float, expected: int):
    small, size = make_small(32, 32, alpha=alpha), Size(256, 256)

    pixels = develop(small, size, "transparent", runtime.upsamplers)

    assert (pixels[..., 3] == expected).all()


def test_a_snapshot_that_names_no_upsampler_is_enlarged_as_ever(tiny_weights: Path):
    runtime = Runtime(Catalogue.open(tiny_weights), "tiny-0", threads=1)
    small, size = make_small(32, 32), Size(256, 240)

    enlarged = enlarge_towards(small, size, runtime.upsamplers)

    assert runtime.upsamplers is None
    np.testing.assert_array_equal(fit(flow.to_premultiplied(enlarged), size), fit(flow.to_premultiplied(small), size))


def test_another_upsampler_of_the_same_name_is_refused(tiny_weights: Path, tmp_path: Path):
    folder = tmp_path / "weights"
    shutil.copytree(tiny_weights, folder)
    manifest = json.loads((folder / "tiny-up" / "manifest.json").read_text())
    (folder / "tiny-up" / "manifest.json").write_text(json.dumps(manifest | {"licence": "another"}))

    with pytest.raises(DamagedFile, match=r"tiny-up/manifest\.json is not the one that was released"):
        Runtime(Catalogue.open(folder), "tiny-1", threads=1)
