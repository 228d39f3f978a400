"""Write ATTRIBUTION.md: who made what the corpus holds, under which licence, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from limner.data.packing.pack import FontFace, SetInfo
from limner.data.packing.packages import Package

INTRODUCTION = """\
# Attribution

The drawings, words and fonts of the corpus were made by the people named here. Every one may be used and changed
with attribution only. The drawings are used changed: cropped, recoloured, combined with others and drawn as pixels.
This file is written by `limner data build`.
"""


def format_attribution(
    sets: Mapping[str, SetInfo], packages: Iterable[Package], *, faces: Iterable[FontFace], notices: Mapping[str, str]
) -> str:
    """Return the file's text. `notices` maps a title to a licence text that must be carried in full."""
    sections = [INTRODUCTION, _format_sets(sets), _format_packages(packages), _format_fonts(faces)]
    sections += [f"## {title}\n\n```\n{_tidy(text)}\n```\n" for title, text in sorted(notices.items())]
    return "\n".join(sections)


def _format_sets(sets: Mapping[str, SetInfo]) -> str:
    rows = [f"| {name} | {_cell(info.title)} | {_cell(info.author)} | {info.licence} | {info.url} |" for name, info in sorted(sets.items())]
    return "\n".join(["## Drawings", "", "| set | title | author | licence | source |", "|---|---|---|---|---|", *rows, ""])


def _format_packages(packages: Iterable[Package]) -> str:
    rows = [f"| {package.name} | {package.version} | {package.licence} | {package.url} |" for package in packages]
    return "\n".join(["## Words", "", "| package | version | licence | source |", "|---|---|---|---|", *rows, ""])


def _format_fonts(faces: Iterable[FontFace]) -> str:
    ordered = sorted(faces, key=lambda face: (face.family, face.weight))
    families = [next(group) for _, group in groupby(ordered, key=lambda face: face.family)]
    rows = [f"| {face.family} | {_cell(face.copyright)} | {face.licence} |" for face in families]
    return "\n".join(["## Fonts", "", "| family | copyright | licence |", "|---|---|---|", *rows, ""])


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
