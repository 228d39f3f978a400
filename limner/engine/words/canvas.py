"""Larger canvases in words: how far a picture grows on each side, how large it becomes, or both to the pixel.

left=128,right=25%      so much more on these sides, in pixels or in percent of the picture's width or height
all=20%                 on every side
1536x1024               that large, the picture in the middle
1536x1024+512+0         that large, the picture's top left pixel at 512 from the left and 0 from the top
"""

from __future__ import annotations

import re

from limner.errors import InvalidField
from limner.media.regions import Length, parse_length
from limner.media.resize import Sides
from limner.model.layout import MAX_RATIO, PATCH_PX, Size

MIN_CANVAS_SIDE_PX = PATCH_PX
CANVAS = re.compile(r"([0-9]{1,5})x([0-9]{1,5})(?:(\+[0-9]{1,5}|\+?-[0-9]{1,5})(\+[0-9]{1,5}|\+?-[0-9]{1,5}))?")
CANVAS_RULE = (
    "use sides such as 'left=128,right=25%' or 'all=20%', or WIDTHxHEIGHT+LEFT+TOP, such as '1024x1024+128+0'; "
    "a negative offset is written -128"
)
SIDES = ("left", "top", "right", "bottom")
MAX_SHOWN_CHARS = 60


def parse_canvas(text: str, source: Sides, *, largest_side: int) -> tuple[Size, tuple[int, int]]:
    """Return the size of the canvas, whose sides need not be multiples of anything, and where (left, top) the source lies in it.

    Raises:
        InvalidField: malformed, a side outside 16 to `largest_side`, or a ratio beyond 3:1; `param` is `canvas`.
    """
    if isinstance(text, str) and (match := CANVAS.fullmatch(text.strip())):
        size = Size(int(match[1]), int(match[2]))
        centre = (size.width - source.width) // 2, (size.height - source.height) // 2
        place = centre if match[3] is None else (int(match[3].removeprefix("+")), int(match[4].removeprefix("+")))
    else:
        left, top, right, bottom = _parse_margins(text, source)
        size, place = Size(source.width + left + right, source.height + top + bottom), (left, top)
    short, long = sorted((size.width, size.height))
    if short < MIN_CANVAS_SIDE_PX or long > largest_side or long > MAX_RATIO * short:
        limits = f"sides from {MIN_CANVAS_SIDE_PX} to {largest_side} and a ratio up to {MAX_RATIO}:1"
        raise InvalidField("canvas", f"canvas {_shown(text)}, which is {size}, cannot be drawn; use {limits}")
    return size, place


def _parse_margins(text: str, source: Sides) -> tuple[int, ...]:
    """Return how many pixels are added at each of `SIDES`; `all` is every side that has no length of its own."""
    found: dict[str, Length] = {}
    for part in text.split(",") if isinstance(text, str) else [""]:
        name, equals, words = (piece.strip() for piece in part.partition("="))
        length = parse_length(words)
        if name not in (*SIDES, "all") or not equals or length is None or length.value < 0 or name in found:
            raise InvalidField("canvas", f"canvas {_shown(text)} is not understood; {CANVAS_RULE}")
        found[name] = length
    rest = found.get("all", Length(0))
    along = {"left": source.width, "right": source.width, "top": source.height, "bottom": source.height}
    return tuple(round(found.get(side, rest).within(along[side])) for side in SIDES)


def _shown(text: object) -> str:
    return repr(text[:MAX_SHOWN_CHARS] + "…" if isinstance(text, str) and len(text) > MAX_SHOWN_CHARS else text)
