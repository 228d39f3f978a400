"""The plain way to draw with torch: the reference that the engine is compared with, and the trainer's contact sheets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor

from limner.model import flow
from limner.model.layout import Grid, grid_positions
from limner.model.minilm import TextEncoder
from limner.model.network import Network, Prefix
from limner.model.pictures import SOURCE_CHANNELS
from limner.model.text import encode_prompt, pad_prompts


@torch.no_grad()
def read_prompts(network: Network, text_encoder: TextEncoder, tokenizer: Tokenizer, prompts: Sequence[str]) -> Prefix:
    """Encode prompts into what the target reads."""
    padded = pad_prompts([encode_prompt(prompt, tokenizer) for prompt in prompts])
    device = next(network.parameters()).device
    arrays = {name: torch.from_numpy(array).to(device) for name, array in vars(padded).items()}
    text = text_encoder(arrays.pop("token_ids"), arrays["token_mask"])
    text_mask = arrays.pop("token_mask")
    unseen = torch.zeros(*arrays["patches"].shape[:2], network.config.seen_width, device=device)
    return network.encode_prefix(text, text_mask, **arrays, patch_seen=unseen)


@torch.no_grad()
def draw(
    network: Network,
    prefix: Prefix,
    noise: npt.NDArray[np.float32],
    *,
    background: Sequence[int],
    num_steps: int,
    guidance_scale: float,
) -> npt.NDArray[np.float32]:
    """Denoise `noise` (B, 4, H, W); `prefix` holds B prompts and then B empty ones. Return clean channels (B, 4, H, W)."""
    device = next(network.parameters()).device
    count, _, height, width = noise.shape
    positions = torch.from_numpy(grid_positions(Grid(height // 16, width // 16))).to(device)
    noisy = torch.from_numpy(noise).to(device)
    source = torch.zeros(2 * count, SOURCE_CHANNELS, height, width, device=device)
    seen = torch.zeros(2 * count, *positions.shape[:2], network.config.seen_width, device=device)
    ground = torch.tensor([*background, *background], device=device)
    for time, next_time in pairwise(flow.times(num_steps)):
        now, span = (torch.full((2 * count,), number, device=device) for number in (time, next_time - time))
        both: Tensor = network(torch.cat([noisy, noisy]), now, span, ground, positions, source, seen, prefix)[0]
        guess = flow.guide(both[:count], both[count:], guidance_scale) if flow.is_guided(time) else both[:count]
        guess = torch.from_numpy(flow.clamp_pixels(guess.float().cpu().numpy())).to(device)
        noisy = flow.step(guess, noisy, time, next_time)
    return noisy.cpu().numpy()
