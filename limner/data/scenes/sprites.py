"""Drawings as pixels: rasterise assets once into files, one a set, that every worker process shares.

sprites-SET-DIGEST-SIZE.bin    the drawings, each deflated: one channel for a set in one ink, else four
sprites-SET-DIGEST-SIZE.json   their keys, ends, aspects and colours; written last, so it says that the other file is whole
"""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt
import resvg_py
from PIL import Image

from limner.data.colours import clear_colour, main_colours
from limner.data.looks import ONE_INK
from limner.data.packing.pack import Asset
from limner.errors import DamagedFile

Pixels = npt.NDArray[np.uint8]
RASTER_VERSION = 2  # counts changes of this module that change pixels
_MEASURE_PX = 96
_MIN_COVER = 0.004
_CHUNK = 64
_INK = (35, 38, 43)


@dataclass(frozen=True)
class Sprite:
    """One drawing, trimmed to what is drawn and centred in a square.

    `pixels` is (P, P, 4) straight-alpha RGBA; `aspect` is width / height of what is drawn; `colour` is its one clear colour or "";
    `palette` are the colours that are plainly seen in it.
    """

    pixels: Pixels
    aspect: float
    colour: str
    palette: tuple[str, ...] = ()


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


class _SetFile:
    """The drawings of one set, read from its two files."""

    def __init__(self, path: Path) -> None:
        try:
            index = json.loads(path.with_suffix(".json").read_text())
            self.keys: list[str] = index["keys"]
            self.aspects: list[float] = index["aspects"]
            self.colours: list[str] = index["colours"]
            self.palettes: list[list[str]] = index["palettes"]
            self._ends: list[int] = [0, *index["ends"]]
            self.size_px, self._has_colours = int(index["size_px"]), bool(index["has_colours"])
            if path.stat().st_size != self._ends[-1]:
                raise ValueError("it is cut off")
            self._bytes = np.memmap(path, np.uint8, "r") if self.keys else np.empty(0, np.uint8)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DamagedFile(f"sprite cache {str(path)!r} cannot be read ({error}); delete it and start again") from error

    def read(self, row: int) -> Sprite:
        packed = self._bytes[self._ends[row] : self._ends[row + 1]].tobytes()
        pixels = _unpack(packed, self.size_px, has_colours=self._has_colours)
        return Sprite(pixels, self.aspects[row], self.colours[row], tuple(self.palettes[row]))


class SpriteSheet:
    """The drawn assets by key. Reads memory-mapped files, so copies in many processes cost little; it pickles as their paths.

    `name` tells the drawings and their size, and is the same for the same drawings on every machine.
    """

    def __init__(self, paths: Iterable[Path], name: str) -> None:
        self.paths = tuple(paths)
        self.name = name
        self._files = tuple(map(_SetFile, self.paths))
        self._rows = {key: (file, row) for file in self._files for row, key in enumerate(file.keys)}

    def __reduce__(self) -> tuple[type[SpriteSheet], tuple[tuple[Path, ...], str]]:
        return SpriteSheet, (self.paths, self.name)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    @property
    def size_px(self) -> int:
        """The side of every drawing."""
        return self._files[0].size_px

    @property
    def size_bytes(self) -> int:
        """What the files take on the disk."""
        return sum(path.stat().st_size + path.with_suffix(".json").stat().st_size for path in self.paths)

    def __getitem__(self, key: str) -> Sprite:
        file, row = self._rows[key]
        return file.read(row)

    def colour(self, key: str) -> str:
        """Return the one clear colour of a drawing, or ""."""
        file, row = self._rows[key]
        return file.colours[row]

    def palette(self, key: str) -> tuple[str, ...]:
        """Return the one-word colours that a person would name of a drawing, the largest first."""
        file, row = self._rows[key]
        return tuple(file.palettes[row])

    def aspect(self, key: str) -> float:
        """Return width / height of what is drawn."""
        file, row = self._rows[key]
        return file.aspects[row]


def open_sprites(
    assets: Sequence[Asset], *, size_px: int, cache_dir: Path, processes: int = 0, report: Callable[[int, int], None] | None = None
) -> SpriteSheet:
    """Open the cache of these drawings, drawing the sets that are not there yet; assets that draw nothing are left out.

    `processes` of 0 means one per core; `report` is called with (done, total). An interrupted call is continued by the next one,
    set by set. Safe when several processes start at once.

    Raises:
        DamagedFile: the cache on disk cannot be read.
    """
    ordered = sorted({asset_key(asset): asset for asset in assets}.values(), key=asset_key)
    name = f"sprites-{digest_assets(ordered, size_px)[:20]}-{size_px}"
    sets = {
        set_name: list(members) for set_name, members in groupby(sorted(ordered, key=lambda asset: asset.set), key=lambda asset: asset.set)
    }
    paths = {
        set_name: cache_dir / f"sprites-{set_name}-{digest_assets(members, size_px)[:20]}-{size_px}.bin"
        for set_name, members in sets.items()
    }
    missing = {set_name: path for set_name, path in paths.items() if not path.with_suffix(".json").exists()}
    if missing:
        cache_dir.mkdir(parents=True, exist_ok=True)
        total, done = sum(len(sets[set_name]) for set_name in missing), 0
        many = (processes or (os.cpu_count() or 1)) > 1
        with ProcessPoolExecutor(processes or None, mp_context=multiprocessing.get_context("spawn")) if many else nullcontext() as pool:
            for set_name, path in missing.items():
                chunks = [sets[set_name][start : start + _CHUNK] for start in range(0, len(sets[set_name]), _CHUNK)]
                packed: list[_Packed | None] = []
                for drawn in (map if pool is None else pool.map)(_draw_chunk, chunks, [size_px] * len(chunks)):
                    packed += drawn
                    if report is not None:
                        report(done + len(packed), total)
                done += len(packed)
                _write(path, [one for one in packed if one is not None], size_px)
    return SpriteSheet(paths.values(), name)


@dataclass(frozen=True)
class _Packed:
    key: str
    aspect: float
    colour: str
    palette: tuple[str, ...]
    packed: bytes
    has_colours: bool


def _write(path: Path, drawn: Sequence[_Packed], size_px: int) -> None:
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_bytes(b"".join(one.packed for one in drawn))
    partial.replace(path)
    index = {
        "size_px": size_px,
        "has_colours": any(one.has_colours for one in drawn),
        "keys": [one.key for one in drawn],
        "ends": np.cumsum([len(one.packed) for one in drawn]).tolist(),
        "aspects": [one.aspect for one in drawn],
        "colours": [one.colour for one in drawn],
        "palettes": [one.palette for one in drawn],
    }
    partial.write_text(json.dumps(index))
    partial.replace(path.with_suffix(".json"))


def _draw_chunk(assets: Sequence[Asset], size_px: int) -> list[_Packed | None]:
    return [_pack(asset, rasterise(asset, size_px)) for asset in assets]


def _pack(asset: Asset, pixels: Pixels | None) -> _Packed | None:
    if pixels is None:
        return None
    rows, columns = np.nonzero(pixels[..., 3] > 8)
    if len(rows) == 0:
        return None
    aspect = round((int(np.ptp(columns)) + 1) / (int(np.ptp(rows)) + 1), 4)
    if asset.set in ONE_INK:
        return _Packed(asset_key(asset), aspect, "", (), _deflate(_coverage(pixels)[None]), has_colours=False)
    packed = _deflate(pixels.transpose(2, 0, 1))
    return _Packed(asset_key(asset), aspect, clear_colour(pixels), main_colours(pixels), packed, has_colours=True)


def _coverage(pixels: Pixels) -> Pixels:
    """Return how much ink lies on each pixel; what such a drawing has in white is left free."""
    light = np.clip(pixels[..., :3].min(axis=-1).astype(np.int32) - max(_INK), 0, None) / (255 - max(_INK))
    cover: Pixels = np.rint(pixels[..., 3] * (1 - light)).astype(np.uint8)
    return cover


def _deflate(planes: Pixels) -> bytes:
    """Pack (C, P, P): each pixel as the difference from its left neighbour, which gradients and plain areas both like."""
    return zlib.compress(np.diff(planes, axis=2, prepend=np.uint8(0)).tobytes(), 6)


def _unpack(packed: bytes, size_px: int, *, has_colours: bool) -> Pixels:
    planes = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(4 if has_colours else 1, size_px, size_px)
    planes = np.cumsum(planes, axis=2, dtype=np.uint8)
    if has_colours:
        return np.ascontiguousarray(planes.transpose(1, 2, 0))
    pixels = np.empty((size_px, size_px, 4), np.uint8)
    pixels[..., :3] = _INK
    pixels[..., 3] = planes[0]
    return pixels
