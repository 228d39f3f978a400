"""Lights: what they do to colours, what the sky is like in them, and the glow that lies over a whole picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt

LightName = Literal["studio", "noon", "dusk", "moon", "lamp"]
Tint = tuple[float, float, float]

TINTS: Mapping[LightName, Tint] = {
    "studio": (1.0, 1.0, 1.0),
    "noon": (1.0, 1.0, 1.0),
    "dusk": (1.0, 0.82, 0.74),
    "moon": (0.58, 0.66, 0.86),
    "lamp": (1.0, 0.87, 0.68),
}
SKIES: Mapping[LightName, tuple[tuple[str, str], ...]] = {  # from above to the horizon
    "studio": (("#6db7f2", "#dff1fc"),),
    "noon": (("#5aa9f0", "#cfe9fb"), ("#74c0f1", "#e9f6fd"), ("#86cfe6", "#f4f6e6"), ("#4f9fe0", "#bfe3f5")),
    "dusk": (("#4a3b80", "#f79b6b"), ("#6a5596", "#ffb88c"), ("#35437a", "#f5a65b"), ("#7a4a86", "#fbb1a0")),
    "moon": (("#0b1433", "#2b3f75"), ("#101a3e", "#3a4f86"), ("#0d1030", "#35346e")),
    "lamp": (("#3a2f52", "#7a5a68"),),
}


def light_up(pixels: npt.NDArray[np.uint8], light: LightName, side: float) -> npt.NDArray[np.uint8]:
    """Return (H, W, 3 or 4) pixels with the glow and the falloff of a light over all of them; it comes from `side`, -1 left to 1 right."""
    if light not in {"lamp", "dusk"}:
        return pixels
    height, width = pixels.shape[:2]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :] - side * 0.7
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    gain = 1.10 - 0.24 * np.minimum(np.sqrt(x * x + (y + 0.1) ** 2), 2.0) if light == "lamp" else 1.03 - 0.09 * np.abs(x) + 0.0 * y
    lit = pixels.copy()
    lit[..., :3] = np.minimum(pixels[..., :3] * gain[..., None], 255).astype(np.uint8)
    return lit
