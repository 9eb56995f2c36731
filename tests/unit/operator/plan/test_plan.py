"""The plan: which instances start and leave, and why."""

import dataclasses
from typing import Any

import pytest

from bridge_operator.plan import (
    CORDON_SECONDS,
    RENEW_SECONDS,
    Action,
    ObservedInstance,
    Verb,
    WantedPool,
    WantedProfile,
    make_plan,
)

POOL = "default/demo"
NOW = 100.0


def wanted(
    instances: int = 2, *, template: str = "new", not_before: float = float("-inf")
) -> list[WantedPool]:
    return [WantedPool(POOL, instances, (WantedProfile("", template),), not_before)]


def one(name: str, **differences: object) -> ObservedInstance:
    ready = ObservedInstance(name=name, pool=POOL, template_hash="new", started_at=0.0, ready=True)
    return dataclasses.replace(ready, **differences)  # type: ignore[arg-type]


def old(name: str, **differences: object) -> ObservedInstance:
    return one(name, template_hash="old", **differences)


def short(actions: list[Action]) -> list[tuple[str, str, str]]:
    return [(action.verb.value, action.instance, action.reason) for action in actions]


@pytest.mark.parametrize(
    ("instances", "expected"),
    [
        pytest.param([], [("start", "", "TooFew")] * 2, id="an-empty-pool-is-filled"),
        pytest.param([one("a")], [("start", "", "TooFew")], id="a-missing-one-is-started"),
        pytest.param([one("a"), one("b")], [("none", "", "AsWanted")], id="as-wanted"),
        pytest.param(
            [one("a"), one("b", ready=False)], [("none", "", "AsWanted")], id="one-that-starts-counts"
        ),
        pytest.param(
            [one("a"), one("b"), one("c", ready=False)],
            [("drain", "c", "TooMany")],
            id="the-unready-one-goes-first",
        ),
        pytest.param(
            [one("a", busy_slots=1), one("b"), one("c", ready=False, blocked=True)],
            [("cordon", "b", "TooMany")],
            id="one-that-is-limited-or-waits-for-a-person-goes-last",
        ),
        pytest.param(
            [one("a", busy_slots=2), one("b", busy_slots=2), one("c", ready=False, busy_slots=1)],
            [("cordon", "c", "TooMany")],
            id="a-silent-one-that-chatted-at-its-last-word-is-not-taken-for-idle",
        ),
        pytest.param(
            [one("a", busy_slots=2), one("b", busy_slots=1), one("c", busy_slots=3)],
            [("cordon", "b", "TooMany")],
            id="then-the-least-busy",
        ),
        pytest.param(
            [one("a", started_at=1), one("b", started_at=9), one("c", started_at=5)],
            [("cordon", "b", "TooMany")],
            id="then-the-youngest",
        ),
        pytest.param(
            [one("a"), one("b", drain_until=200.0)],
            [("none", "b", "Draining"), ("start", "", "TooFew")],
            id="one-that-drains-does-not-count",
        ),
        pytest.param(
            [one("a"), one("b"), one("c", drain_until=NOW)],
            [("stop", "c", "DrainTimeout"), ("none", "", "AsWanted")],
            id="one-that-has-not-ended-in-its-drain-time-is-stopped",
        ),
    ],
)
def test_a_pool_is_brought_to_its_number(
    instances: list[ObservedInstance], expected: list[tuple[str, str, str]]
) -> None:
    assert short(make_plan(wanted(), instances, NOW)) == expected


def test_the_instances_of_a_removed_pool_are_drained() -> None:
    plan = make_plan([], [one("a"), one("b", drain_until=200.0)], NOW)

    assert ("drain", "a", "PoolRemoved") in short(plan)
    assert ("drain", "b", "PoolRemoved") not in short(plan)


CORDONED: dict[str, Any] = {"cordon_until": NOW + CORDON_SECONDS}


@pytest.mark.parametrize(
    ("instances", "expected"),
    [
        pytest.param(
            [one("a"), one("b", started_at=9)], [("cordon", "b", "TooMany")], id="first-no-new-chats"
        ),
        pytest.param(
            [one("a"), one("b", busy_slots=1, asked_until=NOW + 1)],
            [("none", "b", "Asked")],
            id="nobody-else-is-asked-meanwhile",
        ),
        pytest.param(
            [one("a"), one("b", busy_slots=2, **CORDONED)],
            [("none", "b", "WaitingForIdle"), ("none", "", "AsWanted")],
            id="then-its-chats-go-on",
        ),
        pytest.param(
            [one("a"), one("b", busy_slots=1, cordon_until=NOW + RENEW_SECONDS - 1)],
            [("cordon", "b", "StillBusy"), ("none", "", "AsWanted")],
            id="for-as-long-as-they-take",
        ),
        pytest.param(
            [one("a"), one("b", **CORDONED)],
            [("drain", "b", "Idle"), ("none", "", "AsWanted")],
            id="and-when-the-last-has-ended-it-goes",
        ),
        pytest.param(
            [one("a"), one("b", ready=False)],
            [("drain", "b", "TooMany")],
            id="one-that-serves-nothing-goes-at-once",
        ),
        pytest.param(
            [one("a"), old("b", busy_slots=1, **CORDONED)],
            [("none", "b", "WaitingForIdle"), ("none", "", "AsWanted")],
            id="an-old-one-on-its-way-out-is-not-replaced",
        ),
    ],
)
def test_an_instance_too_many_goes_when_it_is_idle_and_takes_no_new_chats(
    instances: list[ObservedInstance], expected: list[tuple[str, str, str]]
) -> None:
    assert short(make_plan(wanted(1), instances, NOW)) == expected


@pytest.mark.parametrize(
    ("instances", "expected"),
    [
        pytest.param(
            [one("a"), one("b", busy_slots=1, **CORDONED)],
            [("uncordon", "b", "WantedAgain")],
            id="it-is-taken-back",
        ),
        pytest.param([one("a"), one("b", **CORDONED)], [("uncordon", "b", "WantedAgain")], id="idle-or-not"),
        pytest.param(
            [one("b", busy_slots=1, **CORDONED)],
            [("uncordon", "b", "WantedAgain"), ("start", "", "TooFew")],
            id="and-what-is-still-missing-starts",
        ),
        pytest.param(
            [one("a"), one("b", **CORDONED), one("c", busy_slots=2, **CORDONED)],
            [("uncordon", "c", "WantedAgain"), ("drain", "b", "Idle")],
            id="the-busiest-is-worth-most",
        ),
        pytest.param(
            [one("a"), old("b", busy_slots=2, **CORDONED), one("c", **CORDONED)],
            [("uncordon", "c", "WantedAgain"), ("none", "b", "WaitingForIdle")],
            id="an-old-one-last",
        ),
        pytest.param(
            [one("a"), one("b", asked_until=NOW + 1, **CORDONED)],
            [("none", "b", "Asked")],
            id="it-is-not-asked-twice-at-once",
        ),
    ],
)
def test_an_instance_on_its_way_out_is_taken_back_before_another_is_started(
    instances: list[ObservedInstance], expected: list[tuple[str, str, str]]
) -> None:
    assert short(make_plan(wanted(2), instances, NOW)) == expected


def test_a_cordon_of_somebody_else_makes_no_instance_leave() -> None:
    """Only our own cordon shows as `cordon_until`: an instance that a person has cordoned counts and stays."""
    assert short(make_plan(wanted(1), [one("a", busy_slots=1)], NOW)) == [("none", "", "AsWanted")]


def test_a_pool_that_wants_none_lets_what_it_has_go_in_two_steps() -> None:
    assert short(make_plan(wanted(0), [one("a")], NOW)) == [("cordon", "a", "TooMany")]
    assert ("drain", "a", "Idle") in short(make_plan(wanted(0), [one("a", **CORDONED)], NOW))


@pytest.mark.parametrize("instances", [[], [one("a")], [one("a"), old("b"), one("c", **CORDONED)]])
def test_a_paused_pool_is_left_alone(instances: list[ObservedInstance]) -> None:
    (pool,) = wanted(2)

    plan = make_plan([dataclasses.replace(pool, paused=True)], instances, NOW)

    assert short(plan) == [("none", "", "Paused")]


def test_nothing_is_started_before_the_back_off_is_over() -> None:
    (waits,) = make_plan(wanted(not_before=NOW + 3), [one("a")], NOW)

    assert (waits.verb, waits.reason, waits.until) == (Verb.NONE, "BackingOff", NOW + 3)
    assert short(make_plan(wanted(not_before=NOW), [one("a")], NOW)) == [("start", "", "TooFew")]


def test_one_pool_does_not_count_the_instances_of_another() -> None:
    pools = [WantedPool(key, 1, (WantedProfile("", "new"),)) for key in ("default/x", "default/y")]

    plan = make_plan(pools, [one("a", pool="default/x")], NOW)

    assert [(action.pool, action.verb.value) for action in plan] == [
        ("default/x", "none"),
        ("default/y", "start"),
    ]


def test_every_action_says_why() -> None:
    plans = [make_plan(wanted(), [], NOW), make_plan(wanted(), [old("a"), old("b"), one("c")], NOW)]

    assert all(action.reason.isalpha() and action.message for plan in plans for action in plan)
