"""The eyes: a small convolutional network that says of each patch of a picture what is there, before anything is drawn.

A drawing network reads patches of 16 x 16 pixels through one matrix, which tells colours well and things badly. Eyes learn from scenes
whose every patch is known to name the thing on it, in the space of the text encoder's words; what they see enters the drawing network
beside the pixels. They are frozen, and shared by snapshots, as the text encoder is.

Shape letters: B pictures, H and W pixels, R rows and C columns of patches, F features, E numbers of a word's vector.
Sources: blocks after arXiv:2201.03545 (ConvNeXt), with batch norms, which cost nothing once they are folded.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from limner.model.pictures import EYES_CHANNELS

NO_WORD = -1e4


@dataclass(frozen=True, kw_only=True)
class EyesConfig:
    """Everything that decides the shape of the tensors: features at each of four halvings of the picture, and blocks after each."""

    widths: tuple[int, int, int, int] = (24, 48, 96, 192)
    depths: tuple[int, int, int, int] = (0, 1, 2, 3)
    text_width: int = 384

    @property
    def width(self) -> int:
        """Features of a patch."""
        return self.widths[-1]


TINY_EYES = EyesConfig(widths=(4, 4, 8, 8), depths=(0, 0, 0, 1), text_width=32)


class _Halving(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, features: Tensor) -> Tensor:
        return F.silu(self.norm(self.conv(features)))


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.near = nn.Conv2d(width, width, 5, padding=2, groups=width, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.widen = nn.Conv2d(width, 2 * width, 1)
        self.narrow = nn.Conv2d(2 * width, width, 1)
        nn.init.zeros_(self.narrow.weight)

    def forward(self, features: Tensor) -> Tensor:
        change: Tensor = self.narrow(F.silu(self.widen(self.norm(self.near(features)))))
        return features + change


class Eyes(nn.Module):
    """Pictures to what is seen in each patch, and that to words. `common` (E,) is what the words of all things have in common."""

    common: Tensor

    def __init__(self, config: EyesConfig) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        inputs = EYES_CHANNELS
        for width, depth in zip(config.widths, config.depths, strict=True):
            layers += [_Halving(inputs, width), *(_Block(width) for _ in range(depth))]
            inputs = width
        self.layers = nn.Sequential(*layers)
        self.norm = nn.BatchNorm2d(config.width)
        self.naming = nn.Linear(config.width, config.text_width)
        self.register_buffer("common", torch.zeros(config.text_width))

    def forward(self, pictures: Tensor) -> Tensor:
        """Look at pictures (B, 5, H, W), sides multiples of 16; return what is seen, (B, R, C, F)."""
        seen: Tensor = self.norm(self.layers(pictures))
        return seen.permute(0, 2, 3, 1)

    def name(self, seen: Tensor) -> Tensor:
        """Return a vector (B, R, C, E) for each patch, the longer and the nearer to a thing's word the surer that it is there."""
        named: Tensor = self.naming(seen)
        return named

    def recognise(self, seen: Tensor, text: Tensor, text_mask: Tensor) -> Tensor:
        """Return how much the text (B, L, E) speaks of what is seen (B, R, C, F) in each patch: (B, R, C, 1).

        It is the likeness to the nearest word: mostly 5 to 20 for a thing that is named, -1 to 8 for others.
        """
        words_BLE = F.normalize(text - self.common, dim=-1)
        likeness = torch.einsum("brce,ble->brcl", self.name(seen), words_BLE)
        likeness = likeness.masked_fill(text_mask[:, None, None] == 0, NO_WORD)
        return likeness.amax(-1, keepdim=True)
