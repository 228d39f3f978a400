"""Prompts of the six categories of following: one thing, two, counts, colours, positions, colours of two; in GenEval's proportions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import permutations, product

from limner.data.naming import plural, with_article
from limner.evals.concepts import COLOURABLE_CONCEPTS, JUDGED_COLOURS, SCENE_CONCEPTS
from limner.evals.tasks import Task, ranked
from limner.evals.verdict import Order, Relation, Wanted

COUNTS = {2: "two", 3: "three", 4: "four"}
RELATIONS: dict[str, Relation] = {
    "to the left of": "left of",
    "to the right of": "right of",
    "above": "above",
    "below": "below",
}
GROUNDS = ("light blue", "light yellow", "light pink")
_FORMS = ("{}", "{}", "a picture of {}", "an illustration of {}", "draw {}")


def write_one_object() -> Iterator[Task]:
    """Yield a prompt for each of the concepts: "an illustration of a fox"."""
    for number, concept in enumerate(ranked(SCENE_CONCEPTS, "one-object")):
        yield _task("one-object", number, with_article(concept), Order(things=(Wanted(concept=concept),)))


def write_two_objects() -> Iterator[Task]:
    """Yield prompts for pairs of different things: "a fox and a bell"."""
    for number, (first, second) in enumerate(_spread(permutations(SCENE_CONCEPTS, 2), "two-objects", 99)):
        words = f"{with_article(first)} and {with_article(second)}"
        yield _task("two-objects", number, words, Order(things=(Wanted(concept=first), Wanted(concept=second))))


def write_counting() -> Iterator[Task]:
    """Yield prompts for two to four of a thing, one in four with a numeral: "three bees", "4 keys"."""
    for number, (concept,) in enumerate(_spread(((name,) for name in SCENE_CONCEPTS), "counting", 80)):
        count = 2 + number % len(COUNTS)
        numeral = str(count) if number // len(COUNTS) % 4 == 3 else COUNTS[count]
        order = Order(things=(Wanted(concept=concept, count=count),), is_exact=True)
        yield _task("counting", number, f"{numeral} {plural(concept)}", order)


def write_colours() -> Iterator[Task]:
    """Yield prompts for a thing in a colour: "a pink tractor"."""
    for number, (colour, concept) in enumerate(_spread(product(JUDGED_COLOURS, COLOURABLE_CONCEPTS), "colours", 94)):
        order = Order(things=(Wanted(concept=concept, colour=colour),))
        yield _task("colours", number, with_article(f"{colour} {concept}"), order)


def write_position() -> Iterator[Task]:
    """Yield prompts for two things in a relation: "a rose below a snail"; the four relations take turns."""
    words = tuple(RELATIONS)
    for number, (first, second) in enumerate(_spread(permutations(SCENE_CONCEPTS, 2), "position", 100)):
        phrase = words[number % len(words)]
        order = Order(things=(Wanted(concept=first), Wanted(concept=second)), relation=RELATIONS[phrase])
        yield _task("position", number, f"{with_article(first)} {phrase} {with_article(second)}", order)


def write_colour_attribution() -> Iterator[Task]:
    """Yield prompts for two things in two colours: "a blue bell and a white chair"."""
    pairs = _spread(permutations(COLOURABLE_CONCEPTS, 2), "colour-attribution", 100)
    for number, (first, second) in enumerate(pairs):
        one, other = ranked(JUDGED_COLOURS, "colour-attribution", number)[:2]
        words = f"{with_article(f'{one} {first}')} and {with_article(f'{other} {second}')}"
        order = Order(things=(Wanted(concept=first, colour=one), Wanted(concept=second, colour=other)))
        yield _task("colour-attribution", number, words, order)


def ground_for(order: Order) -> str:
    """Return the colour of a plain ground on which all that is asked for stands out: the judge tells things apart by their ground."""
    return next(ground for ground in GROUNDS if not any(thing.colour and thing.colour in ground for thing in order.things))


def _task(category: str, number: int, words: str, order: Order) -> Task:
    prompt = f"{_FORMS[number % len(_FORMS)].format(words)} on a {ground_for(order)} background"
    return Task(category=category, number=number, prompt=prompt, order=order)


def _spread(choices: Iterator[tuple[str, ...]], salt: str, count: int) -> Sequence[tuple[str, ...]]:
    """Return `count` of the choices in which every name is used about equally often."""
    used: Counter[str] = Counter()
    waiting = ranked(choices, salt)
    picked: list[tuple[str, ...]] = []
    most_uses = 0
    while len(picked) < count:
        for choice in waiting:
            if len(picked) < count and max(used[name] for name in choice) == most_uses and choice not in picked:
                picked.append(choice)
                used.update(choice)
        most_uses += 1
    return picked
