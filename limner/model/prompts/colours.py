"""Rarer names of colours, and colours in numbers, in the words that captions use."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache

from limner.model.prompts.dictionary import read_list
from limner.model.prompts.english import correct_articles

PALETTE, COLOUR_NAMES = "palette", "colour-names"
IN_NUMBERS = re.compile(
    r"(?<![\w&#])#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3})\b|\brgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\b[^()]*\)", re.IGNORECASE
)
Rgb = tuple[float, float, float]


@cache
def _palette() -> Mapping[str, Rgb]:
    """Return the colours of captions in OKLab."""
    rows = (line.split("\t") for line in read_list(PALETTE))
    return {name: _oklab(*bytes.fromhex(code)) for name, code in rows}


@cache
def rgb_of(name: str) -> tuple[int, int, int]:
    """Return the colour, in sRGB from 0 to 255, of a name that captions use.

    Raises:
        KeyError: captions do not use it.
    """
    codes = dict(line.split("\t") for line in read_list(PALETTE))
    red, green, blue = bytes.fromhex(codes[name])
    return red, green, blue


@cache
def colour_names() -> Mapping[str, str]:
    """Return a name of a colour -> the nearest one of captions; those of captions mean themselves."""
    rare = dict(line.split("\t") for line in read_list(COLOUR_NAMES))
    return rare | {name: name for name in _palette()}


@cache
def _named() -> re.Pattern[str]:
    names = sorted(colour_names(), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b(?!-)", re.IGNORECASE)


def _oklab(red: float, green: float, blue: float) -> Rgb:
    """Return OKLab of sRGB in [0, 255]. Source: Ottosson, "A perceptual color space", 2020."""
    r, g, b = (v / 12.92 if (v := part / 255) <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for part in (red, green, blue))
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def nearest_colour(red: int, green: int, blue: int) -> str:
    """Return the name of captions that looks nearest to a colour of sRGB in [0, 255]."""
    wanted, palette = _oklab(red, green, blue), _palette()
    return min(palette, key=lambda name: math.dist(palette[name], wanted))


def name_colours(text: str) -> str:
    """Return the text with "#ff8800", "rgb(255, 136, 0)" and "burgundy" in the words of captions."""
    named = IN_NUMBERS.sub(_name_number, text)
    named = _named().sub(_rename, named)
    return text if named == text else correct_articles(named)


def _rename(match: re.Match[str]) -> str:
    plain = colour_names()[match[0].lower()]
    return match[0] if plain == match[0].lower() else plain


def name_numbers(code: str) -> str:
    """Return code with its colours in numbers by name, and nothing else changed."""
    return IN_NUMBERS.sub(_name_number, code)


def _name_number(match: re.Match[str]) -> str:
    if match[1]:
        return nearest_colour(*(min(int(part), 255) for part in match.groups()))
    digits = match[0][1:7]
    return nearest_colour(*bytes.fromhex(digits if len(digits) == 6 else "".join(2 * digit for digit in digits)))
