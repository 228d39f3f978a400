"""Tokens follow the published tables."""

from __future__ import annotations

import pytest

from limner.engine.protocol import Quality
from limner.jobs.tokens import Usage, input_image_tokens, output_tokens
from limner.model.layout import Size

PUBLISHED: dict[tuple[str, str], int] = {
    ("low", "1024x1024"): 272,
    ("low", "1024x1536"): 408,
    ("low", "1536x1024"): 400,
    ("medium", "1024x1024"): 1056,
    ("medium", "1024x1536"): 1584,
    ("medium", "1536x1024"): 1568,
    ("high", "1024x1024"): 4160,
    ("high", "1024x1536"): 6240,
    ("high", "1536x1024"): 6208,
}


@pytest.mark.parametrize(("quality", "size"), list(PUBLISHED))
def test_output_tokens_are_the_nine_published_figures(quality: Quality, size: str):
    width, height = map(int, size.split("x"))

    assert output_tokens(Size(width, height), quality) == PUBLISHED[quality, size]


@pytest.mark.parametrize(
    ("width", "height", "tokens"), [(1024, 1024, 194), (1024, 1025, 194), (1024, 2048, 323), (256, 256, 194), (1536, 512, 452)]
)
def test_input_tokens_count_tiles_of_the_picture_with_its_shorter_side_at_512(width: int, height: int, tokens: int):
    assert input_image_tokens([Size(width, height)], "low") == tokens


def test_high_fidelity_adds_to_the_first_five_pictures():
    square, oblong = Size(1024, 1024), Size(1024, 1536)

    assert input_image_tokens([square], "high") == 194 + 4160
    assert input_image_tokens([oblong], "high") == 323 + 6240
    assert input_image_tokens([square] * 7, "high") == 7 * 194 + 5 * 4160


def test_totals_add_up():
    usage = Usage(input_text=3, input_image=194, output_image=272)

    assert (usage.input_tokens, usage.total_tokens) == (197, 469)
