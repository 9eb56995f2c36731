"""What follows a failure: the same thing anew, then the next larger one; in the end the instance is to be replaced."""

import pytest

from bridge_browser.ladder import LONGEST_PAUSE_SECONDS, STEADY_SECONDS, STEPS, TRIES, Decision, Ladder, Step


def whole() -> float:
    return 1.0


def climb(failed: Step, times: int) -> list[Decision]:
    """Fail again and again, without a success in between."""
    ladder = Ladder(whole)
    return [ladder.after(failed, "PageLost", float(n)) for n in range(times)]


P, C, B, D, INSTANCE = STEPS


@pytest.mark.parametrize(
    ("failed", "steps"),
    [
        (P, [P, P, C, C, B, B, D, D, D, INSTANCE, INSTANCE]),
        (C, [C, C, B, B, D, D, D, INSTANCE]),
        (B, [B, B, D, D, D, INSTANCE]),
        (D, [D, D, D, INSTANCE]),
    ],
)
def test_each_step_is_tried_so_often_before_the_next(failed: Step, steps: list[Step]) -> None:
    assert [decision.step for decision in climb(failed, len(steps))] == steps


def test_a_larger_failure_goes_straight_to_its_own_step() -> None:
    ladder = Ladder(whole)

    assert ladder.after(P, "PageLost", 0.0).step is P
    assert ladder.after(B, "BrowserLost", 1.0).step is B
    assert ladder.after(P, "PageLost", 2.0).step is B
    assert ladder.after(P, "PageLost", 3.0).step is D


def test_the_first_step_is_taken_at_once_and_each_later_one_after_a_longer_pause_up_to_a_bound() -> None:
    pauses = [decision.delay_seconds for decision in climb(P, 10)]

    assert pauses == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    assert max(pauses) == LONGEST_PAUSE_SECONDS


def test_half_of_each_pause_is_chance() -> None:
    ladder = Ladder(lambda: 0.0)
    ladder.after(P, "PageLost", 0.0)

    assert ladder.after(P, "PageLost", 1.0).delay_seconds == 0.25


@pytest.mark.parametrize(
    ("now", "proved_at"),
    [(STEADY_SECONDS + 4.0, float("-inf")), (6.0, 5.0)],
    ids=["a long quiet", "a success"],
)
def test_after_a_long_quiet_or_a_success_it_begins_anew(now: float, proved_at: float) -> None:
    ladder = Ladder(whole)
    for second in range(4):
        ladder.after(P, "PageLost", float(second))

    decision = ladder.after(P, "PageLost", now, proved_at=proved_at)

    assert (decision.step, decision.delay_seconds) == (P, 0.0)


def test_an_old_success_does_not_count_again() -> None:
    ladder = Ladder(whole)
    steps = [ladder.after(P, "PageLost", 10.0 + n, proved_at=5.0).step for n in range(3)]

    assert steps == [P, P, C]


def test_a_decision_says_why() -> None:
    first, *_, last = climb(D, TRIES[D] + 1)

    assert (first.reason, first.message) == ("PageLost", "PageLost: a new driver (1 of 3 in a row)")
    assert last.message == "PageLost: 4 failures in a row, after 3 new drivers"
