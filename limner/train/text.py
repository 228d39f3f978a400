"""The frozen text encoder, as training reads it: the very numbers that ship."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from limner.engine.weights import TEXT_ENCODER, WeightsPart
from limner.model.minilm import TextConfig, TextEncoder
from limner.model.text import encode_prompt, load_tokenizer, pad_prompts

NAMES_AT_ONCE = 64


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
        self.device = device

    @torch.no_grad()
    def read(self, token_ids: Tensor, token_mask: Tensor) -> Tensor:
        """Return word vectors (B, L, width)."""
        hidden: Tensor = self.encoder(token_ids, token_mask)
        return hidden

    def name(self, things: Iterable[str]) -> tuple[Tensor, Tensor]:
        """Return a vector of length 1 for each name, (things, width), without what all have in common, and that, (width,)."""
        tokenizer = load_tokenizer(self.tokenizer_content)
        means = []
        every = [encode_prompt(name, tokenizer) for name in things]
        for start in range(0, len(every), NAMES_AT_ONCE):
            prompts = pad_prompts(every[start : start + NAMES_AT_ONCE])
            ids, mask_BL = (torch.from_numpy(array).to(self.device) for array in (prompts.token_ids, prompts.token_mask))
            means.append((self.read(ids, mask_BL) * mask_BL[..., None]).sum(1) / mask_BL.sum(1, keepdim=True))
        names_NE = torch.cat(means)
        common_E = names_NE.mean(0)
        return F.normalize(names_NE - common_E, dim=-1), common_E
