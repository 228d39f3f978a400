"""Illustration packages to assets: thin-line pictograms, gradient-line illustrations, and drawings for empty pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from limner.data.packing.icons import is_brand, is_unwanted
from limner.data.packing.pack import Asset, SetInfo
from limner.data.packing.svg import read_svg
from limner.data.packing.words import clean_slug

NUMBER_WORDS = r"(?:zero|one|two|three|four|five|six|seven|eight|nine|quad)"
MOMENTUM_SLUG = re.compile(rf"(.+?)-{NUMBER_WORDS}{{2,}}-(.+)")
HEADSHOT = re.compile(r"people headshot (.+?)(?: [sml])?")
SEMI_NAMES = {
    "construction": "construction site", "failure": "failure", "idle": "waiting", "noAccess": "no access", "noContent": "empty page",
    "noResult": "no search results", "notFound": "page not found", "success": "success",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PictogramSet:
    """One illustration package: the name of its set, where its files lie, and who made it. `is_mono`: drawn in one ink."""

    name: str
    package: str
    folder: str
    info: SetInfo
    is_mono: bool = False

    def is_drawing(self, path: str) -> bool:
        """Say whether a file of the package is one of its drawings."""
        return path.startswith(self.folder) and path.endswith(".svg")


PICTOGRAM_SETS = (
    PictogramSet(
        "carbon-pictograms", "@carbon/pictograms", "svg/",
        SetInfo("Carbon Pictograms", "IBM", "Apache-2.0", "https://github.com/carbon-design-system/carbon"), is_mono=True,
    ),
    PictogramSet(
        "momentum-illustrations", "@momentum-design/illustrations", "dist/svg/",
        SetInfo("Momentum Design Illustrations", "Momentum Design", "MIT", "https://github.com/momentum-design/momentum-design"),
    ),
    PictogramSet(
        "semi-illustrations", "@douyinfe/semi-illustrations", "src/svgs/",
        SetInfo("Semi Illustrations", "DouyinFE", "MIT", "https://github.com/DouyinFE/semi-design"),
    ),
    PictogramSet(
        "gravity-illustrations", "@gravity-ui/illustrations", "svgs/",
        SetInfo("Gravity UI Illustrations", "YANDEX LLC", "MIT", "https://github.com/gravity-ui/illustrations"),
    ),
)  # fmt: skip


def read_pictograms(pictogram_set: PictogramSet, files: Mapping[str, bytes]) -> Iterator[Asset]:
    """Yield the drawings of one package; `files` are its SVG files by path."""
    for name, raw in sorted(files.items()):
        slug = name.removeprefix(pictogram_set.folder).removesuffix(".svg")
        concept, drawing = name_pictogram(pictogram_set.name, slug), read_svg(raw)
        if drawing is None or is_all_white(drawing.body) or not re.search(r"[a-z]{3}", concept) or is_brand(slug) or is_unwanted([concept]):
            continue
        body = drawing.body.replace(b"<g", b'<g fill="currentColor"', 1) if pictogram_set.is_mono else drawing.body
        yield Asset(
            pictogram_set.name, slug, concept, (), "pictograms", "",
            drawing.width, drawing.height, drawing.left, drawing.top, "svg", body,
        )  # fmt: skip


def is_all_white(body: bytes) -> bool:
    """Say whether a drawing uses white alone, so that on most grounds nothing would be seen of it."""
    colours = {colour.lower() for colour in re.findall(rb"#[0-9a-fA-F]{3,8}\b", body)}
    return bool(colours) and colours <= {b"#fff", b"#ffffff"}


def name_pictogram(set_name: str, slug: str) -> str:
    """Return what a file of a set shows: "yoga--04" -> "yoga", "people-headshot-turban-s-sixzero-error" -> "person with turban"."""
    if set_name == "semi-illustrations":
        return SEMI_NAMES.get(slug.removesuffix("-dark"), "")
    if set_name == "gravity-illustrations":
        return clean_slug(re.sub(r"-(?:light|dark)(?:-hc)?$", "", slug))
    match = MOMENTUM_SLUG.fullmatch(slug) if set_name == "momentum-illustrations" else None
    concept = clean_slug(match[1] if match else slug)
    headshot = HEADSHOT.fullmatch(concept)
    return f"person with {headshot[1]}" if headshot else concept
