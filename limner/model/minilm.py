"""The text encoder: MiniLM, a six-layer BERT (arXiv:2002.10957), frozen. Only its last word vectors are used.

Shape letters: B texts, L tokens, D width, H heads, E head width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MASKED = -1e4


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """Sizes of a text encoder; the vocabulary is the tokenizer's."""

    width: int = 384
    depth: int = 6
    num_heads: int = 12
    hidden_width: int = 1536
    vocabulary: int = 30522
    max_tokens: int = 512


TINY_TEXT = TextConfig(width=32, depth=1, num_heads=2, hidden_width=64)


class TextBlock(nn.Module):
    """One post-norm encoder layer."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.num_heads = config.num_heads
        self.query = nn.Linear(config.width, config.width)
        self.key = nn.Linear(config.width, config.width)
        self.value = nn.Linear(config.width, config.width)
        self.out = nn.Linear(config.width, config.width)
        self.out_norm = nn.LayerNorm(config.width, eps=1e-12)
        self.up = nn.Linear(config.width, config.hidden_width)
        self.down = nn.Linear(config.hidden_width, config.width)
        self.down_norm = nn.LayerNorm(config.width, eps=1e-12)

    def forward(self, hidden_BLD: Tensor, bias_B11L: Tensor) -> Tensor:
        B, L, D = hidden_BLD.shape

        def heads(layer: nn.Linear) -> Tensor:
            return layer(hidden_BLD).view(B, L, self.num_heads, D // self.num_heads).transpose(1, 2)

        scores = heads(self.query) @ heads(self.key).transpose(-1, -2) / math.sqrt(D // self.num_heads)
        mixed = torch.softmax(scores + bias_B11L, dim=-1) @ heads(self.value)
        hidden_BLD = self.out_norm(hidden_BLD + self.out(mixed.transpose(1, 2).reshape(B, L, D)))
        return self.down_norm(hidden_BLD + self.down(F.gelu(self.up(hidden_BLD))))


class TextEncoder(nn.Module):
    """Word pieces to contextual vectors."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config
        self.words = nn.Embedding(config.vocabulary, config.width)
        self.positions = nn.Embedding(config.max_tokens, config.width)
        self.norm = nn.LayerNorm(config.width, eps=1e-12)
        self.blocks = nn.ModuleList(TextBlock(config) for _ in range(config.depth))

    def forward(self, token_ids: Tensor, token_mask: Tensor) -> Tensor:
        """Return vectors (B, L, width) of `token_ids` (B, L); `token_mask` (B, L) is 1 where a token is real."""
        positions = torch.arange(token_ids.shape[1], device=token_ids.device)
        hidden_BLD = self.norm(self.words(token_ids) + self.positions(positions))
        bias = ((1 - token_mask) * MASKED)[:, None, None]
        for block in self.blocks:
            hidden_BLD = block(hidden_BLD, bias)
        return hidden_BLD


BERT_NAMES = {
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "out",
    "attention.output.LayerNorm": "out_norm",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "down_norm",
}


def from_bert_names(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Rename the tensors of a BERT checkpoint to ours; token types are folded into the positions."""
    renamed = {
        "words.weight": tensors["embeddings.word_embeddings.weight"],
        "positions.weight": tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": tensors["embeddings.LayerNorm.weight"],
        "norm.bias": tensors["embeddings.LayerNorm.bias"],
    }
    for name, tensor in tensors.items():
        if name.startswith("encoder.layer."):
            index, rest = name.removeprefix("encoder.layer.").split(".", 1)
            part, kind = rest.rsplit(".", 1)
            renamed[f"blocks.{index}.{BERT_NAMES[part]}.{kind}"] = tensor
    return renamed
