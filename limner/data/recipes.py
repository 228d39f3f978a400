"""Named recipes: which drawings a corpus holds, how often each is seen, and in which kinds of picture."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from limner.data.scenes.compose import SHARE_MEDIUM, TEMPLATE_SHARES
from limner.data.scenes.describe import REGISTER_SHARES, Register
from limner.data.scenes.scene import Layout

CATEGORIES = tuple("food-drink animals-nature travel-places objects activities smileys-emotion symbols people-body flags component".split())
COMMON_SYMBOLS = tuple(
    (
        "warning, no entry, prohibited, radioactive, biohazard, check mark, check mark button, cross mark, cross mark button, "
        "recycling symbol, peace symbol, yin yang, infinity, plus, minus, multiply, right arrow, left arrow, up arrow, down arrow, "
        "play button, pause button, stop button, red question mark, red exclamation mark, red circle, orange circle, yellow circle, "
        "green circle, blue circle, purple circle, brown circle, black circle, red square, orange square, yellow square, green "
        "square, blue square, purple square, brown square, large blue diamond, large orange diamond, red triangle pointed up, "
        "wireless, heavy dollar sign, star and crescent, trident emblem, medical symbol, no smoking, wheelchair symbol, musical "
        "note, fleur-de-lis"
    ).split(", ")
)
COMMON_CONCEPTS = tuple(
    (
        "pizza, hamburger, french fries, hot dog, sandwich, taco, sushi, spaghetti, steaming bowl, bread, croissant, pretzel, "
        "pancakes, waffle, cheese wedge, bacon, egg, cooking, green salad, popcorn, grapes, melon, watermelon, tangerine, lemon, "
        "banana, pineapple, mango, red apple, green apple, pear, peach, cherries, strawberry, blueberries, kiwi fruit, tomato, "
        "avocado, eggplant, potato, carrot, ear of corn, hot pepper, cucumber, broccoli, mushroom, ice cream, soft ice cream, "
        "doughnut, cookie, birthday cake, shortcake, cupcake, pie, chocolate bar, candy, lollipop, honey pot, hot beverage, teapot, "
        "glass of milk, wine glass, cocktail glass, beer cup, bubble tea, cup with straw, fork and knife, spoon, bottle with "
        "popping cork, onion, coconut, meat on bone, poultry leg, cat face, cat, black cat, dog face, dog, poodle, wolf, fox, lion, "
        "tiger face, tiger, horse face, horse, unicorn, zebra, deer, cow face, cow, pig face, pig, goat, camel, giraffe, elephant, "
        "rhinoceros, mouse face, mouse, hamster, rabbit face, rabbit, hedgehog, bat, bear, polar bear, koala, panda, sloth, "
        "kangaroo, monkey face, monkey, gorilla, chicken, rooster, baby chick, hatching chick, bird, penguin, dove, eagle, duck, "
        "swan, owl, flamingo, peacock, parrot, frog, crocodile, turtle, lizard, snake, dragon, sauropod, T-Rex, whale, spouting "
        "whale, dolphin, fish, tropical fish, blowfish, shark, octopus, spiral shell, crab, lobster, shrimp, snail, butterfly, bug, "
        "ant, honeybee, lady beetle, spider, bouquet, cherry blossom, rose, hibiscus, sunflower, blossom, tulip, seedling, potted "
        "plant, evergreen tree, deciduous tree, palm tree, cactus, four leaf clover, maple leaf, paw prints, feather, car, oncoming "
        "car, sport utility vehicle, taxi, bus, ambulance, fire engine, police car, delivery truck, articulated lorry, tractor, "
        "racing car, motorcycle, motor scooter, bicycle, kick scooter, skateboard, locomotive, train, high-speed train, tram, "
        "sailboat, speedboat, ship, passenger ship, canoe, anchor, airplane, small airplane, helicopter, rocket, flying saucer, "
        "satellite, parachute, house, house with garden, office building, castle, hospital, school, church, factory, tent, ferris "
        "wheel, fountain, mountain, snow-capped mountain, volcano, desert island, beach with umbrella, sunrise, cityscape, sun, sun "
        "with face, crescent moon, full moon, star, glowing star, shooting star, ringed planet, cloud, sun behind cloud, cloud with "
        "rain, cloud with lightning, rainbow, umbrella, snowflake, snowman, fire, droplet, water wave, high voltage, tornado, alarm "
        "clock, watch, hourglass done, stop sign, vertical traffic light, globe showing Europe-Africa, world map, compass, luggage, "
        "fuel pump, stopwatch, soccer ball, basketball, baseball, tennis, volleyball, american football, trophy, sports medal, "
        "balloon, party popper, Christmas tree, jack-o-lantern, wrapped gift, ribbon, bullseye, kite, video game, puzzle piece, "
        "teddy bear, artist palette, game die, guitar, violin, trumpet, drum, microphone, headphone, musical note, bell, camera, "
        "television, laptop, desktop computer, mobile phone, telephone, battery, light bulb, flashlight, candle, open book, closed "
        "book, books, newspaper, envelope, package, pencil, pen, paintbrush, crayon, briefcase, calendar, bar chart, pushpin, "
        "paperclip, scissors, locked, unlocked, key, hammer, axe, wrench, screwdriver, gear, magnet, toolbox, test tube, "
        "microscope, telescope, syringe, pill, door, bed, chair, toilet, bathtub, broom, bucket, soap, toothbrush, shopping cart, "
        "glasses, sunglasses, necktie, t-shirt, jeans, dress, socks, backpack, handbag, running shoe, high-heeled shoe, crown, top "
        "hat, graduation cap, ring, gem stone, money bag, coin, credit card, treasure chest, magnifying glass tilted left, shield, "
        "bomb, crossed swords, bow and arrow, movie camera, floppy disk, umbrella on ground, crystal ball, magic wand, grinning "
        "face, face with tears of joy, smiling face with heart-eyes, smiling face with sunglasses, winking face, crying face, "
        "loudly crying face, enraged face, angry face, sleeping face, thinking face, face with tongue, partying face, nerd face, "
        "astonished face, skull, ghost, alien, robot, clown face, pile of poo, red heart, blue heart, green heart, yellow heart, "
        "purple heart, black heart, broken heart, sparkling heart, heart with arrow, speech balloon, thought balloon, collision, "
        "hundred points, smiling face with horns, smiling face with halo, cowboy hat face"
    ).split(", ")
)


FEW_CONCEPTS = tuple(
    name.strip()
    for name in (
        "pizza, hamburger, french fries, hot dog, taco, bread, croissant, doughnut, cookie, birthday cake, cupcake, ice cream, "
        "soft ice cream, chocolate bar, lollipop, popcorn, cheese wedge, grapes, watermelon, lemon, banana, pineapple, red "
        "apple, green apple, pear, cherries, strawberry, tomato, avocado, carrot, ear of corn, hot pepper, broccoli, mushroom, "
        "hot beverage, glass of milk, wine glass, cat face, cat, dog face, dog, fox, lion, tiger face, horse face, unicorn, cow "
        "face, pig face, rabbit face, mouse face, bear, panda, koala, monkey face, frog, chicken, baby chick, bird, penguin, "
        "owl, duck, elephant, giraffe, turtle, snake, whale, dolphin, fish, tropical fish, shark, octopus, crab, snail, "
        "butterfly, honeybee, lady beetle, spider, rose, sunflower, tulip, cherry blossom, evergreen tree, deciduous tree, palm "
        "tree, cactus, four leaf clover, maple leaf, car, taxi, bus, fire engine, police car, delivery truck, tractor, "
        "motorcycle, bicycle, locomotive, sailboat, ship, anchor, airplane, helicopter, rocket, flying saucer, house, house "
        "with garden, castle, tent, mountain, sun, sun with face, crescent moon, full moon, star, glowing star, cloud, cloud "
        "with rain, rainbow, umbrella, snowflake, snowman, fire, droplet, alarm clock, watch, hourglass done, stop sign, soccer "
        "ball, basketball, trophy, sports medal, balloon, Christmas tree, jack-o-lantern, wrapped gift, teddy bear, guitar, "
        "drum, bell, camera, television, laptop, mobile phone, light bulb, candle, open book, closed book, envelope, pencil, "
        "paintbrush, scissors, locked, key, hammer, gear, magnet, chair, glasses, sunglasses, t-shirt, jeans, dress, crown, top "
        "hat, gem stone, money bag, magnifying glass tilted left, bomb, shield, grinning face, smiling face with heart-eyes, "
        "smiling face with sunglasses, crying face, sleeping face, robot, alien, skull, red heart, blue heart, green heart, "
        "speech balloon, collision "
    ).split(",")
)  # what a few minutes on two cores can learn to draw

EVERYDAY_CONCEPTS = FEW_CONCEPTS + tuple(
    name.strip()
    for name in (
        "sandwich, sushi, spaghetti, egg, tangerine, peach, kiwi fruit, onion, potato, cucumber, eggplant, coconut, pretzel, "
        "pancakes, candy, honey pot, teapot, bubble tea, beer cup, cocktail glass, cup with straw, pie, wolf, deer, camel, "
        "zebra, goat, ox, kangaroo, rooster, swan, flamingo, parrot, eagle, crocodile, T-Rex, sauropod, lobster, bug, ant, "
        "hedgehog, bat, hamster, horse, cow, pig, rabbit, tiger, mouse, dragon, hibiscus, potted plant, seedling, bouquet, "
        "ambulance, racing car, motor scooter, skateboard, high-speed train, tram, canoe, oncoming car, church, hospital, "
        "office building, ferris wheel, fountain, volcano, desert island, ringed planet, kite, violin, trumpet, headphone, "
        "microphone, telescope, microscope, door, bed, toilet, bathtub, broom, bucket, backpack, handbag, running shoe, "
        "high-heeled shoe, ring, gem stone, money bag, coin, treasure chest, shield, skull, ghost, alien, robot, cloud with "
        "lightning, wrench, axe, screwdriver, telephone, battery, books, package, shopping cart, necktie, socks, top hat, "
        "graduation cap, tennis, volleyball, american football, artist palette, puzzle piece, video game, magnifying glass "
        "tilted left, paperclip, umbrella on ground, milky way, fireworks, rock, wood, globe showing Europe-Africa"
    ).split(",")
)


@dataclass(frozen=True, kw_only=True)
class Pack:
    """Sets of one kind, and how many of the single drawings are theirs.

    `sets` are (name, weight) pairs: how often a set is chosen within the pack, whatever its size. A set that no part holds is left out.

    Raises:
        ValueError: there is no set, or a share or weight is not above 0.
    """

    name: str
    share: float
    sets: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        if not self.sets or self.share <= 0 or min(weight for _, weight in self.sets) <= 0:
            raise ValueError(f"pack {self.name!r}: needs at least one set, and a share and weights above 0")


@dataclass(frozen=True, kw_only=True)
class CorpusRecipe:
    """Which drawings, how often, and what is made of them.

    `sets` are (name, weight) pairs; `categories` are names of `CATEGORIES`, and `extra_concepts` are let in whatever their category.
    `common_concepts` are seen `common_weight` times as often. The first three shares add up to 1; `share_painted` is how many of the
    single drawings that can be painted are painted in another colour. `layouts` are (layout, share) pairs of the scenes,
    of which `share_medium` are made in another medium; `registers` are (register, share) pairs of their captions.
    With `packs` the single drawings come from those, whatever their category, by their shares; `sets` and `categories` are then what
    scenes are made of.

    Raises:
        ValueError: a share or weight is out of range, or there is no set.
    """

    name: str
    sets: tuple[tuple[str, float], ...]
    categories: tuple[str, ...]
    extra_concepts: tuple[str, ...] = ()
    common_concepts: tuple[str, ...] = COMMON_CONCEPTS
    common_weight: float = 3.0
    share_transparent: float = 0.5
    share_plain: float = 0.5
    share_scene: float = 0.0
    share_synonym: float = 0.17
    share_mirrored: float = 0.15
    share_painted: float = 0.0
    layouts: tuple[tuple[Layout, float], ...] = tuple(TEMPLATE_SHARES.items())
    share_medium: float = SHARE_MEDIUM
    registers: tuple[tuple[Register, float], ...] = tuple(REGISTER_SHARES.items())
    packs: tuple[Pack, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        shares = (self.share_transparent, self.share_plain, self.share_scene)
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-6:
            raise ValueError(f"recipe {self.name!r}: shares {shares!r} must be positive and add up to 1")
        if any(abs(sum(share for _, share in pairs) - 1) > 1e-6 for pairs in (self.layouts, self.registers)):
            raise ValueError(f"recipe {self.name!r}: the shares of the layouts must add up to 1, and those of the registers")
        if not 0 <= self.share_painted <= 1:
            raise ValueError(f"recipe {self.name!r}: share_painted {self.share_painted!r} must be within 0 and 1")
        if not self.sets or min(weight for _, weight in self.sets) <= 0 or self.common_weight <= 0:
            raise ValueError(f"recipe {self.name!r}: needs at least one set, and weights above 0")
        if self.packs and abs(sum(pack.share for pack in self.packs) - 1) > 1e-6:
            raise ValueError(f"recipe {self.name!r}: the packs' shares must add up to 1")
        if unknown := set(self.categories) - set(CATEGORIES):
            raise ValueError(f"recipe {self.name!r}: unknown categories {sorted(unknown)!r}; use those of {CATEGORIES!r}")

    @property
    def digest(self) -> str:
        """Return the sha256 of every field, so that two recipes with one digest draw the same examples from the same parts."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def set_weights(self) -> Mapping[str, float]:
        """Weight by name of set."""
        return dict(self.sets)


_EVERYDAY = ("food-drink", "animals-nature", "travel-places", "objects", "activities", "smileys-emotion")


def core(*, seed: int = 0) -> CorpusRecipe:
    """Return the first recipe: about two thousand everyday emoji in one main style and a second one, singly."""
    return CorpusRecipe(
        name="core", sets=(("fluent-emoji-flat", 1.0), ("twemoji", 0.34)), categories=_EVERYDAY, extra_concepts=COMMON_SYMBOLS, seed=seed
    )  # fmt: skip


def single_style(*, seed: int = 0) -> CorpusRecipe:
    """Return the narrowest recipe: one style, everyday emoji, singly."""
    return CorpusRecipe(
        name="single-style", sets=(("fluent-emoji-flat", 1.0),), categories=_EVERYDAY, extra_concepts=COMMON_SYMBOLS, seed=seed
    )


def few(*, seed: int = 0) -> CorpusRecipe:
    """Return the recipe of `limner-0`: one style, fewer than two hundred things that people ask for most, singly."""
    return CorpusRecipe(
        name="few", sets=(("fluent-emoji-flat", 1.0),), categories=(), extra_concepts=FEW_CONCEPTS, common_weight=1.0,
        share_transparent=0.6, share_plain=0.4, seed=seed,
    )  # fmt: skip


def everyday(*, seed: int = 0) -> CorpusRecipe:
    """Return most of what `limner-1` saw: one style, some three hundred things, painted, counted, beside each other, in simple places.

    Captions are brief: a caption of 100 tokens costs a CPU more than the picture.
    """
    registers: tuple[tuple[Register, float], ...] = (("short", 0.42), ("sentence", 0.44), ("keywords", 0.09), ("instruction", 0.05))
    layouts: tuple[tuple[Layout, float], ...] = (("relation", 0.44), ("count", 0.32), ("single", 0.12), ("landscape", 0.12))
    return CorpusRecipe(
        name="everyday", sets=(("fluent-emoji-flat", 1.0),), categories=(), extra_concepts=EVERYDAY_CONCEPTS, common_weight=1.0,
        share_transparent=0.30, share_plain=0.22, share_scene=0.48, share_painted=0.35, layouts=layouts, share_medium=0.0,
        registers=registers, seed=seed,
    )  # fmt: skip


def everyday_long(*, seed: int = 0) -> CorpusRecipe:
    """Return the recipe `everyday` with captions in every register: detailed, in code, and buried in long texts too."""
    return replace(everyday(seed=seed), name="everyday-long", registers=tuple(REGISTER_SHARES.items()))


def scenes(*, seed: int = 0) -> CorpusRecipe:
    """Return the recipe with composed scenes: four styles of everyday emoji, half of the pictures scenes."""
    sets = (("fluent-emoji-flat", 1.0), ("twemoji", 0.5), ("noto", 0.7), ("fluent-emoji", 0.7))
    return CorpusRecipe(
        name="scenes", sets=sets, categories=_EVERYDAY, extra_concepts=COMMON_SYMBOLS,
        share_transparent=0.25, share_plain=0.25, share_scene=0.5, seed=seed,
    )  # fmt: skip


_EMOJI = (
    ("fluent-emoji-flat", 1.0), ("twemoji", 1.0), ("noto", 1.0), ("fluent-emoji", 1.0), ("fluent-3d", 1.2), ("noto-v1", 0.5),
    ("emojione", 0.6), ("fxemoji", 0.4), ("streamline-emojis", 0.5),
)  # fmt: skip
_ICONS = (
    ("icon-park", 1.0), ("streamline-color", 1.0), ("streamline-plump-color", 1.0), ("streamline-freehand-color", 1.0),
    ("streamline-flex-color", 0.8), ("streamline-sharp-color", 0.8), ("streamline-ultimate-color", 1.0), ("streamline-cyber-color", 0.6),
    ("streamline-kameleon-color", 0.6), ("fluent-color", 0.6), ("marketeq", 0.6), ("flat-color-icons", 0.6), ("meteocons", 0.5),
)  # fmt: skip
_FLAGS = (("flag", 1.0), ("circle-flags", 1.0), ("flagpack", 1.0))
_MONO = (
    ("game-icons", 3.0), ("healthicons", 1.2), ("pinhead", 1.2), ("temaki", 0.6), ("maki", 0.3), ("roentgen", 0.5), ("nrk", 0.4),
    ("guidance", 0.4), ("emojione-monotone", 1.0), ("fluent-emoji-high-contrast", 1.5), ("tabler", 2.0), ("lucide", 1.2), ("iconoir", 1.0),
    ("carbon", 1.0), ("gis", 0.3), ("wi", 0.3), ("covid", 0.2), ("line-md", 0.4), ("mingcute", 1.2), ("teenyicons", 0.6), ("ph", 2.5),
    ("solar", 2.0), ("material-symbols", 3.0), ("streamline-freehand", 1.0), ("streamline-pixel", 0.8), ("streamline-ultimate", 1.0),
    ("streamline-plump", 1.0), ("streamline-cyber", 0.6), ("streamline-block", 0.4), ("icon-park-outline", 1.0), ("icon-park-solid", 1.0),
    ("icon-park-twotone", 1.0), ("pepicons-print", 0.6), ("pepicons-pencil", 0.6), ("duo-icons", 0.3), ("dinkie-icons", 0.5),
    ("pixelarticons", 0.6), ("pixel", 0.5),
)  # fmt: skip
_PICTOGRAMS = (("carbon-pictograms", 1.0), ("momentum-illustrations", 0.5), ("semi-illustrations", 0.05), ("gravity-illustrations", 0.2))
_AVATARS = tuple(
    (f"dicebear-{name}", 0.3 if name == "shapes" else 1.0)
    for name in (
        "adventurer avataaars big-ears big-smile bottts croodles dylan fun-emoji lorelei micah miniavs notionists open-peeps personas "
        "pixel-art shapes thumbs toon-head"
    ).split()
)


def full(*, seed: int = 0) -> CorpusRecipe:
    """Return the widest recipe: every pack, singly, and composed scenes of nine emoji styles; one picture in six or seven holds words."""
    layouts: tuple[tuple[Layout, float], ...] = (
        ("single", 0.14), ("relation", 0.17), ("count", 0.10), ("landscape", 0.14), ("view", 0.04), ("poster", 0.10), ("card", 0.06),
        ("chart", 0.05), ("diagram", 0.04), ("sign", 0.16),
    )  # fmt: skip
    packs = (
        Pack(name="emoji", share=0.30, sets=_EMOJI),
        Pack(name="icons", share=0.21, sets=_ICONS),
        Pack(name="flags", share=0.03, sets=_FLAGS),
        Pack(name="clipart", share=0.15, sets=(("openclipart", 1.0),)),
        Pack(name="mono", share=0.215, sets=_MONO),
        Pack(name="pictograms", share=0.02, sets=_PICTOGRAMS),
        Pack(name="avatars", share=0.075, sets=_AVATARS),
    )
    return CorpusRecipe(
        name="full", sets=_EMOJI, categories=_EVERYDAY, extra_concepts=COMMON_SYMBOLS,
        share_transparent=0.31, share_plain=0.31, share_scene=0.38, layouts=layouts, packs=packs, seed=seed,
    )  # fmt: skip


RECIPES = {
    "few": few,
    "everyday": everyday,
    "everyday-long": everyday_long,
    "core": core,
    "single-style": single_style,
    "scenes": scenes,
    "full": full,
}
