"""The network: a prefix of words, characters and patches, read once; noisy patches after it, denoised many times.

    [text] [characters of quoted strings] [glyph and picture patches]      [control] [noisy RGBA patches + the source's]
         bidirectional among themselves, never see the target                     see everything
                                                                                  -> clean RGBA pixels, and what the source keeps

An edit's source lies under the noise, patch on patch, and the head says for each pixel how much of the source comes back: what an
instruction leaves alone is copied, not drawn again. Other pictures, and the source once more as a whole, are patches of the prefix.
With the source's patches, and with those of other pictures, comes what `eyes` saw there, so that words find the things they name.

Shape letters: B images, L text tokens, C characters, G prefix patches, P = L + C + G, T target patches, D width, N blocks,
V numbers in a patch (channels of 16 x 16 pixels), F features of what is seen in one. Images are (B, 4, height, width),
channels as `flow` defines them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from limner.model.layers import Block, RMSNorm, RotaryTable, split
from limner.model.layout import PATCH_PX
from limner.model.pictures import SOURCE_CHANNELS
from limner.model.text import NUM_CHARACTERS

CHANNELS = 4
PATCH_NUMBERS = CHANNELS * PATCH_PX * PATCH_PX
MASKED = -1e4  # added to scores of padding: finite in every precision
SOURCE_IN = "source_in.widen.weight"  # snapshots older than editing lack it
GROWN = ("head.unfold.", "head.join.", "head.refine.")  # where the head reads it and says what stays
SEEN_IN = "seen_in.weight"  # and those older than eyes
SPAN_IN = "span_in."  # and those older than students of few steps


class Segment(IntEnum):
    """What a token is part of; each has a learnt tag. References take `REFERENCE`, `REFERENCE + 1`, ..."""

    TEXT = 0
    CHARACTER = 1
    GLYPH = 2
    CONTROL = 3
    TARGET = 4
    SOURCE = 5
    REFERENCE = 8


NUM_SEGMENTS = 24

SEEN_STD, SPOKEN_STD = 0.15, 0.5  # trained features of a patch are some 16 in size: what is smaller is not heard


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Sizes of a network. `text_width` is that of the text encoder's vectors.

    `seen_width` is that of what eyes see in a patch: their features, and whether it is spoken of.
    """

    width: int
    depth: int
    num_heads: int
    text_width: int
    bottleneck: int
    head_features: int
    head_width: int
    seen_width: int = 193

    def __post_init__(self) -> None:
        if self.width % self.num_heads or (self.width // self.num_heads) % 8:
            raise ValueError(f"width {self.width} must split into {self.num_heads} heads of a multiple of 8")


SIZES = {
    "tiny": ModelConfig(width=64, depth=2, num_heads=2, text_width=32, bottleneck=32, head_features=4, head_width=8, seen_width=9),
    "small": ModelConfig(width=320, depth=6, num_heads=5, text_width=384, bottleneck=128, head_features=8, head_width=16),
    "base": ModelConfig(width=512, depth=13, num_heads=8, text_width=384, bottleneck=128, head_features=8, head_width=24),
}


def patchify(image_B4HW: Tensor) -> Tensor:
    """Cut images into patches (B, T, V) in row order."""
    B, C, H, W = image_B4HW.shape
    cut = image_B4HW.reshape(B, C, H // PATCH_PX, PATCH_PX, W // PATCH_PX, PATCH_PX)
    return cut.permute(0, 2, 4, 1, 3, 5).reshape(B, (H // PATCH_PX) * (W // PATCH_PX), C * PATCH_PX * PATCH_PX)


def unpatchify(patches_BTV: Tensor, height: int, width: int) -> Tensor:
    """Put patches of any number of channels back into images (B, channels, height, width)."""
    B, _, V = patches_BTV.shape
    cut = patches_BTV.reshape(B, height // PATCH_PX, width // PATCH_PX, V // PATCH_PX**2, PATCH_PX, PATCH_PX)
    return cut.permute(0, 3, 1, 4, 2, 5).reshape(B, V // PATCH_PX**2, height, width)


@dataclass(frozen=True)
class Prefix:
    """What the target reads of a prompt: keys and values (N, B, heads, P, head width), mask (B, P), pooled text (B, D)."""

    keys: Tensor
    values: Tensor
    mask: Tensor
    pooled: Tensor


class PatchEmbedder(nn.Module):
    """Patches to vectors through a narrow layer (arXiv:2511.13720)."""

    def __init__(self, channels: int, width: int, bottleneck: int, *, bias: bool = True) -> None:
        super().__init__()
        self.narrow = nn.Linear(channels * PATCH_PX**2, bottleneck, bias=False)
        self.widen = nn.Linear(bottleneck, width, bias=bias)

    def forward(self, patches_BTV: Tensor) -> Tensor:
        return self.widen(self.narrow(patches_BTV))


class TimeEmbedder(nn.Module):
    """Time, where 0 is pure noise and 1 is the image, to a vector."""

    frequencies: Tensor

    def __init__(self, width: int, num_waves: int = 64) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.logspace(0, 2.5, num_waves), persistent=False)
        self.inner = nn.Linear(2 * num_waves, width)
        self.outer = nn.Linear(width, width)

    def forward(self, time_B: Tensor) -> Tensor:
        angles = time_B[:, None] * self.frequencies
        return self.outer(F.silu(self.inner(torch.cat([angles.cos(), angles.sin()], dim=-1))))


class TextPooler(nn.Module):
    """The mean word vector, as a condition for every block."""

    def __init__(self, text_width: int, width: int) -> None:
        super().__init__()
        self.norm = RMSNorm(text_width)
        self.inner = nn.Linear(text_width, width)
        self.outer = nn.Linear(width, width)

    def forward(self, text_BLE: Tensor, mask_BL: Tensor) -> Tensor:
        weights = mask_BL[..., None] / mask_BL.sum(1).clamp(min=1)[:, None, None]
        return self.outer(F.silu(self.inner(self.norm((text_BLE * weights).sum(1)))))


class PixelHead(nn.Module):
    """Patch features to pixels, joined with the noisy and the source's pixels at full resolution, so that detail is copied, seams vanish.

    Beside the pixels it tells how much of the source each of them keeps, where there is one.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        channels = CHANNELS + config.head_features
        self.norm = RMSNorm(config.width)
        self.modulation = nn.Linear(config.width, 2 * config.width)
        self.unfold = nn.Linear(config.width, (channels + 1) * PATCH_PX**2)
        self.join = nn.Conv2d(channels + CHANNELS + SOURCE_CHANNELS, config.head_width, 3, padding=1)
        self.refine = nn.Conv2d(config.head_width, CHANNELS + 1, 3, padding=1)

    def forward(
        self, target_BTD: Tensor, condition_BD: Tensor, noisy_B4HW: Tensor, source_B6HW: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        shift, scale = split(self.modulation(condition_BD[:, None]), 2)
        features = self.unfold(self.norm(target_BTD) * (1 + scale) + shift)
        pixels = unpatchify(features, noisy_B4HW.shape[2], noisy_B4HW.shape[3])
        inputs = torch.cat([pixels[:, :-1], noisy_B4HW.to(pixels.dtype)], dim=1)
        if source_B6HW is None:
            joined = F.conv2d(inputs, self.join.weight[:, : inputs.shape[1]], self.join.bias, padding=1)
            return pixels[:, :CHANNELS] + self.refine(F.silu(joined))[:, :CHANNELS], None
        refined = self.refine(F.silu(self.join(torch.cat([inputs, source_B6HW.to(pixels.dtype)], dim=1))))
        drawn, wish = pixels[:, :CHANNELS] + refined[:, :CHANNELS], pixels[:, -1:] + refined[:, CHANNELS:]
        source, shown, kept = source_B6HW[:, :CHANNELS], source_B6HW[:, CHANNELS : CHANNELS + 1], source_B6HW[:, CHANNELS + 1 :]
        keep = shown * torch.maximum(torch.sigmoid(wish.float()), kept)
        return drawn + keep * (source - drawn), keep[:, 0]


class Network(nn.Module):
    """The transformer with its embedders and head. `encode_prefix` once, then `forward` once a step."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.text_in = nn.Linear(config.text_width, config.width)
        self.text_norm = RMSNorm(config.text_width)
        self.character_in = nn.Embedding(NUM_CHARACTERS, config.width)
        self.patch_in = PatchEmbedder(CHANNELS, config.width, config.bottleneck)
        self.source_in = PatchEmbedder(SOURCE_CHANNELS, config.width, config.bottleneck, bias=False)
        self.seen_in = nn.Linear(config.seen_width, config.width, bias=False)
        self.patch_seen_in = nn.Linear(config.seen_width, config.width, bias=False)
        self.segment = nn.Embedding(NUM_SEGMENTS, config.width)
        self.pool = TextPooler(config.text_width, config.width)
        self.time_in = TimeEmbedder(config.width)
        self.background_in = nn.Embedding(2, config.width)
        self.rotary = RotaryTable(config.width // config.num_heads)
        self.blocks = nn.ModuleList(Block(config.width, config.num_heads) for _ in range(config.depth))
        self.head = PixelHead(config)
        self.span_in = TimeEmbedder(config.width)
        self.init_weights()

    def init_weights(self) -> None:
        """Scaled normal matrices; modulation, what source and span add, the head's unfolding and its last convolution start at zero."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=1 / math.sqrt(module.in_features))
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.5)
        for block in self.blocks:
            nn.init.zeros_(block.modulation.weight)
            for matrix in (block.attention.out.weight, block.mlp.down.weight):
                nn.init.normal_(matrix, std=1 / math.sqrt(matrix.shape[1] * 2 * self.config.depth))
        for seen_in in (self.seen_in, self.patch_seen_in):
            nn.init.normal_(seen_in.weight, std=SEEN_STD)
            nn.init.normal_(seen_in.weight[:, -1], std=SPOKEN_STD)
        head = self.head
        zeroed = (head.modulation.weight, head.unfold.weight, head.refine.weight, head.refine.bias, self.source_in.widen.weight)
        for weight in (*zeroed, self.span_in.outer.weight):
            nn.init.zeros_(weight)

    def encode_prefix(
        self,
        text: Tensor,
        text_mask: Tensor,
        char_ids: Tensor,
        char_mask: Tensor,
        patches: Tensor,
        patch_positions: Tensor,
        patch_segments: Tensor,
        patch_mask: Tensor,
        patch_seen: Tensor | None,
    ) -> Prefix:
        """Read a prompt: `text` (B, L, text width), `char_ids` (B, C), `patches` (B, G, V); masks are 1 where a token is real.

        `patch_seen` (B, G, F) is what eyes saw in patches of pictures, zeros in others; None is zeros everywhere.
        """
        text_BLD = self.text_in(self.text_norm(text)) + self.segment.weight[Segment.TEXT]
        char_BCD = self.character_in(char_ids) + self.segment.weight[Segment.CHARACTER]
        patch_BGD = self.patch_in(patches) + self.segment(patch_segments)
        if patch_seen is not None:
            patch_BGD = patch_BGD + self.patch_seen_in(patch_seen)
        prefix_BPD = torch.cat([text_BLD, char_BCD, patch_BGD.to(text_BLD.dtype)], dim=1)
        positions = torch.cat([_along(text_mask), _along(char_mask), patch_positions], dim=1)
        mask_BP = torch.cat([text_mask, char_mask, patch_mask], dim=1)
        rotary, bias = self.rotary(positions), _bias(mask_BP)
        caches = []
        for block in self.blocks:
            prefix_BPD, keys_values = block.encode(prefix_BPD, rotary, bias)
            caches.append(keys_values)
        keys, values = (torch.stack(side) for side in zip(*caches, strict=True))
        return Prefix(keys, values, mask_BP, self.pool(text, text_mask))

    def forward(
        self,
        noisy: Tensor,
        time: Tensor,
        span: Tensor,
        background: Tensor,
        positions: Tensor,
        source: Tensor | None,
        seen: Tensor | None,
        prefix: Prefix,
    ) -> tuple[Tensor, Tensor | None]:
        """Guess the clean image (B, 4, H, W) behind `noisy` at `time` (B,), 0 pure noise, 1 the image.

        `span` (B,) is how far the step to come leads: 0 asks for the velocity at `time`, more for the mean velocity on the way, said
        as the image that this velocity would end in.
        `background` (B,) is 0 for transparent and 1 for opaque; `positions` (H / 16, W / 16, 3) are those of the patch grid.
        `source` (B, 6, H, W) is what `pictures.source_channels` makes of a source, and `seen` (B, H / 16, W / 16, F) what eyes see
        in it; zeros or None are no source. The second answer, (B, H, W) in [0, 1], is how much of the source each pixel of the first
        keeps; None where the source is.
        """
        condition_BD = F.silu(prefix.pooled + self.time_in(time) + self.span_in(span) + self.background_in(background))
        target_BTD = self.patch_in(patchify(noisy))
        if source is not None and seen is not None:
            target_BTD = target_BTD + self.source_in(patchify(source)) + self.seen_in(seen.flatten(1, 2))
        target_BTD = target_BTD + self.segment.weight[Segment.TARGET]
        control_B1D = (condition_BD + self.segment.weight[Segment.CONTROL])[:, None]
        target_BTD = torch.cat([control_B1D, target_BTD], dim=1)
        rotary = self.rotary(F.pad(positions.flatten(0, 1), (0, 0, 1, 0))[None])
        bias = _bias(torch.cat([prefix.mask, torch.ones_like(target_BTD[..., 0], dtype=prefix.mask.dtype)], dim=1))
        for index, block in enumerate(self.blocks):
            target_BTD = block(target_BTD, rotary, bias, (prefix.keys[index], prefix.values[index]), condition_BD)
        clean, keep = self.head(target_BTD[:, 1:], condition_BD, noisy, source)
        return clean, keep


def take_weights(network: Network, tensors: Mapping[str, Tensor]) -> None:
    """Give a network the weights of a snapshot, which may be older than some of its inputs: those stay as they are.

    Raises:
        KeyError, RuntimeError: they are of a network of other sizes.
    """
    known = dict(tensors)
    if SOURCE_IN not in known:
        known = _with_source(known, network)
    for new in (SEEN_IN, SPAN_IN):
        if not any(key.startswith(new) for key in known):
            known |= {key: tensor for key, tensor in network.state_dict().items() if new in key}
    network.load_state_dict({key: known[key] for key in network.state_dict()})


def _with_source(tensors: dict[str, Tensor], network: Network) -> dict[str, Tensor]:
    """Return the weights of a network that read no source as those of one that does: what is new is what the network has there."""
    state = network.state_dict()
    grown = {key: tensor.clone() for key, tensor in state.items() if key.startswith(("source_in.", *GROWN))}
    for key in grown.keys() & tensors.keys():
        grown[key][tuple(map(slice, tensors[key].shape))] = tensors[key]
    return tensors | grown


def _along(mask_BS: Tensor) -> Tensor:
    """Positions (B, S, 3) of a run of words or characters."""
    order = torch.arange(mask_BS.shape[1], device=mask_BS.device, dtype=torch.float32)
    return F.pad(order[None, :, None].expand(mask_BS.shape[0], -1, -1), (0, 2))


def _bias(mask_BS: Tensor) -> Tensor:
    """Scores to add, (B, 1, 1, S): nothing for real tokens, far below for padding."""
    return ((1 - mask_BS) * MASKED)[:, None, None]
