"""The policies of HorizontalPodAutoscaler v2, over wishes of any size: what may be done about them."""

from typing import Any

import pytest

from bridge_api.spec.scaling import AutoscalingSpec
from bridge_operator.autoscaler.limit import limit
from bridge_operator.autoscaler.memory import Memory
from bridge_operator.autoscaler.recommend import IDLE
from bridge_operator.autoscaler.step import Step

NOW = 1000.0


def allowed(current: int, wish: int, *policies: tuple[str, int], select: str = "Max", **bounds: int) -> Step:
    listed = [{"type": kind, "value": value, "periodSeconds": 60} for kind, value in policies]
    rules = {"policies": listed, "selectPolicy": select}
    spec = AutoscalingSpec.model_validate(
        {"minInstances": 0, "maxInstances": 100, **bounds, "behavior": {"scaleUp": rules, "scaleDown": rules}}
    )
    return limit(spec, Step(wish, "Wish", "wished"), Memory.begin(current, NOW), current=current, now=NOW)


@pytest.mark.parametrize(
    ("policies", "select", "expected"),
    [
        pytest.param([("Pods", 4)], "Max", 76, id="pods"),
        pytest.param([("Percent", 10)], "Max", 72, id="percent"),
        pytest.param([("Percent", 33)], "Max", 53, id="what-is-left-is-rounded-down"),
        pytest.param([("Pods", 4), ("Percent", 10)], "Max", 72, id="max-takes-the-larger-change"),
        pytest.param([("Pods", 4), ("Percent", 10)], "Min", 76, id="min-the-smaller"),
        pytest.param([("Pods", 4)], "Disabled", 80, id="disabled-takes-none"),
        pytest.param([("Percent", 100)], "Max", 10, id="all-may-go-and-ten-are-wished-for"),
        pytest.param([], "Max", 79, id="by-default-one"),
    ],
)
def test_the_way_down(policies: list[tuple[str, int]], select: str, expected: int) -> None:
    assert allowed(80, 10, *policies, select=select).value == expected


@pytest.mark.parametrize(
    ("policies", "select", "expected"),
    [
        pytest.param([("Pods", 4), ("Percent", 50)], "Max", 15, id="max-takes-the-larger-change"),
        pytest.param([("Pods", 4), ("Percent", 50)], "Min", 14, id="min-the-smaller"),
        pytest.param([("Percent", 1)], "Max", 11, id="percent-is-rounded-up"),
        pytest.param([], "Max", 20, id="by-default-as-many-again"),
    ],
)
def test_the_way_up(policies: list[tuple[str, int]], select: str, expected: int) -> None:
    assert allowed(10, 80, *policies, select=select).value == expected


@pytest.mark.parametrize(
    ("wish", "bounds", "expected", "reason"),
    [
        pytest.param(12, {"maxInstances": 12}, 12, "Wish", id="exactly-the-maximum-is-no-limit"),
        pytest.param(13, {"maxInstances": 12}, 12, "TooManyInstances", id="beyond-it-is-one"),
        pytest.param(14, {}, 14, "Wish", id="exactly-what-a-policy-allows-is-no-limit"),
        pytest.param(15, {}, 14, "ScaleUpLimit", id="beyond-that-is-one"),
        pytest.param(6, {}, 6, "Wish", id="nor-is-it-on-the-way-down"),
        pytest.param(5, {}, 6, "ScaleDownLimit", id="and-beyond-that-it-is-one"),
        pytest.param(8, {"minInstances": 8}, 8, "Wish", id="exactly-the-minimum-is-no-limit"),
        pytest.param(7, {"minInstances": 8}, 8, "TooFewInstances", id="below-it-is-one"),
        pytest.param(10, {}, 10, "Wish", id="no-change-is-never-limited"),
    ],
)
def test_a_limit_is_named_only_where_it_limits(
    wish: int, bounds: dict[str, Any], expected: int, reason: str
) -> None:
    step = allowed(10, wish, ("Pods", 4), **bounds)

    assert (step.value, step.reason) == (expected, reason)


def test_no_policy_holds_the_last_idle_instance() -> None:
    forbidden = {"behavior": {"scaleDown": {"selectPolicy": "Disabled"}}, "minInstances": 0}
    spec = AutoscalingSpec.model_validate(forbidden)

    step = limit(spec, Step(0, IDLE, "nobody asks"), Memory.begin(1, NOW), current=1, now=NOW)

    assert step.value == 0


def test_no_policy_holds_a_pool_at_zero_or_takes_it_below() -> None:
    assert allowed(0, 9, ("Pods", 1)).value == 9
    assert allowed(2, 0, ("Pods", 9)).value == 0
