"""Contact sheets: many pictures on one page, each with its label, transparency shown as a checkerboard."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from limner.media.alpha import Pixels

PAPER, INK, EDGE = (250, 249, 246), (52, 50, 46), (226, 223, 216)
CHECK_LIGHT, CHECK_DARK, CHECK_PX = (255, 255, 255), (236, 236, 236), 8


def contact_sheet(pictures: Sequence[Pixels], labels: Sequence[str], *, columns: int | None = None, cell_px: int = 160) -> Pixels:
    """Lay straight-alpha RGBA pictures, uint8 (height, width, 4), in rows; return one opaque page (height, width, 3).

    Each picture is shrunk or enlarged to fit a square of `cell_px`; its label stands under it, cut when it is too long.
    Without `columns` the page is about as wide as it is high.

    Raises:
        ValueError: there are no pictures, or not one label for each.
    """
    if not pictures or len(pictures) != len(labels):
        raise ValueError(f"{len(pictures)} pictures and {len(labels)} labels; give at least one picture, and a label for each")
    across = columns or math.ceil(math.sqrt(len(pictures)))
    gap, font_px = max(8, cell_px // 12), max(10, cell_px // 13)
    font, label_px = ImageFont.load_default(font_px), round(font_px * 1.9)
    rows = math.ceil(len(pictures) / across)
    page = Image.new("RGB", (across * (cell_px + gap) + gap, rows * (cell_px + label_px + gap) + gap), PAPER)
    draw = ImageDraw.Draw(page)
    for index, (pixels, label) in enumerate(zip(pictures, labels, strict=True)):
        left = gap + index % across * (cell_px + gap)
        top = gap + index // across * (cell_px + label_px + gap)
        _place(page, pixels, (left, top), cell_px)
        draw.text((left + cell_px / 2, top + cell_px + label_px / 2), _cut(label, font, cell_px), INK, font, anchor="mm")
    return np.asarray(page)


def on_checkerboard(pixels: Pixels) -> Pixels:
    """Return straight-alpha RGBA (height, width, 4) as (height, width, 3), with a checkerboard where nothing covers."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[:height, :width] // CHECK_PX
    board = np.where(((x + y) % 2 == 0)[..., None], CHECK_LIGHT, CHECK_DARK)
    alpha = pixels[..., 3:].astype(np.float32) / 255
    return np.rint(pixels[..., :3] * alpha + board * (1 - alpha)).astype(np.uint8)


def _place(page: Image.Image, pixels: Pixels, corner: tuple[int, int], cell_px: int) -> None:
    scaled = ImageOps.contain(Image.fromarray(np.ascontiguousarray(pixels), "RGBA"), (cell_px, cell_px), Image.Resampling.LANCZOS)
    left, top = corner[0] + (cell_px - scaled.width) // 2, corner[1] + (cell_px - scaled.height) // 2
    ImageDraw.Draw(page).rectangle((left - 1, top - 1, left + scaled.width, top + scaled.height), outline=EDGE)
    page.paste(Image.fromarray(on_checkerboard(np.asarray(scaled))), (left, top))


def _cut(label: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: int) -> str:
    line = " ".join(label.split())
    if font.getlength(line) <= width_px:
        return line
    while line and font.getlength(line + "…") > width_px:
        line = line[:-1]
    return line.rstrip() + "…"
