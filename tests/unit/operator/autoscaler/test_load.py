"""The load of a pool is the sum of what its routers say, while they say it."""

from typing import Any

from bridge_api.wire.load import LoadReport, PoolLoad
from bridge_operator.autoscaler.load import Heard, Load, add_up

POOL = "default/demo"
NOW = 100.0


def heard(at: float = NOW, pool: str = POOL, **numbers: Any) -> Heard:
    load = PoolLoad(
        pool=pool, **{"slots": 4, "busy": 0, "pending": 0, "in_flight": 0, "ready_instances": 2, **numbers}
    )
    return Heard(LoadReport(router="r", boot="b", sequence=1, pools=[load]), at)


def test_busy_slots_are_the_same_for_all_routers_and_waiting_requests_are_each_ones_own() -> None:
    routers = [heard(busy=3, blocked=2, pending=1), heard(busy=2, blocked=2, pending=4)]

    assert add_up(routers, POOL, NOW) == Load(busy=3, blocked=2, pending=5)


def test_a_pool_is_as_idle_as_its_busiest_router_and_as_slow_as_its_slowest() -> None:
    routers = [
        heard(idle_seconds=50.0, first_token_p90_seconds=2.0),
        heard(idle_seconds=7.0, first_token_p90_seconds=9.0),
    ]

    load = add_up(routers, POOL, NOW)

    assert load == Load(idle_seconds=7.0, first_token_p90_seconds=9.0)


def test_without_a_router_nobody_knows_the_load() -> None:
    assert add_up([], POOL, NOW) is None
    assert add_up([Heard(None, NOW)], POOL, NOW) is None


def test_what_was_said_long_ago_is_not_known_now() -> None:
    assert add_up([heard(at=NOW - 6)], POOL, NOW) is None


def test_a_silent_router_makes_the_load_incomplete() -> None:
    load = add_up([heard(busy=1), heard(at=NOW - 6, busy=4, pending=9)], POOL, NOW)

    assert load == Load(busy=1, complete=False)


def test_a_router_that_does_not_know_the_pool_yet_says_nothing_of_it() -> None:
    assert add_up([heard(pool="default/other")], POOL, NOW) is None


def test_a_router_that_has_just_started_and_does_not_hear_every_instance_makes_it_incomplete_too() -> None:
    just_started = [heard(busy=0, ready_instances=1)]

    assert add_up(just_started, POOL, NOW, ready_instances=2) == Load(complete=False)
    assert add_up(just_started, POOL, NOW, ready_instances=1) == Load()
