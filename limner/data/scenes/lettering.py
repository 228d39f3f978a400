"""Lettering: fonts from the fonts part, and text drawn as large as fits a box."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from limner.data.heldout import is_held_out_font
from limner.data.packing.pack import FontFace, read_fonts

PLAIN_FONT = "plain"  # always there: the face that comes with Pillow
CLASS_WORDS: Mapping[str, str] = {
    "geometric/grotesque sans": "clean sans serif",
    "condensed/poster sans": "condensed sans serif",
    "heavy display": "heavy display",
    "serif text": "serif",
    "serif display": "elegant serif",
    "slab": "slab serif",
    "script/brush": "brush script",
    "handwriting/marker": "handwritten",
    "mono/typewriter": "typewriter",
    "pixel/tech/sci-fi": "techno",
    "blackletter/novelty/decorative": "decorative",
}
_DESIGN_PX = 96
_ILLEGIBLE = frozenset({"redacted-script"})  # every letter is a scribble
_LEADING = 1.22


class FontShelf:
    """The faces that may be drawn. Fork or pickle it freely; faces are opened when first used."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._open: dict[tuple[str, int, int], ImageFont.FreeTypeFont] = {}

    def __reduce__(self) -> tuple[type[FontShelf], tuple[Path | None]]:
        return FontShelf, (self.path,)

    @cached_property
    def _faces(self) -> dict[tuple[str, int], FontFace]:
        if self.path is None:
            return {}
        return {(face.family, face.weight): face for face in read_fonts(self.path)}

    @cached_property
    def families(self) -> Mapping[str, str]:
        """Family -> class words of those that training may draw, in order; only the plain face when there is no fonts part."""
        known = {
            family: CLASS_WORDS.get(face.style_class, "plain")
            for (family, _), face in self._faces.items()
            if family not in _ILLEGIBLE and not is_held_out_font(family)
        }
        return dict(sorted(known.items())) or {PLAIN_FONT: "plain"}

    def face(self, family: str, weight: int, size_px: int) -> ImageFont.FreeTypeFont:
        """Return a face; families and weights that are not on the shelf give the nearest that is."""
        key = (family, weight, size_px)
        if key not in self._open:
            face = self._faces.get((family, weight)) or self._faces.get((family, 400)) or self._faces.get((family, 700))
            font = ImageFont.truetype(io.BytesIO(face.body), size_px) if face else ImageFont.load_default(size_px)
            assert isinstance(font, ImageFont.FreeTypeFont), "Pillow was built with FreeType"
            self._open[key] = font
        return self._open[key]

    def text_mask(self, text: str, *, family: str, weight: int, fit: tuple[int, int], align: str) -> tuple[Image.Image, tuple[int, int]]:
        """Return an 8-bit mask of the text as large as fits `fit` (width, height) pixels, and where its top left goes in that box."""
        lines = text.split("\n")
        rough = _rough_size(lines, self.face(family, weight, _DESIGN_PX), fit)
        font = self.face(family, weight, _DESIGN_PX if rough <= _DESIGN_PX else 8 * round(rough / 8))
        boxes = [font.getbbox(line) for line in lines]
        step = font.size * _LEADING
        top = min(boxes[0][1], boxes[0][3])
        width = max(1, round(max(box[2] - box[0] for box in boxes)))
        height = max(1, round(boxes[-1][3] - top + step * (len(lines) - 1)))
        mask = Image.new("L", (width, height))
        draw = ImageDraw.Draw(mask)
        share = {"left": 0.0, "centre": 0.5, "right": 1.0}[align]
        for place, (line, box) in enumerate(zip(lines, boxes, strict=True)):
            draw.text(((width - (box[2] - box[0])) * share - box[0], step * place - top), line, fill=255, font=font)
        scale = min(fit[0] / width, fit[1] / height, 1.0)
        if scale < 1.0:
            mask = mask.resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.LANCZOS)
        return mask, (round((fit[0] - mask.width) * share), round((fit[1] - mask.height) / 2))


def _rough_size(lines: list[str], font: ImageFont.FreeTypeFont, fit: tuple[int, int]) -> float:
    width = max(font.getlength(line) for line in lines) or 1.0
    height = _DESIGN_PX * (_LEADING * (len(lines) - 1) + 1.0)
    return _DESIGN_PX * min(fit[0] / width, fit[1] / (0.82 * height))
