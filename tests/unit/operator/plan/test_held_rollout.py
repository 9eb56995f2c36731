"""How a rollout is held: by a partition, and by a pause."""

import dataclasses

import pytest

from bridge_operator.plan import ObservedInstance, Verb, WantedPool, WantedProfile
from tests.unit.operator.plan.worlds import (
    World,
    chatting,
    leaving,
    new,
    old,
    short,
    starting,
    wanted,
)

START_ONE = "start TemplateChanged"


@pytest.mark.parametrize(
    ("pool", "instances", "expected"),
    [
        pytest.param(
            wanted(3, partition=1),
            [old("a"), chatting(old("b")), old("c")],
            [START_ONE],
            id="a-new-one-for-those-that-are-not-kept",
        ),
        pytest.param(
            wanted(3, partition=1),
            [old("a"), chatting(old("b")), new("n"), new("m")],
            ["cordon a TemplateChanged"],
            id="whoever-is-missed-most-is-kept",
        ),
        pytest.param(
            wanted(3, partition=1), [old("b"), new("n"), new("m")], ["none Partition"], id="there-it-stays"
        ),
        pytest.param(
            wanted(3, partition=1),
            [leaving(chatting(old("a"), 2)), old("b"), new("n"), new("m")],
            ["none a WaitingForIdle", "none Partition"],
            id="nobody-is-called-back-for-one-that-serves",
        ),
        pytest.param(
            wanted(3, partition=9), [old("a"), old("b"), old("c")], ["none Partition"], id="or-all-of-them"
        ),
        pytest.param(
            wanted(2, partition=2), [new("n"), new("m")], ["none AsWanted"], id="nothing-goes-back-for-it"
        ),
        pytest.param(
            wanted(2, partition=1),
            [old("b"), new("n"), new("m")],
            ["cordon n TooMany"],
            id="fewer-are-fewer-new-ones",
        ),
        pytest.param(
            wanted(1, partition=2),
            [old("a", started_at=5), old("b"), new("n")],
            ["cordon n TooMany", "cordon a TemplateChanged"],
            id="until-only-old-ones-are-left",
        ),
        pytest.param(
            wanted(4, partition=1), [old("b"), new("n"), new("m")], ["start TooFew"], id="more-are-new-ones"
        ),
        pytest.param(
            wanted(3, partition=1),
            [leaving(chatting(old("b"))), new("n"), new("m")],
            ["uncordon b WantedAgain"],
            id="one-that-was-to-go-is-kept-after-all",
        ),
    ],
)
def test_a_partition_stays_on_the_old_revision(
    pool: WantedPool, instances: list[ObservedInstance], expected: list[str]
) -> None:
    assert short(World(pool, instances).plan()) == expected


@pytest.mark.parametrize(
    ("pool", "instances", "expected"),
    [
        pytest.param(wanted(2), [old("a"), old("b")], ["none RolloutPaused"], id="nothing-is-replaced"),
        pytest.param(wanted(2), [old("a"), new("n")], ["none RolloutPaused"], id="wherever-it-is"),
        pytest.param(
            wanted(2),
            [leaving(chatting(old("a"))), old("b"), starting("n")],
            ["none a WaitingForIdle", "none RolloutPaused"],
            id="one-on-its-way-out-goes-on-where-the-number-is-reached",
        ),
        pytest.param(
            wanted(2),
            [leaving(chatting(old("a"))), old("b")],
            ["uncordon a WantedAgain"],
            id="and-comes-back-where-it-is-not",
        ),
        pytest.param(wanted(3), [old("a"), new("n")], ["start TooFew"], id="it-still-grows"),
        pytest.param(
            wanted(1), [old("a"), new("n", started_at=5)], ["cordon n TooMany"], id="it-still-shrinks"
        ),
        pytest.param(
            wanted(1),
            [old("a", started_at=5), new("n")],
            ["cordon a TooMany"],
            id="by-whomever-is-missed-least-whatever-the-revision",
        ),
        pytest.param(wanted(1), [new("n")], ["none AsWanted"], id="without-an-old-one-it-is-like-any-pool"),
    ],
)
def test_a_paused_rollout_stays_where_it_is_and_the_number_is_kept(
    pool: WantedPool, instances: list[ObservedInstance], expected: list[str]
) -> None:
    paused = dataclasses.replace(pool, rollout_paused=True)

    assert short(World(paused, instances).plan()) == expected


FROM_OLD = WantedProfile("", "new", old_hash="old")


@pytest.mark.parametrize(
    ("pool", "instances", "expected"),
    [
        pytest.param(wanted(3, FROM_OLD), [old("a"), old("b")], ["new", "new"], id="else-always-new"),
        pytest.param(
            wanted(3, FROM_OLD, rollout_paused=True),
            [old("a")],
            ["old", "old"],
            id="paused-before-anything-of-the-new-one-is-there",
        ),
        pytest.param(
            wanted(3, FROM_OLD, rollout_paused=True), [old("a"), new("n")], ["new"], id="paused-after-that"
        ),
        pytest.param(
            wanted(3, rollout_paused=True),
            [old("a"), old("b")],
            ["new"],
            id="paused-and-the-old-one-cannot-be-started-any-more",
        ),
        pytest.param(
            wanted(4, FROM_OLD, partition=3),
            [old("a"), old("b")],
            ["old", "new"],
            id="as-many-old-ones-as-the-partition-keeps",
        ),
        pytest.param(
            wanted(3, FROM_OLD, partition=3),
            [new("a"), new("b")],
            ["new"],
            id="none-where-the-partition-has-nothing-to-keep",
        ),
    ],
)
def test_an_instance_is_started_of_the_old_revision_only_where_the_rollout_is_held(
    pool: WantedPool, instances: list[ObservedInstance], expected: list[str]
) -> None:
    starts = [action for action in World(pool, instances).plan() if action.verb is Verb.START]

    assert [action.template_hash for action in starts] == expected
