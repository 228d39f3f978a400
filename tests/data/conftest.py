"""A small folder of parts with everyday concepts, and among them drawings that training must never see."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from limner.data.colours import COLOURS
from limner.data.corpus import Corpus
from limner.data.packing.pack import Asset, SetInfo, write_vectors
from limner.data.recipes import COMMON_CONCEPTS, CorpusRecipe

INFO = SetInfo("A set", "Somebody", "MIT", "https://example.org")
NEVER = (("llama", "1f999", "fluent-emoji-flat"), ("ghost", "1f47b", "fluent-emoji-flat"), ("cat face", "", "flat-ui"))


def make_asset(concept: str, *, code: str = "", set_name: str = "fluent-emoji-flat", category: str = "objects") -> Asset:
    """Return a disc on a box, in colours that follow from the concept."""
    first, second = (list(COLOURS.values())[value % len(COLOURS)] for value in hashlib.sha256(concept.encode()).digest()[:2])
    disc = f'<circle cx="16" cy="12" r="8" fill="rgb{first}"/>'
    body = f'{disc}<path fill="rgb{second}" d="M6 20h20v10H6z"/>'.encode()
    slug = concept.lower().replace(" ", "-").replace("’", "")
    return Asset(set_name, slug, concept, ("thing", "feline"), category, code, 32.0, 32.0, 0.0, 0.0, "svg", body)


@pytest.fixture(scope="session")
def parts_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts")
    kept = [make_asset("automobile" if concept == "car" else concept) for concept in COMMON_CONCEPTS if concept != "ghost"]
    never = [make_asset(concept, code=code, set_name=set_name) for concept, code, set_name in NEVER]
    empty = Asset("fluent-emoji-flat", "nothing", "nothing", (), "objects", "", 32.0, 32.0, 0.0, 0.0, "svg", b"<g/>")
    write_vectors(folder / "vectors-a.jsonl.xz", name="a", sets={"fluent-emoji-flat": INFO, "flat-ui": INFO}, assets=[*kept, *never, empty])
    return folder


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def make_recipe(**changes: object) -> CorpusRecipe:
    """Return a recipe over both sets of the parts, a third of each kind of picture."""
    fields: dict[str, object] = {
        "name": "test", "sets": (("fluent-emoji-flat", 1.0), ("flat-ui", 1.0)), "categories": ("objects",),
        "share_transparent": 0.3, "share_plain": 0.3, "share_scene": 0.4,
    }  # fmt: skip
    return CorpusRecipe(**(fields | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def corpus(parts_dir: Path, cache_dir: Path) -> Corpus:
    return Corpus.open(parts_dir, make_recipe(), 64, cache_dir, processes=1)
