"""A ReplicaSet that somebody has deleted, or Kubernetes itself: the pool gets another one, though its Deployments are paused."""

from pathlib import Path

from tests.support.cluster.api import MERGE, Api, Object, path_of
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.operators import OperatorProcess, running_operator
from tests.support.cluster.pools import create_pool, edit_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import deployment_path
from tests.support.waiting import eventually

BY_HAND = {"mode": "Off"}


async def replica_sets(api: Api, namespace: str) -> list[Object]:
    return await api.items(path_of("apps/v1", "replicasets", namespace))


async def is_paused(api: Api, namespace: str) -> bool:
    (deployment,) = await api.items(deployment_path(namespace))
    return bool(deployment["spec"].get("paused"))


async def has_replica_set(api: Api, namespace: str) -> bool:
    return bool(await replica_sets(api, namespace)) and await is_paused(api, namespace)


async def test_a_replica_set_that_is_deleted_comes_back_with_its_pods(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace, autoscaling=BY_HAND, replicas=2)
    old = {pod.name for pod in await pods.ready(2)}
    await reason_of(api, namespace, "Progressing", "AsWanted")
    await eventually(lambda: is_paused(api, namespace), what="the Deployment being paused")
    (lost,) = await replica_sets(api, namespace)

    await api.delete(path_of("apps/v1", "replicasets", namespace, lost["metadata"]["name"]))

    await eventually(lambda: not old & {pod.name for pod in pods.all}, what="its pods having gone")
    await pods.ready(2)
    await eventually(lambda: has_replica_set(api, namespace), what="another one, and the Deployment paused")


async def test_another_template_at_no_instance_costs_a_pool_nothing_but_a_moment(
    api: Api,
    kubelet: Kubelet,
    pods: SimulatedPods,
    control_plane: ControlPlane,
    tmp_path: Path,
) -> None:
    namespace = kubelet.namespace
    async with running_operator(control_plane, tmp_path, namespace):
        await create_pool(api, namespace, autoscaling=BY_HAND, replicas=0)
        await reason_of(api, namespace, "Ready", "ScaledToZero")
        await eventually(lambda: has_replica_set(api, namespace), what="a ReplicaSet")
    (deployment,) = await api.items(deployment_path(namespace))
    path = deployment_path(namespace, deployment["metadata"]["name"])

    containers = deployment["spec"]["template"]["spec"]["containers"]
    somebodys = {"containers": [containers[0] | {"image": "somebody/elses:1"}]}
    await api.patch(path, {"spec": {"template": {"spec": somebodys}}}, MERGE)

    async def is_cleaned_up() -> bool:
        return not await replica_sets(api, namespace)

    await eventually(is_cleaned_up, what="Kubernetes removing what it takes for old")
    async with running_operator(control_plane, tmp_path, namespace):
        await edit_pool(api, namespace, replicas=1)
        await pods.ready(1)
        await eventually(lambda: has_replica_set(api, namespace), what="the Deployment being paused again")
