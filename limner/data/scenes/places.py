"""Where things stand and what may be written: the views of composed scenes and the phrases of posters and cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from limner.data.colours import RARE_COLOURS
from limner.data.scenes.scene import BackgroundName
from limner.media.filters.light import LightName


def split_names(text: str) -> tuple[str, ...]:
    """Return the names of a comma-separated list, however its lines break."""
    return tuple(" ".join(name.split()) for name in text.split(","))


@dataclass(frozen=True)
class Place:
    """A kind of view: what may stand in front, what stands behind, what hangs in the air, and in which lights."""

    background: BackgroundName
    lights: tuple[LightName, ...]
    subjects: tuple[str, ...]
    scenery: tuple[str, ...]
    air: tuple[str, ...]
    horizon: tuple[float, float] = (0.52, 0.62)


_OUTDOORS: tuple[LightName, ...] = ("noon", "noon", "dusk", "moon")
VEHICLES = split_names(
    "car, taxi, bus, ambulance, fire engine, police car, delivery truck, racing car, motorcycle, motor scooter, "
    "bicycle, tractor, pickup truck, minibus, articulated lorry, sport utility vehicle, trolleybus"
)
_TREES = split_names("evergreen tree, deciduous tree")
_FLIERS = split_names("bird, eagle, dove, airplane, small airplane, helicopter, balloon, kite, butterfly, parachute, black bird")
PLACES: tuple[Place, ...] = (
    Place(
        "hills",
        _OUTDOORS,
        split_names(
            "cow, pig, horse, ewe, ram, goat, dog, cat, rabbit, chicken, rooster, deer, elephant, giraffe, zebra, "
            "tractor, bicycle, ox, turkey, poodle, kangaroo, rhinoceros, hippopotamus, T-Rex, sauropod, peacock, donkey, "
            "gorilla, flamingo, turtle, tiger, leopard"
        ),
        (*_TREES, "house", "house with garden", "sunflower", "hut", "tulip", "windmill", "castle"),
        (*_FLIERS, "rainbow"),
    ),
    Place(
        "forest",
        _OUTDOORS,
        split_names(
            "deer, hedgehog, rabbit, chipmunk, owl, beaver, badger, skunk, snail, turtle, mushroom, tent, squirrel, dog, "
            "gorilla, snake, orangutan"
        ),
        (*_TREES, "mushroom", "herb", "rock", "wood", "brown mushroom"),
        ("bird", "owl", "butterfly", "eagle", "bat"),
    ),
    Place(
        "snow",
        ("noon", "noon", "dusk", "moon"),
        split_names("penguin, snowman, snowman without snow, Christmas tree, seal, deer, rabbit, dog, sled, bison, hut, house, skis"),
        ("evergreen tree", "hut", "house", "snowman"),
        ("bird", "airplane", "snowflake", "helicopter"),
    ),
    Place("road", _OUTDOORS, VEHICLES, (*_TREES, "house", "house with garden"), _FLIERS, (0.46, 0.52)),
    Place(
        "city",
        ("noon", "dusk", "moon"),
        (*VEHICLES, "dog", "poodle", "fountain", "kick scooter", "skateboard", "cat"),
        ("deciduous tree", "vertical traffic light", "bus stop", "fountain"),
        ("airplane", "helicopter", "bird", "balloon"),
        (0.54, 0.62),
    ),
    Place(
        "desert",
        ("noon", "noon", "dusk", "moon"),
        split_names("camel, two-hump camel, cactus, lizard, snake, elephant, scorpion, motorcycle, T-Rex, tent, ox"),
        ("cactus", "rock", "palm tree", "tent"),
        ("eagle", "airplane", "bird", "small airplane"),
    ),
    Place(
        "red planet",
        ("noon", "dusk"),
        split_names("rocket, alien monster, satellite antenna, T-Rex, flying saucer, racing car, cat, dog, rabbit, robot, ox, motorcycle"),
        ("rock", "satellite antenna", "volcano"),
        ("flying saucer", "satellite", "ringed planet", "rocket", "star"),
    ),
    Place(
        "sea",
        _OUTDOORS,
        split_names("sailboat, ship, passenger ship, ferry, motor boat, speedboat, canoe, duck, swan, whale, spouting whale, dolphin"),
        ("sailboat", "ship", "ferry", "desert island"),
        ("bird", "airplane", "helicopter", "dove", "parachute", "small airplane"),
        (0.42, 0.52),
    ),
    Place(
        "room",
        ("noon", "noon", "lamp", "moon"),
        split_names(
            "chair, bed, potted plant, teddy bear, television, cat, dog, guitar, backpack, wrapped gift, toilet, black cat, "
            "poodle, shopping cart, drum, accordion, broom, basket, luggage, bathtub, Christmas tree, rabbit"
        ),
        ("potted plant", "chair", "television", "books"),
        ("balloon", "framed picture", "party popper"),
        (0.62, 0.68),
    ),
    Place(
        "table",
        ("noon", "noon", "lamp"),
        split_names(
            "hot beverage, teapot, birthday cake, shortcake, cupcake, pie, bread, croissant, hamburger, french fries, hot "
            "dog, sandwich, red apple, green apple, pear, banana, lemon, tangerine, strawberry, cherries, watermelon, "
            "pineapple, grapes, peach, cheese wedge, glass of milk, wine glass, beer cup, honey pot, popcorn, doughnut, "
            "cookie, ice cream, laptop, alarm clock, candle, books, light bulb, teddy bear, radio, telephone, camera, potted "
            "plant, jar, bubble tea, cup with straw, bento box, sushi, steaming bowl, spaghetti"
        ),
        (),
        (),
        (0.48, 0.54),
    ),
    Place(
        "beach",
        ("noon", "noon", "dusk", "moon"),
        split_names(
            "crab, turtle, dog, palm tree, umbrella on ground, spiral shell, seal, lobster, soccer ball, volleyball, bucket, sailboat, "
            "duck, sunglasses, tropical drink, watermelon, ice cream, tent, surfboard, cat, flamingo"
        ),
        ("palm tree", "umbrella on ground", "spiral shell", "crab", "rock"),
        ("bird", "kite", "airplane", "dove", "balloon", "parachute"),
        (0.42, 0.50),
    ),
    Place(
        "mountains",
        _OUTDOORS,
        split_names(
            "goat, ram, deer, cow, ox, bison, bear, eagle, tent, hut, dog, horse, rabbit, tractor, skis, house, fox, two-hump camel"
        ),
        (*_TREES, "hut", "tent", "rock", "house"),
        ("eagle", "airplane", "balloon", "helicopter", "parachute", "bird"),
        (0.50, 0.58),
    ),
    Place(
        "underwater",
        ("noon",),
        split_names(
            "fish, tropical fish, shark, octopus, dolphin, whale, turtle, blowfish, squid, jellyfish, crab, "
            "lobster, seal, spiral shell, coral"
        ),
        (),
        (),
        (0.80, 0.84),
    ),
    Place(
        "kitchen",
        ("noon", "noon", "lamp"),
        split_names(
            "teapot, hot beverage, bread, cooking, pot of food, red apple, green apple, banana, birthday cake, pie, cheese wedge, "
            "glass of milk, jar, honey pot, potted plant, cat, pear, watermelon, pineapple, shortcake, "
            "steaming bowl, green salad, croissant, kitchen knife"
        ),
        (),
        (),
        (0.54, 0.58),
    ),
    Place(
        "street",
        ("noon", "dusk", "moon", "moon"),
        (*VEHICLES, "dog", "cat", "kick scooter", "skateboard", "poodle", "raccoon", "rabbit"),
        ("deciduous tree", "bus stop", "vertical traffic light", "fire hydrant"),
        ("bird", "bat", "balloon", "airplane", "helicopter"),
        (0.50, 0.56),
    ),
    Place(
        "open road",
        _OUTDOORS,
        (*VEHICLES, "ox", "dog", "horse", "cow", "kangaroo", "turtle", "deer"),
        ("cactus", "evergreen tree", "rock", "deciduous tree"),
        _FLIERS,
        (0.46, 0.54),
    ),
    Place(
        "snowy road",
        ("noon", "noon", "dusk", "moon"),
        split_names(
            "ox, bison, deer, dog, snowman, penguin, car, bus, delivery truck, pickup truck, wolf, rabbit, cow, horse, sled, minibus"
        ),
        ("evergreen tree", "snowman", "hut", "house"),
        ("bird", "airplane", "eagle", "snowflake"),
        (0.46, 0.54),
    ),
)
STANDERS = frozenset(
    split_names(
        "ox, cow, goat, ram, ewe, deer, elephant, giraffe, zebra, dog, cat, black cat, pig, camel, two-hump camel, bison, tiger, leopard, "
        "donkey, flamingo, poodle, penguin, rooster, turkey"
    )
)  # what is drawn on its feet
FOREGROUNDS: Mapping[BackgroundName, tuple[str, ...]] = {
    "hills": split_names("tulip, sunflower, mushroom, rock, herb, rose, hibiscus, cherry blossom"),
    "forest": split_names("mushroom, brown mushroom, rock, herb, wood"),
    "snow": split_names("evergreen tree, rock, snowman"),
    "desert": split_names("cactus, rock"),
    "mountains": split_names("rock, evergreen tree, tulip, herb"),
    "beach": split_names("spiral shell, rock, crab, bucket"),
    "open road": split_names("rock, cactus"),
    "red planet": ("rock",),
    "room": ("potted plant",),
    "snowy road": ("evergreen tree", "rock"),
}
_HOUSES = frozenset({"house", "hut", "castle", "church"})
_TREE_WORDS = frozenset({"tree", "wood", "plant"})
_PERSONS = frozenset({"person", "man", "woman", "people", "child", "boy", "girl", "baby"})
_BOATS = frozenset({"sailboat", "ship", "ferry", "boat", "speedboat", "canoe", "island"})
_SWIMMERS = frozenset("fish shark whale dolphin blowfish squid jellyfish octopus".split())
# what a view could hold and what of the drawn would make it untrue, word by word; nothing that a background paints by itself
ABSENCES: Mapping[BackgroundName, Mapping[str, frozenset[str]]] = {
    "road": {"cars": frozenset({"car", "cars"}), "people": _PERSONS, "houses": _HOUSES, "trees": _TREE_WORDS},
    "open road": {"cars": frozenset({"car", "cars"}), "people": _PERSONS, "houses": _HOUSES, "trees": _TREE_WORDS},
    "snowy road": {"cars": frozenset({"car", "cars"}), "people": _PERSONS, "houses": _HOUSES},
    "street": {"cars": frozenset({"car", "cars"}), "people": _PERSONS},
    "city": {"cars": frozenset({"car", "cars"}), "people": _PERSONS},
    "beach": {"people": _PERSONS, "boats": _BOATS, "umbrellas": frozenset({"umbrella"}), "palm trees": _TREE_WORDS},
    "sea": {"boats": _BOATS, "people": _PERSONS, "islands": frozenset({"island"})},
    "hills": {"people": _PERSONS, "houses": _HOUSES, "trees": _TREE_WORDS},
    "desert": {"people": _PERSONS, "palm trees": _TREE_WORDS, "houses": _HOUSES},
    "forest": {"people": _PERSONS, "houses": _HOUSES},
    "snow": {"people": _PERSONS, "houses": _HOUSES},
    "mountains": {"people": _PERSONS, "houses": _HOUSES},
    "room": {"people": _PERSONS, "chairs": frozenset({"chair"})},
    "kitchen": {"people": _PERSONS},
    "red planet": {"people": _PERSONS, "rockets": frozenset({"rocket"})},
    "underwater": {"fish": _SWIMMERS, "people": _PERSONS},
}
FLOATING: frozenset[BackgroundName] = frozenset({"stars", "sky", "underwater"})
STARS = Place(
    "stars", ("studio",), split_names("rocket, satellite, flying saucer, ringed planet, full moon, alien monster, star, sun"), (), ()
)
OPEN_SKY = Place("sky", ("noon", "noon", "dusk"), (*_FLIERS, "rocket", "rainbow", "airplane departure", "duck", "honeybee"), (), ())
FLAT_TOPS = split_names("package, books, luggage, toolbox, treasure chest, television, bed, briefcase, radio, desktop computer, chair")
SMALL_THINGS = split_names(
    "cat, dog, bird, red apple, green apple, potted plant, teddy bear, balloon, crown, top hat, alarm clock, cupcake, "
    "baby chick, frog, duck, owl, banana, hot beverage, candle, rabbit, penguin, rooster, soccer ball, basketball, "
    "pear, cactus, birthday cake, wrapped gift"
)
FINE_PAINTS: tuple[str, ...] = ("teal", "turquoise", "coral", "magenta", "gold", "lime green", *RARE_COLOURS)
PAINTS: tuple[str, ...] = ("red", "orange", "yellow", "green", "blue", "purple", "pink")
TITLES = split_names(
    "open, hello, sale, coffee, welcome, thank you, new, summer, winter, spring, happy birthday, good morning, good "
    "night, stop, play, music, free, love, pizza night, garage sale, book club, farm shop, fresh bread, jazz, art "
    "fair, city run, game on, go team, yoga, sold out, coming soon, road trip, ice cream, lemonade, big sale, grand "
    "sale, closed, bakery, tea time, lunch, brunch, dinner, picnic, movie night, quiz night, party, fun run, swim, "
    "science fair, space camp, pet shop, flower shop, toy store, hotel, museum, library, school, zoo, circus, garden, "
    "harvest, beach, sunset, wild, dream, hope, be kind, think, make, listen, read more, explore, relax, breathe, "
    "smile, dance, sing, cook, bake, grow, plant, ride, drive, fly, sail, hike, climb"
)
SUBTITLES = split_names(
    "this saturday, every day, at noon, since 1998, now open, come in, all week, 7 pm, half price, only today, sign "
    "up, join us, free entry, new menu, open late, by the sea, for all ages, from 9 to 5, main street 12, room 204, "
    "best in town, made by hand, bring a friend, summer 2026, level 3, no. 42"
)
BUTTONS = split_names(
    "buy now, sign up, start, next, learn more, add to cart, play, save, join, book, order, continue, download, "
    "share, try it, follow, open, done"
)
CARD_TITLES = split_names(
    "weather, inbox, music, settings, profile, orders, travel, recipes, health, photos, messages, calendar, tasks, "
    "wallet, garden, pets, sports, news, maps, home, shop, garage, library, games, fitness, welcome back, good "
    "morning, new message, daily goal, your cart, my team, flight 207, upgrade"
)
CARD_NOTES = split_names(
    "3 new items, updated today, 12 left, 24 degrees, see all, 8 of 10 done, due friday, ready at noon, 5 km away, 2 "
    "hours ago, on its way, 100 points, tap to open, all set, 15 minutes, level 4, 30 percent off, no new mail, in "
    "stock, 6 friends"
)
