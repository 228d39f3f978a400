"""List prices of the hosted service, as its published examples give them."""

from __future__ import annotations

import pytest

from limner.jobs.prices import in_dollars, list_price
from limner.jobs.tokens import Usage


@pytest.mark.parametrize(
    ("model", "tokens", "dollars"),
    [
        ("gpt-image-1", 1056, 0.042),
        ("gpt-image-1", 4160, 0.166),
        ("gpt-image-1.5", 1056, 0.034),
        ("gpt-image-1.5-2025-12-16", 4160, 0.133),
        ("gpt-image-1-mini", 4160, 0.033),
        ("limner", 1056, 0.034),
    ],
)
def test_a_picture_costs_what_is_published_for_it_and_half_in_a_batch(model: str, tokens: int, dollars: float):
    usage = Usage(input_text=0, input_image=0, output_image=tokens)

    price, half = list_price(model, usage, "interactive"), list_price(model, usage, "batch")

    assert round(in_dollars(price), 3) == dollars
    assert half * 2 == price


def test_words_and_pictures_that_come_in_have_prices_of_their_own():
    usage = Usage(input_text=1_000_000, input_image=1_000_000, output_image=0)

    assert in_dollars(list_price("gpt-image-1", usage, "interactive")) == 15.0
