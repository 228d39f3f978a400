"""What the benchmark asks: its categories, their sizes and goals, and one task of them with its truth."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from limner.data.editing.pair import OPERATIONS
from limner.engine.protocol import MAX_SEED, Background
from limner.errors import InvalidField
from limner.evals.verdict import Order

Group = Literal["following", "named", "text", "transparency", "styles", "understanding", "unscored", "edits"]
Item = TypeVar("Item")
PROMPTS_SEED = 2026


@dataclass(frozen=True, kw_only=True)
class Category:
    """One row of the benchmark. `size` and `quick_size` count its prompts in the full and in the quick form; `goal` is a share."""

    name: str
    title: str
    group: Group
    size: int
    quick_size: int
    goal: float | None = None


_EDITS: tuple[tuple[str, str, int, int, float | None], ...] = (
    ("inpaint", "inpaint", 20, 12, 0.95),
    ("outpaint", "outpaint", 20, 12, 0.95),
    ("add", "add", 20, 12, 0.95),
    ("remove", "remove", 20, 12, 0.95),
    ("replace", "replace", 20, 12, 0.95),
    ("recolour", "recolour", 20, 12, 0.95),
    ("move", "move", 20, 12, 0.95),
    ("resize", "resize", 20, 12, 0.95),
    ("restyle", "restyle", 20, 12, 0.95),
    ("relight", "relight", 20, 12, 0.95),
    ("background", "background", 20, 12, 0.95),
    ("text", "text", 20, 12, 0.95),
    ("restore", "restore", 20, 12, 0.95),
    ("subject", "subject", 20, 12, 0.95),
    ("style", "style of another picture", 20, 12, 0.95),
    ("compose", "compose", 20, 12, 0.95),
    ("faces", "drawn faces kept", 20, 12, 0.90),
    ("phrasings", "the same in four phrasings, all done", 12, 6, None),
    ("left-out", "an input left out, its subject gone", 20, 12, 0.80),
    ("into", "compose into a source", 12, 12, 0.95),
    ("turns-masked", "eight turns with a mask, the rest untouched", 8, 3, 1.0),
    ("turns", "eight turns without a mask, the rest", 8, 3, 0.99),
)
_TABLE: tuple[tuple[str, str, Group, int, int, float | None], ...] = (
    ("one-object", "one object", "following", 80, 20, None),
    ("two-objects", "two objects", "following", 99, 25, None),
    ("counting", "counting", "following", 80, 20, None),
    ("colours", "colours", "following", 94, 24, None),
    ("position", "position", "following", 100, 25, None),
    ("colour-attribution", "colour attribution", "following", 100, 25, None),
    ("named-seen", "named objects, seen", "named", 400, 60, 0.90),
    ("named-cells", "named objects, held-out cells", "named", 66, 30, 0.75),
    ("named-synonyms", "named objects, held-out synonyms", "named", 36, 18, None),
    ("text-seen", "text, words seen", "text", 100, 24, 0.90),
    ("text-held-out", "text, words held out", "text", 40, 12, 0.90),
    ("transparency", "transparency", "transparency", 60, 16, 1.0),
    ("styles", "styles", "styles", 96, 24, 0.90),
    ("long", "long prompts", "understanding", 60, 18, None),
    ("json", "scenes as JSON", "understanding", 40, 12, None),
    ("html", "scenes as HTML", "understanding", 40, 12, None),
    ("languages", "other languages", "understanding", 80, 16, None),
    ("seeds", "the three first prompts", "unscored", 3, 3, None),
    ("everyday", "a hundred everyday prompts", "unscored", 100, 100, None),
    *((f"edit-{name}", title, "edits", size, quick, goal) for name, title, size, quick, goal in _EDITS),
)
CATEGORIES: Mapping[str, Category] = {
    name: Category(name=name, title=title, group=group, size=size, quick_size=quick, goal=goal)
    for name, title, group, size, quick, goal in _TABLE
}
GROUPS: Mapping[str, tuple[str, ...]] = {
    group: tuple(name for name, category in CATEGORIES.items() if category.group == group)
    for group in dict.fromkeys(category.group for category in CATEGORIES.values())
}
FOLLOWING_GOAL = 0.87
LONG_GOAL = -0.10  # a long prompt may cost ten points against the plain one


@dataclass(frozen=True, kw_only=True)
class Task:
    """One prompt and what must be seen in its picture.

    `order` is for the categories that find things; `choices` are twenty names of `NAMED_CONCEPTS` of which `concept` is right (`also` are
    as right); `word` must be read; `style` is the set whose look is wanted; `twin` is the key of the plain prompt that is buried here.
    """

    category: str
    number: int
    prompt: str
    order: Order | None = None
    concept: str = ""
    also: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    word: str = ""
    style: str = ""
    twin: str = ""
    background: Background = "opaque"

    @property
    def key(self) -> str:
        """The task's name, such as `counting/07`; prompts of a category keep their numbers in every form."""
        return f"{self.category}/{self.number:02}"

    def seed(self, base: int) -> int:
        """Return the seed of its picture in a run of this base seed."""
        return hash_text(f"{base}:{self.key}") % (MAX_SEED + 1)


def ranked(items: Iterable[Item], *salt: object) -> list[Item]:
    """Return the items in an order that depends on them, the salt and the benchmark's seed alone, on every machine."""
    prefix = f"{PROMPTS_SEED}:{salt!r}:"
    return sorted(items, key=lambda item: hash_text(f"{prefix}{item!r}"))


def chosen_categories(names: Iterable[str]) -> tuple[str, ...]:
    """Return the categories of these names of categories or groups, in the table's order; all when there is none.

    Raises:
        InvalidField: nothing has this name.
    """
    wanted: set[str] = set()
    for name in names:
        if name not in CATEGORIES and name not in GROUPS:
            raise InvalidField("only", f"category {name!r} is not known; use {', '.join((*GROUPS, *CATEGORIES))}")
        wanted.update(GROUPS.get(name, (name,)))
    return tuple(name for name in CATEGORIES if name in wanted or not wanted)


def is_operation(category: str) -> bool:
    """Say whether a category asks for one operation of `limner.data.editing`, once."""
    return category.removeprefix("edit-") in OPERATIONS


def hash_text(text: str) -> int:
    """Return a number, 64 bits, that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
