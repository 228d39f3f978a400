"""Captions that are true of a picture, in several registers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limner.data.colours import COLOUR_WORDS
from limner.data.heldout import has_held_out_synonym
from limner.data.naming import indefinite_article, plain_names, style_words, with_article

_TRANSPARENT_FORMS = (
    "{thing} on a transparent background",
    "{thing}, transparent background",
    "sticker of {thing}",
    "sticker of {thing} with a transparent background",
    "{name} sticker",
    "{name} icon, transparent background",
    "icon of {thing}",
)
_ORDERS = (
    "draw {thing}",
    "make {thing}",
    "create {thing}",
    "generate {thing}",
    "show me {thing}",
    "a picture of {thing}",
    "an illustration of {thing}",
    "please draw {thing}",
)


@dataclass(frozen=True)
class Single:
    """What is known of a picture of one drawing: its concept and look, its one clear colour or "", and its background in words.

    `background` is "" for transparent, and otherwise like "light blue background"; `is_named` says that the caption must name it,
    `is_painted` that it must name the colour.
    """

    concept: str
    keywords: tuple[str, ...]
    set_name: str
    colour: str
    background: str
    is_named: bool
    is_painted: bool = False


def caption_single(single: Single, rng: np.random.Generator, *, share_synonym: float, share_style: float) -> str:
    """Return a short caption of one drawing."""
    name = _choose_name(single, rng, share_synonym)
    thing = with_article(name)
    if single.background:
        return _with_background(_base(single, name, rng, share_style), single, rng)
    if rng.random() < 0.12:
        form = _TRANSPARENT_FORMS[int(rng.integers(len(_TRANSPARENT_FORMS)))]
        return form.format(thing=thing, name=name)
    return _base(single, name, rng, share_style)


def _choose_name(single: Single, rng: np.random.Generator, share_synonym: float) -> str:
    names = plain_names(single.concept)
    name = names[0]
    if len(names) > 1 and rng.random() < max(share_synonym, 0.25 if len(names) > 2 else 0.0):
        name = names[1 + int(rng.integers(len(names) - 1))]
    if single.is_painted:
        return f"{single.colour} {name}"
    is_plain = COLOUR_WORDS.isdisjoint(name.lower().split())
    if single.colour and is_plain and " of " not in name and " with " not in name and rng.random() < 0.15:
        return f"{single.colour} {name}"
    return name


def _base(single: Single, name: str, rng: np.random.Generator, share_style: float) -> str:
    thing = with_article(name)
    if rng.random() < share_style:
        return _styled(single, name, rng)
    kind = rng.random()
    if kind < 0.55:
        return thing
    if kind < 0.80:
        return name
    if kind < 0.92:
        return _ORDERS[int(rng.integers(len(_ORDERS)))].format(thing=thing)
    keywords = [word for word in single.keywords if not has_held_out_synonym(word)]
    if not keywords:
        return thing
    chosen = rng.choice(len(keywords), size=min(len(keywords), int(rng.integers(1, 3))), replace=False)
    return ", ".join([name, *(keywords[int(index)] for index in chosen)])


def _styled(single: Single, name: str, rng: np.random.Generator) -> str:
    phrases = style_words(single.set_name)
    style = phrases[int(rng.integers(len(phrases)))]
    if rng.random() < 0.45:
        return f"{name}, {style}"
    thing = with_article(name)
    if style.endswith(("style", "design")):
        return f"{thing} in {style}" if rng.random() < 0.5 else f"{thing}, {style}"
    return f"{indefinite_article(style)} {style} of {thing}"


def _with_background(base: str, single: Single, rng: np.random.Generator) -> str:
    if not single.is_named:
        return base
    if ", " in base or rng.random() < 0.2:
        return f"{base}, {single.background}"
    return f"{base} on {indefinite_article(single.background)} {single.background}"
