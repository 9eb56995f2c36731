"""What holds for every plan, whatever the world is and whatever happens to it on the way."""

import dataclasses
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bridge_operator.plan import CORDON_SECONDS, Action, Verb, WantedPool, WantedProfile
from tests.unit.operator.plan.worlds import NOW, World, old, wanted

UNBOUNDED = [
    (WantedProfile("a", revision), WantedProfile("b", revision)) for revision in ("old", "new", "next")
]
BOUNDED = [
    tuple(dataclasses.replace(one, max_instances=bound) for one, bound in zip(pair, (1, 3), strict=True))
    for pair in UNBOUNDED
]


def pools(profiles: list[Any]) -> st.SearchStrategy[WantedPool]:
    return st.builds(
        lambda profiles, instances, **rollout: wanted(instances, *profiles, **rollout),
        st.sampled_from(profiles),
        st.integers(0, 4),
        max_surge=st.integers(1, 3),
        partition=st.sampled_from([0, 0, 1, 3]),
        rollout_paused=st.sampled_from([False, False, False, True]),
    )


happenings = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.sampled_from(["ready", "unready", "blocked", "chat", "idle", "death", "lapse", "evicted"]),
    ),
    max_size=4,
)
"""What happens to whom between two plans; the number counts around."""


def courses(profiles: list[Any]) -> st.SearchStrategy[list[tuple[WantedPool, list[tuple[int, str]]]]]:
    """Make lists of what is wanted at a step, and what happens before it."""
    changes = st.tuples(pools(profiles) | st.none(), happenings)
    return st.tuples(pools(profiles), st.lists(changes, min_size=1, max_size=15)).map(_keep_what_is_wanted)


def _keep_what_is_wanted(made: Any) -> list[tuple[WantedPool, list[tuple[int, str]]]]:
    pool, steps = made
    course = []
    for changed, happening in steps:
        pool = changed or pool
        course.append((pool, happening))
    return course


def happen(world: World, number: int, what: str) -> None:
    if not world.there:
        return
    one = list(world.there.values())[number % len(world.there)]
    match what:
        case "death":
            del world.there[one.name]
        case "chat":
            if one.ready and not one.leaving and not one.draining:
                world.change(one.name, busy_slots=one.busy_slots + 1)
        case "idle":
            world.change(one.name, busy_slots=0)
        case "lapse":
            world.change(one.name, cordon_until=None)
        case "evicted":
            world.change(one.name, drain_until=NOW + CORDON_SECONDS)
        case _:
            world.change(one.name, ready=what == "ready", blocked=what == "blocked")


def run(course: list[tuple[WantedPool, list[tuple[int, str]]]], check: Any) -> World:
    world = World(course[0][0], [old("a1"), old("b1"), old("a2")])
    for pool, happening in course:
        world.pool = pool
        for number, what in happening:
            happen(world, number, what)
        plan = world.plan()
        check(world, plan)
        world.carry_out(plan)
    return world


def nobody_busy_is_drained(world: World, plan: list[Action]) -> None:
    for action in plan:
        if action.verb in (Verb.DRAIN, Verb.STOP):
            assert world.there[action.instance].busy_slots == 0, action


def started(plan: list[Action], *reasons: str) -> int:
    return sum(action.verb is Verb.START and action.reason in reasons for action in plan)


def a_rollout_leaves_enough(world: World, plan: list[Action]) -> None:
    """Whom it keeps new chats away from is to spare: so many others are ready, whatever the rest of the plan takes."""
    taken = {
        action.instance
        for action in plan
        if action.verb in (Verb.CORDON, Verb.DRAIN) and not world.there[action.instance].leaving
    }
    replaced = {
        action.instance
        for action in plan
        if action.reason == "TemplateChanged"
        and action.instance in taken
        and world.there[action.instance].ready
    }
    left = sum(one.ready and not one.leaving and one.name not in taken for one in world.live)
    assert not replaced or left >= world.pool.instances


def no_more_than_the_surge_is_started(world: World, plan: list[Action]) -> None:
    """What starts only for its revision never makes more than the surge allows; what starts for the number never too many."""
    drained = {action.instance for action in plan if action.verb is Verb.DRAIN}
    stay = [one for one in world.live if one.name not in drained]
    starts = started(plan, "TooFew", "TemplateChanged")
    if started(plan, "TemplateChanged"):
        assert len(stay) + starts <= world.pool.instances + world.pool.max_surge
    if few := started(plan, "TooFew"):
        assert sum(not one.leaving for one in stay) + few <= world.pool.instances


def nobody_is_told_two_things(world: World, plan: list[Action]) -> None:
    told = Counter(action.instance for action in plan if action.instance)
    assert all(times == 1 for times in told.values()), plan


def everything(world: World, plan: list[Action]) -> None:
    nobody_busy_is_drained(world, plan)
    no_more_than_the_surge_is_started(world, plan)
    nobody_is_told_two_things(world, plan)
    assert plan == world.plan()
    assert plan


def with_no_gap(world: World, plan: list[Action]) -> None:
    everything(world, plan)
    a_rollout_leaves_enough(world, plan)


def within_bounds(world: World, plan: list[Action]) -> None:
    everything(world, plan)
    there = Counter(one.profile for one in world.there.values())
    there.update(action.profile for action in plan if action.verb is Verb.START)
    for profile in world.pool.profiles:
        starts = [action for action in plan if action.verb is Verb.START and action.profile == profile.name]
        assert not starts or profile.max_instances is None or there[profile.name] <= profile.max_instances


@given(courses(UNBOUNDED))
def test_a_rollout_costs_no_ready_instance_and_no_chat_and_keeps_to_its_surge(course: Any) -> None:
    run(course, with_no_gap)


@given(courses(BOUNDED))
def test_no_profile_gets_more_than_its_bound(course: Any) -> None:
    run(course, within_bounds)


@given(courses(UNBOUNDED) | courses(BOUNDED))
def test_a_world_that_is_left_in_peace_becomes_as_wanted_and_stays_so(course: Any) -> None:
    world = run(course, everything)
    for name in world.there:
        world.change(name, busy_slots=0, blocked=False)

    plan = world.settle()

    assert all(action.verb is Verb.NONE for action in plan)
    assert len(world.live) == min(world.pool.instances, _bound(world.pool))
    assert all(world.pool.is_current(one) for one in world.live) or plan[-1].reason in (
        "Partition",
        "RolloutPaused",
    )


def _bound(pool: WantedPool) -> int:
    bounds = [one.max_instances for one in pool.profiles if one.max_instances is not None]
    return sum(bounds) if len(bounds) == len(pool.profiles) else pool.instances
