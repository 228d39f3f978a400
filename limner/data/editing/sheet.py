"""A page of pairs to look at: source, mask, references and result in a row, over the instruction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from limner.data.editing.pair import EditPair
from limner.media.alpha import Pixels
from limner.media.sheet import INK, PAPER, on_checkerboard

_CELLS, _GAP, _LINE_PX = 5, 6, 18
_FREE = np.array([230, 60, 60])


def pair_sheet(pairs: Sequence[EditPair], *, cell_px: int = 112, columns: int = 2) -> Image.Image:
    """Return a page: each pair is its source (the free region in red), up to three references and its result, over the instruction."""
    width, height = _CELLS * (cell_px + _GAP) + 2 * _GAP, cell_px + _LINE_PX + _GAP
    page = Image.new("RGB", (columns * width, -(-len(pairs) // columns) * height + _GAP), PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(11)
    for cell, pair in enumerate(pairs):
        left, top = cell % columns * width + _GAP, cell // columns * height + _GAP
        for place, pixels in enumerate(_row(pair)):
            if pixels is not None:
                picture = Image.fromarray(pixels).resize((cell_px, cell_px), Image.Resampling.LANCZOS)
                page.paste(picture, (left + place * (cell_px + _GAP), top))
        draw.text((left, top + cell_px + 3), f"{pair.operation}: {pair.instruction}"[: width // 6], INK, font)
    return page


def _row(pair: EditPair) -> list[Pixels | None]:
    source = None if pair.source is None else on_checkerboard(pair.source)
    if source is not None and pair.free is not None:
        source = np.where(pair.free[..., None], source * 0.55 + _FREE * 0.45, source).astype(np.uint8)
    references: list[Pixels | None] = [on_checkerboard(picture) for picture in pair.references[:3]]
    return [source, *references, *[None] * (3 - len(references)), on_checkerboard(pair.result)]
