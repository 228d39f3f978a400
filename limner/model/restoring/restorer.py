"""The restorer: a small convolutional network that takes damage out of a picture: noise, blur, scratches, spots, coarse pixels.

Shape letters: B pictures, H and W their sides, multiples of its stride. Pixels are the four channels of `limner.model.flow`.
Sources: the ladder of sizes arXiv:1505.04597, residual blocks without norms arXiv:1707.02921.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CHANNELS, COLOURS = 4, 3
FOLD = 2  # pixels of each side that the first layer takes together


@dataclass(frozen=True, kw_only=True)
class RestorerConfig:
    """Everything that decides the shape of a restorer's tensors: `widths` of the features from half the sides downwards, each half as large
    as the one before, with `depth` blocks on the way down and as many on the way up; `detail` features at the full size.
    """

    widths: tuple[int, ...] = (32, 64, 96, 128)
    depth: int = 2
    detail: int = 16

    @property
    def stride(self) -> int:
        """What the sides of a picture are multiples of."""
        return FOLD << (len(self.widths) - 1)


TINY_RESTORER = RestorerConfig(widths=(8, 8), depth=1, detail=4)


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Conv2d(width, width, 3, padding=1)
        self.outer = nn.Conv2d(width, width, 3, padding=1)
        with torch.no_grad():
            self.outer.weight.mul_(0.1)

    def forward(self, features: Tensor) -> Tensor:
        change: Tensor = self.outer(F.relu(self.inner(features)))
        return features + change


class Restorer(nn.Module):
    """Damaged picture to whole picture, its alpha as it is. Untrained it changes nothing; what it learns is added to the colours."""

    def __init__(self, config: RestorerConfig) -> None:
        super().__init__()
        self.config = config
        widths, depth = config.widths, config.depth
        self.fold = nn.Conv2d(CHANNELS * FOLD**2, widths[0], 3, padding=1)
        self.down = nn.ModuleList(_blocks(width, depth) for width in widths)
        self.narrow = nn.ModuleList(nn.Conv2d(large, small, 2, stride=2) for large, small in pairwise(widths))
        self.widen = nn.ModuleList(nn.Conv2d(small, large * 4, 1) for large, small in pairwise(widths))
        self.up = nn.ModuleList(_blocks(width, depth) for width in widths[:-1])
        self.unfold = nn.Conv2d(widths[0] // FOLD**2 + CHANNELS, config.detail, 3, padding=1)
        self.paint = nn.Conv2d(config.detail, COLOURS, 3, padding=1)
        nn.init.zeros_(self.paint.weight)
        self.paint.bias = nn.Parameter(torch.zeros(COLOURS))

    def forward(self, damaged: Tensor) -> Tensor:
        """Restore pictures (B, 4, H, W), not clamped."""
        features = self.fold(F.pixel_unshuffle(damaged, FOLD))
        levels = []
        for blocks, narrow in zip(self.down[:-1], self.narrow, strict=True):
            features = blocks(features)
            levels.append(features)
            features = narrow(features)
        features = self.down[-1](features)
        for level, widen, blocks in zip(reversed(levels), reversed(self.widen), reversed(self.up), strict=True):
            features = blocks(level + F.pixel_shuffle(widen(features), 2))
        fine = F.relu(self.unfold(torch.cat([F.pixel_shuffle(features, FOLD), damaged], dim=1)))
        return torch.cat([damaged[:, :COLOURS] + self.paint(fine), damaged[:, COLOURS:]], dim=1)


def _blocks(width: int, depth: int) -> nn.Sequential:
    return nn.Sequential(*(_Block(width) for _ in range(depth)))
