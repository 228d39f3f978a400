"""What tests of drawing share: the tiny network in the runtime, and orders to draw with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner.engine.drawing.edits import plan_picture
from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import Sitting, denoise
from limner.engine.weights import Abilities, Catalogue
from limner.engine.wire import Order


@pytest.fixture(scope="session")
def runtime(tiny_weights: Path) -> Runtime:
    catalogue = Catalogue.open(tiny_weights)
    return Runtime(catalogue, catalogue.resolve(), threads=1)


def make_order(**changes: Any) -> Order:
    facts = {"request_id": "r", "index": 0, "prompt": "a red kite", "snapshot": "tiny", "width": 256, "height": 256}
    return Order(**{**facts, "quality": "low", "background": "opaque", "seed": 7, "num_partials": 0, **changes})


def make_picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Random straight-alpha RGBA with every kind of alpha, and colour under alpha 0 too."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (height, width, 4), np.uint8)
    pixels[..., 3] = random.choice(np.array([0, 1, 128, 254, 255], np.uint8), (height, width))
    return pixels


@pytest.fixture(scope="session")
def draw_all(runtime: Runtime) -> Callable[[Order], list[np.ndarray]]:
    """Draws an order and develops the guess of every step; the last is the result."""

    def draw(order: Order, abilities: Abilities = Abilities()) -> list[np.ndarray]:  # noqa: B008
        sampling = runtime.sampling(order.quality)
        plan = plan_picture(order, sampling.num_patches, abilities)
        condition = runtime.encode(order.prompt, plan.pictures)
        sitting = Sitting(condition=condition, sampling=sampling, background=order.background, seed=order.seed, ground=plan.ground)
        return [plan.develop(guess, runtime.upsamplers) for guess in denoise(runtime, sitting)]

    return draw


@pytest.fixture(scope="session")
def order_for() -> Callable[..., Order]:
    return make_order


@pytest.fixture(scope="session")
def picture_of() -> Callable[..., np.ndarray]:
    return make_picture
