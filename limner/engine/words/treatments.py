"""What is done to a picture as a whole, read from an instruction: it is made in another medium, lit anew, put into weather,
adjusted, mirrored or repaired; or written on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from limner.engine.words.lettering import Lettering, read_lettering
from limner.media.filters.air import Air
from limner.media.filters.light import LightName
from limner.media.filters.tone import GRADUAL, Tone

Name = TypeVar("Name", bound=str)

_MEDIA: Mapping[str, tuple[str, ...]] = {
    "oil": ("oil painting", "oil", "oils", "oil on canvas", "painting in oil", "impasto painting"),
    "watercolour": ("watercolour", "watercolor", "watercolour painting", "watercolor painting", "aquarelle", "water colour"),
    "pencil": ("pencil drawing", "pencil sketch", "pencil", "sketch", "graphite drawing", "sketch in pencil", "drawing in pencil"),
    "ink": ("ink drawing", "black and white ink drawing", "pen and ink drawing", "ink sketch", "ink", "pen drawing", "drawing in ink"),
    "paper cut": ("paper cut", "paper cutout", "paper cut-out", "papercut", "paper craft", "cut paper"),
    "stained glass": ("stained glass window", "stained glass", "stained-glass window", "church window"),
    "neon": ("neon sign", "neon", "neon lights", "neon tubes", "glowing neon sign"),
    "blueprint": ("blueprint", "technical blueprint", "architect's blueprint"),
    "halftone": ("comic print", "halftone print", "halftone", "comic", "comic book print", "pop art print", "halftone comic"),
    "pixel art": ("pixel art", "8-bit picture", "8-bit art", "8-bit", "8 bit picture", "pixel art picture", "pixels", "retro pixel art"),
    "art deco": ("art deco poster", "art deco", "art-deco poster", "art deco print"),
    "chalk": ("chalk drawing on a blackboard", "chalk drawing", "chalk on a blackboard", "chalk", "chalkboard drawing", "chalk sketch"),
}  # fmt: skip
_LIGHTS: Mapping[LightName, tuple[str, ...]] = {
    "noon": ("day", "daytime", "daylight", "noon", "midday", "a bright day", "bright day", "day time", "the day", "in daylight", "sunny"),
    "dusk": ("dusk", "sunset", "evening", "an evening scene", "the evening", "a sunset scene", "sundown", "the golden hour", "golden hour"),
    "moon": ("night", "a night scene", "nighttime", "night time", "night-time", "moonlight", "the night", "midnight"),
    "lamp": ("lamplight", "lamp light", "warm lamp light", "warm lamplight", "the light of a lamp", "candlelight"),
    "studio": ("even light", "plain even light", "plain light"),
}  # fmt: skip
_AIRS: Mapping[Air, tuple[str, ...]] = {
    "rain": ("rain", "some rain", "rainy", "raindrops", "falling rain"),
    "falling snow": ("falling snow", "snow", "some snow", "snowfall", "snowflakes", "some falling snow", "snowy"),
    "fog": ("fog", "some fog", "mist", "some mist", "foggy", "misty", "fog all around", "the fog"),
    "fireflies": ("fireflies", "glowing fireflies", "some fireflies", "some glowing fireflies"),
}
_IT = (
    r"(?:it|this|that|them|everything|(?:the|this|my|that) (?:whole |entire )?(?:picture|image|photo|photograph|drawing|scene|"
    r"illustration))"
)
_REMADE = r"(?:make|turn|convert|transform|change|redraw|render|paint|draw|show|redo|recreate|restyle)"
_RESTYLED = (
    rf"{_REMADE} (?:{{it}} )?(?:(?:in)?to |as |look like |like |in )?(?:the style of )?(?:an? |some )?{{name}}(?: style)?",
    r"(?:as|in the style of|in|like|into) (?:an? )?{name}(?: style)?",
    r"{name}(?: style)?",
    r"(?:use|apply|give {it}) (?:a |an |the )?{name} (?:style|look|effect|filter)(?: (?:to|on) {it})?",
)
_RELIT = (
    r"(?:make|turn|change|convert|transform) {it} (?:(?:in)?to )?(?:look like )?{name}",
    r"(?:show|draw|light) {it} (?:at|in|by|with) {name}",
    r"(?:at|in|by|during) {name}",
    r"(?:change|set) the (?:time|time of day|light|lighting) (?:in)?to {name}",
    r"make the (?:time|light|lighting) {name}",
    r"turn (?:the )?(?:day|night) (?:in)?to {name}",
    r"it should be {name}",
)
_LIT: Mapping[LightName, tuple[str, ...]] = {
    "studio": (r"light {it} evenly", r"(?:turn|switch) (?:the lamp|the lights?|the light) off", r"in plain even light"),
    "lamp": (r"light {it} with a lamp", r"(?:turn|switch) a lamp on", r"(?:turn|switch) on a lamp"),
}
_AIRED = (
    r"(?:add|include|put in) {name}(?: (?:to|in) {it})?",
    r"(?:make|let) {it} {name}",
    r"(?:in|with) (?:the )?{name}(?: all around)?",
    r"make the weather {name}",
    r"let there be {name}",
    r"it should {name}",
    r"while it is {name}ing",
)
_PHOTO = rf"(?:{_IT}|(?:the|its|all) colou?rs)"
_MAKE, _GREY = "(?:make|turn|convert|change)", r"(?:black[- ]and[- ]white|gr[ae]y[- ]?scale|gr[ae]y|monochrome)"
_MORE, _LESS = "(?:increase|raise|boost)", "(?:decrease|lower|reduce)"
_AMOUNTS: Mapping[str, float] = {
    "a bit": 0.5, "a little": 0.5, "a little bit": 0.5, "slightly": 0.5, "somewhat": 0.6, "a lot": 1.8, "much": 1.8, "far": 1.8, "way": 1.8,
}  # fmt: skip
_AMOUNT = rf"\b(?:{'|'.join(sorted(_AMOUNTS, key=len, reverse=True))})\b"
_A_PICTURE = "(?: (?:picture|photo|image|photograph|tone))?"
_TONED: Mapping[Tone, tuple[str, ...]] = {
    "brighter": (
        "make {it} (?:brighter|lighter)", "(?:brighten|lighten)(?: up)? {it}(?: up)?",
        f"{_MORE} (?:the )?brightness(?: of {{it}})?",
    ),
    "darker": ("make {it} darker", "darken {it}", f"{_LESS} (?:the )?brightness(?: of {{it}})?"),
    "more contrast": (f"(?:{_MORE}|add|more) (?:the |some )?contrast(?: (?:of|to) {{it}})?",),
    "less contrast": (f"(?:{_LESS}|less) (?:the )?contrast(?: of {{it}})?",),
    "more colourful": (
        "make {it} more (?:colou?rful|saturated|vivid|vibrant)", f"{_MORE} (?:the )?(?:saturation|colou?rs)(?: of {{it}})?",
    ),
    "less colourful": (
        "make {it} less (?:colou?rful|saturated|vivid)", "desaturate {it}", f"{_LESS} (?:the )?saturation(?: of {{it}})?",
    ),
    "warmer": ("(?:make {it} )?warmer", "(?:(?:add|use) )?warmer colou?rs"),
    "cooler": ("(?:make {it} )?(?:cooler|colder)", "(?:(?:add|use) )?cooler colou?rs"),
    "grey": (
        f"{_MAKE} (?:{{it}} )?(?:(?:in)?to )?(?:an? )?{_GREY}{_A_PICTURE}", f"(?:in )?{_GREY}",
        "remove (?:all )?(?:the )?colou?rs?(?: from {it})?",
    ),
    "sepia": (f"(?:{_MAKE}|give) (?:{{it}} )?(?:(?:in)?to )?(?:an? )?sepia{_A_PICTURE}", "(?:in )?sepia(?: tones?)?"),
    "negative": ("invert {it}", "invert the colou?rs(?: of {it})?", f"{_MAKE} {{it}} (?:(?:in)?to )?a negative"),
    "mirrored": ("(?:mirror|flip) {it}(?: horizontally)?", "(?:flip|mirror) {it} (?:from )?left to right"),
    "upside down": ("flip {it} (?:vertically|upside down)", "turn {it} upside down"),
    "blurred": ("blur {it}", "make {it} (?:blurry|blurred|softer)"),
}  # fmt: skip
_DAMAGE = r"(?:noise|grain|blur|blurriness|damage|scratches|(?:lines and )?scratches|spots|stains|blots|specks|dust|artifacts|artefacts)"
_SPOILT = r"(?:old|damaged|scratched|noisy|grainy|blurry|blurred|pixelated|low[- ]res(?:olution)?|stained|spotty)"
_PICTURE = rf"(?:it|this|that|(?:the|this|my|that) (?:{_SPOILT} )*(?:picture|image|photo|photograph|drawing|scan))"
_REPAIRS = (
    rf"(?:restore|repair|sharpen|deblur|denoise|clean(?: up)?|despeckle|unblur|upscale|fix|depixelate) {_PICTURE}",
    r"(?:sharpen|deblur|denoise|unblur|despeckle|restore)",
    rf"(?:enhance|improve)(?: the quality of)? {_PICTURE}",
    r"(?:enhance|improve) the (?:picture |image |photo )?quality",
    rf"clean {_PICTURE} up",
    rf"(?:remove|reduce|fix|repair|get rid of|clean up) (?:all )?(?:the )?{_DAMAGE}(?: (?:from|in|of) {_PICTURE})?",
    rf"(?:take|clean) (?:all )?(?:the )?{_DAMAGE} (?:away|out of {_PICTURE}|off {_PICTURE}|off|out|from {_PICTURE})",
    rf"take away (?:all )?(?:the )?{_DAMAGE}",
    rf"make {_PICTURE} (?:sharp|sharper|crisp|clear|clearer|look like new|look new)(?: again)?",
    rf"(?:increase|improve|raise) the (?:resolution|sharpness)(?: of {_PICTURE})?",
    r"smooth out the (?:coarse )?pixels",
    rf"(?:{_PICTURE} is|it's|this is) {_SPOILT},? (?:make it sharp|(?:sharpen|fix|repair|restore) it|clean it up)",
)


@dataclass(frozen=True)
class Restyle:
    """The picture is made again in a medium of `limner.media.filters.medium`."""

    medium: str


@dataclass(frozen=True)
class Relight:
    """The picture is put into another light."""

    light: LightName


@dataclass(frozen=True)
class Weather:
    """The air before the picture is filled."""

    air: Air


@dataclass(frozen=True)
class Adjust:
    """The picture's brightness, contrast or colours are changed, by so much of what is usual; or it is mirrored."""

    tone: Tone
    amount: float = 1.0


@dataclass(frozen=True)
class Restore:
    """Damage is taken out of the picture."""


Treatment = Restyle | Relight | Weather | Adjust | Restore | Lettering


def read_treatment(words: str) -> Treatment | None:
    """Return what an instruction without politeness does to the whole picture, None if it asks for anything else."""
    if (written := read_lettering(words)) is not None:
        return written
    if _is_one(words, _REPAIRS):
        return Restore()
    named = _read(words, _MEDIA, _RESTYLED, Restyle) or _read(words, _LIGHTS, _RELIT, Relight) or _read(words, _AIRS, _AIRED, Weather)
    if named:
        return named
    for light, patterns in _LIT.items():
        if _is_one(words, (pattern.format(it=_IT) for pattern in patterns)):
            return Relight(light)
    return _read_tone(words)


def _read_tone(words: str) -> Adjust | None:
    """Return an adjustment, by an amount where one is said that can have one."""
    said = re.findall(_AMOUNT, words, re.IGNORECASE)
    plain = " ".join(re.sub(_AMOUNT, "", words, flags=re.IGNORECASE).split())
    for tone, patterns in _TONED.items():
        if _is_one(plain, (pattern.format(it=_PHOTO) for pattern in patterns)):
            if not said:
                return Adjust(tone)
            return Adjust(tone, _AMOUNTS[said[0].lower()]) if len(said) == 1 and tone in GRADUAL else None
    return None


def _read(
    words: str, names: Mapping[Name, tuple[str, ...]], patterns: Iterable[str], make: Callable[[Name], Treatment]
) -> Treatment | None:
    for name, forms in names.items():
        said = "(?:" + "|".join(sorted(map(re.escape, forms), key=len, reverse=True)) + ")"
        if _is_one(words, (pattern.format(it=_IT, name=said) for pattern in patterns)):
            return make(name)
    return None


def _is_one(words: str, patterns: Iterable[str]) -> bool:
    return any(re.fullmatch(pattern, words, re.IGNORECASE) for pattern in patterns)
