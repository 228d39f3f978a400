"""What training minimises: the squared error of the velocity, at random times, of pictures whose captions are known.

Shape letters: B images, H and W pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from limner.model import flow
from limner.model.network import Network, Prefix
from limner.model.text import PATCH_BUCKETS, TOKEN_BUCKETS, bucket_for

Floats = npt.NDArray[np.float32]

PICTURES = ("pixels", "source", "shown", "kept")
CHANGED_WEIGHT = 4.0  # of a pixel that an edit changes, in the loss: most edits change few
KEEP_WEIGHT = 0.5  # of telling what stays, beside drawing what changes
CHANGED_FROM = 0.02  # of a channel's range from -1 to 1


@dataclass(frozen=True)
class Batch:
    """One batch as tensors: `pixels` (B, H, W, 4) uint8 straight-alpha RGBA, `background` (B,), and padded prompts.

    `source` is as `pixels`; `shown` and `kept` (B, H, W) are True where it shows something and where it must stay. Where there is no
    source nothing is shown.
    """

    pixels: Tensor
    source: Tensor
    shown: Tensor
    kept: Tensor
    background: Tensor
    token_ids: Tensor
    token_mask: Tensor
    char_ids: Tensor
    char_mask: Tensor
    patches: Tensor
    patch_positions: Tensor
    patch_segments: Tensor
    patch_mask: Tensor

    def to(self, device: torch.device) -> Batch:
        """Return the batch on `device`."""
        return Batch(*(getattr(self, field.name).to(device, non_blocking=True) for field in fields(self)))

    def rows(self, chosen: Tensor) -> Batch:
        """Return the images of these rows, their prompts padded no further than the longest of them asks for."""
        part = Batch(*(getattr(self, field.name)[chosen] for field in fields(self)))
        length = bucket_for(int(part.token_mask.sum(1).max()), TOKEN_BUCKETS)
        count = bucket_for(int(part.patch_mask.sum(1).max()), PATCH_BUCKETS)
        tokens = {name: getattr(part, name)[:, :length] for name in ("token_ids", "token_mask")}
        patches = {name: getattr(part, name)[:, :count] for name in ("patches", "patch_positions", "patch_segments", "patch_mask")}
        return replace(part, **tokens, **patches)

    @classmethod
    def join(cls, parts: Sequence[Batch]) -> Batch:
        """Return the rows of all parts, one part after the other, their prompts padded alike."""
        return cls(*(_cat([getattr(part, field.name) for part in parts], field.name) for field in fields(cls)))

    def by_length(self, count: int) -> list[Tensor]:
        """Return the rows in groups of `count`, short prefixes together: less padding, and activations that fit the caches."""
        return list(torch.argsort(self.token_mask.sum(1) + self.patch_mask.sum(1), stable=True).split(count))


@dataclass(frozen=True)
class Read:
    """What frozen encoders made of a batch: word vectors `text` (B, L, text width), and what eyes saw, zeros where they saw nothing:
    `seen` (B, rows, columns, F) in the sources and `patch_seen` (B, G, F) in the patches of the prefix.
    """

    text: Tensor
    seen: Tensor
    patch_seen: Tensor

    def rows(self, chosen: Tensor, part: Batch) -> Read:
        """Return what was read of these rows, padded as `part`, which holds them."""
        text, patch_seen = self.text[chosen, : part.token_mask.shape[1]], self.patch_seen[chosen, : part.patch_mask.shape[1]]
        return Read(text, self.seen[chosen], patch_seen)


def _cat(tensors: Sequence[Tensor], name: str) -> Tensor:
    """Join along the rows; tokens, characters and patches, the second axis of theirs, are padded to the longest."""
    if name in (*PICTURES, "background"):
        return torch.cat(list(tensors))
    longest = max(tensor.shape[1] for tensor in tensors)
    return torch.cat([pad(tensor, (0, 0) * (tensor.ndim - 2) + (0, longest - tensor.shape[1])) for tensor in tensors])


def to_channels(pixels_BHW4: Tensor) -> Tensor:
    """Do `flow.to_channels` on the device: straight-alpha bytes to (B, 4, H, W)."""
    unit = pixels_BHW4.float() / 255
    alpha = unit[..., 3:]
    return torch.cat([alpha * (2 * unit[..., :3] - 1), 2 * alpha - 1], dim=-1).permute(0, 3, 1, 2).contiguous()


def under_noise(batch: Batch) -> Tensor:
    """Return the sources of a batch as the network reads them, (B, 6, H, W); zeros where there is none."""
    shown_B1HW, kept_B1HW = batch.shown[:, None], batch.kept[:, None]
    return torch.cat([to_channels(batch.source) * shown_B1HW, shown_B1HW, kept_B1HW], dim=1)


DrawWays = Callable[[np.random.Generator, int], Floats]


def draw_noise(draw_ways: DrawWays, count: int, side_px: int, *, seed: int, step: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return ways (count, 2) and noise (count, 4, side, side) of one step, drawn on the device: the same on every rank.

    A way is from which time to which a step leads.
    """
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, step], np.uint64)))
    ways = torch.from_numpy(draw_ways(rng, count).astype(np.float32))
    generator = torch.Generator(device).manual_seed(int(rng.integers(2**63)))
    return ways.to(device), torch.randn(count, 4, side_px, side_px, generator=generator, device=device)


@dataclass(frozen=True)
class Scene:
    """What a network is shown of a batch beside the noise: `prefix`, `source` (B, 6, H, W), what was `seen` in it, `background`
    (B,) and `positions`.
    """

    prefix: Prefix
    source: Tensor
    seen: Tensor
    background: Tensor
    positions: Tensor

    @classmethod
    def of(cls, network: Network, batch: Batch, read: Read, positions: Tensor) -> Scene:
        """Let a network read the prompts of a batch."""
        prefix = network.encode_prefix(
            read.text,
            batch.token_mask,
            batch.char_ids,
            batch.char_mask,
            batch.patches,
            batch.patch_positions,
            batch.patch_segments,
            batch.patch_mask,
            read.patch_seen,
        )
        return cls(prefix, under_noise(batch), read.seen, batch.background, positions)

    def guess(self, network: Network, noisy: Tensor, way: Tensor) -> tuple[Tensor, Tensor]:
        """Return the clean images and what they keep of their sources, as `Network.forward`, for steps along `way` (B, 2)."""
        time, until = way.unbind(1)
        guessed: tuple[Tensor, Tensor] = network(
            noisy, time, until - time, self.background, self.positions, self.source, self.seen, self.prefix
        )
        return guessed


class Objective(nn.Module):
    """The network and its loss as one module, so that it can be compiled and distributed as one."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def draw_ways(self, rng: np.random.Generator, count: int) -> Floats:
        """Draw at which times the velocity is asked for: ways (count, 2) of no length."""
        time: Floats = flow.training_time(rng.standard_normal(count, np.float32))
        return np.stack([time, time], axis=1)

    def forward(self, batch: Batch, read: Read, ways: Tensor, noise: Tensor, positions: Tensor) -> Tensor:
        """Return the mean loss of a batch that frozen encoders have read, for steps along `ways` (B, 2)."""
        scene = Scene.of(self.network, batch, read, positions)
        image = to_channels(batch.pixels)
        time_B111 = ways[:, :1, None, None]
        noisy = flow.mix(image, noise, time_B111)
        clean, keep = scene.guess(self.network, noisy, ways)
        wanted = self.wanted(batch, read, noisy, ways, positions)
        error = flow.velocity(clean.float(), noisy, time_B111) - flow.velocity(wanted, noisy, time_B111)
        changed_BHW = (to_channels(batch.source) - image).abs().amax(1) > CHANGED_FROM
        drawing = (error.square().mean(1) * _weights(batch.shown & changed_BHW)).mean()
        return drawing + KEEP_WEIGHT * _keep_loss(keep, ~changed_BHW, batch.shown & ~batch.kept)

    def wanted(self, batch: Batch, read: Read, noisy: Tensor, ways: Tensor, positions: Tensor) -> Tensor:
        """Return the images (B, 4, H, W) that the network ought to guess: those that were shown."""
        return to_channels(batch.pixels)


def _weights(changed_BHW: Tensor) -> Tensor:
    """Return what each pixel counts: 1, and up to `CHANGED_WEIGHT` where an edit changes it, the more the less it changes in all."""
    share_B11 = changed_BHW.float().mean((1, 2), keepdim=True)
    return 1 + changed_BHW * (CHANGED_WEIGHT - 1) * (1 - share_B11)


def _keep_loss(keep_BHW: Tensor, stays_BHW: Tensor, asked_BHW: Tensor) -> Tensor:
    """Return the cross-entropy of what is said to stay, over the pixels that are asked about, per pixel of the batch."""
    sure = keep_BHW.float().clamp(1e-4, 1 - 1e-4)
    return -(torch.where(stays_BHW, sure, 1 - sure).log() * asked_BHW).mean()
