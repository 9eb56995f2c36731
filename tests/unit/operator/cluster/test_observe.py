"""What is there of a pool, made of raw objects and of what its pods say."""

from typing import Any

import pytest

from bridge_operator.cluster.heard import Heard
from bridge_operator.cluster.planned import failing_revisions, instances_of
from bridge_operator.cluster.trim import TRIMS, template_digest
from bridge_runtime.kube.resource import PODS
from tests.unit.operator.cluster.objects import (
    HASH,
    NOW,
    look,
    make_deployment,
    make_pod,
    make_pool,
    make_replica_set,
    timestamp,
)

IDLE = Heard(ready=True, slots=2, idle_since=0.0)
BUSY = Heard(ready=True, slots=2, busy_slots=1)


def instances(observed, failing=None):
    return instances_of(make_pool(), observed, failing or {}, NOW.now)


def test_pods_that_are_still_to_be_made_count_as_instances_that_are_not_ready():
    observed = look([make_deployment(replicas=3)], [make_pod("a")], {"a": IDLE})
    found = {one.name: one.ready for one in instances(observed)}
    assert found == {"a": True, "demo-1/1": False, "demo-1/2": False}


def test_a_pod_that_kubernetes_has_been_told_to_take_drains_already():
    pods = [make_pod("a"), make_pod("b", cost="-1000"), make_pod("c")]
    observed = look([make_deployment(replicas=2)], pods, {"a": IDLE, "b": IDLE, "c": IDLE})
    assert [one.name for one in instances(observed) if one.draining] == ["b"]
    assert observed.going() == {"b"}


def test_an_unready_pod_goes_before_a_ready_one_with_a_lower_cost():
    pods = [make_pod("a", ready=False), make_pod("b", cost="-1000")]
    assert look([make_deployment(replicas=1)], pods).going() == {"a"}


def test_a_terminating_pod_drains_and_is_no_replica():
    observed = look([make_deployment(replicas=1)], [make_pod("old", terminating=True), make_pod("new")])
    assert {one.name: one.draining for one in instances(observed)} == {"old": True, "new": False}


def test_pods_and_deployments_of_an_earlier_pool_of_the_name_are_not_seen():
    observed = look(
        [make_deployment(uid="earlier")], [make_pod("a", uid="earlier"), make_pod("b")], {"b": IDLE}
    )
    assert observed.revisions == ()
    assert [pod.name for pod in observed.pods] == ["b"]


def test_a_pod_that_has_ended_is_not_there():
    assert look([make_deployment()], [make_pod("a", phase="Failed")]).pods == ()


def test_a_ready_pod_that_has_said_nothing_yet_may_chat():
    (pod,) = look([make_deployment()], [make_pod("a")]).pods
    assert pod.busy_slots == 1
    assert pod.serves


def test_a_starting_pod_that_has_said_nothing_chats_with_nobody():
    (pod,) = look([make_deployment()], [make_pod("a", ready=False)]).pods
    assert pod.busy_slots == 0


def test_a_started_pod_that_has_said_nothing_may_chat_though_it_is_not_ready():
    pod = make_pod("a", ready=False)
    pod["status"]["containerStatuses"] = [{"name": "browser", "started": True, "state": {"running": {}}}]
    (seen,) = look([make_deployment()], [TRIMS[PODS](pod)]).pods
    assert (seen.started, seen.busy_slots) == (True, 1)


def test_a_pod_that_is_no_longer_heard_from_is_as_busy_as_it_said_last():
    (pod,) = look([make_deployment()], [make_pod("a")], {"a": BUSY.lost()}).pods
    assert pod.busy_slots == 1
    assert pod.serves, "Kubernetes still says that it is ready"


@pytest.mark.parametrize("state", ["waiting", "terminated"])
def test_a_pod_whose_process_has_ended_chats_with_nobody_whatever_it_said_last(state: str):
    pod = make_pod("a", ready=False)
    pod["status"]["containerStatuses"] = [{"state": {state: {"reason": "Error"}}}]
    (seen,) = look([make_deployment()], [pod], {"a": BUSY.lost()}).pods
    assert seen.busy_slots == 0


def test_a_pod_that_says_it_is_not_ready_serves_nobody_whatever_the_kubelet_said_last():
    (pod,) = look([make_deployment()], [make_pod("a")], {"a": Heard(ready=False, slots=2)}).pods
    assert not pod.serves


def test_times_of_the_api_are_put_on_the_clock_of_plans():
    (pod,) = look([make_deployment()], [make_pod("a", seconds_ago=50)]).pods
    assert pod.created_at == NOW.now - 50
    assert pod.changed_at == NOW.now - 40


def test_nothing_has_happened_later_than_now_whatever_our_wall_clock_says():
    assert NOW.at(timestamp(-3600)) == NOW.now


def test_an_instance_fails_since_it_was_first_seen_to():
    observed = look([make_deployment()], [make_pod("a", ready=False)])
    (first,) = instances(observed)
    assert first.failing_since == NOW.now
    (again,) = instances(observed, {"demo-1": NOW.now - 30})
    assert again.failing_since == NOW.now - 30


@pytest.mark.parametrize("pods", [[make_pod("another", ready=False)], []], ids=["made anew", "not made"])
def test_a_revision_goes_on_failing_whatever_becomes_of_its_pods(pods: list[dict[str, Any]]):
    observed = look([make_deployment()], pods)
    first = failing_revisions(observed, instances(observed))
    assert first == {"demo-1": NOW.now}
    (later,) = instances(observed, {"demo-1": NOW.now - 30})
    assert later.failing_since == NOW.now - 30


def test_a_revision_with_all_its_instances_fails_no_longer():
    observed = look([make_deployment()], [make_pod("a")], {"a": IDLE})
    assert failing_revisions(observed, instances(observed, {"demo-1": NOW.now - 30})) == {}


def test_marks_of_a_rollout_and_what_a_deployment_says_are_read():
    observed = look([make_deployment(replicas=0, failed="ProgressDeadlineExceeded")], [])
    (revision,) = observed.revisions
    assert (revision.failed, revision.complete) == (True, False)
    assert (revision.template_hash, revision.replicas, revision.has_replica_set) == (HASH, 0, True)
    assert observed.revision("", HASH) is revision


def test_a_cost_that_is_no_number_is_none_as_kubernetes_takes_it():
    (pod,) = look([make_deployment()], [make_pod("a", cost="cheap")]).pods
    assert pod.cost == 0


@pytest.mark.parametrize(
    ("replicas", "image", "has_one"),
    [
        (0, {}, True),  # its own, though nothing is in it
        (0, {"image": "of:another-template"}, False),
        (1, {"image": "of:another-template"}, True),  # its pods must not be rolled away
    ],
)
def test_a_deployment_has_a_replica_set_where_one_is_of_its_template_or_has_pods(replicas, image, has_one):
    deployment = make_deployment()
    replica_set = make_replica_set(deployment, replicas=replicas, **image)
    observed = look([deployment], [], replica_sets=[replica_set])
    assert observed.revisions[0].has_replica_set is has_one


def test_the_label_that_a_replica_set_is_told_apart_by_makes_no_other_template():
    own = {"metadata": {"labels": {"a": "b", "pod-template-hash": "1"}}}
    assert template_digest(own) == template_digest({"metadata": {"labels": {"a": "b"}}})


def test_a_ready_pod_is_held_by_an_unready_one_that_waits_for_its_site_or_a_person():
    blocked = Heard(ready=False, slots=2, idle_since=0.0, blocked=True)
    pods = [make_pod("a"), make_pod("x", ready=False), make_pod("new", ready=False)]
    observed = look([make_deployment(replicas=3)], pods, {"a": IDLE, "x": blocked})
    assert {one.name: one.held_by for one in instances(observed)} == {"a": ("x",), "x": (), "new": ()}
