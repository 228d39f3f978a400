"""Regions in words: `box:10%,20%,64,64`, `polygon:0,0 64,0 32,64`, `words:the cat`; one grammar for every front door.

A length is a count of pixels of the source, or a percentage of its width (across) or height (down); both may have decimals.
Left and top are 0, x grows to the right and y down.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from limner.errors import InvalidField
from limner.media.boxes import Box
from limner.media.masks import Mask

RegionKind = Literal["box", "polygon", "words"]
REGION_KINDS: tuple[RegionKind, ...] = get_args(RegionKind)
MAX_REGION_CHARS = 20_000
MAX_CORNERS = 1000
MAX_WORDS_CHARS = 400
LENGTH = re.compile(r"(-?[0-9]{1,6}(?:\.[0-9]{1,6})?)(%?)")
BOX_RULE = "write box:LEFT,TOP,WIDTH,HEIGHT in pixels or percentages, such as 'box:10%,10%,50%,200'"
POLYGON_RULE = "write polygon:X,Y X,Y X,Y ... with at least 3 corners, in pixels or percentages, such as 'polygon:0,0 100%,0 50%,80%'"
WORDS_RULE = "write words:WHAT IT IS, such as 'words:the cat'"
REGION_RULE = "use box:LEFT,TOP,WIDTH,HEIGHT, polygon:X,Y X,Y X,Y ... or words:WHAT IT IS"
MAX_SHOWN_CHARS = 60
_ROUNDING = 1e-6  # pixels; an edge this near to a pixel's edge is that edge


@dataclass(frozen=True)
class Length:
    """So many pixels, or, if `is_percent`, so many hundredths of a side."""

    value: float
    is_percent: bool = False

    def within(self, side: int) -> float:
        """Return it in pixels of a side of that many."""
        return self.value * side / 100 if self.is_percent else self.value


@dataclass(frozen=True, kw_only=True)
class Region:
    """A part of a picture: `lengths` of a box are left, top, width, height, those of a polygon x and y in turn; `words` name a thing."""

    kind: RegionKind
    text: str
    lengths: tuple[Length, ...] = ()
    words: str = ""


def parse_length(text: str) -> Length | None:
    """Read `128`, `12.5` or `25%`; None if it is something else."""
    match = LENGTH.fullmatch(text.strip())
    return match and Length(float(match[1]), bool(match[2]))


def is_region(text: str) -> bool:
    """Say whether a text begins like a region, and not like a file's name."""
    return text.partition(":")[0].strip().lower() in REGION_KINDS and ":" in text


def parse_region(text: str) -> Region:
    """Read a region; spaces around its parts do not matter.

    Raises:
        InvalidField: it is not understood; `param` is `region`.
    """
    if not isinstance(text, str):
        raise InvalidField("region", f"region {text!r} is not text; {REGION_RULE}")
    if len(text) > MAX_REGION_CHARS:
        raise InvalidField("region", f"region {_shown(text)} has {len(text):,} characters; at most {MAX_REGION_CHARS:,} are read")
    name, colon, rest = text.partition(":")
    match name.strip().lower() if colon else "":
        case "box":
            return _parse_box(text, rest)
        case "polygon":
            return _parse_polygon(text, rest)
        case "words":
            return _parse_words(text, rest)
    raise InvalidField("region", f"region {_shown(text)} is not understood; {REGION_RULE}")


def draw_region(region: Region, width: int, height: int) -> Mask:
    """Draw a box or a polygon as a mask (height, width), True inside it.

    A pixel is in a box if all of it is, and in a polygon if its centre is; where a polygon crosses itself, what lies between is
    outside. What reaches beyond the picture is cut off.

    Raises:
        InvalidField: nothing of it lies in the picture, or the region is words, which only a model can find.
    """
    if region.kind == "words":
        raise InvalidField("region", f"region {_shown(region.text)} is words, and only the model finds those; give a box or a polygon")
    mask = _draw_box(region, width, height) if region.kind == "box" else _draw_polygon(region, width, height)
    if not mask.any():
        raise InvalidField(
            "region", f"region {_shown(region.text)} marks nothing of the image of {width}x{height}; move it inside, or make it larger"
        )
    return mask


def _parse_box(text: str, rest: str) -> Region:
    lengths = tuple(_parse_length(part, text, BOX_RULE) for part in rest.split(","))
    if len(lengths) != 4:
        raise InvalidField("region", f"region {_shown(text)} has {len(lengths)} numbers and a box has 4; {BOX_RULE}")
    if lengths[2].value <= 0 or lengths[3].value <= 0:
        raise InvalidField("region", f"region {_shown(text)} has no area; its width and height must be above 0")
    return Region(kind="box", text=text, lengths=lengths)


def _parse_polygon(text: str, rest: str) -> Region:
    corners = re.sub(" ?, ?", ",", " ".join(rest.split())).split()
    pairs = [corner.split(",") for corner in corners]
    if any(len(pair) != 2 for pair in pairs) or len(pairs) < 3:
        raise InvalidField("region", f"region {_shown(text)} is not understood; {POLYGON_RULE}")
    if len(pairs) > MAX_CORNERS:
        raise InvalidField("region", f"region {_shown(text)} has {len(pairs):,} corners; at most {MAX_CORNERS:,} are drawn")
    return Region(kind="polygon", text=text, lengths=tuple(_parse_length(part, text, POLYGON_RULE) for pair in pairs for part in pair))


def _parse_words(text: str, rest: str) -> Region:
    words = " ".join(rest.split())
    if not words:
        raise InvalidField("region", f"region {_shown(text)} names nothing; {WORDS_RULE}")
    if len(words) > MAX_WORDS_CHARS:
        raise InvalidField("region", f"region {_shown(text)} has {len(words):,} characters; name the thing in at most {MAX_WORDS_CHARS}")
    if any("\ud800" <= character <= "\udfff" for character in words):
        raise InvalidField("region", f"region {_shown(text)} is not legal Unicode; write it in UTF-8")
    return Region(kind="words", text=text, words=words)


def _parse_length(part: str, text: str, rule: str) -> Length:
    length = parse_length(part)
    if length is None:
        raise InvalidField("region", f"region {_shown(text)} has {_shown(part.strip())} where a number should be; {rule}")
    return length


def _draw_box(region: Region, width: int, height: int) -> Mask:
    left, top, wide, high = (length.within(side) for length, side in zip(region.lengths, (width, height, width, height), strict=True))
    first_column, first_row = (math.ceil(edge - _ROUNDING) for edge in (left, top))
    last_column, last_row = (math.floor(edge + _ROUNDING) for edge in (left + wide, top + high))
    inside = Box(first_column, first_row, last_column - first_column, last_row - first_row).overlap(Box(0, 0, width, height))
    mask = np.zeros((height, width), np.bool_)
    if inside is not None:
        mask[inside.cut] = True
    return mask


def _draw_polygon(region: Region, width: int, height: int) -> Mask:
    """Change sides at every edge that a row of pixel centres crosses."""
    xs = np.array([length.within(width) for length in region.lengths[::2]])
    ys = np.array([length.within(height) for length in region.lengths[1::2]])
    crossings = np.zeros((height, width + 1), np.bool_)
    for x, y, next_x, next_y in zip(xs, ys, np.roll(xs, -1), np.roll(ys, -1), strict=True):
        (upper_x, upper), (lower_x, lower) = sorted([(x, y), (next_x, next_y)], key=lambda corner: corner[1])
        rows = np.arange(*(min(max(math.ceil(edge - 0.5), 0), height) for edge in (upper, lower)))
        if len(rows):
            places = upper_x + (lower_x - upper_x) * (rows + 0.5 - upper) / (lower - upper)
            columns = np.ceil(places - 0.5).clip(0, width).astype(np.intp)
            crossings[rows, columns] ^= True
    return np.logical_xor.accumulate(crossings, axis=1)[:, :width]


def _shown(text: str) -> str:
    return repr(text if len(text) <= MAX_SHOWN_CHARS else text[:MAX_SHOWN_CHARS] + "…")
