"""How a new revision takes over: within its surge, without a gap, and back again if it is taken back."""

import dataclasses

import pytest

from bridge_operator.plan import ObservedInstance, WantedPool, WantedProfile
from tests.unit.operator.plan.worlds import (
    NOW,
    World,
    chatting,
    draining,
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
        pytest.param(wanted(2), [old("a"), old("b")], [START_ONE], id="one-new-one-first"),
        pytest.param(
            wanted(2),
            [old("a"), old("b"), starting("n")],
            ["none WaitingForReady"],
            id="no-old-one-goes-before-it-is-ready",
        ),
        pytest.param(
            wanted(2),
            [chatting(old("a")), old("b"), new("n")],
            ["cordon b TemplateChanged"],
            id="then-the-old-one-that-is-missed-least-takes-no-new-chats",
        ),
        pytest.param(
            wanted(2),
            [old("a"), leaving(old("b")), new("n")],
            ["drain b Idle", "none WaitingForDrain"],
            id="and-goes-when-it-is-idle",
        ),
        pytest.param(
            wanted(2),
            [old("a"), leaving(chatting(old("b"))), new("n")],
            ["none b WaitingForIdle", "none WaitingForDrain"],
            id="the-next-new-one-waits-until-then",
        ),
        pytest.param(
            wanted(2),
            [old("a"), draining(old("b")), new("n")],
            ["none b Draining", START_ONE],
            id="but-not-until-the-last-has-ended",
        ),
        pytest.param(
            wanted(2),
            [chatting(old("a")), chatting(old("b"), 2)],
            [START_ONE],
            id="busy-old-ones-do-not-hold-the-first-new-one",
        ),
        pytest.param(
            wanted(2),
            [chatting(old("a")), chatting(old("b"), 2), new("n")],
            ["cordon a TemplateChanged"],
            id="where-all-are-busy-the-one-with-the-fewest-chats-is-kept-free-of-new-ones",
        ),
        pytest.param(
            wanted(2),
            [old("a", ready=False), old("b")],
            ["drain a TemplateChanged", "start TooFew", START_ONE],
            id="an-old-one-that-serves-nothing-is-not-waited-for",
        ),
        pytest.param(
            wanted(2),
            [chatting(old("a", ready=False)), old("b"), starting("n")],
            ["cordon a TemplateChanged"],
            id="a-silent-old-one-that-chatted-at-its-last-word-is-not-taken-for-idle",
        ),
        pytest.param(
            wanted(2),
            [old("a", asked_until=NOW + 1), old("b", started_at=9), new("n")],
            ["none a Asked"],
            id="nobody-else-is-asked-while-one-is",
        ),
    ],
)
def test_a_changed_template_replaces_instances_one_by_one(
    pool: WantedPool, instances: list[ObservedInstance], expected: list[str]
) -> None:
    assert short(World(pool, instances).plan()) == expected


@pytest.mark.parametrize(
    ("pool", "instances", "expected"),
    [
        pytest.param(
            wanted(5, max_surge=3), [old(name) for name in "abcde"], [START_ONE] * 3, id="so-many-at-once"
        ),
        pytest.param(
            wanted(2, max_surge=3),
            [old("a"), old("b")],
            [START_ONE] * 2,
            id="no-more-than-there-are-old-ones",
        ),
        pytest.param(
            wanted(3, max_surge=3),
            [old("a"), old("b"), old("c"), new("n"), new("m"), starting("o")],
            ["cordon a TemplateChanged", "cordon b TemplateChanged"],
            id="an-old-one-goes-for-each-that-is-ready",
        ),
        pytest.param(
            wanted(3, max_surge=3),
            [old("a"), leaving(chatting(old("b"))), leaving(chatting(old("c"))), new("n"), new("m")],
            ["none b WaitingForIdle", "none c WaitingForIdle", START_ONE],
            id="old-ones-that-still-chat-take-up-the-surge",
        ),
    ],
)
def test_up_to_max_surge_instances_are_beyond_the_wanted_number(
    pool: WantedPool, instances: list[ObservedInstance], expected: list[str]
) -> None:
    assert short(World(pool, instances).plan()) == expected


@pytest.mark.parametrize("max_surge", [1, 3, 9])
def test_a_whole_rollout_keeps_within_the_surge_and_above_the_wanted_number(max_surge: int) -> None:
    world = World(wanted(4, max_surge=max_surge), [old(name) for name in "abcd"])
    most = 0

    while short(world.step()) != ["none AsWanted"]:
        assert world.ready_serving >= 4
        most = max(most, len(world.live))

    assert most == 4 + min(max_surge, 4)
    assert world.revisions == ["new"] * 4


@pytest.mark.parametrize(
    ("pool", "instances", "expected"),
    [
        pytest.param(
            wanted(3),
            [old("a"), leaving(chatting(old("b"))), new("n")],
            ["uncordon b WantedAgain", START_ONE],
            id="an-old-one-that-is-still-there-helps-before-another-is-started",
        ),
        pytest.param(
            wanted(4),
            [old("a"), leaving(chatting(old("b"))), new("n")],
            ["uncordon b WantedAgain", "start TooFew", START_ONE],
            id="what-is-missing-then-is-new",
        ),
        pytest.param(
            wanted(1),
            [old("a"), old("b"), starting("n")],
            ["cordon a TemplateChanged"],
            id="with-fewer-wanted-old-ones-go-but-for-those-that-are-needed",
        ),
        pytest.param(
            wanted(1),
            [old("a"), starting("n"), starting("m")],
            ["drain n TooMany"],
            id="new-ones-that-are-too-many-go-too",
        ),
        pytest.param(
            wanted(1),
            [old("a"), new("n"), new("m", ready=False, blocked=True)],
            ["cordon n TooMany"],
            id="but-not-both-at-once",
        ),
        pytest.param(
            wanted(2, max_surge=5),
            [old("a"), leaving(new("n"))],
            ["uncordon n WantedAgain", START_ONE],
            id="a-new-one-that-is-taken-back-need-not-be-started",
        ),
        pytest.param(wanted(0), [old("a")], ["cordon a TemplateChanged"], id="with-none-wanted-all-go"),
        pytest.param(
            wanted(1),
            [leaving(chatting(old("a"))), starting("n")],
            ["uncordon a WantedAgain"],
            id="an-old-one-comes-back-while-its-successor-is-not-ready",
        ),
        pytest.param(
            wanted(1),
            [leaving(old("a")), new("b", ready=False, blocked=True)],
            ["uncordon a WantedAgain"],
            id="as-long-as-its-successor-waits-for-a-person",
        ),
    ],
)
def test_the_number_changes_in_the_middle_of_a_rollout(
    pool: WantedPool, instances: list[ObservedInstance], expected: list[str]
) -> None:
    assert short(World(pool, instances).plan()) == expected


ONLY_ONE = WantedProfile("a", "new", max_instances=1)


@pytest.mark.parametrize(
    ("pool", "instances", "expected"),
    [
        pytest.param(
            wanted(1, ONLY_ONE),
            [old("a1")],
            ["cordon a1 TemplateChanged"],
            id="it-leaves-before-its-successor",
        ),
        pytest.param(
            wanted(1, ONLY_ONE),
            [leaving(chatting(old("a1")))],
            ["none a1 WaitingForIdle", "none ProfileLimit"],
            id="and-is-not-called-back-to-fill-its-own-gap",
        ),
        pytest.param(
            wanted(1, ONLY_ONE, not_before=NOW + 3),
            [old("a1")],
            ["none BackingOff"],
            id="but-not-before-its-successor-may-start",
        ),
        pytest.param(
            wanted(1, ONLY_ONE, not_before=NOW + 3),
            [leaving(chatting(old("a1")))],
            ["uncordon a1 WantedAgain"],
            id="else-it-is-called-back",
        ),
        pytest.param(
            wanted(1, dataclasses.replace(ONLY_ONE, max_instances=2)),
            [old("a1"), old("a2", ready=False)],
            ["drain a2 TemplateChanged", "none WaitingForDrain"],
            id="nor-while-another-makes-room",
        ),
    ],
)
def test_an_instance_without_room_beside_it_goes_first(
    pool: WantedPool, instances: list[ObservedInstance], expected: list[str]
) -> None:
    assert short(World(pool, instances).plan()) == expected


def test_a_rollout_that_is_taken_back_in_the_middle_keeps_the_old_ones_that_are_left() -> None:
    world = World(wanted(2), [old("a"), old("b"), new("n")])
    world.change("a", busy_slots=1)
    world.change("b", busy_slots=1)
    assert short(world.step()) == ["cordon a TemplateChanged"]

    world.pool = wanted(2, WantedProfile("", "old"))

    assert short(world.step()) == ["uncordon a WantedAgain"]
    assert short(world.step()) == ["cordon n TemplateChanged"]
    assert short(world.settle()) == ["none AsWanted"]
    assert sorted(world.there) == ["a", "b"]


def test_a_new_revision_that_never_gets_ready_takes_nothing_away() -> None:
    world = World(wanted(3, max_surge=2), [old(name) for name in "abc"])
    world.stays_unready = {"n101", "n102"}

    assert short(world.settle()) == ["none WaitingForReady"]
    assert world.revisions == ["new"] * 2 + ["old"] * 3

    world.pool = wanted(3, WantedProfile("", "old"), max_surge=2)

    assert short(world.step()) == [
        "drain n101 TemplateChanged",
        "drain n102 TemplateChanged",
        "none AsWanted",
    ]


def test_chats_that_go_on_hold_a_rollout_and_are_never_cut() -> None:
    world = World(wanted(2), [chatting(old("a")), chatting(old("b"))])

    assert short(world.settle()) == ["none a WaitingForIdle", "none WaitingForDrain"]

    world.change("a", busy_slots=0)
    assert short(world.settle()) == ["none b WaitingForIdle", "none AsWanted"]
    world.change("b", busy_slots=0)
    assert short(world.settle()) == ["none AsWanted"]
