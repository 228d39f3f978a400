"""From the grid's pixels to the picture's: larger by the snapshot's upsampler, where it has one, then of the exact size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from limner.engine.drawing.graphs import Graph
from limner.engine.protocol import Background
from limner.media.alpha import WHITE, Pixels, lay_on_white, straighten
from limner.media.resize import Sides, fit, fit_opaque
from limner.model import flow

Channels = npt.NDArray[np.float32]

NEAR = 2  # times the sides: what is larger shows how crisp an edge is


class Upsampler:
    """Draws pictures four times as large: channels, and where nothing of a picture is clear its colours as whole numbers at once.

    Older ones have no graph for that; their colours come by way of the channels.
    """

    def __init__(self, enlarge: Graph, paint: Graph | None) -> None:
        self._enlarge, self._paint = enlarge, paint

    def enlarge(self, channels: Channels) -> Channels:
        """Return channels (4, H, W), sides even, as (4, 4H, 4W), not clamped."""
        large: Channels = self._enlarge.run(["large"], {"small": channels[None]})[0][0]
        return large

    def paint(self, channels: Channels) -> Pixels:
        """Return the colours (4H, 4W, 3) of channels (4, H, W), sides even, on white."""
        if self._paint is None:
            return lay(self.enlarge(channels))
        small = flow.clamp_pixels(channels)
        small[:3] += (1 - small[3]) / 2
        small[3] = 1
        colours = self._paint.run(["colours"], {"small": small[None]})[0]
        num_colours, rows, columns, height, width = colours.shape
        return np.ascontiguousarray(colours.transpose(3, 1, 4, 2, 0)).reshape(height * rows, width * columns, num_colours)


@dataclass(frozen=True)
class Upsamplers:
    """What enlarges the pictures of a snapshot: `near` to `NEAR` times the sides at the most, `far` to more."""

    near: Upsampler
    far: Upsampler


def develop(channels: Channels, size: Sides, background: Background, upsamplers: Upsamplers | None) -> Pixels:
    """Turn channels (4, height, width) into straight-alpha RGBA (height, width, 4) of exactly `size`; opaque is (height, width, 3)."""
    if background != "opaque":
        return straighten(fit(flow.to_premultiplied(enlarge_towards(channels, size, upsamplers)), size))
    return fit_opaque(paint_towards(channels, size, upsamplers), size)


def paint_towards(channels: Channels, wanted: Sides, upsamplers: Upsamplers | None) -> Pixels:
    """Return the colours (height, width, 3) of channels on white, enlarged as by `enlarge_towards`."""
    upsampler = choose(channels, wanted, upsamplers)
    return upsampler.paint(channels) if upsampler else lay(channels)


def enlarge_towards(channels: Channels, wanted: Sides, upsamplers: Upsamplers | None) -> Channels:
    """Return channels (4, height, width) that show the same: four times the sides, where those that are there do not cover `wanted`.

    One pass, whatever is wanted: the rest of the way is the resize that makes the exact size. Without upsamplers nothing changes.
    """
    upsampler = choose(channels, wanted, upsamplers)
    return upsampler.enlarge(channels) if upsampler else channels


def choose(channels: Channels, wanted: Sides, upsamplers: Upsamplers | None) -> Upsampler | None:
    """Return what enlarges channels (4, height, width) towards `wanted`; None where they cover it."""
    _, height, width = channels.shape
    times = max(wanted.width / width, wanted.height / height)
    if upsamplers is None or times <= 1:
        return None
    return upsamplers.near if times <= NEAR else upsamplers.far


def lay(channels: Channels) -> Pixels:
    """Return the colours (height, width, 3) of channels on white."""
    return lay_on_white(straighten(flow.to_premultiplied(channels), behind=WHITE))
