"""The contact sheet of a run: what the averaged network draws for fixed prompts and seeds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from limner.engine.drawing.noise import image_noise
from limner.engine.weights import Sampling
from limner.media.alpha import straighten
from limner.media.sheet import contact_sheet
from limner.model import flow
from limner.model.network import Network
from limner.model.sample import draw, read_prompts
from limner.model.text import load_tokenizer
from limner.train.text import FrozenText

PROMPTS = (
    "a slice of pizza",
    "a red car",
    "a cat face",
    "a house",
    "a red apple",
    "a rocket",
    "a birthday cake",
    "a kitten",
    "a sun on a blue background",
    "a cup of coffee",
    "a guitar, flat icon",
    "a red heart",
)


SHEET = Sampling(num_steps=16, num_patches=64, guidance_scale=3.0)
FEW_STEPS_SHEET = replace(SHEET, num_steps=4, guidance_scale=1.0)


def draw_sheet(network: Network, text: FrozenText, path: Path, *, size_px: int, sampling: Sampling = SHEET) -> None:
    """Draw `PROMPTS` with seeds 0, 1, 2, ... and write the sheet as PNG; a prompt that names a background is drawn opaque."""
    prefix = read_prompts(network, text.encoder, load_tokenizer(text.tokenizer_content), [*PROMPTS, *[""] * len(PROMPTS)])
    noise = np.stack([image_noise(seed, size_px, size_px) for seed in range(len(PROMPTS))])
    background = [int("background" in prompt) for prompt in PROMPTS]
    clean = draw(network, prefix, noise, background=background, num_steps=sampling.num_steps, guidance_scale=sampling.guidance_scale)
    page = contact_sheet([straighten(flow.to_premultiplied(channels)) for channels in clean], PROMPTS, columns=4)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(page).save(path)
