"""What the load asks for: the table of decisions. Two slots per instance, 80 % and 30 %, unless a row says otherwise."""

from typing import Any

import pytest

from bridge_api.spec.pool import PoolSpec
from bridge_operator.autoscaler.load import Load
from bridge_operator.autoscaler.recommend import recommend


def make_spec(*, slots: int = 2, **autoscaling: Any) -> PoolSpec:
    scaling = {"minInstances": 1, "maxInstances": 100, **autoscaling}
    site = {"adapter": "arena", "url": "http://127.0.0.1:1"}
    return PoolSpec.model_validate({"site": site, "slots": slots, "autoscaling": scaling})


FROM_ZERO: dict[str, Any] = {"minInstances": 0, "idleSecondsToZero": 300}
SLOW: dict[str, Any] = {"responseTime": {"p90Seconds": 10}}


@pytest.mark.parametrize(
    ("current", "busy", "pending", "expected", "reason"),
    [
        pytest.param(1, 0, 0, 1, "DesiredWithinRange", id="the-last-one-stays"),
        pytest.param(1, 1, 0, 1, "DesiredWithinRange", id="half-used-fits"),
        pytest.param(1, 2, 0, 2, "HighUtilization", id="a-full-one-is-above-80-percent"),
        pytest.param(1, 2, 3, 4, "HighUtilization", id="five-on-two-slots-need-ceil-of-5-by-1.6"),
        pytest.param(1, 0, 12, 8, "HighUtilization", id="waiting-counts-as-much-as-busy"),
        pytest.param(5, 8, 0, 5, "DesiredWithinRange", id="exactly-80-percent-is-not-above"),
        pytest.param(5, 8, 1, 6, "HighUtilization", id="90-percent-is"),
        pytest.param(10, 6, 0, 10 - 1, "LowUtilization", id="exactly-30-percent-but-one-less-is-enough"),
        pytest.param(10, 5, 0, 9, "LowUtilization", id="below-30-percent-one-step-however-low"),
        pytest.param(10, 0, 0, 9, "LowUtilization", id="idle-is-one-step-too"),
        pytest.param(4, 3, 0, 3, "LowUtilization", id="3-on-6-slots-would-be-50-below-midway-of-55"),
        pytest.param(3, 2, 0, 2, "LowUtilization", id="2-on-4-slots-would-be-50"),
        pytest.param(4, 4, 0, 4, "DesiredWithinRange", id="4-on-6-slots-would-be-67-above-midway"),
        pytest.param(2, 1, 0, 1, "LowUtilization", id="1-on-2-slots-would-be-50"),
    ],
)
def test_utilization_sets_the_number(
    current: int, busy: int, pending: int, expected: int, reason: str
) -> None:
    step = recommend(make_spec(), Load(busy=busy, pending=pending), current=current)

    assert (step.value, step.reason) == (expected, reason), step.message


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        pytest.param(11, 2, id="11-on-20-slots-are-exactly-midway"),
        pytest.param(12, 3, id="12-are-above"),
    ],
)
def test_one_instance_less_is_enough_up_to_midway(busy: int, expected: int) -> None:
    assert recommend(make_spec(slots=10), Load(busy=busy), current=3).value == expected


def test_the_last_instance_stays_where_the_minimum_is_one_however_idle() -> None:
    step = recommend(make_spec(), Load(idle_seconds=9000), current=1)

    assert (step.value, step.reason) == (1, "DesiredWithinRange")


@pytest.mark.parametrize(
    ("buffer", "current", "busy", "expected"),
    [
        pytest.param(0, 2, 2, 2, id="no-buffer"),
        pytest.param(2, 2, 2, 2, id="two-free-ones-are-there"),
        pytest.param(3, 2, 2, 3, id="three-are-not"),
        pytest.param(3, 5, 0, 4, id="too-many-are-given-up-one-by-one"),
        pytest.param(3, 2, 0, 2, id="but-not-below-the-buffer"),
        pytest.param("50%", 4, 6, 5, id="half-of-6-busy-ones-are-3-free-ones"),
        pytest.param("50%", 1, 0, 1, id="a-share-of-nothing-is-nothing"),
        pytest.param("10%", 6, 9, 6, id="10-percent-of-9-is-one-slot"),
    ],
)
def test_a_buffer_of_free_slots_is_kept(buffer: int | str, current: int, busy: int, expected: int) -> None:
    step = recommend(make_spec(bufferSlots=buffer), Load(busy=busy), current=current)

    assert step.value == expected, step.message


@pytest.mark.parametrize(
    ("p90", "busy", "expected", "reason"),
    [
        pytest.param(12.0, 5, 5, "SlowFirstToken", id="slow-and-in-use-is-one-more"),
        pytest.param(10.0, 5, 4, "DesiredWithinRange", id="at-the-target-is-not-slow"),
        pytest.param(None, 5, 4, "DesiredWithinRange", id="without-a-sample-nobody-knows"),
        pytest.param(12.0, 2, 3, "LowUtilization", id="slow-with-most-slots-free-is-the-site"),
        pytest.param(12.0, 0, 3, "LowUtilization", id="slow-a-moment-ago-and-idle-now"),
        pytest.param(12.0, 8, 5, "HighUtilization", id="utilization-comes-first"),
    ],
)
def test_slow_first_tokens_add_one_instance(p90: float | None, busy: int, expected: int, reason: str) -> None:
    step = recommend(make_spec(**SLOW), Load(busy=busy, first_token_p90_seconds=p90), current=4)

    assert (step.value, step.reason) == (expected, reason), step.message


@pytest.mark.parametrize(
    ("current", "load", "expected", "reason"),
    [
        pytest.param(0, Load(), 0, "ScaledToZero", id="zero-stays-zero"),
        pytest.param(0, Load(pending=1), 1, "DemandFromZero", id="one-request-wakes-one"),
        pytest.param(0, Load(pending=9), 6, "DemandFromZero", id="nine-wake-what-they-need"),
        pytest.param(1, Load(idle_seconds=299), 1, "DesiredWithinRange", id="idle-but-not-long-enough"),
        pytest.param(1, Load(idle_seconds=300), 0, "Idle", id="idle-for-its-time"),
        pytest.param(
            1, Load(pending=1, idle_seconds=900), 1, "DesiredWithinRange", id="one-that-waits-keeps-it"
        ),
        pytest.param(1, Load(busy=1, idle_seconds=0), 1, "DesiredWithinRange", id="one-chat-keeps-it"),
        pytest.param(3, Load(idle_seconds=900), 2, "LowUtilization", id="to-zero-goes-by-way-of-one"),
    ],
)
def test_a_minimum_of_zero_sleeps_and_wakes(current: int, load: Load, expected: int, reason: str) -> None:
    step = recommend(make_spec(**FROM_ZERO), load, current=current)

    assert (step.value, step.reason) == (expected, reason), step.message


@pytest.mark.parametrize(
    ("load", "expected", "reason"),
    [
        pytest.param(None, 4, "LoadUnknown", id="unknown-load-keeps-the-number"),
        pytest.param(Load(complete=False), 4, "LoadUnknown", id="a-silent-router-blocks-the-way-down"),
        pytest.param(Load(busy=8, complete=False), 5, "HighUtilization", id="and-leaves-the-way-up-open"),
    ],
)
def test_a_load_that_is_not_known_never_takes_an_instance(
    load: Load | None, expected: int, reason: str
) -> None:
    step = recommend(make_spec(), load, current=4)

    assert (step.value, step.reason) == (expected, reason), step.message


def test_slow_first_tokens_add_no_more_while_the_last_addition_is_younger_than_their_window() -> None:
    step = recommend(
        make_spec(**SLOW), Load(busy=5, first_token_p90_seconds=12.0), current=4, grown_lately=True
    )

    assert (step.value, step.reason) == (4, "SlowFirstToken")


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        pytest.param(Load(busy=2, pending=2), 3, id="four-on-four-slots-want-a-third-instance"),
        pytest.param(
            Load(busy=2, pending=2, blocked=2), 2, id="but-not-where-two-wait-because-two-are-limited"
        ),
        pytest.param(Load(busy=2, pending=4, blocked=2), 3, id="what-waits-beyond-that-counts"),
    ],
)
def test_what_waits_because_slots_are_blocked_is_no_reason_to_grow(load: Load, expected: int) -> None:
    assert recommend(make_spec(), load, current=2).value == expected


def test_slots_at_exactly_30_percent_are_not_mostly_free() -> None:
    slow = Load(busy=3, first_token_p90_seconds=12.0)

    assert recommend(make_spec(**SLOW), slow, current=5).reason == "SlowFirstToken"


def test_the_message_says_what_was_counted() -> None:
    step = recommend(make_spec(), Load(busy=2, pending=3), current=1)

    assert step.message == "2 busy and 3 waiting on 2 slots are 250 %, and 4 instances would hold it"
