"""All prompts of the benchmark: the same on every machine, full or quick, with a digest that names them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

from limner.engine.resolve import resolve_background
from limner.evals.prompts import burying, following, lettering, looks, naming
from limner.evals.tasks import CATEGORIES, Task

SEEDS = (
    "A cat in a spacesuit walking on the surface of Mars",
    "An ox standing in the middle of a long open road, in the snow, centered and staring at the camera. It is quietly snowing around him.",
    "A Studio Ghibli-style forest scene with glowing fireflies at dusk",
)


@cache
def all_tasks() -> tuple[Task, ...]:
    """Return every task of the full form, category by category."""
    plain = (
        *following.write_one_object(),
        *following.write_two_objects(),
        *following.write_counting(),
        *following.write_colours(),
        *following.write_position(),
        *following.write_colour_attribution(),
    )
    return (
        *plain,
        *naming.write_seen(),
        *naming.write_cells(),
        *naming.write_synonyms(),
        *lettering.write_seen(),
        *lettering.write_held_out(),
        *looks.write_transparency(),
        *looks.write_styles(),
        *burying.bury(plain),
        *burying.write_json(plain),
        *burying.write_html(plain),
        *burying.write_languages(),
        *_write_unscored("seeds", SEEDS),
        *_write_unscored("everyday", read_everyday()),
    )


def plan_tasks(categories: Sequence[str], *, is_quick: bool) -> tuple[Task, ...]:
    """Return the tasks of these categories; the quick form is the first of each, so that its pictures count for the full form too."""
    sizes = {name: category.quick_size if is_quick else category.size for name, category in CATEGORIES.items()}
    return tuple(task for task in all_tasks() if task.category in categories and task.number < sizes[task.category])


def digest_prompts() -> str:
    """Return `sha256:` and the hash of every task, truth included: two reports with one digest asked the same."""
    return f"sha256:{hashlib.sha256(repr(all_tasks()).encode()).hexdigest()}"


def read_everyday() -> tuple[str, ...]:
    """Return the hundred everyday prompts, which are drawn for a blind look and never scored."""
    return tuple(resources.files("limner.evals.prompts").joinpath("everyday.txt").read_text("utf-8").splitlines())


def _write_unscored(category: str, prompts: Sequence[str]) -> Iterator[Task]:
    for number, prompt in enumerate(prompts):
        yield Task(category=category, number=number, prompt=prompt, background=resolve_background("auto", prompt))
