"""The waits between tries: they grow, are bounded and spread, and are forgotten after health."""

import pytest

from bridge_operator.local.backoff import HEALTHY_SECONDS, LONGEST_SECONDS, SHORTEST_SECONDS, Backoff


def waits(count: int, random: float) -> list[float]:
    backoff, found = Backoff(), []
    for _ in range(count):
        backoff = backoff.after_failure(now=0.0, healthy_seconds=0.0, random=lambda: random)
        found.append(backoff.not_before)
    return found


def test_the_wait_doubles_up_to_its_bound() -> None:
    assert waits(8, random=0.0) == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]


@pytest.mark.parametrize("random", [0.0, 0.5, 0.999999])
def test_no_wait_is_shorter_or_longer_than_the_bounds(random: float) -> None:
    assert all(SHORTEST_SECONDS <= wait <= LONGEST_SECONDS for wait in waits(2000, random))


def test_chance_spreads_the_waits() -> None:
    assert waits(3, random=0.0) != waits(3, random=0.9)


@pytest.mark.parametrize(
    ("healthy_seconds", "failures"),
    [
        pytest.param(HEALTHY_SECONDS - 0.1, 6, id="not-quite-a-minute"),
        pytest.param(HEALTHY_SECONDS, 1, id="a-minute"),
    ],
)
def test_a_minute_of_health_forgets_the_failures_before(healthy_seconds: float, failures: int) -> None:
    after = Backoff(failures=5).after_failure(now=10.0, healthy_seconds=healthy_seconds, random=lambda: 0.0)

    assert after.failures == failures
    assert after.not_before > 10.0
