"""How sure a share is: 95 % intervals, by formula alone, so that a report is the same wherever it is made."""

from __future__ import annotations

import math
from collections.abc import Sequence

Z_95 = 1.959964


def wilson(right: int, count: int) -> tuple[float, float]:
    """Return Wilson's interval of a share of `right` of `count`; (0, 1) when nothing was counted."""
    if count == 0:
        return 0.0, 1.0
    share, square = right / count, Z_95**2
    middle = share + square / (2 * count)
    spread = Z_95 * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    whole = 1 + square / count
    low, high = (middle - spread) / whole, (middle + spread) / whole
    return (0.0 if right == 0 else low), (1.0 if right == count else high)


def mean_interval(counts: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Return the interval of the plain mean of several shares, each given as (right, count).

    The distances from each share to the ends of its own interval are added as squares (Zou and Donner, 2008).
    """
    if not counts:
        return 0.0, 1.0
    shares = [right / count for right, count in counts]
    ends = [wilson(right, count) for right, count in counts]
    mean = sum(shares) / len(shares)
    below = math.sqrt(sum((share - low) ** 2 for share, (low, _) in zip(shares, ends, strict=True))) / len(shares)
    above = math.sqrt(sum((high - share) ** 2 for share, (_, high) in zip(shares, ends, strict=True))) / len(shares)
    return mean - below, mean + above


def interval_of_mean(values: Sequence[float]) -> tuple[float, float]:
    """Return the interval of the mean of some shares by their spread, within 0 to 1; (0, 1) for fewer than two values."""
    if len(values) < 2:
        return 0.0, 1.0
    mean = sum(values) / len(values)
    spread = Z_95 * math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))
    return max(0.0, mean - spread), min(1.0, mean + spread)


def difference_interval(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    """Return the interval of the first share less the second, each given as (right, count); what they share is not made use of."""
    if not first[1] or not second[1]:
        return -1.0, 1.0
    one, other = first[0] / first[1], second[0] / second[1]
    (low, high), (other_low, other_high) = wilson(*first), wilson(*second)
    gap = one - other
    return gap - math.hypot(one - low, other_high - other), gap + math.hypot(high - one, other - other_low)
