"""Avatars with their attributes as words, drawn by the DiceBear packages under node."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path

from limner.data.packing.avatar_words import KINDS, describe_parts
from limner.data.packing.fetch import read_members
from limner.data.packing.pack import Asset, SetInfo
from limner.data.packing.packages import Package
from limner.data.packing.svg import read_svg
from limner.errors import DamagedFile

NODE = "node"
CORE = "@dicebear/core"
AVATARS_PER_STYLE = 550
TIMEOUT_S = 600
LICENCES = {
    "CC0 1.0": "CC0-1.0", "CC BY 4.0": "CC-BY-4.0",
    "Free for personal and commercial use": "LicenseRef-free-for-personal-and-commercial-use",
}  # fmt: skip


def style_name(package: Package) -> str:
    """Return "lorelei" of the package "@dicebear/lorelei"."""
    return package.name.split("/")[1]


def draw_avatars(folder: Path, packages: Sequence[Package], *, count: int = AVATARS_PER_STYLE) -> tuple[dict[str, SetInfo], list[Asset]]:
    """Return who made each style, and `count` avatars in each, the same ones every time.

    Raises:
        DamagedFile: a package is missing or not the pinned one, or node could not draw with it.
        ValueError: a style's licence is not one that allows use with attribution only.
    """
    sets: dict[str, SetInfo] = {}
    assets: list[Asset] = []
    with tempfile.TemporaryDirectory() as workplace:
        for package in packages:
            _unpack(folder, package, Path(workplace))
        script = Path(workplace) / "avatars.mjs"
        script.write_text(resources.files("limner.data.packing").joinpath("avatars.mjs").read_text())
        for name in sorted(style_name(package) for package in packages if package.name != CORE):
            lines = _run(script, name, count)
            sets[f"dicebear-{name}"] = read_style_info(name, json.loads(lines[0]))
            assets += read_avatars(name, map(json.loads, lines[1:]))
    return sets, assets


def _unpack(folder: Path, package: Package, workplace: Path) -> None:
    for name, content in read_members(folder, package, lambda name: not name.startswith(("tests/", "LICENSE"))).items():
        path = workplace / "node_modules" / package.name / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _run(script: Path, name: str, count: int) -> list[str]:
    node = shutil.which(NODE)
    if node is None:
        raise DamagedFile(f"avatars are drawn by {NODE!r}, which is not installed. Install Node.js 20 or newer, and build again.")
    command = [node, script.name, name, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, cwd=script.parent)
    lines = done.stdout.splitlines()
    if done.returncode != 0 or len(lines) != count + 1:
        raise DamagedFile(f"{NODE!r} could not draw avatars of {name!r}: {done.stderr.strip()[-300:]!r}. Node.js 20 or newer is needed.")
    return lines


def read_style_info(name: str, told: Mapping[str, Mapping[str, str]]) -> SetInfo:
    """Return who made a style, from its own words about itself.

    Raises:
        ValueError: its licence is not one that allows use with attribution only.
    """
    licence = LICENCES.get(told["license"]["name"])
    if licence is None:
        raise ValueError(f"avatar style {name!r} has licence {told['license']['name']!r}, which is not permissive")
    return SetInfo(f"DiceBear {told['title']}", str(told["creator"]), licence, str(told["source"]))


def read_avatars(name: str, drawn: Iterator[Mapping[str, object]]) -> Iterator[Asset]:
    """Yield the avatars of a style: `concept` is what is drawn ("avatar", "robot"), `keywords` are phrases that are true of it."""
    for index, avatar in enumerate(drawn):
        drawing, parts = read_svg(str(avatar["svg"]).encode()), avatar["parts"]
        if drawing is None or not isinstance(parts, dict):
            raise DamagedFile(f"avatar {index} of {name!r} cannot be read; the packages may be of another version.")
        body = drawing.body.replace(b"viewboxMask", f"{name}-{index}".encode())
        yield Asset(
            f"dicebear-{name}", f"{name}-{index:03d}", KINDS[name], describe_parts(name, parts), "avatars", "",
            drawing.width, drawing.height, drawing.left, drawing.top, "svg", body,
        )  # fmt: skip
