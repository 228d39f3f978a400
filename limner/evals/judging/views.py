"""Views: what the trunk looks at. One thing, cut out, as large as fits, on one quiet ground."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from limner.evals.judging.trunk import VIEW_PX

GROUND = (225, 228, 232)
MARGIN = 0.06  # of the longer side of a thing, on each side of it
LOOK_PX = 256  # pictures are brought to this before things are looked for
OPAQUE_GROUND_SHARE = 0.02  # less transparency than this is no transparent ground
_NEAR, _FAR = 14.0, 40.0  # distance from the colour of the ground, in 8-bit steps: surely ground, surely not

Pixels = npt.NDArray[np.uint8]


def reduce_picture(pixels: Pixels) -> Pixels:
    """Return an (H, W, 4) picture whose longer side is 256, its plain ground, if it has one, made transparent."""
    height, width = pixels.shape[:2]
    scale = LOOK_PX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.array(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))
    if (small[..., 3] < 128).mean() < OPAQUE_GROUND_SHARE:
        small[..., 3] = _alpha_over_ground(small[..., :3])
    return small


def _alpha_over_ground(rgb: Pixels) -> Pixels:
    """Return the alpha of what differs from the colour of the border. On a ground that is not plain, everything may differ."""
    band = max(2, min(rgb.shape[:2]) // 40)
    border = np.concatenate([side.reshape(-1, 3) for side in (rgb[:band], rgb[-band:], rgb[:, :band], rgb[:, -band:])])
    distance = np.sqrt(((rgb.astype(np.float32) - np.median(border, axis=0)) ** 2).sum(-1))
    return np.asarray(np.clip((distance - _NEAR) / (_FAR - _NEAR), 0, 1) * 255, np.uint8)


def whole_view(pixels: Pixels) -> Pixels:
    """Return the (192, 192, 3) view of everything that a picture shows."""
    return cut_view(reduce_picture(pixels))


def cut_view(pixels: Pixels) -> Pixels:
    """Return the (192, 192, 3) view of an (H, W, 4) picture, trimmed to what is not transparent."""
    rows, columns = np.nonzero(pixels[..., 3].max(axis=1) > 16)[0], np.nonzero(pixels[..., 3].max(axis=0) > 16)[0]
    if len(rows) == 0:
        return np.full((VIEW_PX, VIEW_PX, 3), GROUND, np.uint8)
    box = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    return frame(Image.fromarray(pixels).crop(box))


def frame(drawing: Image.Image) -> Pixels:
    """Return the view of a drawing that is trimmed already: in the middle, with the margin, on the ground."""
    side = max(drawing.size)
    scale = VIEW_PX / (side * (1 + 2 * MARGIN))
    size = max(1, round(drawing.width * scale)), max(1, round(drawing.height * scale))
    fitted = drawing.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    view = Image.new("RGBA", (VIEW_PX, VIEW_PX), GROUND)
    view.alpha_composite(fitted, ((VIEW_PX - size[0]) // 2, (VIEW_PX - size[1]) // 2))
    return np.array(view.convert("RGB"))
