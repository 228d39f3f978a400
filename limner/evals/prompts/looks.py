"""Prompts whose ground must be clear, and prompts that ask for a style."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from limner.data.naming import with_article
from limner.evals.concepts import SCENE_CONCEPTS
from limner.evals.tasks import CATEGORIES, Task, ranked
from limner.evals.verdict import Order, Wanted

STYLES: Mapping[str, str] = {
    "fluent-emoji-flat": "flat design",
    "fluent-3d": "a glossy 3D icon",
    "streamline-emojis": "an outlined cartoon",
    "icon-park": "a two-colour line icon",
}  # looks that a person tells apart at once: set -> words of it
STYLED_CONCEPTS = (
    "bell", "bicycle", "book", "bus", "camera", "candle", "car", "cat", "chair", "crown", "dog", "fish", "guitar", "heart",
    "house", "key", "laptop", "light bulb", "pencil", "rocket", "star", "t-shirt", "trophy", "umbrella",
)  # fmt: skip
_CLEAR_FORMS = ("sticker of {}", "{} icon on a transparent background", "a sprite of {}", "{} sticker", "{}, transparent background")
_STYLE_FORMS = ("{thing} in the style of {style}", "{thing}, {style}", "{style}: {thing}")


def write_transparency() -> Iterator[Task]:
    """Yield prompts for stickers, icons and sprites on clear ground."""
    for number, concept in enumerate(ranked(SCENE_CONCEPTS, "transparency")[: CATEGORIES["transparency"].size]):
        form = _CLEAR_FORMS[number % len(_CLEAR_FORMS)]
        name = concept if form.startswith("{} ") else with_article(concept)
        yield Task(
            category="transparency",
            number=number,
            prompt=form.format(name),
            order=Order(things=(Wanted(concept=concept),)),
            background="transparent",
        )


def write_styles() -> Iterator[Task]:
    """Yield prompts for things in a style: "a key in the style of flat design"; the styles take turns."""
    pairs = ranked(product(STYLED_CONCEPTS, STYLES), "styles")
    for number in range(CATEGORIES["styles"].size):
        style = tuple(STYLES)[number % len(STYLES)]
        concept = next(concept for concept, name in pairs if name == style)
        pairs.remove((concept, style))
        prompt = _STYLE_FORMS[number % len(_STYLE_FORMS)].format(thing=with_article(concept), style=STYLES[style])
        yield Task(category="styles", number=number, prompt=prompt, concept=concept, style=style, background="transparent")
