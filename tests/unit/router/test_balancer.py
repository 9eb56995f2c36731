"""Which endpoint a strategy picks."""

from dataclasses import dataclass

import pytest

from bridge_router.core.balancer import least_busy, make_strategy, round_robin


@dataclass
class View:
    instance: str
    free_slots: int
    total_slots: int


def views(*of: tuple[str, int, int]) -> list[View]:
    return [View(*each) for each in of]


@pytest.mark.parametrize(
    ("endpoints", "expected"),
    [
        pytest.param([("a", 1, 4), ("b", 3, 4)], "b", id="the one with most free slots"),
        pytest.param([("a", 3, 8), ("b", 2, 2)], "b", id="the least busy share before the larger number"),
        pytest.param([("a", 2, 2), ("b", 8, 8)], "b", id="where shares are equal the larger number"),
        pytest.param([("a", 1, 1)], "a", id="the only one"),
    ],
)
def test_least_busy_picks(endpoints: list[tuple[str, int, int]], expected: str) -> None:
    assert least_busy(lambda: 0.0)(views(*endpoints)).instance == expected


@pytest.mark.parametrize(("chance", "expected"), [(0.0, "a"), (0.4, "b"), (0.99, "c")])
def test_chance_breaks_a_tie_of_least_busy(chance: float, expected: str) -> None:
    tied = views(("a", 2, 4), ("b", 2, 4), ("c", 2, 4), ("d", 1, 4))

    assert least_busy(lambda: chance)(tied).instance == expected


def test_round_robin_takes_each_in_turn() -> None:
    pick = round_robin()
    endpoints = views(("b", 1, 1), ("a", 1, 1), ("c", 1, 1))

    assert [pick(endpoints).instance for _ in range(4)] == ["a", "b", "c", "a"]


def test_round_robin_goes_on_when_the_last_one_has_left() -> None:
    pick = round_robin()
    assert [pick(views(("a", 1, 1), ("b", 1, 1))).instance for _ in range(2)] == ["a", "b"]

    assert pick(views(("a", 1, 1), ("c", 1, 1))).instance == "c"


def test_a_strategy_is_made_by_its_name() -> None:
    unequal = views(("a", 1, 4), ("b", 4, 4))

    assert make_strategy("RoundRobin", lambda: 0.0)(unequal).instance == "a"
    assert make_strategy("LeastBusy", lambda: 0.0)(unequal).instance == "b"
