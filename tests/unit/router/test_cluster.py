"""What becomes of the registry when objects of a cluster change."""

from typing import Any

import pytest

from bridge_router.core.cluster import ClusterView, pool_facts, slice_facts
from tests.unit.router.test_slices import a_slice, an_endpoint

PLACE = ("default", "demo")
SPEC = {"site": {"adapter": "arena", "url": "http://site.example"}}


def a_pool(version: int = 1, *, uid: str = "uid-1", spec: Any = None, **status: Any) -> dict[str, Any]:
    return {
        "apiVersion": "lmarenabridge.dev/v1alpha1",
        "kind": "BridgeInstancePool",
        "metadata": {
            "namespace": "default",
            "name": "demo",
            "uid": uid,
            "resourceVersion": str(version),
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
        },
        "spec": SPEC if spec is None else spec,
        "status": {"conditions": [{"type": "OfALaterVersion"}], **status},
    }


def versioned(version: int, *endpoints: dict[str, Any]) -> dict[str, Any]:
    made = a_slice(*endpoints)
    return made | {"metadata": made["metadata"] | {"resourceVersion": str(version)}}


@pytest.fixture
def view() -> ClusterView:
    view = ClusterView()
    assert view.take_pool(PLACE, pool_facts(a_pool())).changed
    assert view.take_slice(("default", "s"), slice_facts(versioned(1, an_endpoint()))).changed
    return view


def instances(view: ClusterView) -> list[str]:
    return [one.instance for one in view.registry().endpoints]


def test_pools_and_instances_are_listed_with_the_wanted_number(view: ClusterView) -> None:
    assert view.take_pool(PLACE, pool_facts(a_pool(2, desiredInstances=3))).changed

    pool = view.registry().pools[0]
    assert (pool.key, pool.metadata.uid) == ("default/demo", "uid-1")
    assert pool.status is not None
    assert pool.status.desired_instances == 3
    assert instances(view) == ["pod-a"]


def test_a_new_version_that_says_the_same_changes_nothing(view: ClusterView) -> None:
    assert view.take_pool(PLACE, pool_facts(a_pool(2, readyInstances=1))) == (False, "")


def test_readiness_alone_changes_nothing(view: ClusterView) -> None:
    not_ready = versioned(2, an_endpoint(ready=False, serving=False))

    assert not view.take_slice(("default", "s"), slice_facts(not_ready)).changed


def test_an_instance_that_is_to_go_changes_the_registry(view: ClusterView) -> None:
    leaving = versioned(2, an_endpoint(terminating=True))

    assert view.take_slice(("default", "s"), slice_facts(leaving)).changed
    assert view.registry().endpoints[0].terminating


def test_what_is_gone_is_gone(view: ClusterView) -> None:
    assert view.take_slice(("default", "s"), None).changed
    assert instances(view) == []
    assert view.take_pool(PLACE, None).changed
    assert view.registry().pools == []
    assert not view.take_pool(PLACE, None).changed


def test_instances_without_their_pool_are_not_listed(view: ClusterView) -> None:
    view.take_pool(PLACE, None)

    assert instances(view) == []


@pytest.mark.parametrize("spec", [{}, {**SPEC, "slots": 99}, {**SPEC, "unknown": 1}, "no mapping"])
def test_a_pool_that_is_not_understood_leaves_the_last_sound_one(view: ClusterView, spec: Any) -> None:
    changed, problem = view.take_pool(PLACE, pool_facts(a_pool(2, spec=spec)))

    assert not changed
    assert problem.startswith("spec")
    assert [pool.key for pool in view.registry().pools] == ["default/demo"]
    assert view.take_pool(PLACE, pool_facts(a_pool(3))) == (False, "")


def test_a_pool_made_anew_that_is_not_understood_is_not_taken_for_the_old_one(view: ClusterView) -> None:
    changed, problem = view.take_pool(PLACE, pool_facts(a_pool(2, uid="uid-2", spec={})))

    assert changed
    assert problem
    assert view.registry().pools == []
