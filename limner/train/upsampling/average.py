"""The loop that trains a small network of pixels to the end of its budget, and keeps the average of its weights on the way."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import torch
from torch import Tensor, nn

WARMUP = 0.02
Trained = TypeVar("Trained", bound=nn.Module)


class Schedule(Protocol):
    """How long: until `budget_s` of training or `max_steps` is spent."""

    @property
    def ema_decay(self) -> float: ...
    @property
    def budget_s(self) -> float: ...
    @property
    def max_steps(self) -> int: ...
    @property
    def save_every_s(self) -> float: ...
    @property
    def log_every(self) -> int: ...


@dataclass(frozen=True)
class Progress:
    """What has been done so far, `share` of the whole; `loss` is the mean since the last report, 0 if none was asked for."""

    step: int
    trained_s: float
    share: float
    loss: float = 0.0


def train_average(
    network: Trained,
    optimizers: Sequence[torch.optim.Optimizer],
    next_loss: Callable[[Trained], Tensor],
    schedule: Schedule,
    report: Callable[[Progress], None],
    save: Callable[[Trained, Progress], None],
) -> None:
    """Train on the loss of batch after batch to the end of the budget; `save` gets the average of the weights now and then and at last.

    The rates of the optimizers are reached after a short while, and fall as a cosine.
    """
    average = copy.deepcopy(network).requires_grad_(requires_grad=False)
    peaks = [(group, group["lr"]) for optimizer in optimizers for group in optimizer.param_groups]
    begun = saved_at = time.monotonic()
    losses: list[Tensor] = []
    share, step = 0.0, 0
    while share < 1:
        for group, peak in peaks:
            group["lr"] = peak * min(1.0, share / WARMUP + 0.02) * (1 + math.cos(math.pi * share)) / 2
        losses.append(_step(network, optimizers, next_loss(network)))
        step += 1
        with torch.no_grad():
            decay = min(schedule.ema_decay, (1 + step) / (10 + step))
            torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - decay)
        trained_s = time.monotonic() - begun
        share = min(1.0, max(trained_s / schedule.budget_s, step / schedule.max_steps))
        progress = Progress(step, trained_s, share)
        if step % schedule.log_every == 0 or share >= 1:
            report(replace(progress, loss=torch.stack(losses).mean().item()))
            losses.clear()
        if time.monotonic() - saved_at >= schedule.save_every_s or share >= 1:
            save(average, progress)
            saved_at = time.monotonic()


def _step(network: nn.Module, optimizers: Sequence[torch.optim.Optimizer], loss: Tensor) -> Tensor:
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    for optimizer in optimizers:
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return loss.detach()
