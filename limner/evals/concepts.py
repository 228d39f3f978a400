"""The words of the benchmark: which things a scene may be asked for, which drawings of the corpus show them, and in which colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from limner.data.naming import plain_names
from limner.data.scenes.places import split_names

SCENE_CONCEPTS: Mapping[str, tuple[str, ...]] = {
    "slice of pizza": ("pizza",),
    "hamburger": ("hamburger",),
    "hot dog": ("hot dog",),
    "croissant": ("croissant",),
    "cupcake": ("cupcake",),
    "ice cream cone": ("soft ice cream", "ice cream cone"),
    "slice of watermelon": ("watermelon",),
    "strawberry": ("strawberry",),
    "mushroom": ("mushroom", "brown mushroom"),
    "avocado": ("avocado",),
    "cat": ("cat", "cat face", "cat side", "black cat"),
    "dog": ("dog", "dog face", "dog side", "poodle", "guide dog", "service dog"),
    "rabbit": ("rabbit", "rabbit face"),
    "panda": ("panda",),
    "frog": ("frog",),
    "chicken": ("chicken", "rooster"),
    "elephant": ("elephant",),
    "turtle": ("turtle",),
    "fish": ("fish", "tropical fish"),
    "crab": ("crab",),
    "butterfly": ("butterfly", "monarch butterfly"),
    "ladybug": ("lady beetle",),
    "rose": ("rose",),
    "sunflower": ("sunflower",),
    "palm tree": ("palm tree",),
    "car": ("car", "automobile", "oncoming automobile", "oncoming car", "sport utility vehicle", "racing car"),
    "bus": ("bus", "oncoming bus", "school bus side", "trolleybus"),
    "delivery truck": ("delivery truck", "truck", "articulated lorry"),
    "tractor": ("tractor",),
    "bicycle": ("bicycle", "bicycle bike"),
    "sailboat": ("sailboat",),
    "airplane": ("airplane",),
    "helicopter": ("helicopter",),
    "rocket": ("rocket",),
    "house": ("house", "house with garden", "house chimney"),
    "castle": ("castle",),
    "umbrella": ("umbrella", "open umbrella", "umbrella with rain drops"),
    "snowman": ("snowman", "snowman without snow"),
    "soccer ball": ("soccer ball", "soccer"),
    "balloon": ("balloon", "party balloon"),
    "gift box": ("wrapped gift", "gift", "gift box"),
    "bell": ("bell",),
    "camera": ("camera", "camera with flash"),
    "laptop": ("laptop", "laptop computer"),
    "light bulb": ("light bulb",),
    "candle": ("candle", "spa candle"),
    "pencil": ("pencil",),
    "key": ("key", "old key"),
    "crown": ("crown",),
    "t-shirt": ("t-shirt", "t shirt"),
    "book": ("closed book", "blue book", "green book", "orange book", "open book"),
    "star": ("star", "glowing star"),
    "heart": ("red heart", "blue heart", "green heart", "black heart", "purple heart", "yellow heart", "orange heart", "heart"),
    "trophy": ("trophy", "award trophy"),
    "cookie": ("cookie",),
    "tulip": ("tulip",),
    "cloud": ("cloud",),
    "crescent moon": ("crescent moon", "moon"),
    "ambulance": ("ambulance",),
    "church": ("church",),
    "anchor": ("anchor",),
    "stop sign": ("stop sign",),
    "bomb": ("bomb",),
    "skull": ("skull",),
    "alien": ("alien",),
    "toilet": ("toilet",),
    "ring": ("ring", "diamond ring"),
    "handbag": ("handbag",),
    "shopping cart": ("shopping cart",),
    "graduation cap": ("graduation cap",),
    "microphone": ("microphone",),
    "telescope": ("telescope",),
    "envelope": ("envelope",),
    "paintbrush": ("paintbrush",),
    "paperclip": ("paperclip",),
    "scissors": ("scissors",),
    "hammer": ("hammer",),
    "wrench": ("wrench",),
    "shield": ("shield",),
    "hourglass": ("hourglass done", "hourglass not done", "hourglass"),
}  # in the words of captions: the drawings of the corpus that show each

COLOURABLE_CONCEPTS: tuple[str, ...] = split_names(
    """
    car, bus, delivery truck, tractor, bicycle, sailboat, helicopter, rocket, house, umbrella, balloon, gift box, pencil, t-shirt, book,
    star, heart, butterfly, fish, bell, rose, tulip, key, candle, crown, handbag, envelope, anchor, camera, wrench
    """
)  # those that may be asked for in any colour
JUDGED_COLOURS: tuple[str, ...] = split_names("red, orange, yellow, green, blue, purple, pink, brown, black, white, grey")


@cache
def scene_concept_of(corpus_concept: str) -> str:
    """Return the name in `SCENE_CONCEPTS` of what a drawing shows, or ""."""
    return next((name for name, shown in SCENE_CONCEPTS.items() if corpus_concept in shown), "")


def spoken(corpus_concept: str) -> str:
    """Return what captions call a concept of `NAMED_CONCEPTS`."""
    return plain_names(corpus_concept)[0]


def unknown_names(names: Iterable[str]) -> list[str]:
    """Return the names that stand in neither list."""
    return [name for name in names if name not in SCENE_CONCEPTS and name not in NAMED_CONCEPTS]


NAMED_CONCEPTS: tuple[str, ...] = split_names(
    """
    admission tickets, aerial tramway, airplane, airplane arrival, airplane departure, alarm clock, alien, ambulance, american
    football, anchor, angry face, ant, articulated lorry, artist palette, astonished face, avocado, axe, baby bottle, baby chick,
    backpack, bacon, balloon, banana, bar chart, barber pole, baseball, basketball, bat, bathtub, battery, beach with umbrella,
    bear, bed, beer cup, bell, bell with slash, bento box, bicycle, bikini, bird, birthday cake, black cat, black heart, black nib,
    blossom, blowfish, blue heart, blueberries, boar, bomb, books, bottle with popping cork, bouquet, bow and arrow, bowling, bread,
    briefcase, broccoli, broken heart, broom, bubble tea, bucket, bug, bullet train, bullseye, bus, butterfly, cactus, calendar,
    camel, camera, camera with flash, camping, candle, candy, canoe, car, carousel horse, carrot, castle, cat, cat face, chair,
    cheese wedge, cherries, cherry blossom, chestnut, chicken, chipmunk, chocolate bar, Christmas tree, church, cigarette, circus
    tent, cityscape, cityscape at dusk, clapper board, clipboard, closed book, closed umbrella, cloud, cloud with lightning, cloud
    with rain, clown face, club suit, cocktail glass, coconut, coin, collision, compass, computer disk, computer mouse,
    construction, cooked rice, cookie, cooking, cow, cow face, cowboy hat face, crab, crayon, credit card, crescent moon, crocodile,
    croissant, crossed swords, crown, crying face, crystal ball, cucumber, cup with straw, cupcake, curry rice, custard, cyclone,
    dagger, dango, deciduous tree, deer, delivery truck, desert, desert island, desktop computer, diamond suit, dna, dog, dog face,
    dolphin, door, doughnut, dove, dragon, dress, droplet, drum, duck, dvd, eagle, ear of corn, egg, eggplant, electric plug,
    elephant, enraged face, envelope, evergreen tree, ewe, face with tears of joy, face with tongue, factory, fallen leaf, fax
    machine, feather, ferris wheel, file cabinet, file folder, film projector, fire, fire engine, fireworks, fish, fishing pole,
    flamingo, flashlight, floppy disk, fog, foggy, fork and knife, fountain, fountain pen, four leaf clover, fox, framed picture,
    french fries, frog, fuel pump, full moon, game die, gear, gem stone, ghost, giraffe, glass of milk, glasses, globe showing
    Europe-Africa, glowing star, goat, gorilla, graduation cap, grapes, green apple, green heart, green salad, grinning face,
    guitar, hamburger, hammer, hamster, handbag, hatching chick, headphone, heart with arrow, hedgehog, helicopter, herb, hibiscus,
    high voltage, high-heeled shoe, high-speed train, honey pot, honeybee, horizontal traffic light, horse, horse face, hospital,
    hot beverage, hot dog, hot pepper, hot springs, hourglass done, hourglass not done, house, house with garden, houses, hundred
    points, ice cream, inbox tray, incoming envelope, jack-o-lantern, jeans, joker, joystick, kangaroo, key, keyboard, kick scooter,
    kimono, kitchen knife, kite, kiwi fruit, koala, label, ladder, lady beetle, laptop, leaf fluttering in wind, lemon, level
    slider, light bulb, lion, lipstick, lizard, lobster, locked, locomotive, lollipop, loudly crying face, luggage, magic wand,
    magnet, magnifying glass tilted left, mango, maple leaf, meat on bone, megaphone, melon, microphone, microscope, minibus, moai,
    mobile phone, money bag, money with wings, monkey, monkey face, motor scooter, motorcycle, mountain, mouse, mouse face, movie
    camera, mushroom, musical keyboard, musical note, musical notes, musical score, necktie, nerd face, newspaper, octopus, office
    building, oncoming car, onion, open book, owl, package, paintbrush, palm tree, pancakes, panda, paperclip, parachute, parrot,
    party popper, partying face, passenger ship, paw prints, peach, peacock, pear, pen, pencil, penguin, pie, pig, pig face, pile of
    poo, pill, pineapple, pizza, polar bear, police car, police car light, poodle, popcorn, potato, potted plant, poultry leg,
    pretzel, printer, purple heart, purse, pushpin, puzzle piece, rabbit, rabbit face, racing car, radio, railway car, rainbow, ram,
    receipt, red apple, red heart, rhinoceros, ribbon, ring, ringed planet, robot, rocket, roller coaster, rooster, rose, running
    shoe, sailboat, sandwich, satellite, satellite antenna, sauropod, school, scissors, screwdriver, seat, seedling, shark, shaved
    ice, shield, ship, shooting star, shopping cart, shortcake, shower, shrimp, skateboard, skis, skull, sleeping face, sloth, small
    airplane, smiling face with halo, smiling face with heart-eyes, smiling face with horns, smiling face with sunglasses, snail,
    snake, snow-capped mountain, snowflake, snowman, soap, soccer ball, socks, soft ice cream, spade suit, spaghetti, sparkles,
    sparkling heart, speech balloon, speedboat, spider, spiral shell, spoon, sport utility vehicle, sports medal, spouting whale,
    star, steaming bowl, stethoscope, stop sign, stopwatch, strawberry, sun, sun behind cloud, sun with face, sunflower, sunglasses,
    sunrise, sunset, sushi, swan, syringe, T-Rex, t-shirt, taco, tangerine, taxi, teapot, teddy bear, telephone, telescope,
    television, tennis, tent, test tube, thermometer, thinking face, thought balloon, ticket, tiger, tiger face, toilet, tomato,
    toolbox, toothbrush, top hat, tornado, tractor, train, tram, treasure chest, trophy, tropical drink, tropical fish, trumpet,
    tulip, turkey, turtle, umbrella, umbrella on ground, umbrella with rain drops, unicorn, unlocked, vertical traffic light, video
    game, violin, volcano, volleyball, waffle, watch, water pistol, water wave, watermelon, whale, wine glass, winking face, wolf,
    world map, wrapped gift, wrench, yellow heart, zebra
"""
)  # as the corpus calls them, each drawn in at least four sets
