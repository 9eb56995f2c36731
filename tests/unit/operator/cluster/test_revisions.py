"""Which revision of each profile is wanted in a cluster, and which are kept."""

from typing import Any

from bridge_api.pool import BridgeInstancePool
from bridge_operator.autoscaler.wish import begin
from bridge_operator.cluster.facts import gather_facts
from bridge_operator.cluster.heard import Heard
from bridge_operator.cluster.observe import Observed
from bridge_operator.cluster.planned import instances_of
from bridge_operator.cluster.revisions import Revisions, choose_revisions
from bridge_operator.plan.revisions import Progress
from bridge_operator.resources.config_map import make_config_map
from bridge_operator.resources.revision import Revision, current_revisions
from bridge_operator.resources.settings import ClusterSettings
from tests.unit.operator.cluster.objects import NOW, look, make_deployment, make_pod, make_pool

SETTINGS = ClusterSettings(image="browser-pod:1")
OLD = make_pool(image="old:1")
NEW = make_pool(image="new:2")
IDLE = Heard(ready=True, slots=2, idle_since=0.0)


def revision_of(pool: BridgeInstancePool) -> Revision:
    (revision,) = current_revisions(pool, SETTINGS)
    return revision


def deployment_of(pool: BridgeInstancePool, replicas: int, **annotations: str) -> dict[str, Any]:
    revision = revision_of(pool)
    return make_deployment(
        revision.name, replicas=replicas, template_hash=revision.template_hash, **annotations
    )


def pod_of(pool: BridgeInstancePool, name: str, *, ready: bool = True) -> dict[str, Any]:
    return make_pod(name, template_hash=revision_of(pool).template_hash, ready=ready)


def choose(
    pool: BridgeInstancePool,
    observed: Observed,
    failing: dict[str, float] | None = None,
    damaged: BridgeInstancePool | None = None,
) -> Revisions:
    maps = {revision_of(one).name: make_config_map(revision_of(one)) for one in (OLD, NEW)}
    if damaged is not None:
        maps[revision_of(damaged).name]["data"] = {"pool.yaml": "no pool"}
    instances = instances_of(pool, observed, failing or {}, NOW.now)
    return choose_revisions(
        pool, current_revisions(pool, SETTINGS), observed, instances, config_maps=maps, now=NOW.now
    )


def test_a_new_pool_wants_what_its_spec_says():
    revisions = choose(NEW, look([], []))
    assert revisions.wanted == [revision_of(NEW)]
    assert revisions.earlier == ()


def test_during_a_rollout_the_old_revision_is_kept_and_its_pods_follow_live_edits():
    observed = look(
        [deployment_of(OLD, 1, complete="yes"), deployment_of(NEW, 1)],
        [pod_of(OLD, "a"), pod_of(NEW, "b", ready=False)],
        {"a": IDLE},
    )
    pool = make_pool(image="new:2", timeouts={"totalSeconds": 300})
    (earlier,) = choose(pool, observed).earlier
    assert earlier.template_hash == revision_of(OLD).template_hash
    assert earlier.pool.spec.image == "old:1"
    assert earlier.pool.spec.timeouts.total_seconds == 300


def test_an_old_revision_without_instances_is_kept_until_the_new_one_is_complete():
    old_first = [deployment_of(OLD, 0, complete="yes")]
    pods = [pod_of(NEW, "b")]
    under_way = look([*old_first, deployment_of(NEW, 1)], pods, {"b": IDLE})
    complete = look([*old_first, deployment_of(NEW, 1, complete="yes")], pods, {"b": IDLE})
    assert [choose(NEW, under_way).keeps(one) for one in under_way.revisions] == [True, True]
    assert [choose(NEW, complete).keeps(one) for one in complete.revisions] == [False, True]


def test_a_rollout_that_has_all_its_instances_is_newly_complete_once():
    observed = look([deployment_of(NEW, 1)], [pod_of(NEW, "b")], {"b": IDLE})
    (rollout,) = choose(NEW, observed).rollouts
    assert rollout.newly_complete
    noted = look([deployment_of(NEW, 1, complete="yes")], [pod_of(NEW, "b")], {"b": IDLE})
    (rollout,) = choose(NEW, noted).rollouts
    assert not rollout.newly_complete


def test_a_held_rollout_is_not_complete_however_well_it_stands():
    observed = look([deployment_of(NEW, 1)], [pod_of(NEW, "b")], {"b": IDLE})
    held = make_pool(image="new:2", rollout={"paused": True})
    assert not choose(held, observed).rollouts[0].newly_complete


def test_a_complete_rollout_comes_from_nowhere():
    observed = look(
        [deployment_of(OLD, 1, complete="yes"), deployment_of(NEW, 1, complete="yes")],
        [pod_of(OLD, "a"), pod_of(NEW, "b")],
    )
    assert choose(NEW, observed).rollouts[0].old_hash is None


def test_past_its_deadline_a_revision_has_failed_and_the_old_one_is_wanted_again():
    deployments = [deployment_of(OLD, 1, complete="yes"), deployment_of(NEW, 1)]
    pods = [pod_of(OLD, "a"), pod_of(NEW, "b", ready=False)]
    deadline = NEW.spec.rollout.progress_deadline_seconds
    stuck = choose(NEW, look(deployments, pods, {"a": IDLE}), {revision_of(NEW).name: NOW.now - deadline - 1})
    assert stuck.rollouts[0].newly_failed

    marked = [deployment_of(OLD, 1, complete="yes"), deployment_of(NEW, 1, failed="yes")]
    observed = look(marked, pods, {"a": IDLE})
    back = choose(NEW, observed)
    assert [one.template_hash for one in back.wanted] == [revision_of(OLD).template_hash]
    assert back.rollouts[0].went_back
    assert back.wanted[0].pool.spec.image == "old:1"
    assert all(back.keeps(one) for one in observed.revisions), "the mark of failure stays, too"


def test_a_revision_that_cannot_be_read_is_said_to_be_so_and_drained_like_others():
    observed = look(
        [deployment_of(OLD, 1, complete="yes"), deployment_of(NEW, 1)], [pod_of(OLD, "a"), pod_of(NEW, "b")]
    )
    revisions = choose(NEW, observed, damaged=OLD)
    assert revisions.unreadable == (revision_of(OLD).name,)
    assert revisions.all == [revision_of(NEW)], "nothing of the other is written"
    assert revisions.rollouts[0].verdict.progress is Progress.PROGRESSING, "its instance counts"
    facts = gather_facts(
        NEW, observed, wish=begin(NEW, 2, NOW.now), revisions=revisions, plan=[], models=(), replica_sets=[]
    )
    assert [one.reason for one in facts.troubles] == ["RevisionUnreadable"]
    (old,) = [one for one in observed.revisions if one.name == revision_of(OLD).name]
    assert not revisions.keeps(old)


def test_nothing_goes_back_to_a_revision_that_cannot_be_read():
    pods = [pod_of(OLD, "a"), pod_of(NEW, "b", ready=False)]
    deadline = NEW.spec.rollout.progress_deadline_seconds
    failing = {revision_of(NEW).name: NOW.now - deadline - 1}
    stuck = look([deployment_of(OLD, 1, complete="yes"), deployment_of(NEW, 1)], pods, {"a": IDLE})
    assert not choose(NEW, stuck, failing, damaged=OLD).rollouts[0].newly_failed
    marked = look([deployment_of(OLD, 1), deployment_of(NEW, 1, failed="yes")], pods, {"a": IDLE})
    assert choose(NEW, marked, damaged=OLD).wanted == [revision_of(NEW)]


def test_the_file_of_the_revision_that_the_spec_asks_for_need_not_be_read():
    observed = look([deployment_of(NEW, 1)], [pod_of(NEW, "b")], {"b": IDLE})
    revisions = choose(NEW, observed, damaged=NEW)
    assert (revisions.unreadable, revisions.wanted) == ((), [revision_of(NEW)])


def test_a_revision_whose_pods_cannot_be_made_fails_too():
    deployments = [deployment_of(OLD, 1, complete="yes"), deployment_of(NEW, 1)]
    deadline = NEW.spec.rollout.progress_deadline_seconds
    observed = look(deployments, [pod_of(OLD, "a")], {"a": IDLE})
    stuck = choose(NEW, observed, {revision_of(NEW).name: NOW.now - deadline - 1})
    assert stuck.rollouts[0].newly_failed


def test_an_edit_after_a_failure_is_tried():
    other = make_pool(image="mended:3")
    observed = look(
        [deployment_of(OLD, 1, complete="yes"), deployment_of(NEW, 0, failed="yes")], [pod_of(OLD, "a")]
    )
    revisions = choose(other, observed)
    assert revisions.wanted == [revision_of(other)]
    failed = next(one for one in observed.revisions if one.failed)
    assert not revisions.keeps(failed)


def test_each_profile_has_its_own_rollout():
    pool = make_pool(profiles=[{"name": "north"}, {"name": "south"}])
    assert [one.profile for one in choose(pool, look([], [])).wanted] == ["north", "south"]
