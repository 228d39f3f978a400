"""What eyes can name: the things of the corpus that they learnt from, each with its words and its vector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from limner.engine.weights import REMEDY, Catalogue, Floats, WeightsPart
from limner.errors import DamagedFile

FOLDER_ENDING = "-names"  # of the folder beside that of the eyes
VECTORS = "names"


@dataclass(frozen=True)
class Thing:
    """One thing: its `name` in the corpus, what one is called, what several are, and whether one takes an article."""

    name: str
    one: str
    many: str
    takes_article: bool


@dataclass(frozen=True, eq=False)
class Names:
    """Things and `vectors` (1 + things, E): the first row is the ground, and what eyes say of a patch times a row is a logit of it."""

    things: tuple[Thing, ...]
    vectors: Floats

    @classmethod
    def open(cls, catalogue: Catalogue, eyes: WeightsPart) -> Names:
        """Read the names that were made for these eyes.

        Raises:
            DamagedFile: they are missing, or were made for other eyes.
        """
        part = open_names(catalogue, eyes)
        vectors = part.tensors()[VECTORS]
        try:
            things = tuple(_read_thing(said) for said in part.manifest["things"])
        except (KeyError, TypeError) as error:
            raise DamagedFile(f"{part.folder.name}/manifest.json lists no things; {REMEDY}") from error
        if len(vectors) != len(things) + 1:
            raise DamagedFile(f"{part.folder.name} has {len(vectors)} vectors for {len(things)} things and the ground; {REMEDY}")
        return cls(things, vectors)


def open_names(catalogue: Catalogue, eyes: WeightsPart) -> WeightsPart:
    """Open the folder of the names that were made for these eyes; its files are checked as they are read.

    Raises:
        DamagedFile: it is missing, or was made for other eyes.
    """
    part = WeightsPart.open(catalogue.folder / f"{eyes.folder.name}{FOLDER_ENDING}", digest=None)
    if part.manifest.get("eyes") != eyes.digest:
        raise DamagedFile(f"{part.folder.name} belongs to other eyes than {eyes.folder.name}; {REMEDY}")
    return part


def _read_thing(said: Mapping[str, Any]) -> Thing:
    return Thing(str(said["name"]), str(said["one"]), str(said["many"]), bool(said["takes_article"]))
