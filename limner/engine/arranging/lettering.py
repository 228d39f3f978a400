"""Words on a sign: what is written there is taken off to the ground of the sign, and other words are set in its place and ink.

Letters are those of the font that Pillow brings (Aileron), which knows ASCII; other words are left to the network.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from limner.engine.arranging.cutouts import Scene, enclosed, stands_out
from limner.engine.arranging.desk import Desk, NotArrangedError
from limner.engine.describing.colours import find_main_hues, name_plainly
from limner.engine.protocol import Mask, Pixels
from limner.engine.words.lettering import Lettering
from limner.media.boxes import Box
from limner.media.masks import bounding_box, greatest_around
from limner.model.prompts.colours import rgb_of

BOARD_SHARE, LEAST_BOARD = 0.5, 0.04  # of a part that has one colour, for it to be a sign; and of the picture
SAME_INK = 30  # of 255 in any channel: what is nearer to the sign's colour is the sign
LEAST_INK = 0.0005  # of the picture; less is no lettering
ROOM = (0.86, 0.62)  # of the width and the height of a sign, that words may take
GROWN = (1.15, 1.6)  # of the width and the height that was written on, when words are longer or shorter
FIRST_SHARE = 0.4  # of the height of a sign, for the first words on it
SOFT_SHARE = 0.006  # of the longer side: how far the edge of a letter reaches
BOLD = 0.42  # of the box of letters that is ink: then they are bold
FULL = 0.8  # the quantile of ink from which it is no edge of a letter
STROKE = 0.035  # of a font's size, that letters are grown by to be bold
OVERSAMPLE, LARGEST_PX = 4, 400
ASCII = range(32, 127)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sign:
    """The box where words may stand, the picture without them, (height, width, 4), and where they are, (height, width).

    `board` and `ground` are colours (N, 3) of the sign, None without one, and of what is around it.
    """

    box: Box
    bare: Pixels
    ink: Mask
    board: Pixels | None
    ground: Pixels


def letter(desk: Desk, lettering: Lettering) -> Pixels:
    """Return the source with other words on its sign, none where they are empty.

    Raises:
        NotArrangedError: no sign, or nothing that is written, can be told from the rest, or they have other colours than are said; or the
            font does not know the words.
    """
    words = lettering.words
    if any(ord(character) not in ASCII for character in words):
        raise NotArrangedError
    sign = _find_sign(desk)
    written = bounding_box(sign.ink)
    if (written is None and not words) or not _has_colours(sign, lettering):
        raise NotArrangedError
    soft = 2 * max(1, round(SOFT_SHARE * max(sign.ink.shape))) + 1
    picture = np.where((greatest_around(sign.ink.astype(np.uint8), soft) > 0)[..., None], sign.bare, desk.source)
    if words:
        ink = rgb_of(lettering.ink) if lettering.ink else _inks(desk.source, sign)
        picture = _write(picture, words, ink, sign.box, written, is_bold=_is_bold(sign.ink, written))
    return desk.within_mask(picture)


def _has_colours(sign: _Sign, lettering: Lettering) -> bool:
    """Tell whether sign and ground have the colours that are said of them."""
    said = ((lettering.board, sign.board), (lettering.ground, sign.ground))
    return all(not name or (seen is not None and name_plainly(name) in find_main_hues(seen)) for name, seen in said)


def _find_sign(desk: Desk) -> _Sign:
    """Find what is written on: a part of one colour, or else the ground itself; where a mask is, within it alone."""
    scene = desk.scene
    if scene is None:
        raise NotArrangedError
    board = max((found for part in scene.parts if (found := _board(scene, part))), key=lambda found: found[1].sum(), default=None)
    bare = scene.behind
    space, ink = np.ones(desk.source.shape[:2], np.bool_), scene.standing & stands_out(desk.source, bare, SAME_INK)
    if board is not None:
        colour, space = board
        bare = np.where(space[..., None], colour, desk.source)
        ink = space & stands_out(desk.source, bare, SAME_INK)
    if desk.free is not None:
        ink &= desk.free
        space &= desk.free
    box = bounding_box(space)
    if box is None:
        raise NotArrangedError
    seen = None if board is None else board[0][None, :3]
    ink = ink if ink.mean() >= LEAST_INK else np.zeros_like(ink)
    return _Sign(box=box, bare=bare, ink=ink, board=seen, ground=scene.behind[..., :3].reshape(-1, 3))


def _board(scene: Scene, part: Mask) -> tuple[Pixels, Mask] | None:
    """Return the colour (4,) of a part that is a sign, and all that its outline surrounds; None if it is none."""
    source = scene.pixels
    seen = source[part & stands_out(source, scene.behind, SAME_INK)]
    if len(seen) < LEAST_BOARD * part.size:
        return None
    colours, counts = np.unique(seen // 8, axis=0, return_counts=True)
    near = seen[(seen // 8 == colours[counts.argmax()]).all(-1)]
    colour = np.median(near, axis=0).astype(np.uint8)
    is_board = part & ~stands_out(source, colour, SAME_INK)
    if is_board.sum() < BOARD_SHARE * part.sum():
        return None
    return colour, is_board | enclosed(is_board)


def _inks(source: Pixels, sign: _Sign) -> tuple[int, ...]:
    """Return the colour of what is written, or one that can be read on the sign."""
    if not sign.ink.any():
        return (24, 26, 30) if sign.bare[sign.box.cut][..., :3].mean() > 128 else (255, 255, 255)
    apart = np.abs(source.astype(np.int16) - sign.bare).sum(-1)[sign.ink]
    return tuple(np.median(source[sign.ink][apart >= np.quantile(apart, FULL)], axis=0).astype(int).tolist()[:3])


def _is_bold(ink: Mask, written: Box | None) -> bool:
    return written is None or bool(ink[written.cut].mean() > BOLD)


def _write(picture: Pixels, words: str, ink: tuple[int, ...], sign: Box, written: Box | None, *, is_bold: bool) -> Pixels:
    """Set words in the middle of what was written, as large as it was where they have the room."""
    if written is None:
        widest, highest = ROOM[0] * sign.width, FIRST_SHARE * sign.height
        x, y = sign.left + sign.width / 2, sign.top + sign.height / 2
    else:
        widest = min(ROOM[0] * sign.width, max(GROWN[0] * written.width, written.height * len(words) * 0.8))
        highest = min(ROOM[1] * sign.height, GROWN[1] * written.height)
        x, y = written.left + written.width / 2, written.top + written.height / 2
    stroke_share = STROKE if is_bold else 0.0
    left, top, right, bottom = _extent(words, LARGEST_PX, stroke_share * LARGEST_PX)
    size = max(1.0, LARGEST_PX * min(widest / (right - left), highest / (bottom - top)) * OVERSAMPLE)
    stroke = stroke_share * size
    left, top, right, bottom = _extent(words, size, stroke)
    height, width = picture.shape[:2]
    mask = Image.new("L", (width * OVERSAMPLE, height * OVERSAMPLE))
    place = (x * OVERSAMPLE - (left + right) / 2, y * OVERSAMPLE - (top + bottom) / 2)
    ImageDraw.Draw(mask).text(place, words, 255, ImageFont.load_default(size), stroke_width=stroke)
    cover = np.asarray(mask.reduce(OVERSAMPLE), np.float32)[..., None] / 255
    colours = picture[..., :3] + (np.array(ink, np.float32) - picture[..., :3]) * cover
    alpha = picture[..., 3:] + (255 - picture[..., 3:]) * cover
    written_on: Pixels = np.rint(np.concatenate([colours, alpha], axis=-1)).astype(np.uint8)
    return written_on


def _extent(words: str, size: float, stroke: float) -> tuple[float, float, float, float]:
    pen = ImageDraw.Draw(Image.new("L", (1, 1)))
    return pen.textbbox((0, 0), words, ImageFont.load_default(size), stroke_width=stroke)
