"""Drawings as pixels: trimmed, kept in a file that processes share."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest

from limner.data.packing.pack import Asset
from limner.data.scenes.sprites import open_sprites, rasterise
from limner.errors import DamagedFile


def svg(slug: str, body: str) -> Asset:
    return Asset("test", slug, slug, (), "objects", "", 32.0, 32.0, 0.0, 0.0, "svg", body.encode())


RED_BAR = svg("bar", '<path fill="#de2830" d="M8 14h16v4H8z"/>')


def test_a_drawing_is_trimmed_and_centred_in_its_square():
    pixels = rasterise(RED_BAR, 64)

    assert pixels is not None
    rows, columns = np.nonzero(pixels[..., 3] > 128)
    assert columns.min() <= 1
    assert columns.max() >= 62
    assert abs(rows.mean() - 31.5) < 1
    assert np.ptp(rows) < 20


@pytest.mark.parametrize("body", ["<g/>", '<path d="M0 0h1" fill="none"/>', "<path d='broken"])
def test_a_drawing_of_nothing_gives_none(body: str):
    assert rasterise(svg("nothing", body), 64) is None


def test_a_drawing_with_a_filter_is_drawn_whole_and_then_trimmed():
    soft = '<filter id="f"><feGaussianBlur stdDeviation="1"/></filter><path fill="#de2830" filter="url(#f)" d="M8 14h16v4H8z"/>'

    pixels = rasterise(svg("soft", soft), 64)

    assert pixels is not None
    assert pixels.shape == (64, 64, 4)
    columns = np.nonzero(pixels[..., 3] > 8)[1]
    assert np.ptp(columns) > 58


def test_the_sheet_leaves_out_what_draws_nothing_and_knows_shape_and_colour(tmp_path: Path):
    sheet = open_sprites([RED_BAR, svg("nothing", "<g/>")], size_px=64, cache_dir=tmp_path, processes=1)

    assert list(sheet) == ["test/bar"]
    assert sheet["test/bar"].colour == "red"
    assert sheet["test/bar"].aspect == pytest.approx(4, rel=0.15)


def test_a_second_opening_reads_the_file_and_copies_share_it(tmp_path: Path):
    first = open_sprites([RED_BAR], size_px=64, cache_dir=tmp_path, processes=1)
    written = first.paths[0].stat().st_mtime_ns

    second = copy.deepcopy(open_sprites([RED_BAR], size_px=64, cache_dir=tmp_path, processes=1))

    assert second.paths[0].stat().st_mtime_ns == written
    assert np.array_equal(first["test/bar"].pixels, second["test/bar"].pixels)


def test_another_drawing_or_size_has_another_file(tmp_path: Path):
    paths = {
        open_sprites([asset], size_px=size_px, cache_dir=tmp_path, processes=1).paths
        for asset, size_px in ((RED_BAR, 64), (RED_BAR, 32), (svg("bar", '<circle r="9"/>'), 64))
    }

    assert len(paths) == 3


def test_a_damaged_cache_is_named(tmp_path: Path):
    sheet = open_sprites([RED_BAR], size_px=64, cache_dir=tmp_path, processes=1)
    sheet.paths[0].write_bytes(b"short")

    with pytest.raises(DamagedFile, match="delete it"):
        open_sprites([RED_BAR], size_px=64, cache_dir=tmp_path, processes=1)


def test_every_drawing_comes_back_as_it_was_drawn(tmp_path: Path):
    ramp = '<linearGradient id="r"><stop stop-color="#de2830"/><stop offset="1" stop-color="#36e" stop-opacity=".2"/></linearGradient>'
    drawings = [RED_BAR, svg("ramp", f'{ramp}<circle cx="16" cy="16" r="12" fill="url(#r)"/>')]

    sheet = open_sprites(drawings, size_px=64, cache_dir=tmp_path, processes=1)

    for asset in drawings:
        assert np.array_equal(sheet[f"test/{asset.slug}"].pixels, rasterise(asset, 64))
    assert sheet["test/bar"].palette == ("red",)


def test_a_set_in_one_ink_is_kept_as_one_channel_and_its_white_is_left_free(tmp_path: Path):
    body = b'<path fill="currentColor" d="M4 4h24v24H4z"/><path fill="#fff" d="M12 12h8v8h-8z"/>'
    icon = Asset("tabler", "box", "box", (), "", "", 32.0, 32.0, 0.0, 0.0, "svg", body)

    sheet = open_sprites([icon, RED_BAR], size_px=64, cache_dir=tmp_path, processes=1)

    pixels = sheet["tabler/box"].pixels
    assert {path.name.split("-")[1] for path in sheet.paths} == {"tabler", "test"}
    assert (pixels[4, 4, 3], pixels[32, 32, 3]) == (255, 0)
    assert len(np.unique(pixels[..., :3].reshape(-1, 3), axis=0)) == 1


def test_an_interrupted_drawing_is_continued_set_by_set(tmp_path: Path):
    second = Asset("zeta", "box", "box", (), "", "", 32.0, 32.0, 0.0, 0.0, "svg", b'<path d="M4 4h24v24H4z"/>')

    def interrupt(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_sprites([RED_BAR, second], size_px=64, cache_dir=tmp_path, processes=1, report=interrupt)
    [made] = tmp_path.glob("*.json")
    written = made.stat().st_mtime_ns
    sheet = open_sprites([RED_BAR, second], size_px=64, cache_dir=tmp_path, processes=1)

    assert made.stat().st_mtime_ns == written
    assert len(sheet) == 2
