"""From a true drawing to what a network would have drawn of it: small, soft, wavering, patched and noisy.

Shape letters: B pictures, H and W sides of the small picture; the true one is `SCALE` times as large. Pixels are channels of
`limner.model.flow`. Each picture has its own strength, and some are not worn at all.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from limner.model.layout import PATCH_PX
from limner.model.upsampler import SCALE

SHARE_CLEAN = 0.25
WAVER_PX, PATCH_SHIFT_PX = 0.4, 0.15  # standard deviations in pixels of the small picture, at full strength
WAVER_CELLS_PX = (2, 4)  # rough, not bent: where a long line really runs, nobody can know
SOFT_PX = 1.6
RINGING = 0.7
MOTTLE, PATCH_TINT, SPECKLE = 0.06, 0.04, 0.05


def reduce_exactly(large: Tensor) -> Tensor:
    """Return (B, 4, H, W): each pixel the mean of what it covers."""
    return F.avg_pool2d(large, SCALE)


def wear(large: Tensor, draw: torch.Generator) -> Tensor:
    """Return small pictures (B, 4, H, W) of true drawings (B, 4, 4H, 4W), worn as pictures of a network are.

    The generator is one of the CPU, whatever the device of the pictures, so that a seed means the same everywhere.
    """
    count, device = len(large), large.device
    strength = _spread(count, draw).to(device) * (torch.rand(count, 1, 1, 1, generator=draw) >= SHARE_CLEAN).to(device)
    half = F.avg_pool2d(large, SCALE // 2)
    small = F.avg_pool2d(_displace(half, strength, draw), 2)
    small = _soften(small, strength * SOFT_PX * _spread(count, draw).to(device))
    ringing = strength * RINGING * _spread(count, draw).to(device)
    small = small + ringing * (small - _soften(small, torch.ones_like(strength)))
    return clamp(small + strength * _blemishes(small, draw))


def clamp(channels: Tensor) -> Tensor:
    """Do as `flow.clamp_pixels`, on tensors (B, 4, H, W)."""
    alpha = channels[:, 3:].clamp(-1, 1)
    bound = (alpha + 1) / 2
    return torch.cat([torch.maximum(torch.minimum(channels[:, :3], bound), -bound), alpha], dim=1)


def _spread(count: int, draw: torch.Generator) -> Tensor:
    return torch.rand(count, 1, 1, 1, generator=draw)


def _normal(shape: tuple[int, ...], draw: torch.Generator, like: Tensor) -> Tensor:
    return torch.randn(shape, generator=draw).to(like.device)


def _displace(half: Tensor, strength: Tensor, draw: torch.Generator) -> Tensor:
    """Move what is drawn at twice the small size: smoothly, and each patch of the network a little as a whole."""
    count, _, height, width = half.shape
    waver = torch.zeros(count, 2, height // 2, width // 2, device=half.device)
    for cell_px in WAVER_CELLS_PX:
        coarse = _normal((count, 2, height // 2 // cell_px + 2, width // 2 // cell_px + 2), draw, half)
        waver += F.interpolate(coarse, waver.shape[-2:], mode="bilinear", align_corners=False) * WAVER_PX
    waver += _per_patch(2, waver, PATCH_PX, draw) * PATCH_SHIFT_PX
    waver = F.interpolate(waver, (height, width), mode="bilinear", align_corners=False)
    shift = (waver * strength * 4).permute(0, 2, 3, 1) / torch.tensor([width, height], device=half.device)
    identity = torch.eye(2, 3, device=half.device).expand(count, 2, 3)
    grid = F.affine_grid(identity, [count, 1, height, width], align_corners=False)
    return F.grid_sample(half, grid + shift, mode="bilinear", padding_mode="border", align_corners=False)


def _per_patch(channels: int, like: Tensor, patch_px: int, draw: torch.Generator) -> Tensor:
    """Return normal numbers (B, channels, height, width) that are constant within patches; the grid lies anywhere."""
    count, _, height, width = like.shape
    rows, columns = height // patch_px + 2, width // patch_px + 2
    values = _normal((count, channels, rows, columns), draw, like).repeat_interleave(patch_px, 2).repeat_interleave(patch_px, 3)
    top, left = (int(torch.randint(patch_px, (), generator=draw)) for _ in range(2))
    return values[:, :, top : top + height, left : left + width]


def _soften(pictures: Tensor, sigma_px: Tensor) -> Tensor:
    """Blur each picture with its own Gaussian; `sigma_px` is (B, 1, 1, 1)."""
    reach = 4
    distance = torch.arange(-reach, reach + 1, device=pictures.device)
    taps = torch.exp(-(distance**2) / (2 * sigma_px.reshape(-1, 1).clamp(min=0.05) ** 2))
    taps = (taps / taps.sum(dim=1, keepdim=True)).repeat_interleave(pictures.shape[1], 0)
    flat = F.pad(pictures, (reach,) * 4, mode="replicate").flatten(0, 1)[None]
    flat = F.conv2d(flat, taps[:, None, :, None], groups=len(taps))
    flat = F.conv2d(flat, taps[:, None, None, :], groups=len(taps))
    return flat[0].unflatten(0, pictures.shape[:2])


def _blemishes(small: Tensor, draw: torch.Generator) -> Tensor:
    """Return what is added to small pictures: mottles of a few pixels, patches that are tinted, lines between them, speckles."""
    count, channels, height, width = small.shape
    coarse = _normal((count, channels, height // 5 + 2, width // 5 + 2), draw, small)
    mottle = F.interpolate(coarse, (height, width), mode="bilinear", align_corners=False) * MOTTLE
    tint = _per_patch(channels, small, PATCH_PX, draw) * PATCH_TINT
    seams = (tint - _soften(tint, torch.full((count, 1, 1, 1), 0.7, device=small.device))) * 2
    speckle = _normal((count, channels, height, width), draw, small) * SPECKLE * _spread(count, draw).to(small.device)
    parts = (mottle, tint, seams, speckle)
    return torch.stack([part * _spread(count, draw).to(small.device) for part in parts]).sum(dim=0)
