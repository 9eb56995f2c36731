"""Who cannot go before another one that stays is not asked to, and is taken back."""

import dataclasses

import pytest

from bridge_operator.plan import ObservedInstance, WantedProfile, make_plan
from tests.unit.operator.plan.worlds import NOW, leaving, new, short, wanted

BLOCKED = new("x", ready=False, blocked=True)
NORTH, SOUTH = WantedProfile("n", "new"), WantedProfile("s", "new")


def held(one: ObservedInstance, *by: str) -> ObservedInstance:
    return dataclasses.replace(one, held_by=by or ("x",))


@pytest.mark.parametrize(
    ("instances", "number", "plan"),
    [
        pytest.param(
            [held(new("a")), BLOCKED],
            1,
            ["none a HeldByUnreadyInstance"],
            id="a blocked one would go instead",
        ),
        pytest.param(
            [leaving(held(new("a"))), BLOCKED],
            1,
            ["uncordon a WantedAgain", "none AsWanted"],
            id="it was blocked meanwhile",
        ),
        pytest.param(
            [held(new("a")), BLOCKED],
            0,
            ["cordon a TooMany", "drain x TooMany"],
            id="the blocked one goes too",
        ),
        pytest.param([held(new("a")), BLOCKED], 2, ["none AsWanted"], id="nobody is to go"),
        pytest.param([new("a", busy_slots=1), new("b")], 1, ["cordon b TooMany"], id="nobody is blocked"),
    ],
)
def test_nobody_goes_in_whose_place_another_one_would(
    instances: list[ObservedInstance], number: int, plan: list[str]
) -> None:
    assert sorted(short(make_plan([wanted(number)], instances, NOW))) == sorted(plan)


def test_one_that_can_go_is_preferred() -> None:
    instances = [held(new("n1"), "n2"), new("n2", ready=False, blocked=True), new("s1", started_at=50.0)]
    assert short(make_plan([wanted(2, NORTH, SOUTH)], instances, NOW)) == ["cordon s1 TooMany"]
