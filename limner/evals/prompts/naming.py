"""Prompts that name one of five hundred things: in styles that were seen, in held-out cells, by synonyms that captions never use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from limner.data.naming import style_words, with_article
from limner.evals.concepts import NAMED_CONCEPTS, spoken
from limner.evals.tasks import CATEGORIES, Task, ranked

CONCEPTS = tuple(name for name in NAMED_CONCEPTS if "\n" not in name)  # a name that was broken over two lines has no drawings
STYLES = ("fluent-emoji-flat", "fluent-3d", "noto", "twemoji")
NUM_CHOICES = 20
NUM_ALIKE = 6
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "car": ("car", "oncoming car", "sport utility vehicle", "taxi", "police car", "racing car", "minibus"),
    "cat": ("cat", "cat face", "black cat"),
    "kitten": ("cat", "cat face", "black cat"),
    "red": ("red heart",),
    "watch": ("watch",),
    "house": ("house", "house with garden", "houses"),
    "rabbit": ("rabbit", "rabbit face"),
    "ship": ("ship", "passenger ship", "speedboat", "sailboat", "canoe"),
    "airplane": ("airplane", "small airplane", "airplane departure", "airplane arrival"),
    "purple": ("purple heart",),
    "gift": ("wrapped gift",),
    "tree": ("evergreen tree", "deciduous tree", "Christmas tree"),
    "money": ("money bag", "money with wings", "coin"),
    "picture": ("framed picture",),
    "storm": ("cloud with lightning", "tornado", "cyclone", "cloud with rain", "high voltage"),
    "cup": ("beer cup", "hot beverage", "cup with straw"),
    "sword": ("dagger", "crossed swords", "kitchen knife"),
    "ghost": ("ghost",),
}  # common word: what may be seen for its held-out synonym; doctors and rocks are not among the five hundred
_SYNONYM_FORMS = ("{}", "an illustration of {}")
_SEEN_FORMS = ("{thing}", "{thing}", "draw {thing}", "{thing}, {style}", "{style} of {thing}")


@cache
def held_out_cells() -> tuple[tuple[str, str], ...]:
    """Return (concept, set) of the held-out cells that show one of the five hundred."""
    content = json.loads(resources.files("limner.data").joinpath("heldout.json").read_text("utf-8"))
    known = set(CONCEPTS)
    return tuple((cell["label"], cell["style"]) for cell in content["cells_held_out"] if cell["label"] in known)


def write_seen() -> Iterator[Task]:
    """Yield prompts for concepts in styles that training draws; three in five name no style."""
    cells = set(held_out_cells())
    for number, concept in enumerate(ranked(CONCEPTS, "named-seen")[: CATEGORIES["named-seen"].size]):
        form = _SEEN_FORMS[number % len(_SEEN_FORMS)]
        style = ranked((name for name in STYLES if (concept, name) not in cells), concept)[0] if "{style}" in form else ""
        yield _task("named-seen", number, concept, form, style)


def write_cells() -> Iterator[Task]:
    """Yield prompts for drawings that training left out, the style named: the concept was seen in others, the style with others."""
    for number, (concept, style) in enumerate(ranked(held_out_cells(), "named-cells")[: CATEGORIES["named-cells"].size]):
        yield _task("named-cells", number, concept, _SEEN_FORMS[3 + number % 2], style)


def write_synonyms() -> Iterator[Task]:
    """Yield prompts in words that no caption holds, each word in two forms: "a timepiece"."""
    content = json.loads(resources.files("limner.data").joinpath("heldout.json").read_text("utf-8"))
    words: Mapping[str, str] = content["synonyms_never_in_captions"]
    for turn, form in enumerate(_SYNONYM_FORMS):
        for place, (common, right) in enumerate(SYNONYMS.items()):
            word = f"{words[common]} heart" if common in ("red", "purple") else words[common]
            yield Task(
                category="named-synonyms",
                number=turn * len(SYNONYMS) + place,
                prompt=form.format("cash" if common == "money" else with_article(word)),
                concept=right[0],
                also=right[1:],
                choices=_choices(right[0], right[1:]),
                background="transparent",
            )


def _task(category: str, number: int, concept: str, form: str, style: str) -> Task:
    phrase = ranked(style_words(style), category, number)[0] if style else ""
    if phrase.endswith(("style", "design")):
        form = "{thing} in {style}"
    prompt = form.format(thing=with_article(spoken(concept)), style=phrase)
    prompt = with_article(prompt) if form.startswith("{style}") else prompt
    return Task(
        category=category,
        number=number,
        prompt=prompt,
        concept=concept,
        choices=_choices(concept, ()),
        style=style,
        background="transparent",
    )


def _choices(concept: str, also: tuple[str, ...]) -> tuple[str, ...]:
    """Return twenty names with the right one among them: up to six that share a word with it, the rest by chance."""
    words = set(concept.split())
    start = _shuffled().index(concept)
    others = [name for name in (*_shuffled()[start:], *_shuffled()[:start]) if name != concept and name not in also]
    alike = [name for name in others if words & set(name.split())][:NUM_ALIKE]
    rest = [name for name in others if name not in alike][: NUM_CHOICES - 1 - len(alike)]
    return tuple(ranked((concept, *alike, *rest), "order", concept))


@cache
def _shuffled() -> tuple[str, ...]:
    return tuple(ranked(CONCEPTS, "choices"))
