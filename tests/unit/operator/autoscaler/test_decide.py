"""Damping and limits, as HorizontalPodAutoscaler documents them, and whole courses of decisions."""

from typing import Any

import pytest

from bridge_operator.autoscaler import Load
from bridge_operator.autoscaler.decision import first_wanted
from tests.unit.operator.autoscaler.courses import SPEEDY, Course, make_spec

NO_DAMPING: dict[str, Any] = {"stableWindowSeconds": 0}


def up(*policies: tuple[str, int, int], select: str = "Max") -> dict[str, Any]:
    return {"behavior": {"scaleUp": rules(*policies, select=select)}}


def down(*policies: tuple[str, int, int], select: str = "Max") -> dict[str, Any]:
    return {**NO_DAMPING, "behavior": {"scaleDown": rules(*policies, select=select)}}


def rules(*policies: tuple[str, int, int], select: str) -> dict[str, Any]:
    listed = [{"type": kind, "value": value, "periodSeconds": period} for kind, value, period in policies]
    return {"policies": listed, "selectPolicy": select}


# Up


def test_by_default_a_pool_doubles_every_15_seconds_and_one_becomes_two() -> None:
    course = Course(make_spec(), current=1)

    assert course.numbers(80, [100, 101, 114, 115, 129, 130, 145]) == [2, 2, 2, 4, 4, 8, 16]


def test_a_period_counts_what_was_added_within_it() -> None:
    course = Course(make_spec(**up(("Pods", 3, 60))), current=1)

    assert course.number_at(100, busy=2) == 3
    assert course.number_at(110, busy=90) == 4, "three within 60 s, of which two are used up"
    assert course.number_at(159, busy=90) == 4
    assert course.number_at(160, busy=90) == 6, "the first two are 60 s old"
    assert course.number_at(170, busy=90) == 7


def test_an_upward_window_waits_until_the_wish_has_held() -> None:
    behavior = {"scaleUp": {"stabilizationWindowSeconds": 30, "policies": SPEEDY["scaleUp"]["policies"]}}
    course = Course(make_spec(behavior=behavior), current=2)

    assert course.number_at(100, busy=1) == 2
    assert course.at(110, Load(busy=4)).reason == "ScaleUpStabilized"
    assert course.number_at(129, busy=4) == 2
    assert course.number_at(131, busy=4) == 5


def test_the_way_up_is_never_damped_by_the_stable_window() -> None:
    course = Course(make_spec(stableWindowSeconds=600, behavior=SPEEDY), current=1)

    assert course.number_at(1, busy=8) == 10


# Down


def test_a_short_lull_removes_no_instance() -> None:
    course = Course(make_spec(behavior=SPEEDY), current=10)
    course.number_at(100, busy=8)

    assert course.numbers(0, [101, 130, 159]) == [10, 10, 10]
    assert course.number_at(160, busy=8) == 10
    assert course.numbers(0, [161, 219]) == [10, 10]


def test_a_lasting_lull_takes_one_instance_a_minute() -> None:
    course = Course(make_spec(), current=4)
    course.number_at(100, busy=3)

    assert course.numbers(0, [159, 160, 219, 220, 279, 280, 400]) == [4, 3, 3, 2, 2, 1, 1]


def test_nothing_goes_in_the_first_window_after_a_start() -> None:
    course = Course(make_spec(), current=4)

    assert course.at(59, Load()).reason == "ScaleDownStabilized"
    assert course.number_at(60, busy=0) == 3


def test_the_way_down_counts_what_was_removed_within_the_period() -> None:
    course = Course(make_spec(**down(("Pods", 2, 60))), current=10)

    assert course.numbers(0, [100, 110, 120, 159, 160, 161, 170]) == [9, 8, 8, 8, 7, 7, 6]


def test_what_was_added_within_the_period_may_go_beyond_what_the_policy_takes() -> None:
    """HPA counts from the period's start, and an instance that was added since was not there then."""
    behavior = {**SPEEDY, "scaleDown": rules(("Pods", 1, 60), select="Max")}
    course = Course(make_spec(stableWindowSeconds=0, behavior=behavior), current=4)
    assert course.number_at(100, busy=4) == 5

    assert course.numbers(0, [110, 111, 112]) == [4, 3, 3]


def test_slow_first_tokens_add_one_instance_a_minute() -> None:
    course = Course(make_spec(slots=2, responseTime={"p90Seconds": 10}), current=4)
    slow = Load(busy=4, first_token_p90_seconds=12.0)

    assert [course.at(now, slow).value for now in (100, 101, 130, 159, 160, 161, 220)] == [
        5,
        5,
        5,
        5,
        6,
        6,
        7,
    ]


# Bounds, unknown load, modes


def test_minimum_and_maximum_win_at_once() -> None:
    course = Course(make_spec(maxInstances=5), current=5)
    assert course.at(1, Load(busy=50)).reason == "TooManyInstances"

    course.spec = make_spec(minInstances=2, maxInstances=3)
    assert course.at(2, Load(busy=50)).value == 3
    course.spec = make_spec(minInstances=9, maxInstances=9)
    decision = course.at(3, None)

    assert (decision.value, decision.reason) == (9, "TooFewInstances")


def test_from_zero_a_pool_goes_straight_to_the_need() -> None:
    course = Course(make_spec(minInstances=0, **up(("Pods", 1, 600))), current=0)

    decision = course.at(1, Load(pending=8))

    assert (decision.value, decision.reason) == (10, "DemandFromZero")


def test_idleness_alone_ends_the_last_instance_whatever_the_window() -> None:
    course = Course(make_spec(minInstances=0, idleSecondsToZero=5, stableWindowSeconds=600), current=1)

    assert course.at(10, Load(idle_seconds=4.9)).value == 1
    decision = course.at(11, Load(idle_seconds=5.0))

    assert (decision.value, decision.reason) == (0, "Idle")


def test_an_unknown_load_changes_nothing() -> None:
    course = Course(make_spec(**NO_DAMPING), current=7)

    assert [course.at(now, None).value for now in (1, 100, 1000)] == [7, 7, 7]


@pytest.mark.parametrize(
    ("mode", "replicas", "expected"),
    [
        pytest.param("External", 7, 7, id="external-takes-replicas-at-once"),
        pytest.param("External", 0, 0, id="down-to-zero-too"),
        pytest.param("External", None, 1, id="unset-is-the-minimum"),
        pytest.param("Off", 3, 3, id="off-as-well"),
        pytest.param("Load", 7, 4, id="load-ignores-replicas"),
    ],
)
def test_who_decides(mode: str, replicas: int | None, expected: int) -> None:
    spec = make_spec(mode=mode, top={"replicas": replicas})

    assert Course(spec, current=4).number_at(1, busy=2) == expected


def test_a_paused_pool_keeps_its_number_whatever_happens() -> None:
    course = Course(make_spec(maxInstances=2, top={"paused": True}), current=4)

    decision = course.at(100, Load(busy=90))

    assert (decision.value, decision.reason) == (4, "Paused")


def test_a_pool_starts_with_its_initial_number() -> None:
    assert first_wanted(make_spec(minInstances=1)) == 1
    assert first_wanted(make_spec(minInstances=1, initialInstances=3)) == 3
    assert first_wanted(make_spec(minInstances=0, initialInstances=0)) == 0
    assert first_wanted(make_spec(mode="Off", top={"replicas": 4})) == 4


def test_a_decision_names_the_cause_of_a_change_and_the_message_all_that_had_a_say() -> None:
    decision = Course(make_spec(), current=1).at(1, Load(busy=1, pending=7))

    assert (decision.value, decision.reason) == (2, "HighUtilization")
    assert decision.message == (
        "1 busy and 7 waiting on 1 slots are 800 %, and 10 instances would hold it; behavior.scaleUp allows 2 now"
    )


# Profiles


def profiles(*bounds: int | None) -> dict[str, Any]:
    return {"profiles": [{"name": f"p{n}", "maxInstances": bound} for n, bound in enumerate(bounds)]}


@pytest.mark.parametrize(
    ("top", "scaling", "expected"),
    [
        pytest.param(profiles(1, 2), {}, 3, id="the-sum-of-the-bounds"),
        pytest.param(profiles(1, None), {}, 80, id="no-bound-where-one-profile-has-none"),
        pytest.param({}, {}, 80, id="no-bound-without-profiles"),
        pytest.param(profiles(1, 2), {"minInstances": 5}, 3, id="it-wins-over-the-minimum"),
        pytest.param(profiles(5, 5), {"maxInstances": 4}, 4, id="the-lower-maximum-wins"),
        pytest.param({**profiles(1, 2), "replicas": 7}, {"mode": "External"}, 3, id="whoever-decides"),
    ],
)
def test_the_bounds_of_the_profiles_bound_the_number(
    top: dict[str, Any], scaling: dict[str, Any], expected: int
) -> None:
    spec = make_spec(top=top, **{"scaleUpAbovePercent": 100, "behavior": SPEEDY, **scaling})

    assert Course(spec, 2).number_at(100, busy=80) == expected


def test_a_number_that_profiles_bound_says_so() -> None:
    decision = Course(make_spec(top=profiles(1, 2)), 3).at(100, Load(busy=80))

    assert (decision.value, decision.reason) == (3, "ProfileLimit")
    assert "maxInstances of the profiles is 3 in all" in decision.message


def test_a_fresh_pool_begins_within_the_bounds_of_its_profiles() -> None:
    assert first_wanted(make_spec(top=profiles(1, 2), minInstances=5)) == 3
    assert first_wanted(make_spec(top=profiles(1, None), minInstances=5)) == 5
