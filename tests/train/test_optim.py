"""The optimizers: orthogonal updates, a schedule with an end, and a state that comes back."""

from __future__ import annotations

import pytest
import torch

from limner.model.network import SIZES, Network
from limner.train.optim import OptimConfig, Optimizers, lr_scale, orthogonalise


@pytest.mark.parametrize("products", [torch.float32, torch.bfloat16])
def test_an_orthogonal_update_has_singular_values_near_one(products: torch.dtype):
    torch.manual_seed(0)
    matrices = torch.randn(2, 24, 64)

    values = torch.linalg.svdvals(orthogonalise(matrices, products))

    assert values.min() > 0.4
    assert values.max() < 1.7


def test_the_rate_rises_stays_and_falls():
    scales = [lr_scale(progress / 100) for progress in range(101)]

    assert scales[0] < 0.1
    assert scales[5:50] == [1.0] * 45
    assert scales[50:] == sorted(scales[50:], reverse=True)
    assert scales[-1] == pytest.approx(0.02)


def test_the_state_of_both_optimizers_comes_back_whole():
    def stepped(seed: int) -> tuple[Network, Optimizers]:
        torch.manual_seed(seed)
        network = Network(SIZES["tiny"])
        return network, Optimizers(network, OptimConfig(muon_lr=0.02, adam_lr=1e-3))

    def take_step(network: Network, optimizers: Optimizers) -> None:
        for index, parameter in enumerate(network.parameters()):
            parameter.grad = (
                torch.full_like(parameter, 0.01 * (index % 5 - 2)) + torch.eye(*parameter.shape[:2]) if parameter.ndim == 2 else None
            )
        optimizers.step(1.0)

    network, optimizers = stepped(0)
    take_step(network, optimizers)
    other, restored = stepped(1)
    other.load_state_dict(network.state_dict())
    restored.load_tensors({name: tensor.clone() for name, tensor in optimizers.tensors().items()})
    take_step(network, optimizers)
    take_step(other, restored)

    assert optimizers.tensors()
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(network.parameters(), other.parameters(), strict=True))
