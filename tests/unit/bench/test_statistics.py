"""Samples become figures: nearest-rank percentiles, median and spread over rounds."""

import pytest

from bench.support.statistics import change_percent, percentile, spread


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (99, 99), (99.9, 100), (100, 100), (0.5, 1)])
def test_a_percentile_is_a_value_that_was_measured(percent: float, value: float) -> None:
    assert percentile(range(100, 0, -1), percent) == value


def test_a_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.0], 99) == 7.0


def test_a_spread_has_the_median_and_both_ends() -> None:
    over = spread([3.0, 1.0, 8.0], "ms")

    assert (over.median, over.low, over.high, over.rounds) == (3.0, 1.0, 8.0, (3.0, 1.0, 8.0))


def test_a_change_is_relative_to_what_was_before() -> None:
    assert change_percent(200, 230) == pytest.approx(15)
    assert change_percent(200, 150) == pytest.approx(-25)
