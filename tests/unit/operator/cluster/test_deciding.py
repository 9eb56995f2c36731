"""What one look decides besides the plan."""

from bridge_operator.autoscaler.wish import begin, settle
from bridge_operator.cluster.deciding import (
    SHORTEST_SECONDS,
    SOON_SECONDS,
    found_before,
    times_to_look,
    without_new_cordons,
)
from bridge_operator.cluster.revisions import Revisions
from bridge_operator.plan import Action, Verb
from tests.unit.operator.cluster.objects import NOW, look, make_deployment, make_pool

NOTHING_ROLLS = Revisions((), ())
SETTLED = settle(make_pool(paused=True), None, begin(make_pool(), 1, NOW.now), NOW.now)


def waits_until(until: float) -> Action:
    return Action(Verb.NONE, "team/demo", "Asked", "", until=until)


def test_a_time_to_come_is_waited_for_and_one_that_is_over_is_not_looked_at_without_a_pause():
    plan = [waits_until(NOW.now + 7), waits_until(NOW.now - 3)]
    assert times_to_look(plan, SETTLED, NOTHING_ROLLS, NOW.now) == [7, SHORTEST_SECONDS]


def test_a_number_that_time_may_change_is_looked_at_soon():
    held = begin(make_pool(), 1, NOW.now)
    assert times_to_look([], held, NOTHING_ROLLS, NOW.now) == [SOON_SECONDS]


def test_choosing_who_goes_is_put_off_and_all_else_is_not():
    drain = Action(Verb.DRAIN, "team/demo", "Idle", "", "b")
    cordon, other = without_new_cordons(
        [Action(Verb.CORDON, "team/demo", "TooMany", "", "a"), drain], NOW.now
    )
    assert (cordon.verb, cordon.instance, cordon.until) == (Verb.NONE, "a", NOW.now + SOON_SECONDS)
    assert other is drain


def test_a_pool_without_a_deployment_is_new_whatever_its_status_says():
    assert found_before({"status": {"desiredInstances": 3}}, look([], [])) is None


def test_the_number_that_was_wanted_counts_and_not_what_a_rollout_has_beside_it():
    observed = look([make_deployment(replicas=4)], [])
    assert found_before({"status": {"desiredInstances": 3}}, observed) == 3
    assert found_before({}, observed) == 4
