"""The words for what is in a scene: names with colour and size, places, air, positions, counts, media, and what is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
from PIL import ImageColor

from limner.data.colours import COLOUR_WORDS, HUES, name_finely, plain_hue
from limner.data.naming import indefinite_article, is_mass_or_plural, plain_names, plural, style_words, with_article
from limner.data.scenes.places import ABSENCES, VEHICLES
from limner.data.scenes.scene import AssetLayer, Box, MediumName, Scene

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
STAGES = frozenset({"plain", "gradient", "grid paper", "transparent"})
RECOLOURING: frozenset[MediumName] = frozenset({"pencil", "ink", "chalk", "neon", "blueprint", "art deco"})
_PLACES: Mapping[str, tuple[str, ...]] = {
    "sky": ("in the sky", "in a blue sky with clouds"),
    "stars": ("in space", "among the stars", "in a starry sky"),
    "snow": ("in the snow", "in a snowy landscape"),
    "road": ("on a road", "on the road"),
    "desert": ("in a desert", "in the desert"),
    "red planet": ("on a red planet", "on Mars", "on the surface of Mars", "on a red planet with craters"),
    "sea": ("on the sea", "at sea"),
    "forest": ("in a forest", "in the woods"),
    "hills": ("on green hills", "in a green meadow", "in a meadow"),
    "city": ("in a city", "in front of a city skyline"),
    "room": ("in a room", "in a living room"),
    "table": ("on a table", "on a wooden table"),
    "grid paper": ("on grid paper", "on squared paper"),
    "beach": ("on a beach", "on the beach", "on a sandy beach by the sea"),
    "mountains": ("in the mountains", "in front of snow-capped mountains"),
    "underwater": ("underwater", "under the sea", "at the bottom of the sea"),
    "kitchen": ("in a kitchen", "on a kitchen counter"),
    "street": ("on a street", "on a street with lamps", "in front of a row of houses"),
    "open road": ("on a long open road", "in the middle of a long open road", "on a straight road"),
    "snowy road": ("on a snowy road", "in the middle of a long open road in the snow", "on a long road through the snow"),
}
_VIEWS: Mapping[str, tuple[str, ...]] = {
    "sky": ("sky with clouds",), "stars": ("starry sky",), "snow": ("snowy landscape", "field of snow"),
    "road": ("road", "country road"),
    "desert": ("desert", "desert landscape"), "red planet": ("red planet with craters", "landscape on Mars"), "sea": ("sea", "calm sea"),
    "forest": ("forest", "forest of pine trees"), "hills": ("landscape of green hills", "green meadow"), "city": ("city", "city skyline"),
    "room": ("room", "living room"), "table": ("wooden table",), "grid paper": ("sheet of grid paper",),
    "beach": ("beach", "sandy beach by the sea"),
    "mountains": ("mountain landscape", "range of snow-capped mountains"), "underwater": ("underwater scene", "sea bed with seaweed"),
    "kitchen": ("kitchen",), "street": ("street", "street with lamps"), "open road": ("long open road", "straight road to the horizon"),
    "snowy road": ("snowy road", "long road through the snow"),
}  # fmt: skip
_LIGHTS: Mapping[str, tuple[str, ...]] = {
    "studio": ("",),
    "noon": ("", "", "in daylight"),
    "dusk": ("at dusk", "at sunset"),
    "moon": ("at night", "by moonlight"),
    "lamp": ("by lamplight", "in warm lamp light"),
}
_AIRS: Mapping[str, tuple[str, ...]] = {
    "clear": ("",),
    "rain": ("in the rain", "while it rains", "with rain falling"),
    "falling snow": ("in falling snow", "while it is snowing", "with snow quietly falling"),
    "fog": ("in the fog", "in thick mist", "with fog all around"),
    "fireflies": ("with glowing fireflies", "with fireflies in the air", "among glowing fireflies"),
}
_MEDIA: Mapping[str, tuple[str, ...]] = {
    "oil": ("an oil painting of {}", "{}, oil painting", "{} painted in oils", "{} in the style of an oil painting"),
    "watercolour": ("a watercolour of {}", "{}, watercolour", "{} painted in watercolours", "a watercolor painting of {}"),
    "pencil": ("a pencil drawing of {}", "{}, pencil sketch", "{} drawn in pencil", "a pencil sketch of {}"),
    "ink": ("an ink drawing of {}", "{}, black ink on paper", "{} drawn in ink", "a black and white ink drawing of {}"),
    "paper cut": ("a paper cut of {}", "{}, paper cut", "{} made of cut paper", "a paper cutout of {}", "{} in the style of layered paper"),
    "stained glass": ("a stained glass window of {}", "{}, stained glass", "{} in the style of stained glass", "{} in stained glass"),
    "neon": ("a neon sign of {}", "{}, neon sign", "{} in glowing neon", "{} as a neon sign"),
    "blueprint": ("a blueprint of {}", "{}, blueprint", "{} as a blueprint", "{} in the style of a technical blueprint"),
    "halftone": ("a comic print of {}", "{}, halftone", "{} printed in halftone dots", "{} in the style of a halftone comic"),
    "pixel art": ("pixel art of {}", "{}, pixel art", "{} in pixel art", "an 8-bit picture of {}", "{} in the style of pixel art"),
    "art deco": ("an Art Deco poster of {}", "{}, Art Deco", "{} in the style of Art Deco", "{} in Art Deco style"),
    "chalk": ("a chalk drawing of {}", "{}, chalk on a blackboard", "{} drawn in chalk on a blackboard", "a blackboard drawing of {}"),
}
MEDIUM_NOUNS: Mapping[str, str] = {
    "oil": "oil painting", "watercolour": "watercolour", "pencil": "pencil drawing", "ink": "ink drawing", "paper cut": "paper cut",
    "stained glass": "stained glass", "neon": "neon sign", "blueprint": "blueprint", "halftone": "halftone print", "pixel art": "pixel art",
    "art deco": "Art Deco", "chalk": "chalk on a blackboard",
}  # fmt: skip
_LATERAL = ("to the left of", "left of", "on the left side of"), ("to the right of", "right of", "on the right side of")
_VERTICAL = ("above", "over"), ("below", "under", "beneath")
_SIZES: Mapping[str, tuple[str, ...]] = {
    "tiny": ("tiny", "small", "little", "very small"), "huge": ("huge", "giant", "very big", "large"),
    "small": ("small", "little", "tiny"), "big": ("big", "large", "huge"),
}  # fmt: skip
_CALLED: Mapping[str, str] = {
    "hourglass not done": "hourglass", "ping pong": "ping pong paddle", "field hockey": "field hockey stick",
    "ice hockey": "ice hockey stick", "lacrosse": "lacrosse stick", "glass pouring liquid": "tipped glass", "mate": "cup of mate",
    "oden": "skewer of oden", "bowling": "bowling ball", "globe showing Americas": "globe", "globe showing Asia-Australia": "globe",
    "globe showing Europe-Africa": "globe", "dna": "strand of DNA", "umbrella on ground": "beach umbrella",
    "speaker high volume": "speaker", "speaker medium volume": "speaker", "speaker low volume": "speaker",
    "sun behind small cloud": "sun behind a small cloud", "sun behind large cloud": "sun behind a large cloud",
    "sun behind rain cloud": "sun behind a rain cloud", "cricket game": "cricket bat and ball",
}  # fmt: skip
_SINGULAR = re.compile(r"(?:\b(?:wo)?man['’]s [\w ]+|\b(?:toilet|rhinoceros|clover|two-hump camel))$")
_OVERLAP = 0.08  # of the smaller box: from here on one thing stands in front of the other


class Facts:
    """What can be seen in a scene, with the words for it chosen once, so that a caption never calls one thing by two names."""

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        self.scene = scene
        self.rng = rng
        self.is_recoloured = scene.medium in RECOLOURING
        self._names: dict[str, str] = {}
        self._colours: dict[str, str] = {}
        self._sizes = {kind: self.pick(words) for kind, words in _SIZES.items()}
        self.light = "" if self.is_recoloured else self.pick(_LIGHTS[scene.light.name])
        is_snow = scene.background.name in {"snow", "snowy road"}
        self.air = self.pick(tuple(phrase for phrase in _AIRS[scene.air] if not is_snow or phrase != "in falling snow"))
        is_flat = scene.assets() and scene.medium == "none"
        self.style = self.pick(style_words(scene.assets()[0].asset.split("/")[0])) if is_flat else ""
        self._medium = self.pick(_MEDIA[scene.medium]) if scene.medium != "none" else "{}"
        self.is_absence_told = rng.random() < (0.7 if scene.layout == "view" else 0.14)
        self._absence = int(rng.integers(1000))

    def pick(self, choices: tuple[str, ...]) -> str:
        """Return one of the choices."""
        return choices[int(self.rng.integers(len(choices)))]

    def made(self, words: str) -> str:
        """Return the words with what the picture is made with: "an oil painting of a cat", "a cat, watercolour"."""
        return self._medium.format(words)

    def name(self, layer: AssetLayer) -> str:
        """Return what a drawing shows, with its size where that is told and its colour if it was painted."""
        if layer.concept not in self._names:
            names = plain_names(layer.concept)
            if sum(other.concept == layer.concept for other in self.scene.assets()) > 1:
                names = tuple(name for name in names if not is_mass_or_plural(name)) or names[:1]
            name = names[0] if self.rng.random() < 0.8 else self.pick(names)
            name = _CALLED.get(name, name)
            self._names[layer.concept] = _colourless(name) if self.is_recoloured or layer.colour else name
        colour = "" if self.is_recoloured else self.colour(layer.colour)
        words = [self._sizes.get(self.size(layer), ""), colour, self._names[layer.concept]]
        return " ".join(word for word in words if word)

    def colour(self, colour: str) -> str:
        """Return the name of "#rrggbb", one that few people say where it is exact, chosen once; "" of ""."""
        if colour and colour not in self._colours:
            fine = name_finely(rgb_of(colour))
            self._colours[colour] = fine if self.rng.random() < 0.75 else plain_hue(fine)
        return self._colours.get(colour, "")

    def thing(self, layer: AssetLayer) -> str:
        """Return the name with its article."""
        return _with_article(self.name(layer))

    def size(self, layer: AssetLayer) -> str:
        """Return "tiny" or "huge" of a thing alone, "small" or "big" beside another; "" where its size says nothing."""
        scene = self.scene
        if scene.background.name not in STAGES or layer.role not in {"subject", "second"}:
            return ""
        if scene.layout == "single":
            extent = _extent(layer.box, scene)
            return "tiny" if extent <= 0.2 else "huge" if extent >= 0.84 else ""
        pair = scene.assets("subject", "second")
        if scene.layout == "relation" and len(pair) == 2:
            here, there = (_extent(one.box, scene) for one in (layer, pair[1 - pair.index(layer)]))
            return "big" if here > 2.2 * there else "small" if there > 2.2 * here else ""
        return ""

    def place(self) -> str:
        """Return where it is: "in a forest", "on a light blue background", or "" where that cannot be seen."""
        ground, scene = self.scene.background, self.scene
        if scene.layout == "view":
            return ""
        if ground.name in _PLACES:
            is_true = not self.is_recoloured and (ground.name != "sky" or scene.light.name == "noon")
            told = tuple(phrase for phrase in _PLACES[ground.name] if is_true or COLOUR_WORDS.isdisjoint(phrase.split()))
            return self.pick(told or ("",))
        position = self.position()
        words = "on a transparent background" if ground.name == "transparent" else "" if self.is_recoloured else self._ground_words()
        if position and words and self.rng.random() < 0.4:
            return re.sub(r"^on ", f"{position} of ", words) if " of" not in words else f"{position} {words}"
        return " ".join(word for word in (position, words) if word)

    def _ground_words(self) -> str:
        ground = self.scene.background
        colours = [name_finely(rgb_of(colour)) for colour in ground.colours[:2]] or ["plain"]
        if ground.name == "gradient" and len(set(colours)) > 1:
            return f"on a gradient from {colours[0]} to {colours[1]}"
        return f"on {indefinite_article(colours[0])} {colours[0]} background"

    def position(self) -> str:
        """Return "in the top left corner" or "on the right" of a small thing alone on a ground that says nothing; else ""."""
        layers = self.scene.assets("subject")
        if self.scene.layout != "single" or self.scene.background.name not in STAGES or len(layers) != 1:
            return ""
        if _extent(layers[0].box, self.scene) > 0.42:
            return ""
        x, y = layers[0].box.centre
        row = "top" if y < 0.37 else "bottom" if y > 0.63 else ""
        column = "left" if x < 0.37 else "right" if x > 0.63 else ""
        if row and column:
            row = self.pick(("top", "upper") if row == "top" else ("bottom", "lower"))
            return f"in the {row} {column} corner"
        if row:
            return f"at the {row}"
        return self.pick((f"on the {column}", f"on the {column} side")) if column else self.pick(("in the middle", "in the centre"))

    def view(self) -> str:
        """Return an empty view as a thing: "an empty beach", "a snowy landscape"."""
        nouns = _VIEWS.get(self.scene.background.name, ("background",))
        noun = self.pick(tuple(noun for noun in nouns if not self.is_recoloured or COLOUR_WORDS.isdisjoint(noun.split())) or ("landscape",))
        empty = self.rng.random() < 0.4 and self.scene.background.name in ABSENCES
        words = f"empty {noun}" if empty else noun
        return f"{indefinite_article(words)} {words}"

    def absence(self) -> str:
        """Return "without cars" or "with no people" of what is truly not there but could be; or ""."""
        scene = self.scene
        if not self.is_absence_told or scene.layout not in {"view", "single", "landscape"}:
            return ""
        drawn = {word for layer in scene.assets() for word in layer.concept.lower().split()}
        drawn |= {"car", "cars"} if any(layer.concept in VEHICLES for layer in scene.assets()) else set()
        absent = [word for word, broken_by in ABSENCES.get(scene.background.name, {}).items() if drawn.isdisjoint(broken_by)]
        if not absent:
            return ""
        form = ("without {}", "with no {}", "without any {}")[self._absence % 3]
        return form.format(absent[self._absence % len(absent)])

    def counted(self, layers: tuple[AssetLayer, ...]) -> str:
        """Return "a cat", "three apples", "3 apples"."""
        name = self.name(layers[0])
        if len(layers) == 1:
            return _with_article(name)
        number = NUMBERS[len(layers)] if self.rng.random() < 0.75 else str(len(layers))
        return f"{number} {many(name)}"

    def related(self, first: AssetLayer, second: AssetLayer) -> str:
        """Return two things and where they are: "a cat behind a dog", "a cat on the left and a dog on the right"."""
        if self.rng.random() < 0.35:
            first, second = second, first
        kind = relation_of(first, second, self.scene)
        one, other = self.thing(first), self.thing(second)
        chance = self.rng.random()
        if kind in {"in front of", "behind"}:
            return (
                f"{one} {kind} {other}" if chance < 0.9 else f"{one} partly {kind} {other}" if kind == "behind" else f"{one} {kind} {other}"
            )
        if chance < 0.18:
            return f"{one} and {other}"
        if kind in {"above", "below"}:
            ends = ("at the top", "at the bottom") if kind == "above" else ("at the bottom", "at the top")
            words = self.pick(_VERTICAL[kind == "below"])
        else:
            ends = ("on the left", "on the right") if kind == "to the left of" else ("on the right", "on the left")
            words = self.pick(_LATERAL[kind == "to the right of"]) if chance < 0.75 else self.pick(("next to", "beside"))
        if chance < 0.34:
            return f"{one} {ends[0]} and {other} {ends[1]}"
        return f"{one} {words} {other}"


def many(name: str) -> str:
    """Return the plural of a name: "snowmen", "slices of pizza"."""
    words = re.sub(r"(?<=[a-z])mans\b", "men", plural(name))
    return re.sub(r"\b(moose|bison|deer|reindeer)s\b", r"\1", words)


def _with_article(name: str) -> str:
    return f"{indefinite_article(name)} {name}" if _SINGULAR.search(name) else with_article(name)


def _colourless(name: str) -> str:
    """Return a name without the colours in it, if a name is left: "red apple" becomes "apple"."""
    kept = [word for word in name.split() if word.lower() not in COLOUR_WORDS | {"golden", "dark", "light"}]
    return " ".join(kept) if kept and kept[-1] not in {"of", "a", "the"} else name


def _extent(box: Box, scene: Scene) -> float:
    return max(box.width * scene.canvas.width, box.height * scene.canvas.height) / min(scene.canvas.width, scene.canvas.height)


def relation(first: Box, second: Box) -> str:
    """Return where the first box is, seen from the second: "above", "below", "to the left of" or "to the right of"."""
    across, down = first.centre[0] - second.centre[0], first.centre[1] - second.centre[1]
    if abs(across) >= abs(down):
        return "to the left of" if across < 0 else "to the right of"
    return "above" if down < 0 else "below"


def relation_of(first: AssetLayer, second: AssetLayer, scene: Scene) -> str:
    """Return where one drawing is, seen from another: as `relation`, or "in front of" and "behind" where one covers part of the other."""
    across = min(first.box.right, second.box.right) - max(first.box.left, second.box.left)
    down = min(first.box.bottom, second.box.bottom) - max(first.box.top, second.box.top)
    smaller = min(box.width * box.height for box in (first.box, second.box))
    if across > 0 and down > 0 and across * down > _OVERLAP * smaller:
        return "in front of" if scene.layers.index(first) > scene.layers.index(second) else "behind"
    return relation(first.box, second.box)


def listed(things: Iterable[str]) -> str:
    """Return "a, b and c"."""
    *most, last = things
    return f"{', '.join(most)} and {last}" if most else last


def colour_word(colour: str) -> str:
    """Return the one-word name of "#rrggbb", or "" of ""."""
    return HUES.get(name, name) if (name := name_finely(rgb_of(colour)) if colour else "") else ""


def rgb_of(colour: str) -> tuple[int, int, int]:
    """Return the three bytes of "#rrggbb"."""
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue
