"""Read and write the parts of the corpus: single files, each usable alone, each checked by digest.

vectors-*.jsonl.xz   a header line, then one asset per line (SVG bodies)
raster-*.zip         header.json, assets.jsonl, one picture file per asset, stored
fonts.zip            header.json, one woff2 file per face, stored
words.json.xz        one JSON object: labels, keywords, synonyms, colour names
parts.json           size, sha256 and recipe of every part in the folder
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from limner.errors import DamagedFile

FORMAT = "limner-part"
VERSION = 1
MAX_PART_BYTES = 25_000_000
MANIFEST_NAME = "parts.json"
ZIP_DATE = (1980, 1, 1, 0, 0, 0)

Media = Literal["svg", "webp"]


@dataclass(frozen=True, slots=True)
class SetInfo:
    """Who made a set and under which licence (an SPDX id) it may be used."""

    title: str
    author: str
    licence: str
    url: str


@dataclass(frozen=True, slots=True)
class PartHeader:
    """The first thing in every part that holds assets."""

    kind: str
    name: str
    sets: Mapping[str, SetInfo]


@dataclass(frozen=True, slots=True)
class Asset:
    """One drawing.

    `code` is the emoji's hexcode in lower case without fe0f and 200d ("1f469-1f3a8"), or "" when the drawing is no emoji.
    `left`, `top`, `width`, `height` are the viewBox in the units of `body`; for "webp" they are pixels.
    `body` is the inside of an <svg> element, or a whole WebP file.
    """

    set: str
    slug: str
    concept: str
    keywords: tuple[str, ...]
    category: str
    code: str
    width: float
    height: float
    left: float
    top: float
    media: Media
    body: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """The content of one vectors or raster part; `digest` is "sha256:..." of the file."""

    header: PartHeader
    assets: tuple[Asset, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class FontFace:
    """One woff2 file of a family.

    `weight` is 400 or 700 (another where the family has neither); `style_class` is a class of `fonts.json`, such as "slab";
    `licence` is an SPDX id; its text is in the part, under `licences/`.
    """

    family: str
    style_class: str
    weight: int
    licence: str
    copyright: str
    body: bytes


def read_part(path: Path) -> Part:
    """Read a vectors or raster part, checked against the `parts.json` beside it where there is one.

    Raises:
        DamagedFile: the part is missing, cut off, changed, or of another format.
    """
    raw = _read_checked(path)
    try:
        if path.suffix == ".zip":
            header, assets = _parse_raster(raw)
        else:
            header, assets = _parse_vectors(raw)
    except (lzma.LZMAError, EOFError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise _damaged(path, f"it cannot be read as a part ({error})") from error
    return Part(header, assets, f"sha256:{hashlib.sha256(raw).hexdigest()}")


def read_fonts(path: Path) -> tuple[FontFace, ...]:
    """Read every face of the fonts part.

    Raises:
        DamagedFile: the part is missing, cut off, changed, or of another format.
    """
    raw = _read_checked(path)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            header = _checked_header(json.loads(archive.read("header.json")), "fonts")
            return tuple(
                _face(archive, family, info, weight=weight) for family, info in header["families"].items() for weight in info["files"]
            )
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise _damaged(path, f"it cannot be read as fonts ({error})") from error


def read_words(path: Path) -> dict[str, Any]:
    """Read the words part: keys `emoji`, `synonyms`, `colours`.

    Raises:
        DamagedFile: the part is missing, cut off, changed, or of another format.
    """
    raw = _read_checked(path)
    try:
        return _checked_header(json.loads(lzma.decompress(raw)), "words")
    except (lzma.LZMAError, EOFError, TypeError, ValueError) as error:
        raise _damaged(path, f"it cannot be read as words ({error})") from error


def write_vectors(path: Path, *, name: str, sets: Mapping[str, SetInfo], assets: Iterable[Asset]) -> None:
    """Write SVG assets. The same assets give the same bytes."""
    lines = [_dump(_header("vectors", name, sets=_set_dicts(sets)))]
    for asset in sorted(assets, key=_order):
        lines.append(_dump(_asset_fields(asset) | {"body": asset.body.decode()}))
    _write(path, _compress("\n".join(lines) + "\n"))


def write_raster(path: Path, *, name: str, sets: Mapping[str, SetInfo], assets: Iterable[Asset]) -> None:
    """Write WebP assets into a stored zip. The same assets give the same bytes."""
    ordered = sorted(assets, key=_order)
    files: dict[str, bytes] = {
        "header.json": _dump(_header("raster", name, sets=_set_dicts(sets))).encode(),
        "assets.jsonl": "".join(_dump(_asset_fields(asset) | {"file": _raster_file(asset)}) + "\n" for asset in ordered).encode(),
    }
    _write(path, _store(files | {_raster_file(asset): asset.body for asset in ordered}))


def write_fonts(path: Path, faces: Iterable[FontFace], licence_texts: Mapping[str, str]) -> None:
    """Write faces and the licence text of each family into a stored zip. The same faces give the same bytes."""
    families: dict[str, dict[str, Any]] = {}
    files: dict[str, bytes] = {}
    for face in sorted(faces, key=lambda face: (face.family, face.weight)):
        file = f"{face.family}-{face.weight}.woff2"
        told = {"class": face.style_class, "licence": face.licence, "copyright": face.copyright, "files": {}}
        families.setdefault(face.family, told)["files"][str(face.weight)] = file
        files |= {f"licences/{face.family}.txt": licence_texts[face.family].encode(), file: face.body}
    header = _header("fonts", "fonts", families=families)
    _write(path, _store({"header.json": _dump(header).encode()} | files))


def write_words(path: Path, content: Mapping[str, Any]) -> None:
    """Write labels, keywords, synonyms and colour names. The same content gives the same bytes."""
    _write(path, _compress(_dump(_header("words", "words", **content))))


def write_manifest(folder: Path, recipes: Mapping[str, str]) -> None:
    """Write `parts.json` for files of `folder`. `recipes` maps each file's name to the digest of what it was made from and how."""
    entries = {name: _entry(folder / name, recipe) for name, recipe in sorted(recipes.items())}
    text = json.dumps({"format": "limner-parts", "version": VERSION, "parts": entries}, indent=2) + "\n"
    _write(folder / MANIFEST_NAME, text.encode())


def read_manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """Return name -> {"sha256", "size_bytes", "recipe"} of the parts in `folder`; empty when there is no manifest.

    Raises:
        DamagedFile: `parts.json` is not a manifest.
    """
    path = folder / MANIFEST_NAME
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_bytes())["parts"])
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, f"it is not a manifest of parts ({error})") from error


def list_parts(folder: Path, kind: Literal["vectors", "raster"]) -> list[Path]:
    """Return the parts of one kind in `folder`, by name."""
    suffix = "jsonl.xz" if kind == "vectors" else "zip"
    return sorted(folder.glob(f"{kind}-*.{suffix}"))


def iterate_assets(paths: Iterable[Path]) -> Iterator[Asset]:
    """Yield the assets of several parts, part by part, one part in memory at a time."""
    for path in paths:
        yield from read_part(path).assets


def _read_checked(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _damaged(path, f"it cannot be opened ({error.strerror})") from error
    expected = read_manifest(path.parent).get(path.name)
    if expected is not None and hashlib.sha256(raw).hexdigest() != expected["sha256"]:
        raise _damaged(path, f"its sha256 is not that of {MANIFEST_NAME}")
    return raw


def _damaged(path: Path, reason: str) -> DamagedFile:
    return DamagedFile(f"{str(path)!r} is damaged: {reason}. Delete it and run `limner data build` again.")


def _parse_vectors(raw: bytes) -> tuple[PartHeader, tuple[Asset, ...]]:
    first, *lines = lzma.decompress(raw).decode().splitlines()
    header = _parse_header(first, "vectors")
    return header, tuple(_asset(fields, "svg", fields.pop("body").encode()) for fields in map(json.loads, lines))


def _parse_raster(raw: bytes) -> tuple[PartHeader, tuple[Asset, ...]]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        header = _parse_header(archive.read("header.json").decode(), "raster")
        rows = map(json.loads, archive.read("assets.jsonl").decode().splitlines())
        return header, tuple(_asset(fields, "webp", archive.read(fields.pop("file"))) for fields in rows)


def _asset(fields: dict[str, Any], media: Media, body: bytes) -> Asset:
    return Asset(**(fields | {"keywords": tuple(fields["keywords"])}), media=media, body=body)


def _face(archive: zipfile.ZipFile, family: str, info: Mapping[str, Any], *, weight: str) -> FontFace:
    body = archive.read(info["files"][weight])
    return FontFace(family, info["class"], int(weight), info["licence"], info["copyright"], body)


def _parse_header(text: str, kind: str) -> PartHeader:
    header = _checked_header(json.loads(text), kind)
    return PartHeader(kind, header["name"], {name: SetInfo(**info) for name, info in header["sets"].items()})


def _checked_header(header: dict[str, Any], kind: str) -> dict[str, Any]:
    found = (header["format"], header["version"], header["kind"])
    if found != (FORMAT, VERSION, kind):
        raise ValueError(f"its header says {found!r}, wanted {(FORMAT, VERSION, kind)!r}")
    return header


def _header(kind: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, "kind": kind, "name": name} | fields


def _set_dicts(sets: Mapping[str, SetInfo]) -> dict[str, dict[str, str]]:
    return {name: asdict(info) for name, info in sorted(sets.items())}


def _asset_fields(asset: Asset) -> dict[str, Any]:
    names = ("set", "slug", "concept", "keywords", "category", "code", "width", "height", "left", "top")
    return {name: getattr(asset, name) for name in names}


def _raster_file(asset: Asset) -> str:
    return f"{asset.slug}.{asset.media}"


def _order(asset: Asset) -> tuple[str, str]:
    return asset.set, asset.slug


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _compress(text: str) -> bytes:
    return lzma.compress(text.encode(), format=lzma.FORMAT_XZ, check=lzma.CHECK_SHA256, preset=9)


def _store(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, body in files.items():
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.create_system = 3
            archive.writestr(entry, body)
    return buffer.getvalue()


def _write(path: Path, content: bytes) -> None:
    if len(content) > MAX_PART_BYTES:
        raise ValueError(f"part {path.name!r} has {len(content)} bytes; the limit is {MAX_PART_BYTES}, so split its sets over two parts")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)


def _entry(path: Path, recipe: str) -> dict[str, Any]:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content), "recipe": recipe}
