"""The frozen text encoder, as training reads it: the very numbers that ship."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from limner.engine.weights import TEXT_ENCODER, WeightsPart
from limner.model.minilm import TextConfig, TextEncoder


class FrozenText:
    """A text encoder without gradients, its tokenizer's content and its digest."""

    def __init__(self, weights_dir: Path, device: torch.device) -> None:
        """Load the text encoder of a weights folder.

        Raises:
            DamagedFile: it is missing or not what its manifest says.
        """
        part = WeightsPart.open(weights_dir / TEXT_ENCODER, digest=None)
        self.digest = part.digest
        self.tokenizer_content = part.read("tokenizer.json")
        self.encoder = TextEncoder(TextConfig(**part.manifest["config"]))
        self.encoder.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in part.tensors().items()})
        self.encoder = self.encoder.eval().requires_grad_(False).to(device)

    @torch.no_grad()
    def read(self, token_ids: Tensor, token_mask: Tensor) -> Tensor:
        """Return word vectors (B, L, width)."""
        hidden: Tensor = self.encoder(token_ids, token_mask)
        return hidden
