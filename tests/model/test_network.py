"""The network: shapes, what sees what, and that the shipped form draws the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from limner.engine.drawing.noise import image_noise
from limner.engine.drawing.runtime import Runtime, Shown
from limner.engine.weights import Catalogue
from limner.model.layout import Grid, grid_positions
from limner.model.minilm import TextConfig, TextEncoder
from limner.model.network import SIZES, ModelConfig, Network, Prefix, patchify, unpatchify
from limner.model.pictures import SOURCE_CHANNELS
from limner.model.sample import draw, read_prompts
from limner.model.text import load_tokenizer

MakeNetwork = Callable[..., Network]


def random_prefix(network: Network, *, words: int = 6, padding: int = 0, seen: float = 0.0) -> Prefix:
    torch.manual_seed(3)
    text = torch.randn(1, words, network.config.text_width)
    text = torch.cat([text, torch.randn(1, padding, network.config.text_width)], dim=1)
    mask = torch.cat([torch.ones(1, words), torch.zeros(1, padding)], dim=1)
    nothing = torch.zeros(1, 1)
    patch = (
        torch.zeros(1, 1, 1024),
        torch.zeros(1, 1, 3),
        nothing.long(),
        nothing + seen,
        torch.full((1, 1, network.config.seen_width), seen),
    )
    return network.encode_prefix(text, mask, nothing.long(), nothing, *patch)


def guess(
    network: Network,
    prefix: Prefix,
    *,
    grid: Grid = Grid(2, 3),  # noqa: B008
    time: float = 0.4,
    span: float = 0.2,
    background: int = 0,
) -> torch.Tensor:
    noisy = torch.from_numpy(image_noise(5, grid.size.height, grid.size.width))[None]
    positions = torch.from_numpy(grid_positions(grid))
    facts = noisy, torch.tensor([time]), torch.tensor([span]), torch.tensor([background]), positions
    return network(*facts, no_source(noisy), unseen(noisy), prefix)[0]


def no_source(noisy: torch.Tensor) -> torch.Tensor:
    return torch.zeros(len(noisy), SOURCE_CHANNELS, *noisy.shape[2:])


def unseen(noisy: torch.Tensor) -> torch.Tensor:
    return torch.zeros(len(noisy), noisy.shape[2] // 16, noisy.shape[3] // 16, SIZES["tiny"].seen_width)


def test_patches_are_put_back_where_they_were():
    image = torch.randn(2, 4, 32, 48)

    assert torch.equal(unpatchify(patchify(image), 32, 48), image)


@pytest.mark.parametrize("grid", [Grid(1, 1), Grid(2, 5), Grid(4, 3)])
@torch.no_grad()
def test_any_grid_gives_an_image_of_its_size(tiny_network: MakeNetwork, grid: Grid):
    network = tiny_network()

    assert guess(network, random_prefix(network), grid=grid).shape == (1, 4, grid.size.height, grid.size.width)


@torch.no_grad()
def test_padding_changes_nothing(tiny_network: MakeNetwork):
    network = tiny_network()

    plain = guess(network, random_prefix(network))
    padded = guess(network, random_prefix(network, padding=5))

    assert torch.allclose(plain, padded, atol=1e-4)


@torch.no_grad()
def test_prompt_time_and_background_each_matter(tiny_network: MakeNetwork):
    network = tiny_network()
    prefix = random_prefix(network)
    base = guess(network, prefix)

    assert not torch.allclose(base, guess(network, random_prefix(network, words=4)), atol=1e-3)
    assert not torch.allclose(base, guess(network, prefix, time=0.6), atol=1e-3)
    assert not torch.allclose(base, guess(network, prefix, span=0.6), atol=1e-3)
    assert not torch.allclose(base, guess(network, prefix, background=1), atol=1e-3)


def seen(noisy: torch.Tensor, shown: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    source = torch.full_like(noisy, 0.25)
    return torch.cat([source * shown, shown, kept], dim=1)


@torch.no_grad()
def test_what_must_stay_of_a_source_comes_back_and_nothing_is_kept_of_what_is_not_shown(tiny_network: MakeNetwork):
    network = tiny_network()
    noisy = torch.from_numpy(image_noise(5, 32, 48))[None]
    shown, kept = torch.zeros(1, 1, 32, 48), torch.zeros(1, 1, 32, 48)
    shown[..., :40], kept[..., :16] = 1, 1
    facts = noisy, torch.tensor([0.4]), torch.tensor([0.2]), torch.tensor([1]), torch.from_numpy(grid_positions(Grid(2, 3)))

    clean, keep = network(*facts, seen(noisy, shown, kept), unseen(noisy), random_prefix(network))

    assert (keep[..., :16] == 1).all()
    assert torch.allclose(clean[..., :16], torch.tensor(0.25), atol=1e-6)
    assert (keep[..., 40:] == 0).all()
    assert 0 < keep[..., 16:40].min() <= keep[..., 16:40].max() < 1


@torch.no_grad()
def test_a_source_changes_what_is_drawn_beside_it(tiny_network: MakeNetwork):
    network = tiny_network()
    noisy = torch.from_numpy(image_noise(5, 32, 48))[None]
    shown = torch.zeros(1, 1, 32, 48)
    shown[..., :16] = 1
    facts = noisy, torch.tensor([0.4]), torch.tensor([0.2]), torch.tensor([1]), torch.from_numpy(grid_positions(Grid(2, 3)))
    prefix = random_prefix(network)

    alone, beside = (network(*facts, source, unseen(noisy), prefix)[0] for source in (no_source(noisy), seen(noisy, shown, shown)))

    assert not torch.allclose(alone[..., 24:], beside[..., 24:], atol=1e-3)


@torch.no_grad()
def test_what_eyes_see_of_a_source_and_of_other_pictures_changes_what_is_drawn(tiny_network: MakeNetwork):
    network = tiny_network()
    noisy = torch.from_numpy(image_noise(5, 32, 48))[None]
    facts = noisy, torch.tensor([0.4]), torch.tensor([0.2]), torch.tensor([1]), torch.from_numpy(grid_positions(Grid(2, 3)))
    prefix = random_prefix(network)

    blind, seeing = (network(*facts, no_source(noisy), seen, prefix)[0] for seen in (unseen(noisy), torch.ones_like(unseen(noisy))))
    beside = network(*facts, no_source(noisy), unseen(noisy), random_prefix(network, seen=1.0))[0]

    assert not torch.allclose(blind, seeing, atol=1e-3)
    assert not torch.allclose(blind, beside, atol=1e-3)


@torch.no_grad()
def test_every_image_of_a_batch_is_drawn_as_if_alone(tiny_network: MakeNetwork):
    network = tiny_network()
    prefix = random_prefix(network)
    noise = np.stack([image_noise(seed, 32, 32) for seed in (1, 2)])

    def prompts(count: int) -> Prefix:
        keys, values = (side.repeat(1, 2 * count, 1, 1, 1) for side in (prefix.keys, prefix.values))
        return Prefix(keys, values, prefix.mask.repeat(2 * count, 1), prefix.pooled.repeat(2 * count, 1))

    together = draw(network, prompts(2), noise, background=[0, 0], num_steps=3, guidance_scale=2)
    alone = [draw(network, prompts(1), noise[i : i + 1], background=[0], num_steps=3, guidance_scale=2)[0] for i in (0, 1)]

    assert np.allclose(together, np.stack(alone), atol=1e-4)


@pytest.mark.parametrize("prompt", ["a red car", 'a sign that says "HELLO WORLD"'])
@torch.no_grad()
def test_the_shipped_graphs_over_the_shipped_shards_guess_as_torch_does(tiny_weights: Path, prompt: str):
    catalogue = Catalogue.open(tiny_weights)
    snapshot = catalogue.snapshot("tiny-1")
    encoder = catalogue.text_encoder(snapshot)
    network = Network(ModelConfig(**snapshot.manifest["config"]))
    network.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in snapshot.tensors().items()})
    text = TextEncoder(TextConfig(**encoder.manifest["config"]))
    text.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in encoder.tensors().items()})
    noisy, positions = image_noise(3, 64, 128), grid_positions(Grid(4, 8))

    runtime = Runtime(catalogue, "tiny-1", threads=1)
    shipped, _ = runtime.guess(noisy, 0.3, 0.2, Shown(background=1, positions=positions), runtime.encode(prompt).guided)
    prefix = read_prompts(network, text, load_tokenizer(encoder.read("tokenizer.json")), [prompt, ""])
    both = torch.from_numpy(noisy)[None].repeat(2, 1, 1, 1)
    facts = both, torch.full((2,), 0.3), torch.full((2,), 0.2), torch.ones(2, dtype=torch.long), torch.from_numpy(positions)
    plain = network(*facts, no_source(both), unseen(both), prefix)[0].numpy()

    assert np.abs(plain[0] - plain[1]).max() > 0.1
    assert np.allclose(shipped, plain, atol=1e-4)


def test_a_width_that_does_not_split_into_heads_is_refused():
    with pytest.raises(ValueError, match="width 60"):
        ModelConfig(width=60, depth=1, num_heads=4, text_width=8, bottleneck=8, head_features=1, head_width=4)
