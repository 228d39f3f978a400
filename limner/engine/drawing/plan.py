"""How one picture is drawn, settled before anything is: plain data, and how a guess of the grid becomes the whole picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from limner.engine.drawing.enlarging import Upsamplers, develop, enlarge_towards, paint_towards
from limner.engine.drawing.keeping import Keeping
from limner.engine.drawing.paste import Overlay
from limner.engine.drawing.sampler import Ground, Guess
from limner.engine.protocol import Background, Pixels
from limner.media.surround import surround
from limner.model import flow
from limner.model.layout import Size
from limner.model.pictures import NO_PICTURES, PatchRun


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """How one picture is drawn; with an `overlay` what is drawn is a part of it, and with `keeping` only what the guess does not keep.

    `pictures` are what the network reads beside the prompt. `finish` is given source and picture, and returns what becomes of both.
    """

    size: Size
    background: Background
    ground: Ground
    pictures: PatchRun = NO_PICTURES
    overlay: Overlay | None = None
    keeping: Keeping | None = None
    is_square: bool = False
    finish: Callable[[Pixels, Pixels], Pixels] | None = None

    def develop(self, guess: Guess, upsamplers: Upsamplers | None) -> Pixels:
        """Turn a guess of the grid into the whole picture, of exactly `size`: straight-alpha RGBA, or RGB as `develop`."""
        if self.overlay:
            pasted = self._paste(self.overlay, guess, upsamplers)
            return self.finish(self.overlay.source, pasted) if self.finish else pasted
        side = min(self.size.width, self.size.height)
        size = Size(side, side) if self.is_square else self.size
        pixels = develop(guess.clean, size, self.background, upsamplers)
        return surround(pixels, self.size) if self.is_square else pixels

    def _paste(self, overlay: Overlay, guess: Guess, upsamplers: Upsamplers | None) -> Pixels:
        narrowed = self.keeping.narrow(overlay, guess) if self.keeping else overlay
        if narrowed is None:
            return overlay.source.copy()
        if self.background == "opaque":
            return narrowed.paste_colours(paint_towards(guess.clean, overlay.view, upsamplers))
        return narrowed.paste(flow.to_premultiplied(enlarge_towards(guess.clean, overlay.view, upsamplers)))
