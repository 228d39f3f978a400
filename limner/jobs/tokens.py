"""What a request costs in tokens, by the published tables of the GPT image models.

Output: a square grid of 16, 32 or 64 rows by quality, stretched to the picture's ratio, and one more token a row; this gives all nine
published figures and holds for any size. Input pictures: 65 tokens, and 129 for each tile of 512 px once the shorter side is 512 px.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from limner.engine.protocol import Fidelity, Quality
from limner.model.layout import Size

SHORT_SIDE_TOKENS: dict[Quality, int] = {"low": 16, "medium": 32, "high": 64}
TOKENS_PER_PARTIAL = 100
TILE_PX, BASE_TOKENS, TOKENS_PER_TILE = 512, 65, 129
FAITHFUL_SQUARE_TOKENS, FAITHFUL_OBLONG_TOKENS, MAX_FAITHFUL_IMAGES = 4160, 6240, 5
SQUARE_RATIO = 1.1


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens of one request."""

    input_text: int
    input_image: int
    output_image: int

    @property
    def input_tokens(self) -> int:
        """Text and pictures that came in."""
        return self.input_text + self.input_image

    @property
    def total_tokens(self) -> int:
        """Everything."""
        return self.input_tokens + self.output_image


def output_tokens(size: Size, quality: Quality) -> int:
    """Return the tokens of one finished picture."""
    short = SHORT_SIDE_TOKENS[quality]
    sides = size.width, size.height
    long = round(short * max(sides) / min(sides))
    rows, columns = (long, short) if size.height > size.width else (short, long)
    return rows * (columns + 1)


def input_image_tokens(sizes: Sequence[Size], fidelity: Fidelity) -> int:
    """Return the tokens of the input pictures; high fidelity adds to the first few."""
    plain = sum(BASE_TOKENS + TOKENS_PER_TILE * _tiles(size) for size in sizes)
    if fidelity == "low":
        return plain
    return plain + sum(_faithful(size) for size in sizes[:MAX_FAITHFUL_IMAGES])


def _tiles(size: Size) -> int:
    long_px = max(size.width, size.height) * TILE_PX // min(size.width, size.height)
    return -(-long_px // TILE_PX)


def _faithful(size: Size) -> int:
    is_square = max(size.width, size.height) < SQUARE_RATIO * min(size.width, size.height)
    return FAITHFUL_SQUARE_TOKENS if is_square else FAITHFUL_OBLONG_TOKENS
