"""What people call a drawing: plain names, articles, style words, and which drawings must not be mirrored."""

from __future__ import annotations

import re
from collections.abc import Mapping

from limner.data.heldout import replace_held_out_synonyms
from limner.data.looks import look_words

PLAIN_NAMES: Mapping[str, tuple[str, ...]] = {
    "hot beverage": ("cup of coffee", "hot coffee", "cup of tea", "hot drink"),
    "oncoming car": ("front of a car", "oncoming car"),
    "sport utility vehicle": ("blue SUV", "SUV"),
    "evergreen tree": ("pine tree", "fir tree", "evergreen tree"),
    "deciduous tree": ("tree", "green tree", "leafy tree"),
    "baguette bread": ("baguette", "loaf of french bread"),
    "pizza": ("slice of pizza", "pizza"),
    "red apple": ("red apple", "apple"),
    "melon": ("melon", "green melon"),
    "watermelon": ("slice of watermelon", "watermelon"),
    "shortcake": ("slice of strawberry cake", "slice of cake", "strawberry shortcake"),
    "birthday cake": ("birthday cake", "cake with candles", "cake"),
    "soft ice cream": ("ice cream cone", "soft ice cream"),
    "ice cream": ("bowl of ice cream", "ice cream"),
    "doughnut": ("doughnut", "donut"),
    "hamburger": ("hamburger", "burger", "cheeseburger"),
    "french fries": ("french fries", "box of fries"),
    "beer cup": ("glass of beer", "pint of beer"),
    "clinking beer cups": ("two clinking glasses of beer", "two beers"),
    "wine glass": ("glass of red wine", "wine glass"),
    "cocktail glass": ("cocktail glass", "martini"),
    "glass of milk": ("glass of milk", "milk"),
    "tumbler glass": ("glass of whisky", "tumbler glass"),
    "bottle with popping cork": ("champagne bottle", "bottle of champagne with popping cork"),
    "cup with straw": ("cup with a straw", "soft drink"),
    "beverage box": ("juice box", "carton of juice"),
    "ear of corn": ("ear of corn", "corn"),
    "hot pepper": ("red chili pepper", "hot pepper"),
    "cut of meat": ("steak", "cut of meat"),
    "poultry leg": ("chicken drumstick", "chicken leg"),
    "cooking": ("fried egg in a pan", "frying pan with an egg"),
    "leafy green": ("leafy green vegetable", "lettuce"),
    "eggplant": ("eggplant", "aubergine"),
    "cheese wedge": ("wedge of cheese", "cheese"),
    "spaghetti": ("plate of spaghetti", "spaghetti"),
    "steaming bowl": ("bowl of noodle soup", "steaming bowl of ramen"),
    "cooked rice": ("bowl of rice", "cooked rice"),
    "green salad": ("bowl of salad", "green salad"),
    "pot of food": ("pot of stew", "pot of food"),
    "popcorn": ("box of popcorn", "popcorn"),
    "honey pot": ("pot of honey", "honey pot"),
    "grapes": ("bunch of grapes", "grapes"),
    "cherries": ("two cherries", "cherries"),
    "bubble tea": ("cup of bubble tea", "bubble tea"),
    "front-facing baby chick": ("baby chick facing forward", "yellow chick"),
    "baby chick": ("baby chick", "chick", "little yellow chick"),
    "spouting whale": ("whale spouting water", "spouting whale"),
    "honeybee": ("bee", "honeybee"),
    "lady beetle": ("ladybug", "ladybird"),
    "T-Rex": ("T-Rex dinosaur", "tyrannosaurus"),
    "sauropod": ("long-necked dinosaur", "sauropod dinosaur"),
    "blowfish": ("pufferfish", "blowfish"),
    "spiral shell": ("seashell", "spiral shell"),
    "snow-capped mountain": ("snow-capped mountain", "snowy mountain"),
    "dog face": ("dog face", "face of a dog", "puppy face"),
    "cat face": ("cat face", "face of a cat"),
    "rabbit face": ("rabbit face", "face of a rabbit"),
    "tiger face": ("tiger face", "face of a tiger"),
    "mouse face": ("mouse face", "face of a mouse"),
    "cow face": ("cow face", "face of a cow"),
    "pig face": ("pig face", "face of a pig"),
    "horse face": ("horse face", "horse head"),
    "monkey face": ("monkey face", "face of a monkey"),
    "bear": ("bear face", "bear"),
    "panda": ("panda face", "panda"),
    "fox": ("fox face", "fox"),
    "wolf": ("wolf face", "wolf"),
    "lion": ("lion face", "lion"),
    "frog": ("frog face", "frog"),
    "koala": ("koala face", "koala"),
    "hamster": ("hamster face", "hamster"),
    "house with garden": ("house with a garden", "house with a tree"),
    "houses": ("group of houses", "houses"),
    "fire engine": ("fire engine", "fire truck"),
    "articulated lorry": ("big truck", "articulated lorry"),
    "delivery truck": ("delivery truck", "truck"),
    "passenger ship": ("cruise ship", "passenger ship"),
    "motor scooter": ("motor scooter", "scooter"),
    "police car light": ("red siren light", "police light"),
    "horizontal traffic light": ("horizontal traffic light",),
    "vertical traffic light": ("traffic light",),
    "flying saucer": ("flying saucer", "UFO"),
    "airplane": ("airplane", "plane"),
    "sailboat": ("sailboat", "sailing boat", "boat with a sail"),
    "locomotive": ("steam locomotive", "steam train"),
    "high voltage": ("lightning bolt", "yellow lightning bolt"),
    "droplet": ("water drop", "blue water drop"),
    "water wave": ("ocean wave", "big wave"),
    "fire": ("flame", "fire"),
    "ringed planet": ("planet with rings", "Saturn"),
    "glowing star": ("glowing star", "shining star"),
    "full moon face": ("full moon with a face",),
    "new moon face": ("dark moon with a face",),
    "sun with face": ("sun with a smiling face", "smiling sun"),
    "hourglass done": ("hourglass",),
    "mantelpiece clock": ("mantel clock", "old clock"),
    "timer clock": ("kitchen timer", "timer clock"),
    "jack-o-lantern": ("jack-o-lantern", "Halloween pumpkin"),
    "wrapped gift": ("gift box", "wrapped gift", "gift with a ribbon"),
    "soccer ball": ("soccer ball", "football"),
    "pool 8 ball": ("pool 8 ball", "billiard ball"),
    "video game": ("game controller", "gamepad"),
    "game die": ("die", "game die"),
    "bullseye": ("target", "dart target"),
    "performing arts": ("theatre masks", "comedy and tragedy masks"),
    "artist palette": ("paint palette", "artist palette"),
    "framed picture": ("framed picture", "painting in a frame"),
    "luggage": ("suitcase",),
    "gem stone": ("diamond", "blue gem", "gem stone"),
    "headphone": ("headphones",),
    "musical keyboard": ("piano keyboard", "piano"),
    "mobile phone": ("smartphone", "mobile phone", "phone"),
    "laptop": ("laptop", "laptop computer"),
    "television": ("television", "TV set"),
    "magnifying glass tilted left": ("magnifying glass", "magnifying glass tilted left"),
    "magnifying glass tilted right": ("magnifying glass tilted right",),
    "closed book": ("closed book", "book"),
    "open book": ("open book",),
    "books": ("stack of books", "books"),
    "wastebasket": ("waste basket", "trash can"),
    "locked": ("padlock", "lock"),
    "unlocked": ("open padlock", "unlocked padlock"),
    "locked with pen": ("padlock with a pen",),
    "locked with key": ("padlock with a key",),
    "key": ("key", "golden key"),
    "crossed swords": ("crossed swords", "two swords"),
    "satellite antenna": ("satellite dish", "satellite antenna"),
    "roll of paper": ("toilet paper", "roll of paper"),
    "syringe": ("syringe",),
    "envelope": ("envelope", "letter"),
    "package": ("cardboard box", "package"),
    "chart increasing": ("rising line chart", "chart going up"),
    "chart decreasing": ("falling line chart", "chart going down"),
    "telephone": ("telephone", "red telephone"),
    "clapper board": ("clapperboard", "film clapper board"),
    "billed cap": ("baseball cap", "cap"),
    "graduation cap": ("graduation cap", "graduate hat"),
    "t-shirt": ("t-shirt", "shirt"),
    "man’s shoe": ("brown shoe", "leather shoe"),
    "running shoe": ("sneaker", "running shoe"),
    "high-heeled shoe": ("high heel shoe", "red high heel"),
    "thong sandal": ("flip-flop", "sandal"),
    "woman’s hat": ("sun hat", "hat with a ribbon"),
    "pile of poo": ("pile of poo", "poop with a face"),
    "red heart": ("red heart", "heart"),
    "smiling face with sunglasses": ("smiley with sunglasses", "cool face with sunglasses"),
    "smiling face with heart-eyes": ("smiley with heart eyes", "face with heart eyes"),
    "face with tears of joy": ("face with tears of joy", "laughing face with tears"),
    "grinning face": ("grinning face", "smiley face", "happy face"),
    "smiling face": ("smiling face", "happy smiley"),
    "slightly smiling face": ("slightly smiling face", "smiley"),
    "crying face": ("crying face", "sad face with a tear"),
    "enraged face": ("angry red face", "enraged face"),
    "see-no-evil monkey": ("monkey covering its eyes", "see-no-evil monkey"),
    "hear-no-evil monkey": ("monkey covering its ears", "hear-no-evil monkey"),
    "speak-no-evil monkey": ("monkey covering its mouth", "speak-no-evil monkey"),
    "hundred points": ("hundred points sign", "red 100"),
    "collision": ("explosion", "collision"),
    "speech balloon": ("speech bubble", "speech balloon"),
    "left speech bubble": ("dark speech bubble",),
    "thought balloon": ("thought bubble", "thought balloon"),
    "check mark button": ("green check mark button", "check mark button"),
    "cross mark": ("red cross mark", "red X"),
    "warning": ("warning sign", "yellow warning triangle"),
    "no entry": ("no entry sign",),
    "prohibited": ("prohibited sign",),
    "recycling symbol": ("recycling symbol", "recycle arrows"),
    "plus": ("plus sign",),
    "minus": ("minus sign",),
    "multiply": ("multiplication sign", "multiply sign"),
    "infinity": ("infinity sign", "infinity symbol"),
    "no smoking": ("no smoking sign",),
    "tennis": ("tennis racket and ball", "tennis racket"),
    "pouring liquid": ("glass pouring liquid",),
    "star and crescent": ("star and crescent",),
    "sparkles": ("sparkles", "three sparkles"),
    "wireless": ("wireless signal", "wifi symbol"),
    "potable water": ("drinking water sign",),
}


_MASS = frozenset(
    "bread bacon rice cheese ice sushi popcorn salt butter garlic ginger honey sake mate oden spaghetti milk fog foggy fire camping tennis "
    "badminton bowling lacrosse ping wood construction money soap thread yarn dna laughter broccoli lettuce corn toilet "
    "headphones clothes coral lightning litter water food meat beer wine coffee tea steak poop jewelry weather hockey cricket rugby".split()
)
_SINGULAR_S = frozenset(
    "bus cactus glass octopus hibiscus lotus compass dress cross walrus hippopotamus grass boss circus lens bass abacus "
    "tennis iris atlas gas".split()
)
_PAIRS = frozenset(
    "glasses sunglasses goggles scissors jeans shorts briefs gloves socks chopsticks skis binoculars pants headphones".split()
)
_NO_ARTICLE = re.compile(
    r"^(two|three|four|five|six|seven|eight|nine|ten|the|a|an|face of|front of|part of|chart going|person|people|man|woman|men|women|\d)\b"
)
_NO_MIRROR = re.compile(
    r"\b(left|right|clock|o.clock|thirty|button|sign|symbol|input|keycap|letter|number|calendar|text|abc|book|news|memo|note|notes|score|"
    r"keyboard|flag|watch|timer|arrow|question|percent|dollar|yen|euro|pound|receipt|card|id|atm|100|points|zzz|dvd|disk|ticket|tickets|"
    r"medal|die|map|globe|chart|circled|latin|japanese|square|zodiac|check|curly|page|scroll|label|back|end|on|soon|top|speech|bubble|post|"
    r"hotel|bank|hospital|school|store|station|ball|joker|mahjong|playing|suit|guitar|violin|typewriter|license|passport|plate)\b",
    re.IGNORECASE,
)


def plain_names(concept: str) -> tuple[str, ...]:
    """Return what people call a concept, the usual name first."""
    cleaned = concept.replace("’", "'").replace("“", '"').replace("”", '"')
    names = (
        PLAIN_NAMES.get(concept)
        or PLAIN_NAMES.get(concept.replace("'", "’"))
        or (cleaned.split(":")[0].strip() if "skin tone" in concept else cleaned,)
    )
    return tuple(replace_held_out_synonyms(name) for name in names)


def is_mass_or_plural(name: str) -> bool:
    """Say whether a name stands without "a": "french fries", "bread", "two cherries", "Saturn"."""
    if _NO_ARTICLE.match(name) or (name[:1].isupper() and not re.match(r"^(SUV|UFO|T-Rex|TV|Christmas|Halloween|Japanese|ATM|ID)\b", name)):
        return True
    head = re.split(r" (?:of|with|in|on|behind|facing|and|covering|spouting|going|without|over|at) ", name)[0].split()[-1].lower()
    if head in _PAIRS:
        return True
    if head in _MASS and len(head) > 2:
        return True
    return head.endswith("s") and not head.endswith(("ss", "us", "'s")) and head not in _SINGULAR_S


def with_article(name: str) -> str:
    """Return "a red apple", "an owl", "french fries", "a pair of scissors"."""
    head = name.split()[-1].lower()
    if head in _PAIRS and " of " not in name:
        return f"a pair of {name}"
    if is_mass_or_plural(name):
        return name
    return f"{indefinite_article(name)} {name}"


def indefinite_article(name: str) -> str:
    """Return "a" or "an" by sound."""
    word = name.split()[0].lower()
    if word in {"suv", "atm", "x-ray", "hour", "hourglass", "honest", "lcd", "led", "mp3"}:
        return "an"
    if word.startswith(("uni", "use", "eu", "one", "ufo", "u-", "ui", "usb")) or word in {"ewe", "ukulele"}:
        return "a"
    return "an" if word[0] in "aeiou8" else "a"


def style_words(set_name: str) -> tuple[str, ...]:
    """Return phrases for the look of a set; "" never occurs."""
    return look_words(set_name)


def may_mirror(concept: str, category: str) -> bool:
    """Say whether a drawing stays true when it is mirrored: nothing with letters, numbers, hands of a clock or a named side."""
    folded = category.lower()
    return "symbol" not in folded and "flag" not in folded and _NO_MIRROR.search(concept) is None


_IRREGULAR = {
    "fish": "fish",
    "sheep": "sheep",
    "deer": "deer",
    "mouse": "mice",
    "goose": "geese",
    "ox": "oxen",
    "die": "dice",
    "foot": "feet",
    "tooth": "teeth",
    "person": "people",
    "man": "men",
    "woman": "women",
    "child": "children",
    "leaf": "leaves",
    "knife": "knives",
    "wolf": "wolves",
    "bison": "bison",
    "shrimp": "shrimp",
    "squid": "squid",
    "cactus": "cacti",
    "loaf": "loaves",
    "shelf": "shelves",
}


def plural(name: str) -> str:
    """Return the plural of a name that takes an article: "slices of pizza", "mice", "cherries"."""
    head, *rest = re.split(r"(?= (?:of|with|in|on|behind|facing|without|over|at|going|covering|spouting) )", name, maxsplit=1)
    *before, word = head.split()
    folded = word.lower()
    if folded in _PAIRS:
        return f"pairs of {name}"
    if folded in _IRREGULAR:
        word = _IRREGULAR[folded]
    elif re.search(r"[^aeiou]y$", folded):
        word = word[:-1] + "ies"
    elif re.search(r"(s|x|z|ch|sh)$", folded) or folded in {"potato", "tomato", "mango", "volcano", "mosquito"}:
        word += "es"
    else:
        word += "s"
    return " ".join([*before, word]) + "".join(rest)
