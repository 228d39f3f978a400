"""The one definition of time, noise, loss weight and solver step, for training and for sampling.

Time runs from 0, pure noise, to 1, the image: `noisy = time * image + (1 - time) * noise`. The network guesses the clean
image (x-prediction); the loss and the solver speak of velocity, `image - noise`. Plain arithmetic: the functions take
numpy arrays and torch tensors alike. Source: arXiv:2511.13720 (x-prediction with a velocity loss).

Pixels have four channels: `alpha * (2 * colour - 1)` three times, then `2 * alpha - 1`; transparent is neutral in colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

LOG_NORMAL_MEAN, LOG_NORMAL_STD = -2.0, 1.1  # where training times fall, in logits: flat drawings show through noise early
MIN_NOISE_LEVEL = 0.05  # floor of (1 - time) in the loss
GUIDED_UNTIL = 0.6


def training_time(normal: Any) -> Any:
    """Turn standard normal draws into training times in (0, 1)."""
    logit = normal * LOG_NORMAL_STD + LOG_NORMAL_MEAN
    return 1 / (1 + np.e ** (-logit))


def mix(image: Any, noise: Any, time: Any) -> Any:
    """Return what the network sees at `time`, which broadcasts against both."""
    return time * image + (1 - time) * noise


def velocity(clean: Any, noisy: Any, time: Any) -> Any:
    """Return the velocity that leads from `noisy` at `time` to the guess `clean`."""
    level = 1 - time
    level = level.clip(min=MIN_NOISE_LEVEL) if hasattr(level, "clip") else max(level, MIN_NOISE_LEVEL)
    return (clean - noisy) / level


def times(num_steps: int, start: float = 0.0, late: Sequence[float] = ()) -> list[float]:
    """Return the `num_steps + 1` times of a solution, from `start` to 1, denser where the picture is decided.

    The last steps begin at the times `late`, in (0, 1) and rising, if that leaves others before them: there edges become clean.
    """
    even = np.linspace(start**0.5, 1.0, max(num_steps - len(late), 1) + 1) ** 2
    if late and num_steps > len(late) and even[-2] < late[0]:
        return [*map(float, even[:-1]), *late, 1.0]
    return [float(time) for time in np.linspace(start**0.5, 1.0, num_steps + 1) ** 2]


def step(clean: Any, noisy: Any, time: float, next_time: float) -> Any:
    """Move `noisy` from `time` to `next_time` along the straight line to the guess `clean` (Euler); at 1 it is the guess."""
    keep = (1 - next_time) / (1 - time)
    return noisy * keep + clean * (1 - keep)


def look_ahead(clean: Any, before: Any, times: tuple[float, float, float]) -> Any:
    """Return what the guess will be in the middle of a step, by what it was a step earlier: Adams-Bashforth in the root of time.

    `times` are those of the guess before, of this one, and of the next. Not for a network that was taught few steps: it answers for
    the whole step already.
    """
    earlier, now, later = (time**0.5 for time in times)
    return clean + (clean - before) * ((later - now) / (now - earlier) / 2)


def is_guided(time: float, until: float = GUIDED_UNTIL) -> bool:
    """Tell whether guidance acts at `time`: what is drawn is decided early, and later it only hardens what is there (arXiv:2404.07724)."""
    return time < until


def guide(conditional: Any, unconditional: Any, scale: float) -> Any:
    """Push the guess away from what no prompt would give. Source: arXiv:2207.12598."""
    return unconditional + scale * (conditional - unconditional)


def clamp_pixels(pixels: npt.NDArray[np.float32], *, axis: int = -3) -> npt.NDArray[np.float32]:
    """Keep alpha in its range and colour within plus or minus alpha; channels lie on `axis`."""
    colour, alpha = np.split(pixels, [3], axis=axis)
    alpha = alpha.clip(-1.0, 1.0)
    bound = (alpha + 1) / 2
    return np.concatenate([np.clip(colour, -bound, bound), alpha], axis=axis)


def settle_alpha(pixels: npt.NDArray[np.float32], margin: float) -> npt.NDArray[np.float32]:
    """Make alpha within `margin` of nothing or of everything that, and stretch what lies between; colours stay what they were.

    `pixels` (4, height, width) are clamped, `margin` is in parts of the whole, below a half.
    """
    cover = (pixels[3] + 1) / 2
    settled = ((cover - margin) / (1 - 2 * margin)).clip(0, 1)
    gain = np.divide(settled, cover, out=np.zeros_like(cover), where=cover > 0)
    return np.concatenate([pixels[:3] * gain, 2 * settled[None] - 1]).astype(np.float32)


def to_channels(rgba: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Turn straight-alpha RGBA (..., height, width, 4) into channels (..., 4, height, width) in [-1, 1]."""
    unit = rgba.astype(np.float32) / 255
    alpha = unit[..., 3:]
    channels = np.concatenate([alpha * (2 * unit[..., :3] - 1), 2 * alpha - 1], axis=-1)
    return np.ascontiguousarray(np.moveaxis(channels, -1, -3))


def from_premultiplied(premultiplied: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Turn premultiplied RGBA (..., height, width, 4) in [0, 1] into channels (..., 4, height, width) in [-1, 1]."""
    colour, alpha = premultiplied[..., :3], premultiplied[..., 3:]
    return np.ascontiguousarray(np.moveaxis(np.concatenate([2 * colour - alpha, 2 * alpha - 1], axis=-1), -1, -3))


def to_premultiplied(channels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Turn channels (..., 4, height, width) into premultiplied RGBA (..., height, width, 4) in [0, 1]; a channel's pixels lie together."""
    unit = clamp_pixels(channels)
    colour, alpha = unit[..., :3, :, :], unit[..., 3:, :, :]
    alpha += 1
    alpha /= 2
    colour += alpha
    colour /= 2
    return np.moveaxis(unit, -3, -1)
