"""Instructions in short, plain words: what things are called in a scene, where they are, and many ways to ask for each change."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from limner.data.editing.pair import Edit, Operation
from limner.data.naming import indefinite_article, is_mass_or_plural, plain_names
from limner.data.scenes.describe import describe_scene
from limner.data.scenes.scene import AssetLayer, Box, Scene
from limner.data.scenes.wording import Facts, listed

ORDERS: Mapping[str, tuple[str, ...]] = {
    "add": ("add {a}{where}", "put {a}{where_in}", "draw {a}{where_in}", "place {a}{where_in}", "there should be {a}{where}"),
    "remove": (
        "remove {the}", "delete {the}", "take {the} away", "without {the}", "get rid of {the}", "erase {the}", "no {bare}", "remove {the}",
    ),
    "replace": (
        "replace {the} with {a}", "turn {the} into {a}", "{a} instead of {the}", "change {the} to {a}", "swap {the} for {a}",
        "make {the} {a}", "there should be {a} instead of {the}",
    ),
    "recolour": (
        "make {the} {colour}", "paint {the} {colour}", "{the} should be {colour}", "change the colour of {the} to {colour}",
        "change the color of {the} to {colour}", "colour {the} {colour}", "recolor {the} to {colour}", "turn {the} {colour}",
        "{painted}",
    ),
    "move": ("move {the} {where}", "put {the} {where_in}", "shift {the} {where}", "{the} should be {where_in}"),
    "swap": ("swap {the} and {other}", "let {the} and {other} change places", "{the} and {other} should change places"),
    "larger": ("make {the} larger", "make {the} bigger", "enlarge {the}", "{the} should be larger", "{bigger}", "scale {the} up"),
    "twice": ("make {the} twice as large", "double the size of {the}", "{the} should be twice as big"),
    "smaller": ("make {the} smaller", "shrink {the}", "{the} should be smaller", "{smaller}", "scale {the} down"),
    "half": ("make {the} half as large", "make {the} half the size", "{the} should be half as big"),
    "ground": (
        "change the background to {ground}", "make the background {ground}", "put it on {a_ground} background", "{ground} background",
        "the background should be {ground}", "on {a_ground} background", "replace the background with {ground}",
    ),
    "no ground": (
        "remove the background", "make the background transparent", "cut it out", "transparent background", "delete the background",
        "without a background", "on a transparent background",
    ),
    "place": ("put it {place}", "{place}", "place {the} {place}", "show {the} {place}", "set it {place}"),
    "no text": ("remove the text", "without the text", 'remove the word "{old}"', "delete the lettering", "erase the writing"),
    "first text": ('write "{text}" on it', 'add the text "{text}"', 'it should say "{text}"', 'put the word "{text}" on it'),
    "text": (
        'change the text to "{text}"', 'make it say "{text}"', 'it should say "{text}"', 'replace "{old}" with "{text}"',
        'write "{text}" instead', 'the sign should say "{text}"', 'change "{old}" to "{text}"', 'replace the text with "{text}"',
    ),
}  # fmt: skip
_POLITE = ("please {}", "can you {}?", "could you {}?", "I want you to {}", "{}, please", "now {}", "just {}")
_IMPERATIVE = re.compile(
    r"^(add|put|draw|place|remove|delete|take|get|erase|replace|turn|change|swap|make|paint|colour|recolor|move|shift|let|enlarge|scale|"
    r"double|shrink|cut|show|write|extend|fill|restore|repair|fix|clean|sharpen|denoise|increase|upscale|smooth|light|combine|use|redraw|set|"
    r"convert|give|arrange|complete|continue|uncrop|lay|copy)\b"
)
_SHARE_SIZED = 0.2
CAPTIONED: frozenset[Operation] = frozenset({"add", "remove", "replace", "recolour", "background", "text"})
_LINKS = frozenset({"of", "a", "with", "the", "in", "and", "face"})
_TOLD_LAYOUTS = frozenset({"single", "relation", "count", "landscape", "sign"})


class Telling(Facts):
    """The words for one scene, chosen once, and what singles out a thing in it. Sizes are seldom told."""

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        self._is_size_told = bool(rng.random() < _SHARE_SIZED)
        super().__init__(scene, rng)

    def size(self, layer: AssetLayer) -> str:
        """Return what captions say of a size, or ""."""
        return super().size(layer) if self._is_size_told else ""

    def the(self, layer: AssetLayer) -> str:
        """Return "the cat", "the red car" or, of equal things in a row, "the cat on the left"."""
        which = which_one(layer, self.scene)
        return f"the {re.sub(r'^the ', '', self.name(layer))}{f' {which}' if which else ''}"

    def bare(self, layer: AssetLayer) -> str:
        """Return the name without the colour that it was painted in and without its size."""
        self.name(layer)
        return self._names[layer.concept]

    def adorned(self, word: str, layer: AssetLayer) -> str:
        """Return a thing with a word before its bare name: "a bigger cat", "an orange car", "bigger french fries"."""
        name = f"{word} {self.bare(layer)}"
        return name if is_mass_or_plural(self.bare(layer)) else f"{indefinite_article(name)} {name}"

    def order(self, kind: str, **words: str) -> str:
        """Return an instruction of a kind with its words filled in, plain or polite."""
        return self.polite(self.pick(ORDERS[kind]).format(**words))

    def polite(self, order: str) -> str:
        """Return the order as one person or another would write it."""
        if _IMPERATIVE.match(order) and self.rng.random() < 0.22:
            order = self.pick(_POLITE).format(order)
        if self.rng.random() < 0.3:
            order = order[0].upper() + order[1:]
            order += "" if order[-1] in "?.!" or self.rng.random() < 0.5 else "."
        return order


def which_one(layer: AssetLayer, scene: Scene) -> str | None:
    """Return what tells a thing from its equals: "" of the only one, "on the left" of those in one row, None where words are not enough."""
    equal = [other for other in scene.assets() if other.concept == layer.concept]
    others = {other.concept for other in scene.assets()} - {layer.concept}
    if any(set(plain_names(layer.concept)[0].split()) & set(plain_names(other)[0].split()) - _LINKS for other in others):
        return None
    if len(equal) == 1:
        return ""
    heights = [other.box.centre[1] for other in equal]
    if len(equal) > 3 or max(heights) - min(heights) > 0.06:
        return None
    row = sorted(equal, key=lambda other: other.box.centre[0])
    words = ("on the left", "on the right") if len(row) == 2 else ("on the left", "in the middle", "on the right")
    return words[row.index(layer)]


def spot_words(box: Box) -> str:
    """Return where a box is on the canvas: "top left corner", "left", "middle", "bottom"."""
    x, y = box.centre
    row = "top" if y < 0.37 else "bottom" if y > 0.63 else ""
    column = "left" if x < 0.37 else "right" if x > 0.63 else ""
    return f"{row} {column} corner" if row and column else row or column or "middle"


def at_spot(spot: str) -> str:
    """Return a spot as where something is: "in the top left corner", "on the left", "at the top", "in the middle"."""
    if "corner" in spot or spot == "middle":
        return f"in the {spot}"
    return f"on the {spot}" if spot in {"left", "right"} else f"at the {spot}"


def caption_of(scene: Scene, rng: np.random.Generator) -> str:
    """Return a short true caption of a scene as a picture maker is told it, or "" of a scene that captions do not tell."""
    things = scene.assets()
    if scene.layout == "free" and len({layer.concept for layer in things}) == len(things) > 0:
        facts = Facts(scene, rng)
        return " ".join(part for part in (listed(map(facts.thing, things)), facts.place()) if part)
    if scene.layout not in _TOLD_LAYOUTS or not (scene.texts() if scene.layout == "sign" else scene.assets("subject")):
        return ""
    return describe_scene(scene, rng, register="short" if rng.random() < 0.5 else "sentence")


def maybe_captioned(edit: Edit, operation: Operation, rng: np.random.Generator, *, share: float) -> str:
    """Return the instruction of an edit, or by `share` the whole caption of its result where that says as much."""
    if operation in CAPTIONED and rng.random() < share and (caption := caption_of(edit.after, rng)):
        return caption
    return edit.instruction
