"""What scenes are made of: drawings by concept in one style, the places where they stand, fonts and words that may be drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from limner.data.colours import COLOUR_WORDS, clear_colour, colour_named, plain_hue, share_near
from limner.data.heldout import is_held_out_word
from limner.data.naming import is_mass_or_plural, plain_names
from limner.data.packing.pack import Asset
from limner.data.scenes.lettering import FontShelf
from limner.data.scenes.render import recolourable
from limner.data.scenes.scene import Box, Canvas
from limner.data.scenes.sprites import SpriteSheet, asset_key
from limner.media.alpha import recolour

THINGS = frozenset({"food-drink", "animals-nature", "objects", "activities", "travel-places"})
_BODY_CLASSES = ("clean sans serif", "condensed sans serif", "slab serif", "serif", "plain")
_NEAR, _NEAR_SHARE = 0.11, 0.3  # what a seldom name asks of a painted drawing
_NO_THING = re.compile(  # pictures of a whole view, hours of a clock, two things at once
    r"o.clock|thirty\b|^desert$|^night with|cityscape|^sunrise|^sunset|milky way|^national park|^foggy|^bridge at|^beach with|^camping$|"
    r"^mount fuji|^couch and|^fork and|^beach$|^city|^stadium$|^mountain railway$|^roller coaster$|time$",
    re.IGNORECASE,
)


class Stock:
    """Everything that `compose_scene` chooses from; held-out words, fonts and drawings are never in it."""

    def __init__(self, assets: Sequence[Asset], weights: Mapping[str, float], sprites: SpriteSheet, fonts: FontShelf) -> None:
        self.sprites = sprites
        self.families = fonts.families
        self._paintable = recolourable(sprites)
        self._painted: dict[tuple[str, str], bool] = {}
        self._by_set: dict[str, dict[str, str]] = {}
        for asset in assets:
            self._by_set.setdefault(asset.set, {})[asset.concept] = asset_key(asset)
        self.categories = {asset_key(asset): asset.category for asset in assets}
        self.sets = tuple(name for name in weights if len(self._by_set.get(name, {})) >= 100) or tuple(self._by_set)
        shares = np.array([weights[name] for name in self.sets])
        self._shares = shares / shares.sum()
        self._things = {
            name: tuple(concept for concept, key in drawings.items() if self.categories[key] in THINGS and not _NO_THING.search(concept))
            for name, drawings in self._by_set.items()
        }
        self._countable = {
            name: tuple(concept for concept in things if not is_mass_or_plural(plain_names(concept)[0]))
            for name, things in self._things.items()
        }
        names = {concept.lower() for things in self._things.values() for concept in things}
        words = sorted({word for name in names for word in re.findall(r"\b[a-z]{3,9}\b", name)})
        self.words = tuple(word for word in words if not is_held_out_word(word))

    def choose_set(self, rng: np.random.Generator) -> str:
        """Return the one style of a scene."""
        return self.sets[int(rng.choice(len(self.sets), p=self._shares))]

    def known(self, style: str, concepts: Sequence[str]) -> tuple[str, ...]:
        """Return those concepts that a style has a drawing of."""
        drawings = self._by_set[style]
        return tuple(concept for concept in concepts if concept in drawings)

    def things(self, style: str) -> tuple[str, ...]:
        """Return every concept of a style that is a thing: no face, sign, flag or person."""
        return self._things[style]

    def countable(self, style: str) -> tuple[str, ...]:
        """Return the things of a style of which there can be three."""
        return self._countable[style]

    def key(self, style: str, concept: str) -> str:
        """Return the drawing of a concept in a style."""
        return self._by_set[style][concept]

    def may_paint(self, key: str, concept: str, paint: str) -> bool:
        """Say whether a drawing, painted in a colour by name, is plainly of that colour, and its own name says none and no number."""
        if key not in self._paintable or not COLOUR_WORDS.isdisjoint(concept.lower().split()) or is_mass_or_plural(plain_names(concept)[0]):
            return False
        if (key, paint) not in self._painted:
            painted, hue = recolour(self.sprites[key].pixels, colour_named(paint)), plain_hue(paint)
            is_clear = clear_colour(painted) == hue
            self._painted[key, paint] = is_clear and (paint == hue or share_near(painted, colour_named(paint), _NEAR) >= _NEAR_SHARE)
        return self._painted[key, paint]


def centred(stock: Stock, key: str, spot: tuple[float, float, float], canvas: Canvas) -> Box:
    """Return the box of a drawing whose longer side is `height` of the canvas, its middle at (x, y): `spot` is (x, y, height)."""
    x, y, height = spot
    aspect = stock.sprites.aspect(key)
    width = height * min(1.0, aspect) * canvas.height / canvas.width
    tall = height / max(1.0, aspect)
    return Box(round(x - width / 2, 4), round(y - tall / 2, 4), round(width, 4), round(tall, 4))


def pick(rng: np.random.Generator, choices: Sequence[str]) -> str:
    """Return one of the choices."""
    return choices[int(rng.integers(len(choices)))]


def any_family(stock: Stock, rng: np.random.Generator) -> str:
    """Return a family of letters for a title."""
    return pick(rng, list(stock.families))


def body_family(stock: Stock, rng: np.random.Generator) -> str:
    """Return a family of letters that is easy to read at small sizes."""
    return pick(rng, [family for family, words in stock.families.items() if words in _BODY_CLASSES] or list(stock.families))


def pick_thing(stock: Stock, rng: np.random.Generator) -> tuple[str, str]:
    """Return a drawing and its concept."""
    style = stock.choose_set(rng)
    concept = pick(rng, stock.things(style))
    return stock.key(style, concept), concept


def letter_name(name: str) -> str:
    """Return a name as a label says it, or "" where it is too long or holds a word that is never lettered."""
    words = re.findall(r"[A-Za-z]+", name)
    is_short = len(name) <= 10 and " ".join(words) == name
    return name.capitalize() if is_short and not any(map(is_held_out_word, words)) else ""


def pick_text(rng: np.random.Generator, choices: Sequence[str]) -> str:
    """Return a text in which no word is held out."""
    allowed = [choice for choice in choices if not any(map(is_held_out_word, re.findall(r"[\w']+", choice)))]
    return pick(rng, allowed)


def hex_colour(name: str) -> str:
    """Return "#rrggbb" of a colour by name."""
    red, green, blue = colour_named(name)
    return f"#{red:02x}{green:02x}{blue:02x}"
