"""What the hosted service would have charged: its published prices by the token, half of them for batches. Limner itself charges nothing.

Source: OpenAI's price list of its image models, 2026-11; tokens are counted by its published tables (`limner.jobs.tokens`).
"""

from __future__ import annotations

from dataclasses import dataclass

from limner.engine.protocol import Priority
from limner.jobs.tokens import Usage

NANOUSD = 10**9
BATCH_DIVISOR = 2


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens, which is thousands of nano-dollars for one."""

    text_in: float
    image_in: float
    image_out: float


PRICES = {  # the longest name that a model's begins with counts
    "gpt-image-1": Price(5, 10, 40),
    "gpt-image-1-mini": Price(2, 2.5, 8),
    "gpt-image-1.5": Price(5, 8, 32),
    "gpt-image-2": Price(5, 8, 30),
}
STAND_IN = "gpt-image-1.5"  # for names that the hosted service does not have


def list_price(model: str, usage: Usage, priority: Priority) -> int:
    """Return what the hosted service lists for this much of a model, in nano-dollars."""
    named = [name for name in PRICES if model.startswith(name)]
    price = PRICES[max(named, key=len, default=STAND_IN)]
    dollars_per_million = usage.input_text * price.text_in + usage.input_image * price.image_in + usage.output_image * price.image_out
    return round(dollars_per_million * 1000 / (BATCH_DIVISOR if priority == "batch" else 1))


def in_dollars(nanousd: int) -> float:
    """Return nano-dollars as dollars."""
    return nanousd / NANOUSD
