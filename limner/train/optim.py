"""The optimizers: Muon for the matrices of the blocks, AdamW for everything else, behind one small object.

Source: Muon, kellerjordan.github.io/posts/muon; its coefficients from arXiv:2505.16932 (Polar Express).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn

POLAR_COEFFICIENTS = ((8.2872, -23.5959, 17.3004), (4.1071, -2.9478, 0.5448), (3.9487, -2.9089, 0.5518), (3.3184, -2.4885, 0.5100))


def has_fast_bfloat16(device: torch.device) -> bool:
    """Tell whether bfloat16 products are quicker than float32 ones: on a GPU, and on CPUs with AMX or AVX-512's."""
    return device.type == "cuda" or torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()


def orthogonalise(matrices_KMN: Tensor, products: torch.dtype) -> Tensor:
    """Return the nearest semi-orthogonal matrices, roughly: four iterations bring all singular values to between 0.4 and 1.7.

    `products` is the type that they are multiplied in.
    """
    tall = matrices_KMN.shape[-2] > matrices_KMN.shape[-1]
    x = matrices_KMN.mT if tall else matrices_KMN
    x = x.to(products)
    x = x / (x.norm(dim=(-2, -1), keepdim=True) * 1.01 + 1e-7)
    for a, b, c in POLAR_COEFFICIENTS:
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).to(matrices_KMN.dtype)


def _orthogonalise_together(matrices_KMN: Tensor, products: torch.dtype) -> Tensor:
    """Do `orthogonalise`, each process of the group its share, and give all of them the whole."""
    world = dist.get_world_size() if dist.is_initialized() else 1
    if world == 1:
        return orthogonalise(matrices_KMN, products)
    share = -(-len(matrices_KMN) // world)
    padded = F.pad(matrices_KMN, (0, 0, 0, 0, 0, share * world - len(matrices_KMN)))
    mine = orthogonalise(padded[dist.get_rank() * share :][:share], products)
    found = [torch.empty_like(mine) for _ in range(world)]
    dist.all_gather(found, mine)
    return torch.cat(found)[: len(matrices_KMN)]


class Muon(torch.optim.Optimizer):
    """Momentum, then an orthogonal update, for matrices and kernels; those of equal shape are orthogonalised together, in `products`."""

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        products: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.products = products

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[Tensor]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape.setdefault(parameter.shape, []).append(parameter)
            for same in by_shape.values():
                self._update(same, group)

    def _update(self, parameters: list[Tensor], group: dict[str, float]) -> None:
        directions = []
        for parameter in parameters:
            state = self.state[parameter]
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(parameter)
            average = state["momentum"]
            average.lerp_(parameter.grad, 1 - group["momentum"])
            directions.append(parameter.grad.lerp(average, group["momentum"]).flatten(1))
        rows, columns = directions[0].shape
        rate = group["lr"] * max(1.0, rows / columns) ** 0.5
        for parameter, update in zip(parameters, _orthogonalise_together(torch.stack(directions), self.products), strict=True):
            parameter.mul_(1 - group["lr"] * group["weight_decay"])
            parameter.add_(update.reshape(parameter.shape), alpha=-rate)


@dataclass(frozen=True, kw_only=True)
class OptimConfig:
    """Peak learning rates; both follow the same schedule."""

    muon_lr: float
    adam_lr: float
    weight_decay: float = 0.01


class Optimizers:
    """Both optimizers, moved as one; Muon's products are of type `products`."""

    def __init__(self, network: nn.Module, config: OptimConfig, products: torch.dtype = torch.float32) -> None:
        named = list(network.named_parameters())
        matrices = [parameter for name, parameter in named if _is_block_matrix(name, parameter)]
        others = [parameter for name, parameter in named if not _is_block_matrix(name, parameter)]
        self.config = config
        self.muon = Muon(matrices, lr=config.muon_lr, weight_decay=config.weight_decay, products=products)
        self.adam = torch.optim.AdamW(others, lr=config.adam_lr, betas=(0.9, 0.95), weight_decay=0.0)

    def step(self, lr_scale: float) -> None:
        """Apply the gradients at `lr_scale` of the peak rates and clear them."""
        for optimizer, peak in ((self.muon, self.config.muon_lr), (self.adam, self.config.adam_lr)):
            for group in optimizer.param_groups:
                group["lr"] = peak * lr_scale
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def tensors(self) -> dict[str, Tensor]:
        """Return the whole state as named tensors."""
        found = {}
        for name, optimizer in (("muon", self.muon), ("adam", self.adam)):
            for index, state in optimizer.state_dict()["state"].items():
                for key, value in state.items():
                    found[f"{name}.{index}.{key}"] = value if isinstance(value, Tensor) else torch.tensor(value)
        return found

    def load_tensors(self, tensors: dict[str, Tensor]) -> None:
        """Take back what `tensors` returned, for the same network."""
        for name, optimizer in (("muon", self.muon), ("adam", self.adam)):
            state: dict[int, dict[str, Tensor]] = {}
            for key, value in tensors.items():
                owner, index, field = key.split(".", 2)
                if owner == name:
                    state.setdefault(int(index), {})[field] = value
            optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _is_block_matrix(name: str, parameter: Tensor) -> bool:
    return name.startswith("blocks.") and parameter.ndim == 2 and "modulation" not in name


def lr_scale(progress: float, warmup: float = 0.01) -> float:
    """Return the share of the peak rate at `progress` in [0, 1]: a short rise, level to half, then down to 2 %."""
    if progress < warmup:
        return max(progress / warmup, 0.02)
    return 1.0 if progress < 0.5 else max(0.02, 1 - (progress - 0.5) / 0.5 * 0.98)
