"""The parts of the network: norms, rotary positions, attention, and the block that both prefix and target run through.

Shape letters: B images, P prefix tokens, T target tokens, S tokens of either kind, D width, H heads, E head width.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Rotary = tuple[Tensor, Tensor]
KeysValues = tuple[Tensor, Tensor]


class RMSNorm(nn.Module):
    """Scale each vector to unit root mean square, then by a learnt gain."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, hidden: Tensor) -> Tensor:
        wide = hidden.float()
        return (wide / torch.sqrt(wide.square().mean(-1, keepdim=True) + 1e-6)).to(hidden.dtype) * self.gain.to(hidden.dtype)


class RotaryTable(nn.Module):
    """Turn positions (sequence, y, x) into rotations; a quarter of each head follows the sequence, the rest y and x.

    Source: arXiv:2104.09864, with axes split as in arXiv:2403.13298.
    """

    frequencies: Tensor

    def __init__(self, head_width: int) -> None:
        super().__init__()
        pairs = head_width // 2
        along = pairs // 4
        y = (pairs - along) // 2
        x = pairs - along - y
        table = torch.zeros(3, pairs)
        table[0, :along] = torch.logspace(0, -2.4, along)
        table[1, along : along + y] = torch.logspace(0.5, -1.3, y)
        table[2, along + y :] = torch.logspace(0.5, -1.3, x)
        self.register_buffer("frequencies", table, persistent=False)

    def forward(self, positions_BS3: Tensor) -> Rotary:
        """Return cosines and sines, both (B, 1, S, E / 2)."""
        angles_BSE = positions_BS3 @ self.frequencies
        return angles_BSE.cos()[:, None], angles_BSE.sin()[:, None]


def split(vectors: Tensor, count: int) -> list[Tensor]:
    """Cut the last axis into equal parts, as slices: exported, `chunk` becomes a sequence and each of its parts a copy."""
    width = vectors.shape[-1] // count
    return [vectors[..., start : start + width] for start in range(0, count * width, width)]


def rotate(heads_BHSE: Tensor, rotary: Rotary) -> Tensor:
    """Turn each pair (first half, second half) of a head by its position."""
    cosine, sine = (table.to(heads_BHSE.dtype) for table in rotary)
    first, second = heads_BHSE.chunk(2, dim=-1)
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine], dim=-1)


def attend(queries_BHSE: Tensor, keys_BHKE: Tensor, values_BHKE: Tensor, bias_B11K: Tensor) -> Tensor:
    """Return softmax attention. On the CPU the plain products train five times faster than the fused kernel."""
    if queries_BHSE.is_cuda:
        return F.scaled_dot_product_attention(queries_BHSE, keys_BHKE, values_BHKE, attn_mask=bias_B11K.to(queries_BHSE.dtype))
    scores = queries_BHSE @ keys_BHKE.transpose(-1, -2) / math.sqrt(queries_BHSE.shape[-1])
    return torch.softmax(scores + bias_B11K.to(scores.dtype), dim=-1) @ values_BHKE


class Attention(nn.Module):
    """Self-attention with normalised queries and keys (arXiv:2302.05442)."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.query_norm = RMSNorm(width // num_heads)
        self.key_norm = RMSNorm(width // num_heads)
        self.out = nn.Linear(width, width, bias=False)

    def forward(self, hidden_BSD: Tensor, rotary: Rotary, bias_B11K: Tensor, before: KeysValues | None = None) -> tuple[Tensor, KeysValues]:
        """Attend among the tokens and to those `before`; return the result and the tokens' own keys and values."""
        B, S, D = hidden_BSD.shape
        heads = self.qkv(hidden_BSD).view(B, S, 3, self.num_heads, D // self.num_heads).permute(2, 0, 3, 1, 4)
        queries, keys, values = heads.unbind(0)
        queries = rotate(self.query_norm(queries), rotary)
        keys = rotate(self.key_norm(keys), rotary)
        own = keys, values
        if before is not None:
            keys, values = torch.cat([before[0], keys], dim=2), torch.cat([before[1], values], dim=2)
        mixed = attend(queries, keys, values, bias_B11K)
        return self.out(mixed.transpose(1, 2).reshape(B, S, D)), own


class SwiGLU(nn.Module):
    """Gated feed-forward layer. Source: arXiv:2002.05202."""

    def __init__(self, width: int) -> None:
        super().__init__()
        hidden_width = (width * 8 // 3 + 63) // 64 * 64
        self.gate = nn.Linear(width, hidden_width, bias=False)
        self.up = nn.Linear(width, hidden_width, bias=False)
        self.down = nn.Linear(hidden_width, width, bias=False)

    def forward(self, hidden_BSD: Tensor) -> Tensor:
        return self.down(F.silu(self.gate(hidden_BSD)) * self.up(hidden_BSD))


class Block(nn.Module):
    """One transformer block with the same weights for prefix and target.

    Prefix tokens pass unmodulated and never see the target, so their keys and values hold for every step. Target tokens see
    everything and are scaled, shifted and gated by the condition (zero-initialised; arXiv:2212.09748).
    """

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self.attention_norm = RMSNorm(width)
        self.attention = Attention(width, num_heads)
        self.mlp_norm = RMSNorm(width)
        self.mlp = SwiGLU(width)
        self.modulation = nn.Linear(width, 6 * width)

    def encode(self, prefix_BPD: Tensor, rotary: Rotary, bias_B11P: Tensor) -> tuple[Tensor, KeysValues]:
        """Return the prefix after this block and the keys and values that the target will read."""
        mixed, keys_values = self.attention(self.attention_norm(prefix_BPD), rotary, bias_B11P)
        prefix_BPD = prefix_BPD + mixed
        return prefix_BPD + self.mlp(self.mlp_norm(prefix_BPD)), keys_values

    def forward(self, target_BTD: Tensor, rotary: Rotary, bias_B11S: Tensor, prefix: KeysValues, condition_BD: Tensor) -> Tensor:
        shift, scale, gate, mlp_shift, mlp_scale, mlp_gate = split(self.modulation(condition_BD[:, None]), 6)
        inner = self.attention_norm(target_BTD) * (1 + scale) + shift
        mixed, _ = self.attention(inner, rotary, bias_B11S, prefix)
        target_BTD = target_BTD + (1 + gate) * mixed
        inner = self.mlp_norm(target_BTD) * (1 + mlp_scale) + mlp_shift
        return target_BTD + (1 + mlp_gate) * self.mlp(inner)
