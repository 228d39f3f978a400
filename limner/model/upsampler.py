"""The upsampler: a small convolutional network that draws the same picture four times as large.

Shape letters: B pictures, H and W the sides of the small picture, F features. Pixels are the four channels of `limner.model.flow`.
Sources: sub-pixel convolution arXiv:1609.05158, residual blocks without norms arXiv:1707.02921.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SCALE = 4
CHANNELS = 4
LOBES = 3  # of the Lanczos kernel
SURE_PX = 2  # alpha is exactly 0 or 1 where it is so, or within half of 1/255 of it, this far around in the small picture
MIN_COVER = 0.25  # of 2; what covers less than an eighth keeps its colour as far as it can
SURE_LEVEL = 1 - 1 / 255


@dataclass(frozen=True, kw_only=True)
class UpsamplerConfig:
    """Everything that decides the shape of an upsampler's tensors: `width` features at half the small size, `detail` at its full size."""

    width: int = 48
    depth: int = 3
    detail: int = 32


TINY_UPSAMPLER = UpsamplerConfig(width=8, depth=1, detail=8)


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Conv2d(width, width, 3, padding=1)
        self.outer = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        change: Tensor = self.outer(F.relu(self.inner(features)))
        return features + change


class Upsampler(nn.Module):
    """Small picture to large picture. Untrained it is Lanczos, but for colours that hardly cover; what it learns is added to that."""

    lanczos: Tensor

    def __init__(self, config: UpsamplerConfig) -> None:
        super().__init__()
        self.config = config
        self.narrow = nn.Conv2d(CHANNELS * 4, config.width, 3, padding=1)
        self.blocks = nn.ModuleList(_Block(config.width) for _ in range(config.depth))
        self.widen = nn.Conv2d(config.width // 4 + CHANNELS, config.detail, 3, padding=1)
        self.unfold = nn.Conv2d(config.detail, CHANNELS * SCALE**2, 3, padding=1)
        nn.init.zeros_(self.unfold.weight)
        self.unfold.bias = nn.Parameter(torch.zeros(CHANNELS * SCALE**2))
        self.register_buffer("lanczos", _lanczos_kernels(), persistent=False)

    def forward(self, small: Tensor) -> Tensor:
        """Enlarge pictures (B, 4, H, W), sides even, to (B, 4, 4H, 4W), not clamped. Alpha is exact away from where it changes."""
        smooth, change = (F.pixel_shuffle(part, SCALE) for part in self.unfolded(small, CHANNELS))
        alpha = _settle_alpha(smooth[:, 3:] + change[:, 3:], small[:, 3:])
        return torch.cat([smooth[:, :3] * _cover_gain(smooth[:, 3:], alpha) + change[:, :3], alpha], dim=1)

    def unfolded(self, small: Tensor, num_channels: int) -> tuple[Tensor, Tensor]:
        """Return Lanczos and what is added to it of the first channels (B, channels * 16, H, W): 16 pixels of each small one."""
        context = self.narrow(F.pixel_unshuffle(small, 2))
        for block in self.blocks:
            context = block(context)
        features = F.relu(self.widen(torch.cat([F.pixel_shuffle(context, 2), small], dim=1)))
        count = num_channels * SCALE**2
        assert self.unfold.bias is not None
        change = F.conv2d(features, self.unfold.weight[:count], self.unfold.bias[:count], padding=1)
        padded = F.pad(small[:, :num_channels], (LOBES,) * 4, mode="replicate")
        return F.conv2d(padded, self.lanczos[:count], groups=num_channels), change


def _cover_gain(before: Tensor, after: Tensor) -> Tensor:
    """Return what premultiplied colours are multiplied with when alpha changes, so that at a sharper outline they stay what they were."""
    return (after.clamp(-1, 1) + 1) / (before + 1).clamp(min=MIN_COVER)


def _settle_alpha(large_alpha: Tensor, small_alpha: Tensor) -> Tensor:
    """Return the large alpha with -1 and 1 where the small alpha is the same all around."""
    window = 2 * SURE_PX + 1
    highest = F.max_pool2d(small_alpha, window, stride=1, padding=SURE_PX)
    lowest = -F.max_pool2d(-small_alpha, window, stride=1, padding=SURE_PX)
    sure = (lowest >= SURE_LEVEL).to(large_alpha.dtype) - (highest <= -SURE_LEVEL).to(large_alpha.dtype)
    sure = F.pixel_shuffle(sure.repeat(1, SCALE**2, 1, 1), SCALE)
    return torch.where(sure == 0, large_alpha, sure)


def _lanczos_kernels() -> Tensor:
    """Return (64, 1, 7, 7): for each channel the kernel of each of the 16 pixels that a small pixel becomes."""
    centres = (torch.arange(SCALE) + 0.5) / SCALE - 0.5
    distance = torch.arange(-LOBES, LOBES + 1)[None] - centres[:, None]
    taps = torch.sinc(distance) * torch.sinc(distance / LOBES) * (distance.abs() < LOBES)
    taps = taps / taps.sum(dim=1, keepdim=True)
    kernels = taps[:, None, :, None] * taps[None, :, None, :]
    return kernels.reshape(1, SCALE**2, 1, 2 * LOBES + 1, 2 * LOBES + 1).repeat(CHANNELS, 1, 1, 1, 1).flatten(0, 1)
