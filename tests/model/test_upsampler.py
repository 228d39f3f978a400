"""The upsampler as a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from limner.engine.drawing.enlarging import lay
from limner.engine.drawing.runtime import open_upsampler
from limner.engine.weights import WeightsPart
from limner.model.upsampler import TINY_UPSAMPLER, Upsampler, UpsamplerConfig


def make_noisy_upsampler() -> Upsampler:
    """Return an upsampler that changes every pixel."""
    torch.manual_seed(0)
    upsampler = Upsampler(TINY_UPSAMPLER)
    torch.nn.init.normal_(upsampler.unfold.weight, std=0.1)
    torch.nn.init.normal_(upsampler.unfold.bias, std=0.1)
    return upsampler


@torch.no_grad()
def test_untrained_it_enlarges_what_is_opaque_as_lanczos_does():
    small = torch.rand(1, 4, 24, 32, generator=torch.Generator().manual_seed(1)) * 1.6 - 0.8
    small[:, 3] = 1

    large = Upsampler(TINY_UPSAMPLER)(small)

    plane = Image.fromarray(small[0, 1].numpy()).resize((128, 96), Image.Resampling.LANCZOS)
    assert large.shape == (1, 4, 96, 128)
    np.testing.assert_allclose(large[0, 1, 16:-16, 16:-16], np.asarray(plane)[16:-16, 16:-16], atol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("alpha", [-1.0, 1.0])
def test_where_alpha_is_the_same_all_around_it_stays_exactly_that(alpha: float):
    small = torch.full((1, 4, 16, 16), 0.1)
    small[:, 3] = alpha
    hole = small.clone()
    hole[:, 3, 8, 8] = -alpha

    whole, holed = make_noisy_upsampler()(small), make_noisy_upsampler()(hole)

    assert (whole[:, 3] == alpha).all()
    assert (holed[:, 3, :24] == alpha).all()
    assert (holed[:, 3, 24:44, 24:44] != alpha).any()


@torch.no_grad()
def test_the_shipped_graphs_enlarge_as_torch_does(tiny_weights: Path):
    part = WeightsPart.open(tiny_weights / "tiny-up", digest=None)
    network = Upsampler(UpsamplerConfig(**part.manifest["config"]))
    network.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in part.tensors().items()})
    upsampler = open_upsampler(part, threads=1)

    for height, width in ((16, 16), (48, 22)):
        small = torch.rand(4, height, width, generator=torch.Generator().manual_seed(height)) * 2 - 1
        np.testing.assert_allclose(upsampler.enlarge(small.numpy()), network(small[None])[0], atol=1e-5)
        small[3] = 1
        colours = lay(network(small[None])[0].numpy())
        assert np.abs(upsampler.paint(small.numpy()).astype(int) - colours).max() <= 1
