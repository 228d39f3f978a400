"""Intervals against figures from tables, and at their ends."""

import pytest

from limner.evals.intervals import difference_interval, interval_of_mean, mean_interval, wilson


@pytest.mark.parametrize(
    ("right", "count", "expected"),
    [(8, 10, (0.4902, 0.9433)), (0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0)), (50, 100, (0.4038, 0.5962)), (0, 0, (0.0, 1.0))],
)
def test_wilsons_interval_is_that_of_the_tables(right: int, count: int, expected: tuple[float, float]):
    assert wilson(right, count) == pytest.approx(expected, abs=1e-4)


def test_the_mean_of_several_shares_is_surer_than_each():
    one = wilson(50, 100)

    low, high = mean_interval([(50, 100)] * 4)

    assert one[0] < low < 0.5 < high < one[1]
    assert high - low == pytest.approx((one[1] - one[0]) / 2, rel=1e-6)


def test_the_mean_of_shares_that_are_all_nothing_is_not_sure():
    low, high = mean_interval([(0, 20)] * 6)

    assert low == 0.0
    assert 0.02 < high < 0.1


def test_a_difference_lies_in_its_interval_and_turns_with_its_sides():
    low, high = difference_interval((12, 20), (15, 20))
    turned = difference_interval((15, 20), (12, 20))

    assert low < -0.15 < high
    assert turned == pytest.approx((-high, -low))
    assert difference_interval((0, 0), (1, 2)) == (-1.0, 1.0)


def test_the_interval_of_a_mean_is_as_wide_as_its_values_are_apart():
    low, high = interval_of_mean([0.8, 0.9, 1.0, 0.9])

    assert (low, high) == (pytest.approx(0.82, abs=0.002), pytest.approx(0.98, abs=0.002))
    assert interval_of_mean([1.0, 1.0]) == (1.0, 1.0)
    assert interval_of_mean([0.5]) == (0.0, 1.0)
