"""The number of a pool in a cluster, from one look to the next."""

import pytest

from bridge_operator.autoscaler import Load
from bridge_operator.autoscaler.wish import begin, settle
from tests.unit.operator.cluster.objects import make_pool

POOL = make_pool(slots=1, autoscaling={"minInstances": 1, "maxInstances": 9, "initialInstances": 2})
NOTHING = Load()


def test_a_new_pool_begins_with_its_first_number():
    assert begin(POOL, None, 0.0).desired == 2


def test_what_is_there_counts_as_wished_for_so_a_new_operator_takes_nothing_away_at_once():
    wish = begin(POOL, 6, now=0.0)
    assert settle(POOL, NOTHING, wish, 59.0).desired == 6
    assert settle(POOL, NOTHING, wish, 61.0).desired == 5


def test_an_unknown_load_keeps_the_number_until_somebody_tells_it():
    wish = settle(POOL, None, begin(POOL, 3, 0.0), 100.0)
    assert wish.desired == 3
    assert not wish.waits_for_time


def test_a_number_that_a_window_holds_is_looked_at_again():
    assert settle(POOL, NOTHING, begin(POOL, 3, 0.0), 1.0).waits_for_time


def test_a_number_that_fits_waits_for_nothing():
    assert not settle(POOL, Load(busy=1), begin(POOL, 2, 0.0), 100.0).waits_for_time


def test_an_idle_last_instance_that_may_go_is_looked_at_again():
    pool = make_pool(slots=1, autoscaling={"minInstances": 0, "initialInstances": 1})
    wish = settle(pool, Load(idle_seconds=10), begin(pool, 1, 0.0), 100.0)
    assert wish.desired == 1
    assert wish.waits_for_time


@pytest.mark.parametrize(
    ("autoscaling", "begun_with", "load", "waits"),
    [
        ({"maxInstances": 2}, 2, Load(busy=9), False),
        ({"minInstances": 2}, 2, NOTHING, False),
        (
            {"maxInstances": 2, "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}}},
            2,
            NOTHING,
            True,
        ),
        ({"behavior": {"scaleDown": {"selectPolicy": "Disabled"}}}, 3, NOTHING, False),
        ({"mode": "Off", "maxInstances": 2, "minInstances": 2}, 3, NOTHING, False),
    ],
    ids=["at the maximum", "at the minimum", "until a window ends", "never", "by hand"],
)
def test_a_number_is_looked_at_again_where_time_alone_may_change_it(autoscaling, begun_with, load, waits):
    pool = make_pool(slots=1, replicas=3 if autoscaling.get("mode") else None, autoscaling=autoscaling)
    assert settle(pool, load, begin(pool, begun_with, 0.0), 100.0).waits_for_time is waits


def test_a_paused_pool_waits_for_nothing_though_its_number_is_out_of_bounds():
    pool = make_pool(slots=1, paused=True, autoscaling={"maxInstances": 2})
    assert not settle(pool, NOTHING, begin(pool, 5, 0.0), 100.0).waits_for_time
