"""Drawings as pixels: rasterise assets once into a memory-mapped file that every worker process shares."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import resvg_py
from PIL import Image

from limner.data.colours import clear_colour
from limner.data.packing.pack import Asset
from limner.errors import DamagedFile

Pixels = npt.NDArray[np.uint8]
RASTER_VERSION = 2  # counts changes of this module that change pixels
_MEASURE_PX = 96
_MIN_COVER = 0.004
_CHUNK = 64


@dataclass(frozen=True)
class Sprite:
    """One drawing, trimmed to what is drawn and centred in a square.

    `pixels` is (P, P, 4) straight-alpha RGBA; `aspect` is width / height of what is drawn; `colour` is its one clear colour or "".
    """

    pixels: Pixels
    aspect: float
    colour: str


def asset_key(asset: Asset) -> str:
    """Return the name of an asset that is unique over all sets: "set/slug"."""
    return f"{asset.set}/{asset.slug}"


def rasterise(asset: Asset, size_px: int) -> Pixels | None:
    """Draw an asset trimmed and centred in a square of `size_px`; None when nothing, or next to nothing, is drawn."""
    if asset.media == "webp":
        return _fit(Image.open(io.BytesIO(asset.body)).convert("RGBA"), size_px)
    side = max(asset.width, asset.height)
    left, top = asset.left - (side - asset.width) / 2, asset.top - (side - asset.height) / 2
    coarse = _draw_svg(asset, (left, top, side), _MEASURE_PX)
    box = coarse.getchannel("A").point(lambda alpha: 255 * (alpha > 8)).getbbox()
    if box is None or np.asarray(coarse)[..., 3].mean() < 255 * _MIN_COVER:
        return None
    if b"<filter" in asset.body:  # filters go wrong where the view cuts them
        return _fit(_draw_svg(asset, (left, top, side), 2 * size_px), size_px)
    unit = side / _MEASURE_PX
    width, height = (box[2] - box[0]) * unit, (box[3] - box[1]) * unit
    view = max(width, height)
    view_left = left + box[0] * unit - (view - width) / 2
    view_top = top + box[1] * unit - (view - height) / 2
    return np.array(_draw_svg(asset, (view_left, view_top, view), size_px))


def _draw_svg(asset: Asset, view: tuple[float, float, float], size_px: int) -> Image.Image:
    left, top, side = view
    head = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{size_px}" height="{size_px}"'
    svg = f'{head} viewBox="{left:.4f} {top:.4f} {side:.4f} {side:.4f}" color="#23262b">{asset.body.decode()}</svg>'
    try:
        png = resvg_py.svg_to_bytes(svg_string=svg, width=size_px, height=size_px, skip_system_fonts=True)
    except BaseException as error:
        if not (
            isinstance(error, ValueError) or type(error).__name__ == "PanicException"
        ):  # the rasteriser's own, which has no name to import
            raise
        return Image.new("RGBA", (size_px, size_px))
    return Image.open(io.BytesIO(bytes(png))).convert("RGBA")


def _fit(image: Image.Image, size_px: int) -> Pixels | None:
    box = image.getchannel("A").point(lambda alpha: 255 * (alpha > 8)).getbbox()
    if box is None:
        return None
    trimmed = image.crop(box)
    scale = size_px / max(trimmed.size)
    width, height = (max(1, round(side * scale)) for side in trimmed.size)
    canvas = Image.new("RGBA", (size_px, size_px))
    canvas.paste(trimmed.resize((width, height), Image.Resampling.LANCZOS), ((size_px - width) // 2, (size_px - height) // 2))
    return np.array(canvas)


def digest_assets(assets: Sequence[Asset], size_px: int) -> str:
    """Return the sha256 that names the cache of these drawings at this size."""
    digest = hashlib.sha256(f"sprites {RASTER_VERSION} {size_px}\n".encode())
    for asset in assets:
        digest.update(f"{asset_key(asset)} {hashlib.sha256(asset.body).hexdigest()}\n".encode())
    return digest.hexdigest()


class SpriteSheet:
    """The drawn assets by key. Reads a memory-mapped file, so copies in many processes cost nothing; it pickles as its path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            index = json.loads(path.with_suffix(".json").read_text())
            self._rows: dict[str, int] = {key: row for row, key in enumerate(index["keys"])}
            self._aspects: list[float] = index["aspects"]
            self._colours: list[str] = index["colours"]
            self._pixels: Pixels = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, KeyError) as error:
            raise DamagedFile(f"sprite cache {str(path)!r} cannot be read ({error}); delete it and start again") from error

    def __reduce__(self) -> tuple[type[SpriteSheet], tuple[Path]]:
        return SpriteSheet, (self.path,)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    @property
    def size_px(self) -> int:
        """The side of every drawing."""
        return int(self._pixels.shape[1])

    def __getitem__(self, key: str) -> Sprite:
        row = self._rows[key]
        return Sprite(self._pixels[row], self._aspects[row], self._colours[row])

    def colour(self, key: str) -> str:
        """Return the one clear colour of a drawing, or ""."""
        return self._colours[self._rows[key]]

    def aspect(self, key: str) -> float:
        """Return width / height of what is drawn."""
        return self._aspects[self._rows[key]]


def open_sprites(
    assets: Sequence[Asset], *, size_px: int, cache_dir: Path, processes: int = 0, report: Callable[[int, int], None] | None = None
) -> SpriteSheet:
    """Open the cache of these drawings, drawing them first when it is not there; assets that draw nothing are left out.

    `processes` of 0 means one per core; `report` is called with (done, total). Safe when several processes start at once.

    Raises:
        DamagedFile: the cache on disk cannot be read.
    """
    ordered = sorted({asset_key(asset): asset for asset in assets}.values(), key=asset_key)
    path = cache_dir / f"sprites-{digest_assets(ordered, size_px)[:20]}-{size_px}.npy"
    if not (path.exists() and path.with_suffix(".json").exists()):
        _build(ordered, size_px, path, processes=processes or (os.cpu_count() or 1), report=report)
    return SpriteSheet(path)


def _build(assets: Sequence[Asset], size_px: int, path: Path, *, processes: int, report: Callable[[int, int], None] | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.stem}.{os.getpid()}.partial.npy")
    pixels = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=(len(assets), size_px, size_px, 4))
    chunks = [assets[start : start + _CHUNK] for start in range(0, len(assets), _CHUNK)]
    keys: list[str] = []
    aspects: list[float] = []
    colours: list[str] = []
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) if processes > 1 else nullcontext() as pool:
        drawn_chunks = (map if pool is None else pool.map)(_draw_chunk, chunks, [size_px] * len(chunks))
        for done, (chunk, drawn) in enumerate(zip(chunks, drawn_chunks, strict=True), start=1):
            for asset, sprite in zip(chunk, drawn, strict=True):
                if sprite is not None:
                    pixels[len(keys)] = sprite.pixels
                    keys.append(asset_key(asset))
                    aspects.append(round(sprite.aspect, 4))
                    colours.append(sprite.colour)
            if report is not None:
                report(min(done * _CHUNK, len(assets)), len(assets))
    pixels.flush()
    del pixels
    path.with_suffix(".json").write_text(json.dumps({"keys": keys, "aspects": aspects, "colours": colours}))
    partial.replace(path)


def _draw_chunk(assets: Sequence[Asset], size_px: int) -> list[Sprite | None]:
    return [_sprite(rasterise(asset, size_px)) for asset in assets]


def _sprite(pixels: Pixels | None) -> Sprite | None:
    if pixels is None:
        return None
    rows, columns = np.nonzero(pixels[..., 3] > 8)
    if len(rows) == 0:
        return None
    aspect = (int(np.ptp(columns)) + 1) / (int(np.ptp(rows)) + 1)
    return Sprite(pixels, aspect, clear_colour(pixels))
