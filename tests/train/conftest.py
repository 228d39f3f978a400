"""A pack of a dozen drawings: enough to see a loss fall."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.data.pack import Asset, SetInfo, write_vectors

COLOURS = {"red": "#e03030", "green": "#30a040", "blue": "#3050d0", "yellow": "#f0c020"}
SHAPES = {
    "ball": "<circle cx='16' cy='16' r='14' fill='{}'/>",
    "box": "<rect x='3' y='3' width='26' height='26' fill='{}'/>",
    "tent": "<path d='M16 2 L30 30 L2 30 Z' fill='{}'/>",
}


@pytest.fixture(scope="session")
def small_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of parts with one part: three shapes in four colours, in a set that recipes know."""
    folder = tmp_path_factory.mktemp("parts")
    assets = [
        Asset(
            set="fluent-emoji-flat",
            slug=f"{colour}-{shape}",
            concept=f"{colour} {shape}",
            keywords=(shape,),
            category="objects",
            code="",
            width=32,
            height=32,
            left=0,
            top=0,
            media="svg",
            body=body.format(paint).encode(),
        )
        for shape, body in SHAPES.items()
        for colour, paint in COLOURS.items()
    ]
    sets = {"fluent-emoji-flat": SetInfo(title="Shapes", author="Limner", licence="Apache-2.0", url="https://example.com")}
    write_vectors(folder / "vectors-shapes.jsonl.xz", name="shapes", sets=sets, assets=assets)
    return folder
