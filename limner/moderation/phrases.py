"""The sentences that the text head learns from and is measured on: `sentences/*.txt`, one file for each category.

A file has three parts: `[learn]`, `[tune]` (for thresholds and settings) and `[held]` (for the figures that are reported). Each part has
templates and words of its own. `$name = a | b` gives the words for `{name}`; every other line is a template; `>` before it marks
what somebody says, which is framed otherwise than a scene.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal, get_args

from limner.errors import DamagedFile
from limner.moderation.verdict import CATEGORIES

Part = Literal["learn", "tune", "held"]
PARTS: tuple[Part, ...] = get_args(Part)
FOLDER = Path(__file__).resolve().parent / "sentences"
INNOCENT_FILES = ("innocent", "prompts", "drawings")
MAX_FILLED: dict[Part, int] = {"learn": 16, "tune": 10, "held": 10}  # sentences of one template
SLOT = re.compile(r"\{(\w+)\}")
SAID = "> "


@dataclass(frozen=True)
class Phrase:
    """One sentence: `category` is None for an innocent one; `template` is the line that it was made from."""

    text: str
    category: str | None
    template: str


@dataclass(frozen=True)
class Family:
    """One part of one file: its templates, and the words for their slots."""

    templates: tuple[str, ...]
    words: dict[str, tuple[str, ...]]


def read_phrases(part: Part) -> list[Phrase]:
    """Return every sentence of a part, bare, and once more in a frame where it is said or seen in one; the same each time.

    Raises:
        DamagedFile: a file of sentences is missing or malformed.
    """
    frames = read_family("frames", part).templates
    found: list[Phrase] = []
    for name, category in [*((file_of(category), category) for category in CATEGORIES), *((name, None) for name in INNOCENT_FILES)]:
        family = read_family(name, part)
        for template in family.templates:
            found.extend(_frame(fill(template, family, MAX_FILLED[part]), template, category, frames))
    return found


def file_of(category: str) -> str:
    """Return the name of the file of a category."""
    return category.replace("/", "-")


def read_family(name: str, part: Part) -> Family:
    """Read one part of a file.

    Raises:
        DamagedFile: the file is missing, or the part is empty or uses a slot without words.
    """
    try:
        lines = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    except OSError as error:
        raise DamagedFile(f"sentences/{name}.txt cannot be read ({error.strerror}); install limner again") from error
    templates, words, current = [], {}, ""
    for line in filter(None, lines):
        if line.startswith("["):
            current = line.strip("[]")
        elif current != part or line.startswith("#"):
            continue
        elif line.startswith("$"):
            slot, _, values = line[1:].partition("=")
            words[slot.strip()] = tuple(value.strip() for value in values.split("|"))
        else:
            templates.append(line)
    if not templates or not {slot for line in templates for slot in SLOT.findall(line)} <= set(words):
        raise DamagedFile(f"sentences/{name}.txt has no part {part!r} that can be read; install limner again")
    return Family(tuple(templates), words)


def fill(template: str, family: Family, limit: int) -> list[str]:
    """Return the sentences of a template, at most `limit`, chosen the same way each time."""
    slots = SLOT.findall(template)
    choices = list(product(*(family.words[slot] for slot in slots)))
    chosen = random.Random(template).sample(choices, min(limit, len(choices)))
    return [_put(template.removeprefix(SAID), words) for words in chosen]


def _put(template: str, words: tuple[str, ...]) -> str:
    values = iter(words)
    return SLOT.sub(lambda _: next(values), template)


def _frame(texts: list[str], template: str, category: str | None, frames: tuple[str, ...]) -> list[Phrase]:
    is_said = template.startswith(SAID)
    fitting = [frame.removeprefix(SAID) for frame in frames if frame.startswith(SAID) is is_said]
    others = fitting[1:]
    framed = [others[index % len(others)].replace("{}", text) for index, text in enumerate(texts, len(template))]
    return [Phrase(text, category, template) for text in dict.fromkeys([*texts, *framed])]
