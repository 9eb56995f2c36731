"""The pools as they are wanted: their UIDs stay, and an edit forgets failures."""

from bridge_api.manifest import read_manifest
from bridge_api.pool import BridgeInstancePool
from bridge_operator.local.wanted import WantedPools
from bridge_operator.plan import Obstacle

TEXT = """\
metadata: {name: NAME}
spec:
  site: {adapter: arena, url: "http://127.0.0.1:1"}
  slots: SLOTS
"""


def pool(name: str = "demo", slots: int = 1) -> BridgeInstancePool:
    (made,) = read_manifest(TEXT.replace("NAME", name).replace("SLOTS", str(slots))).pools
    return made


def make_wanted(*pools: BridgeInstancePool) -> WantedPools:
    wanted = WantedPools(random=lambda: 0.0)
    wanted.replace(pools)
    return wanted


def test_a_pool_keeps_its_uid_over_an_edit() -> None:
    wanted = make_wanted(pool())
    uid = wanted.pools["default/demo"].metadata.uid

    wanted.replace([pool(slots=2)])

    assert uid
    assert wanted.pools["default/demo"].metadata.uid == uid


def test_what_has_changed_is_said() -> None:
    wanted = make_wanted(pool("a"), pool("b"), pool("c"))

    changes = wanted.replace([pool("b", slots=2), pool("c"), pool("d")])

    assert changes == ["default/a is gone", "default/b has changed", "default/d is new"]


def test_an_edit_that_changes_nothing_is_none() -> None:
    assert make_wanted(pool()).replace([pool()]) == []


def test_a_death_holds_back_the_next_start_until_an_edit() -> None:
    wanted = make_wanted(pool())

    delay = wanted.note_death("default/demo", now=100.0, healthy_seconds=0.0)

    assert wanted.for_plan(lambda _: 1, {})[0].not_before == 100.0 + delay
    wanted.replace([pool(slots=2)])
    assert wanted.for_plan(lambda _: 1, {})[0].not_before < 100.0


def test_a_pool_without_profiles_has_one_without_a_name() -> None:
    (planned,) = make_wanted(pool()).for_plan(lambda _: 1, {})

    assert [profile.name for profile in planned.profiles] == [""]


def test_each_profile_goes_into_the_plan_with_its_bound_its_template_and_what_is_in_its_way() -> None:
    text = TEXT.replace("NAME", "demo").replace("SLOTS", "1")
    (made,) = read_manifest(text + "  profiles: [{name: a, maxInstances: 2}, {name: b}]\n").pools
    missing = Obstacle("SecretMissing", "it is not there")

    (planned,) = make_wanted(made).for_plan(lambda _: 1, {("default/demo", "b"): missing})

    assert [(one.name, one.max_instances, one.obstacle) for one in planned.profiles] == [
        ("a", 2, None),
        ("b", None, missing),
    ]
    assert len({profile.template_hash for profile in planned.profiles}) == 2
