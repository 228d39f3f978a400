"""Is the ground clear and the edge clean? Half-transparent pixels away from edges, and halos when laid on black and on white."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from limner.media.alpha import Pixels

Flags = npt.NDArray[np.bool_]
CLEAR_ALPHA, SOLID_ALPHA = 16, 240
EDGE_SHARE = 1 / 48  # an edge reaches so far, in sides of the picture: five pixels of 256
HALO_STEP = 0.10  # what a ring must differ by, in parts of white, to be seen
MIN_CLEAR, MIN_SOLID = 0.05, 0.02
MAX_HAZE, MAX_HALO = 0.01, 0.02


@dataclass(frozen=True, kw_only=True)
class Cutout:
    """What the ground of a picture looks like, in shares.

    `clear` and `solid` are of the picture; `haze` is half-transparent pixels that are at no edge, of all that is drawn;
    `halo` is edge pixels that shine on black or are dark on white, of the edge.
    """

    clear: float
    solid: float
    haze: float
    halo: float

    @property
    def is_clean(self) -> bool:
        """Whether something stands free on clear ground, with no haze and no halo to be seen."""
        return self.clear >= MIN_CLEAR and self.solid >= MIN_SOLID and self.haze <= MAX_HAZE and self.halo <= MAX_HALO

    def describe(self) -> str:
        """Return the shares in words."""
        if self.clear < MIN_CLEAR or self.solid < MIN_SOLID:
            return f"clear {self.clear:.0%}, solid {self.solid:.0%}"
        return f"haze {self.haze:.1%}, halo {self.halo:.1%}"


def measure_cutout(pixels: Pixels) -> Cutout:
    """Measure straight-alpha RGBA (H, W, 4); a picture without alpha (H, W, 3) has no clear ground."""
    if pixels.shape[-1] == 3:
        return Cutout(clear=0.0, solid=1.0, haze=0.0, halo=0.0)
    alpha = pixels[..., 3]
    clear, solid = alpha < CLEAR_ALPHA, alpha >= SOLID_ALPHA
    half = ~clear & ~solid
    reach = max(1, round(min(alpha.shape) * EDGE_SHARE))
    edge = half & _spread(_core(clear), reach) & _spread(_core(solid), reach)
    drawn = max(1, int((~clear).sum()))
    return Cutout(
        clear=float(clear.mean()),
        solid=float(solid.mean()),
        haze=float((half & ~edge).sum() / drawn),
        halo=float((edge & _is_ringed(pixels, solid, reach)).sum() / max(1, int(edge.sum()))),
    )


def _is_ringed(pixels: Pixels, solid: Flags, reach: int) -> Flags:
    """Find pixels that, laid on black, are lighter than anything solid near them, or, laid on white, darker."""
    light = (pixels[..., :3].astype(np.float32) / 255) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    cover = pixels[..., 3].astype(np.float32) / 255
    lightest = _widen(np.where(solid, light, np.float32(0)), reach)
    darkest = 1 - _widen(np.where(solid, 1 - light, np.float32(0)), reach)
    on_black, on_white = light * cover, light * cover + (1 - cover)
    ringed: Flags = (on_black > lightest + HALO_STEP) | (on_white < darkest - HALO_STEP)
    return ringed


def _core(flags: Flags) -> Flags:
    """Mark what has nothing else around it, so that specks count neither as ground nor as drawing."""
    return ~_spread(~flags, 1)


def _spread(flags: Flags, reach: int) -> Flags:
    """Mark everything within `reach` pixels, in squares."""
    return _widen(flags.astype(np.float32), reach) > 0


def _widen(values: npt.NDArray[np.float32], reach: int) -> npt.NDArray[np.float32]:
    """Return the largest value within `reach` pixels, in squares."""
    for axis in (0, 1):
        padding = [(reach, reach) if number == axis else (0, 0) for number in (0, 1)]
        padded = np.pad(values, padding, mode="edge")
        values = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=axis).max(axis=-1)
    return values
