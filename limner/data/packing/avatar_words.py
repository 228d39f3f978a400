"""What can be seen of an avatar, in words: from the names of its parts and the colours they are drawn in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from PIL import ImageColor

from limner.data.colours import Rgb, colour_distance, name_colour, plain_hue

KINDS = {
    "adventurer": "avatar", "avataaars": "avatar", "big-ears": "avatar with big ears", "big-smile": "avatar", "bottts": "robot",
    "croodles": "doodle face", "dylan": "avatar", "fun-emoji": "emoji face", "lorelei": "avatar", "micah": "avatar", "miniavs": "avatar",
    "notionists": "avatar", "open-peeps": "avatar", "personas": "avatar", "pixel-art": "avatar", "shapes": "abstract shapes",
    "thumbs": "thumb character", "toon-head": "avatar",
}  # fmt: skip
INKED = {"lorelei", "notionists", "croodles"}  # drawn in black on white: colours of their parts are not seen
HAIR = {
    "afro": "an afro", "bald": "a bald head", "balding": "a balding head", "balndess": "a bald head", "noHair1": "a bald head",
    "noHair2": "a bald head", "noHair3": "a bald head", "mrClean": "a bald head", "bangs": "{} hair with bangs",
    "bangs2": "{} hair with bangs", "bantuKnots": "{} hair in knots", "beanie": "a beanie", "hatBeanie": "a beanie", "cap": "a cap",
    "hat": "a hat", "hatHip": "a hat", "hijab": "a hijab", "turban": "a turban", "bob": "a {} bob", "bobCut": "a {} bob",
    "roundBob": "a {} bob", "wavyBob": "a wavy {} bob", "curlyBob": "a curly {} bob", "bobBangs": "a {} bob with bangs",
    "bowlCutHair": "a {} bowl cut", "braids": "{} braids", "bun": "a {} bun", "bun2": "a {} bun", "bunHair": "a {} bun",
    "froBun": "a {} bun", "buns": "two {} buns", "straightBun": "a {} bun", "curlyBun": "a curly {} bun", "bunUndercut": "a {} bun",
    "grayBun": "a grey bun", "grayMedium": "grey hair", "grayShort": "short grey hair", "buzzcut": "a {} buzz cut",
    "cornrows": "{} cornrows", "cornrows2": "{} cornrows", "curly": "curly {} hair", "curlyHighTop": "curly {} hair",
    "curlyShortHair": "short curly {} hair", "shortCurly": "short curly {} hair", "shortCurls": "short curly {} hair",
    "dreads": "{} dreadlocks", "dreads01": "{} dreadlocks", "dreads02": "{} dreadlocks", "dreads1": "{} dreadlocks",
    "dreads2": "{} dreadlocks", "extraLong": "very long {} hair", "flatTop": "a {} flat top", "flatTopLong": "a {} flat top",
    "fro": "a {} afro", "froBand": "a {} afro with a band", "frizzle": "frizzy {} hair", "long": "long {} hair",
    "longAfro": "a long {} afro", "longBangs": "long {} hair with bangs", "longCurly": "long curly {} hair",
    "longButNotTooLong": "long {} hair", "mohawk": "a {} mohawk", "mohawk2": "a {} mohawk", "mrT": "a {} mohawk",
    "pigtails": "{} pigtails", "ponyTail": "a {} ponytail", "shavedHead": "a shaved head", "short1": "short {} hair",
    "short2": "short {} hair", "short3": "short {} hair", "short4": "short {} hair", "short5": "short {} hair",
    "shortHair": "short {} hair", "shortCombover": "short {} hair", "shortFlat": "short {} hair", "shortRound": "short {} hair",
    "shortWaved": "short wavy {} hair", "shaggy": "shaggy {} hair", "shaggyMullet": "a shaggy {} mullet",
    "straight01": "straight {} hair", "straight02": "straight {} hair", "straightHair": "straight {} hair",
    "mediumStraight": "straight {} hair", "wavy": "wavy {} hair", "longCurls": "long curly {} hair", "spiky": "spiky {} hair",
    "fluffy": "fluffy {} hair", "winterHat1": "a winter hat", "winterHat02": "a winter hat", "winterHat03": "a winter hat",
    "winterHat04": "a winter hat", "elvis": "a {} quiff",
}  # fmt: skip
WORN = {
    "glasses": "glasses", "earrings": "earrings", "beard": "a beard", "mustache": "a moustache", "mask": "a face mask",
    "freckles": "freckles", "blushes": "rosy cheeks",
}  # fmt: skip
ACCESSORIES = {
    "eyepatch": "an eyepatch", "sunglasses": "sunglasses", "sunglasses2": "sunglasses", "wayfarers": "sunglasses", "kurt": "sunglasses",
    "catEars": "cat ears", "sailormoonCrown": "a small crown", "clownNose": "a clown nose", "sleepMask": "a sleep mask",
    "faceMask": "a face mask", "mustache": "a moustache",
}  # fmt: skip
FACES = {
    "angry": "an angry face", "happy": "a happy face", "superHappy": "a very happy face", "sad": "a sad face",
    "confused": "a confused face", "smile": "a smile", "smileBig": "a big smile", "bigSmile": "a big smile",
    "smileLOL": "a laughing face", "laugh": "a laughing mouth", "laughing": "a laughing mouth", "surprise": "a surprised mouth",
    "surprised": "a surprised mouth", "frown": "a frown", "smirk": "a smirk", "cute": "a cute face", "serious": "a serious face",
    "rage": "a furious face", "veryAngry": "a furious face", "cyclops": "one big eye", "braces": "braces", "tongue": "its tongue out",
    "tongueOut": "its tongue out", "screamOpen": "a screaming mouth", "wideSmile": "a wide smile", "lilSmile": "a little smile",
    "pacifier": "a pacifier", "openSad": "a sad mouth", "openedSmile": "an open smile", "smileTeeth": "a toothy smile",
    "teethSmile": "a toothy smile", "kissHeart": "a kissing mouth with a heart", "faceMask": "a face mask",
    "missingTooth": "a missing tooth",
}  # fmt: skip
EYES = {
    "wink": "a winking eye", "winking": "a winking eye", "wink2": "a winking eye", "sunglasses": "sunglasses", "glasses": "glasses",
    "shades": "sunglasses", "hearts": "heart eyes", "love": "heart eyes", "stars": "star eyes", "starstruck": "star eyes",
    "closed": "closed eyes", "crying": "crying eyes", "sleepy": "sleepy eyes", "sleep": "closed eyes", "xDizzy": "crossed-out eyes",
    "tearDrop": "a tear",
}  # fmt: skip
CLOTHES = {
    "turtleNeck": "a {} turtleneck", "openJacket": "a {} jacket", "dress": "a {} dress", "shirt": "a {} shirt", "tShirt": "a {} t-shirt",
    "collared": "a {} shirt with a collar", "crew": "a {} t-shirt", "open": "a {} open shirt", "hoodie": "a {} hoodie",
    "overall": "{} overalls", "golf": "a {} polo shirt", "graphicShirt": "a {} t-shirt with a print", "shirtCrewNeck": "a {} t-shirt",
    "shirtScoopNeck": "a {} t-shirt", "shirtVNeck": "a {} t-shirt", "collarAndSweater": "a {} sweater",
    "checkered": "a checkered {} top",
}  # fmt: skip
HAIR_COLOURS: Mapping[Rgb, str] = {
    (18, 16, 18): "black", (54, 44, 71): "black", (60, 30, 14): "dark brown", (90, 55, 40): "brown", (114, 65, 51): "brown",
    (130, 95, 60): "brown", (165, 87, 40): "brown", (172, 101, 17): "brown", (86, 35, 6): "brown", (181, 129, 67): "light brown",
    (121, 106, 69): "brown", (201, 51, 5): "red", (165, 30, 20): "red", (189, 23, 0): "red", (97, 30, 25): "dark red",
    (203, 104, 32): "ginger", (242, 125, 60): "orange", (255, 84, 61): "orange", (214, 179, 112): "blond", (229, 215, 163): "blond",
    (233, 183, 41): "blond", (185, 160, 95): "blond", (255, 245, 0): "yellow", (255, 255, 255): "white", (232, 225, 225): "white",
    (175, 175, 175): "grey", (222, 225, 245): "white", (62, 172, 44): "green", (145, 203, 21): "green", (35, 141, 128): "green",
    (133, 194, 198): "light blue", (107, 217, 233): "light blue", (0, 155, 189): "blue", (29, 93, 255): "blue", (96, 93, 228): "blue",
    (219, 163, 190): "pink", (245, 151, 151): "pink", (225, 92, 120): "pink", (89, 36, 84): "purple", (146, 135, 255): "purple",
    (27, 11, 71): "dark blue",
}  # fmt: skip
BEARDS = re.compile(r"beard|full|goatee|chin|walrus|pyramid", re.IGNORECASE)


def describe_parts(style: str, parts: Mapping[str, object]) -> tuple[str, ...]:
    """Return phrases that follow "with", each true of the avatar: "short brown hair", "glasses", "a blue shirt"."""
    facts = {name: value for name, value in parts.items() if isinstance(value, str)}
    return tuple(dict.fromkeys(phrase for phrase in _phrases(style, facts) if phrase))


def _phrases(style: str, facts: Mapping[str, str]) -> Iterator[str]:
    if style in {"bottts", "shapes", "thumbs", "fun-emoji"}:
        yield from _creature(style, facts)
    yield _hair(style, facts)
    yield from _worn(style, facts)
    yield _face(facts)
    yield EYES.get(facts.get("eyes", ""), "")
    yield _clothes(style, facts)


def _creature(style: str, facts: Mapping[str, str]) -> Iterator[str]:
    if style == "bottts":
        yield f"a {_tone(facts['baseColor'])} head"
        top = facts.get("top", "")
        yield next(
            (f"{phrase} on top" for part, phrase in (("ntenna", "an antenna"), ("ulb", "a light bulb"), ("horns", "horns")) if part in top),
            "",
        )
    elif style == "thumbs":
        yield f"a {_tone(facts['shapeColor'])} body"
    elif style == "fun-emoji":
        yield f"a {_tone(facts['primaryBackgroundColor'])} face"


def _rgb(value: str) -> Rgb:
    red, green, blue = ImageColor.getrgb(value)[:3]
    return red, green, blue


def _tone(value: str) -> str:
    return name_colour(_rgb(value))


def _colour(value: str) -> str:
    if not value.startswith("#"):
        return ""
    _, green, blue = _rgb(value)
    tone = _tone(value)
    return "blue" if tone in {"teal", "turquoise"} and blue > green else plain_hue(tone)


def _hair_colour(style: str, value: str) -> str:
    if style == "open-peeps":
        return "black"
    if style in INKED or not value.startswith("#"):
        return ""
    return HAIR_COLOURS[min(HAIR_COLOURS, key=lambda colour: colour_distance(colour, _rgb(value)))]


def _hair(style: str, facts: Mapping[str, str]) -> str:
    name = next((facts[part] for part in ("hair", "top", "head") if part in facts), "")
    if style == "pixel-art" and "hat" in facts:
        return f"a {_colour(facts.get('hatColor', ''))} hat"
    if style == "toon-head":
        name = {"longStraight": "long", "longWavy": "long"}.get(facts.get("rearHair", ""), name)
    length = re.match(r"(short|long)\d+$", name)
    phrase = HAIR.get(name) or (f"{length[1]} {{}} hair" if length and style != "open-peeps" else "")
    colour = _hair_colour(style, facts.get("hairColor", "")) if "{}" in phrase else ""
    return " ".join(phrase.format(colour).split())


def _worn(style: str, facts: Mapping[str, str]) -> Iterator[str]:
    hidden = {"beard"} if style == "toon-head" and facts.get("beard") not in {"fullBeard", "longBeard"} else set()
    yield from (phrase for part, phrase in WORN.items() if part in facts and part not in hidden)
    accessory = facts.get("accessories", "")
    yield ACCESSORIES.get(accessory, "glasses" if re.match(r"glasses|prescription|round", accessory) else "")
    facial = "" if "mask" in facts else facts.get("facialHair", "")
    if facial:
        yield "a moustache" if facial.startswith("moustache") else "a beard" if BEARDS.search(facial) else ""
    if facts.get("features") == "freckles":
        yield "freckles"


def _face(facts: Mapping[str, str]) -> str:
    for part in ("mood", "face", "mouth"):
        name = facts.get(part, "")
        plain = re.sub(r"\d+$", "", name)
        if plain in FACES and name != "default":
            return FACES[plain]
    return ""


def _clothes(style: str, facts: Mapping[str, str]) -> str:
    colour = _colour(next((facts[part] for part in ("clothesColor", "clothingColor", "shirtColor", "bodyColor") if part in facts), ""))
    name = (
        facts.get("clothes")
        or facts.get("shirt")
        or facts.get("clothing")
        or (facts.get("body", "") if style in {"miniavs", "personas"} else "")
    )
    if not colour or style in INKED or style == "open-peeps":
        return ""
    phrase = CLOTHES.get(name, "a {} top" if style in {"personas", "pixel-art"} else "")
    return phrase.format(colour)
