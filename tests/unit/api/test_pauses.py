"""The pause after failures."""

import pytest

from bridge_api.pauses import pause_after


def test_it_doubles_up_to_the_longest() -> None:
    pauses = [
        pause_after(failures, first_seconds=1, longest_seconds=5, chance=1.0) for failures in (1, 2, 3, 4, 5)
    ]

    assert pauses == [1, 2, 4, 5, 5]


@pytest.mark.parametrize(("chance", "expected"), [(0.0, 2.0), (0.5, 3.0)])
def test_half_of_it_is_chance(chance: float, expected: float) -> None:
    assert pause_after(3, first_seconds=1, longest_seconds=60, chance=chance) == expected


def test_any_number_of_failures_is_well() -> None:
    assert pause_after(10**9, first_seconds=0.5, longest_seconds=30, chance=1.0) == 30
