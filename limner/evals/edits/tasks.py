"""What the benchmark of edits asks: its sets, their sizes and goals, and one task of them with the edits that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from limner.engine.protocol import MAX_SEED, Background, Mask, Pixels
from limner.evals.edits.cases import EditCase, read_cases
from limner.evals.tasks import CATEGORIES, hash_text

NUM_TURNS = 8
COLOUR_WORDS = ("red", "blue", "yellow", "green", "purple", "orange", "pink", "white")
PHRASED = ("add", "remove", "replace", "recolour", "move", "background")
FORMS = ("please {}", "could you {}?", "I would like you to {}.")
_ORDER = re.compile(r"(add|put|place|remove|delete|replace|turn|change|swap|make|paint|move|shift|erase|draw)\b[^?,]*$", re.IGNORECASE)
_COLOURS = "|".join((*COLOUR_WORDS, "teal", "navy", "gold", "silver", "brown", "black", "grey", "gray"))
_INTO_COLOUR = re.compile(rf"(?!.*\b({_COLOURS})\b.*\b({_COLOURS})\b)(.*\b)({_COLOURS})([.?]?)", re.IGNORECASE)  # "make the hat red"


@dataclass(frozen=True, kw_only=True, eq=False)
class EditOrder:
    """One edit to be drawn: the first of `images` is its source if it `has_source`; `mask` is True where it may change."""

    prompt: str
    images: tuple[Pixels, ...]
    mask: Mask | None
    background: Background
    has_source: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class EditTask:
    """Some edits and the case by which they are judged. In a chain each edit starts from the picture of the one before."""

    category: str
    number: int
    case: EditCase
    orders: tuple[EditOrder, ...]
    is_chain: bool = False

    @property
    def key(self) -> str:
        """The task's name, such as `edit-add/07`, the same in every form."""
        return f"{self.category}/{self.number:02}"

    @property
    def prompt(self) -> str:
        """What is asked, all of it."""
        return " | ".join(dict.fromkeys(order.prompt for order in self.orders))

    def seed(self, base: int) -> int:
        """Return the seed of its pictures in a run of this base seed: that of the case, so that its first picture is drawn once."""
        return hash_text(f"{base}:edit:{self.case.key}") % (MAX_SEED + 1)


def plan_edits(categories: Sequence[str], *, is_quick: bool, cases: Sequence[EditCase] | None = None) -> tuple[EditTask, ...]:
    """Return the tasks of these categories; the quick form is the first of each."""
    sets: dict[str, list[EditCase]] = {}
    for case in read_cases() if cases is None else cases:
        sets.setdefault(case.set, []).append(case)
    tasks: list[EditTask] = []
    for name in categories:
        size = CATEGORIES[name].quick_size if is_quick else CATEGORIES[name].size
        tasks += [task for task, _ in zip(_write(name, sets), range(size), strict=False)]
    return tuple(tasks)


def _write(category: str, sets: Mapping[str, Sequence[EditCase]]) -> Iterator[EditTask]:
    """Yield every task of a category."""
    name = category.removeprefix("edit-")
    if name in sets:
        for case in sets[name]:
            yield EditTask(category=category, number=case.number, case=case, orders=(_plain(case),))
        return
    writers = {"left-out": _leave_out, "phrasings": _rephrase, "turns-masked": _take_turns, "turns": _take_turns}
    if name in writers:
        for number, task in enumerate(writers[name](category, sets)):
            yield replace(task, number=number)


def _plain(case: EditCase) -> EditOrder:
    return EditOrder(
        prompt=case.instruction, images=case.images, mask=case.free, background=case.background, has_source=case.source is not None
    )


def _leave_out(category: str, sets: Mapping[str, Sequence[EditCase]]) -> Iterator[EditTask]:
    """Yield compositions drawn with all their images, and again without the last one."""
    for case in sets.get("compose", ()):
        whole = _plain(case)
        if len(case.images) >= 2 and len(case.subjects) == len(case.references):
            yield EditTask(category=category, number=0, case=case, orders=(whole, replace(whole, images=whole.images[:-1])))


def _rephrase(category: str, sets: Mapping[str, Sequence[EditCase]]) -> Iterator[EditTask]:
    """Yield cases asked for in several ways, operation by operation in turn."""
    queues = [[case for case in sets.get(name, ()) if case.free is None and _ORDER.match(case.instruction)] for name in PHRASED]
    for place in range(max(map(len, queues), default=0)):
        for case in (queue[place] for queue in queues if place < len(queue)):
            plain = _plain(case)
            wish = case.instruction[0].lower() + case.instruction[1:].rstrip(".")
            phrasings = case.phrasings or tuple(form.format(wish) for form in FORMS)
            yield EditTask(category=category, number=0, case=case, orders=(plain, *(replace(plain, prompt=prompt) for prompt in phrasings)))


def _take_turns(category: str, sets: Mapping[str, Sequence[EditCase]]) -> Iterator[EditTask]:
    """Yield chains of eight edits: one thing in eight colours, one after another, and nothing else may change."""
    for case in sets.get("recolour", ()):
        if case.source is None or case.references or not (said := _INTO_COLOUR.fullmatch(case.instruction)):
            continue
        mask = case.changed if category.endswith("masked") else None
        order = replace(_plain(case), mask=mask)
        orders = tuple(replace(order, prompt=f"{said[3]}{colour}{said[5]}") for colour in COLOUR_WORDS)
        yield EditTask(category=category, number=0, case=replace(case, free=mask), orders=orders, is_chain=True)
