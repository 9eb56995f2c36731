"""The operator on a real API server: a pool becomes its objects, and its pods run."""

from tests.support.cluster.api import Api
from tests.support.cluster.operators import OperatorProcess
from tests.support.cluster.pools import create_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import deployment_path
from tests.support.waiting import eventually


async def test_a_pool_gets_its_objects_and_becomes_ready(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace, autoscaling={"minInstances": 2})
    await pods.ready(2)
    await reason_of(api, namespace, "Ready", "InstancesReady")

    async def paused() -> bool:
        (deployment,) = await api.items(deployment_path(namespace))
        return bool(deployment["spec"].get("paused")) and deployment["spec"]["replicas"] == 2

    await eventually(paused, what="the Deployment being paused")
