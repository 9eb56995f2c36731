"""Objects that the API server refuses: the pool says so, and goes on once they are taken."""

from tests.support.cluster.api import Api, path_of
from tests.support.cluster.operators import OperatorProcess
from tests.support.cluster.pools import create_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods


async def test_a_pool_whose_objects_are_refused_says_so_and_recovers(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    quotas = path_of("v1", "resourcequotas", namespace)
    quota = await api.create(
        quotas, {"metadata": {"name": "none"}, "spec": {"hard": {"count/deployments.apps": "0"}}}
    )
    # No quota controller runs here; the admission asks for a status that says what is used.
    used = {"status": {"hard": quota["spec"]["hard"], "used": {"count/deployments.apps": "0"}}}
    await api.patch(f"{quotas}/none/status", used)

    await create_pool(api, namespace)
    refused = await reason_of(api, namespace, "Ready", "ObjectsRefused")
    assert "exceeded quota" in refused["message"]

    await api.delete(f"{quotas}/none")
    await pods.ready(1)
    await reason_of(api, namespace, "Ready", "InstancesReady")
