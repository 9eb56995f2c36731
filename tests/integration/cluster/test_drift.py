"""What others do to a pool's objects: what is ours is repaired, what is theirs stays, and a pool that is gone stays gone."""

from pathlib import Path

import pytest
from aiohttp import web

from bridge_api import names
from tests.support.cluster.api import MERGE, Api, Object, path_of
from tests.support.cluster.audit import AuditLog
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.crd import pools_path
from tests.support.cluster.faults import FaultProxy, watches
from tests.support.cluster.kubectl import Kubectl
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.operators import OperatorProcess, running_operator
from tests.support.cluster.pools import create_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import deployment_path
from tests.support.waiting import eventually

CHILDREN = (
    ("v1", "serviceaccounts"),
    ("v1", "services"),
    ("v1", "configmaps"),
    ("policy/v1", "poddisruptionbudgets"),
    ("networking.k8s.io/v1", "networkpolicies"),
)
OF_POOLS = "lmarenabridge.dev/pool"


def pool_watches(request: web.Request) -> bool:
    return watches(request) and request.path.endswith(names.PLURAL)


async def settled(api: Api, namespace: str, pods: SimulatedPods, count: int = 1) -> None:
    await pods.ready(count)
    await reason_of(api, namespace, "Progressing", "AsWanted")


async def child(api: Api, path: str) -> Object:
    """Return the one object of a pool at a path; empty while it is not there."""
    found = await api.items(path, labelSelector=OF_POOLS)
    return found[0] if found else {}


async def deployment(api: Api, namespace: str) -> Object:
    return await child(api, deployment_path(namespace))


@pytest.fixture
async def one_pool(api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods) -> SimulatedPods:
    """A pool with one instance, and nothing to do."""
    await create_pool(api, namespace)
    await settled(api, namespace, pods)
    return pods


@pytest.mark.parametrize(("version", "plural"), CHILDREN)
async def test_a_child_that_is_deleted_comes_back(
    version: str, plural: str, api: Api, namespace: str, one_pool: SimulatedPods
) -> None:
    path = path_of(version, plural, namespace)
    before = await child(api, path)
    await api.delete(f"{path}/{before['metadata']['name']}")

    async def is_back() -> bool:
        now = await child(api, path)
        return bool(now) and now["metadata"]["uid"] != before["metadata"]["uid"]

    await eventually(is_back, within_seconds=5, what="the child being back")
    assert one_pool.ledger.stopped == []


async def test_another_image_in_a_child_is_put_right_and_no_pod_notices(
    api: Api, namespace: str, one_pool: SimulatedPods, kubectl: Kubectl
) -> None:
    before = await deployment(api, namespace)
    name = before["metadata"]["name"]
    container = before["spec"]["template"]["spec"]["containers"][0]

    await kubectl.succeeds("set", "image", f"deployment/{name}", f"{container['name']}=somebody/elses:1")

    async def put_right() -> bool:
        now = (await deployment(api, namespace))["spec"]["template"]["spec"]["containers"][0]
        return bool(now["image"] == container["image"])

    await eventually(put_right, within_seconds=5, what="the image being put right")
    assert one_pool.ledger.stopped == []


async def test_a_child_that_is_scaled_by_hand_is_taken_back_to_what_the_pool_wants(
    api: Api, namespace: str, one_pool: SimulatedPods, kubectl: Kubectl
) -> None:
    name = (await deployment(api, namespace))["metadata"]["name"]

    await kubectl.succeeds("scale", f"deployment/{name}", "--replicas=3")

    async def is_back() -> bool:
        return bool((await deployment(api, namespace))["spec"]["replicas"] == 1)

    # Three pods may never be seen: the operator can be quicker than whoever makes them.
    await eventually(is_back, what="the number that the pool wants")
    await settled(api, namespace, one_pool)


async def test_a_child_cannot_be_restarted_by_hand(
    api: Api, namespace: str, one_pool: SimulatedPods, kubectl: Kubectl
) -> None:
    name = (await deployment(api, namespace))["metadata"]["name"]

    said = await kubectl("rollout", "restart", f"deployment/{name}")

    assert said.code != 0
    assert "paused" in said.text


async def test_what_others_add_to_a_child_stays(api: Api, namespace: str, one_pool: SimulatedPods) -> None:
    path = deployment_path(namespace, (await deployment(api, namespace))["metadata"]["name"])
    foreign = {
        "labels": {"example.com/team": "blue"},
        "annotations": {"example.com/note": "ours"},
        "finalizers": ["example.com/wait"],
    }
    await api.patch(path, {"metadata": foreign}, MERGE)
    await api.patch(path, {"metadata": {"labels": {OF_POOLS.replace("pool", "profile"): "wrong"}}}, MERGE)

    async def ours_is_right() -> bool:
        return (await api.get(path))["metadata"]["labels"].get(OF_POOLS.replace("pool", "profile")) != "wrong"

    await eventually(ours_is_right, within_seconds=5, what="our label being put right")
    metadata = (await api.get(path))["metadata"]
    assert metadata["labels"]["example.com/team"] == "blue"
    assert metadata["annotations"]["example.com/note"] == "ours"
    assert metadata["finalizers"] == ["example.com/wait"]
    await api.patch(path, {"metadata": {"finalizers": []}}, MERGE)


async def test_nothing_is_written_while_nothing_changes_nor_after_a_new_start(
    api: Api, kubelet: Kubelet, pods: SimulatedPods, control_plane: ControlPlane, tmp_path: Path
) -> None:
    namespace = kubelet.namespace
    async with running_operator(control_plane, tmp_path, namespace):
        await create_pool(api, namespace)
        await settled(api, namespace, pods)
    audit = AuditLog(control_plane.audit_log)

    async with running_operator(control_plane, tmp_path, namespace) as second:

        async def has_looked() -> bool:
            _, metrics = await second.answers("/metrics")
            looks = [line for line in metrics.splitlines() if "reconcile_seconds_count" in line]
            return float(looks[0].split()[-1]) >= 2

        await eventually(has_looked, what="two looks")
        await api.patch(pools_path(namespace, "demo"), {"metadata": {"labels": {"a": "b"}}})  # one look more
        await eventually(has_looked, what="the looks")

    assert {one.resource for one in audit.writes(namespace)} <= {"secrets"}  # nobody may read that one


async def test_a_deleted_pool_gets_no_children_even_if_its_end_was_not_heard(
    api: Api, kubelet: Kubelet, pods: SimulatedPods, control_plane: ControlPlane, tmp_path: Path
) -> None:
    namespace = kubelet.namespace
    async with (
        FaultProxy(control_plane).running() as proxy,
        running_operator(control_plane, tmp_path, namespace, port=proxy.port),
    ):
        await create_pool(api, namespace)
        await settled(api, namespace, pods)
        audit = AuditLog(control_plane.audit_log)
        proxy.fail(503, times=1000, matches=pool_watches)
        proxy.cut(pool_watches)

        await api.delete(pools_path(namespace, "demo"))

        async def all_gone() -> bool:
            return not await deployment(api, namespace) and not pods.all

        await eventually(all_gone, what="the garbage collector having done its work")
        asked = [
            one
            for one in audit.asked(namespace)
            if one.resource == "bridgeinstancepools" and one.verb == "get"
        ]
        assert any(one.code == 404 for one in asked)
        assert not [one for one in audit.writes(namespace) if one.code == 201 and one.resource != "events"]
