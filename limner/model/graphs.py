"""The computations that a snapshot is asked for, as modules with named inputs: its graphs when exported, in torch as they are."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from limner.model.eyes import Eyes
from limner.model.network import Network, Prefix
from limner.model.upsampler import SCALE, Upsampler

WHITE, COLOURS = 255.0, 3


class PrefixGraph(nn.Module):
    """What the target reads of a prompt, pictures seen by eyes among it."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        text: Tensor,
        text_mask: Tensor,
        char_ids: Tensor,
        char_mask: Tensor,
        patches: Tensor,
        patch_positions: Tensor,
        patch_segments: Tensor,
        patch_mask: Tensor,
        patch_seen: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        run = (patches, patch_positions, patch_segments, patch_mask, patch_seen)
        prefix = self.network.encode_prefix(text, text_mask, char_ids, char_mask, *run)
        return prefix.keys, prefix.values, prefix.mask, prefix.pooled


class DrawingPrefixGraph(nn.Module):
    """What the target reads of a prompt, of a snapshot that edits nothing."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        text: Tensor,
        text_mask: Tensor,
        char_ids: Tensor,
        char_mask: Tensor,
        patches: Tensor,
        patch_positions: Tensor,
        patch_segments: Tensor,
        patch_mask: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        run = (patches, patch_positions, patch_segments, patch_mask, None)
        prefix = self.network.encode_prefix(text, text_mask, char_ids, char_mask, *run)
        return prefix.keys, prefix.values, prefix.mask, prefix.pooled


class DenoiseGraph(nn.Module):
    """One guess of the clean picture and of what its source keeps."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        noisy: Tensor,
        time: Tensor,
        span: Tensor,
        background: Tensor,
        positions: Tensor,
        source: Tensor,
        seen: Tensor,
        keys: Tensor,
        values: Tensor,
        prefix_mask: Tensor,
        pooled: Tensor,
    ) -> tuple[Tensor, Tensor]:
        prefix = Prefix(keys, values, prefix_mask, pooled)
        clean, keep = self.network(noisy, time, span, background, positions, source, seen, prefix)
        return clean, keep


class DrawingGraph(nn.Module):
    """One guess of the clean picture, of a snapshot that edits nothing."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        noisy: Tensor,
        time: Tensor,
        span: Tensor,
        background: Tensor,
        positions: Tensor,
        keys: Tensor,
        values: Tensor,
        prefix_mask: Tensor,
        pooled: Tensor,
    ) -> Tensor:
        clean, _ = self.network(noisy, time, span, background, positions, None, None, Prefix(keys, values, prefix_mask, pooled))
        return clean


class PaintGraph(nn.Module):
    """The colours alone of what is opaque, as whole numbers, 16 of each small pixel: (3, 4, 4, H, W)."""

    def __init__(self, network: Upsampler) -> None:
        super().__init__()
        self.network = network

    def forward(self, small: Tensor) -> Tensor:
        smooth, change = self.network.unfolded(small, COLOURS)
        colours = ((smooth + change + 1) * (WHITE / 2)).clamp(min=0.0, max=WHITE).round().to(torch.uint8)
        return colours[0].unflatten(0, (COLOURS, SCALE, SCALE))


class EyesGraph(nn.Module):
    """What eyes see in each patch of a picture, and its name as a vector."""

    def __init__(self, eyes: Eyes) -> None:
        super().__init__()
        self.network = eyes

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.network(picture)
        return seen, self.network.name(seen)
