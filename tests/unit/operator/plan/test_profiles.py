"""Which profile a new instance gets, and how the bounds of profiles shape the plan."""

import dataclasses

import pytest

from bridge_operator.plan import (
    Action,
    ObservedInstance,
    Obstacle,
    WantedPool,
    WantedProfile,
    make_plan,
)
from bridge_operator.plan.profiles import choose
from tests.unit.operator.plan.worlds import World

POOL = "default/demo"
NOW = 100.0
MISSING = Obstacle("SecretMissing", "DIR/proxy/server is wanted")


def profile(name: str, most: int | None = None, obstacle: Obstacle | None = None) -> WantedProfile:
    return WantedProfile(name, "new", most, obstacle)


def pool(instances: int, *profiles: WantedProfile) -> list[WantedPool]:
    return [WantedPool(POOL, instances, profiles)]


def one(name: str, **differences: object) -> ObservedInstance:
    """Make a ready instance whose name begins with the letter of its profile."""
    ready = ObservedInstance(name, POOL, "new", started_at=0.0, profile=name[0], ready=True)
    return dataclasses.replace(ready, **differences)  # type: ignore[arg-type]


def old(name: str, **differences: object) -> ObservedInstance:
    return one(name, template_hash="old", **differences)


def short(actions: list[Action]) -> list[tuple[str, str, str]]:
    return [(action.verb.value, action.instance or action.profile, action.reason) for action in actions]


A, B = profile("a"), profile("b")


@pytest.mark.parametrize(
    ("profiles", "there", "count", "expected"),
    [
        pytest.param([A, B], {}, 3, "aba", id="spread-evenly"),
        pytest.param([A, B], {"a": 2}, 1, "b", id="the-one-with-the-fewest"),
        pytest.param([A, B], {"a": 3, "b": 1}, 4, "bbab", id="until-they-are-even"),
        pytest.param([profile("a", 1), B], {}, 3, "abb", id="none-above-its-bound"),
        pytest.param([profile("a", 1), profile("b", 1)], {}, 3, "ab", id="no-more-than-all-bounds-allow"),
        pytest.param([profile("a", 1), profile("b", 1)], {"a": 1, "b": 1}, 1, "", id="none-is-left"),
        pytest.param([profile("a", obstacle=MISSING), B], {"b": 5}, 1, "b", id="none-with-an-obstacle"),
        pytest.param([WantedProfile("", "new")], {"": 4}, 2, ["", ""], id="the-unnamed-one-has-no-bound"),
    ],
)
def test_an_instance_gets_the_profile_with_the_fewest_that_has_room(
    profiles: list[WantedProfile], there: dict[str, int], count: int, expected: str
) -> None:
    assert [chosen.name for chosen in choose(profiles, there, there, count)] == list(expected)


def test_instances_that_drain_fill_a_bound_but_are_no_longer_shared_work() -> None:
    there, live = {"a": 2, "b": 1}, {"b": 1}

    assert [chosen.name for chosen in choose([A, B], there, live, 1)] == ["a"]
    assert [chosen.name for chosen in choose([profile("a", 2), B], there, live, 1)] == ["b"]


@pytest.mark.parametrize(
    ("wanted", "instances", "expected"),
    [
        pytest.param(
            pool(3, profile("a", 1), B),
            [one("a1")],
            [("start", "b", "TooFew"), ("start", "b", "TooFew")],
            id="what-is-missing-is-spread",
        ),
        pytest.param(
            pool(2, profile("a", 1, MISSING), B),
            [one("b1")],
            [("start", "b", "TooFew")],
            id="another-profile-stands-in",
        ),
        pytest.param(
            pool(2, profile("a", 1, MISSING), profile("b", 1)),
            [one("b1")],
            [("none", "", "SecretMissing")],
            id="no-further-than-its-own-bound",
        ),
        pytest.param(
            pool(1, profile("a", None, MISSING)),
            [one("a1")],
            [("none", "", "AsWanted")],
            id="an-instance-that-runs-goes-on-without-its-secret",
        ),
        pytest.param(
            pool(1, profile("a", 1)),
            [one("a1", drain_until=200.0)],
            [("none", "a1", "Draining"), ("none", "", "ProfileLimit")],
            id="one-that-drains-still-counts",
        ),
        pytest.param(
            pool(2, A, B),
            [one("a1", drain_until=200.0), one("a2", drain_until=200.0), one("b1")],
            [("none", "a1", "Draining"), ("none", "a2", "Draining"), ("start", "a", "TooFew")],
            id="but-is-no-longer-shared-work",
        ),
        pytest.param(
            pool(1, profile("a", 1)),
            [one("a1", cordon_until=NOW + 20)],
            [("uncordon", "a1", "WantedAgain")],
            id="one-on-its-way-out-is-taken-back-first",
        ),
    ],
)
def test_a_pool_is_filled_as_far_as_its_profiles_go(
    wanted: list[WantedPool], instances: list[ObservedInstance], expected: list[tuple[str, str, str]]
) -> None:
    assert short(make_plan(wanted, instances, NOW)) == expected


@pytest.mark.parametrize(
    ("wanted", "instances", "expected"),
    [
        pytest.param(
            pool(2, A, B),
            [old("a1"), one("b1")],
            [("start", "a", "TemplateChanged")],
            id="a-successor-first-where-there-is-room",
        ),
        pytest.param(
            pool(2, profile("a", 1), profile("b", 1)),
            [old("a1"), one("b1")],
            [("cordon", "a1", "TemplateChanged")],
            id="else-the-old-one-goes-first",
        ),
        pytest.param(
            pool(2, profile("a", 1), profile("b", 1)),
            [old("a1", drain_until=200.0), old("b1")],
            [("none", "a1", "Draining"), ("none", "", "WaitingForDrain")],
            id="one-at-a-time",
        ),
        pytest.param(
            pool(2, profile("a", 1), profile("b", 1)),
            [old("b1")],
            [("start", "a", "TooFew")],
            id="then-the-successor",
        ),
        pytest.param(
            pool(1, profile("a", None, MISSING)),
            [old("a1")],
            [("none", "", "SecretMissing")],
            id="no-old-one-goes-for-a-successor-that-cannot-start",
        ),
        pytest.param(
            pool(2, B),
            [one("a1"), one("b1")],
            [("start", "b", "TemplateChanged")],
            id="a-profile-that-is-gone-is-replaced",
        ),
        pytest.param(
            pool(2, profile("a", 1), B),
            [one("a1"), one("a2")],
            [("start", "b", "TemplateChanged")],
            id="one-too-many-of-a-profile-is-replaced",
        ),
        pytest.param(
            pool(2, profile("a", 1), B),
            [one("a1"), one("a2", started_at=9), one("b1")],
            [("cordon", "a2", "ProfileLimit")],
            id="and-goes-when-its-successor-is-ready",
        ),
    ],
)
def test_a_rollout_keeps_to_the_bounds(
    wanted: list[WantedPool], instances: list[ObservedInstance], expected: list[tuple[str, str, str]]
) -> None:
    assert short(make_plan(wanted, instances, NOW)) == expected


def test_a_whole_rollout_of_bounded_profiles_never_has_one_above_its_bound_and_ends() -> None:
    (bounded,) = pool(3, profile("a", 1), profile("b", 2))
    world = World(bounded, [old("a1"), old("b1"), old("b2")])

    while short(world.step()) != [("none", "", "AsWanted")]:
        names = [instance.profile for instance in world.there.values()]
        assert names.count("a") <= 1
        assert names.count("b") <= 2
        assert world.ready_serving >= 2
    assert sorted(instance.profile for instance in world.there.values()) == ["a", "b", "b"]
    assert world.revisions == ["new"] * 3
