"""What our design takes for granted of evictions: a budget on the label `busy` protects the busy pods and no others."""

import pytest

from tests.support.cluster.api import Api, ApiError, Object, path_of
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import deployment_path, label, make_deployment, pod_path
from tests.support.waiting import eventually

BUSY = "lmarenabridge.dev/busy"
BUDGET: Object = {
    "apiVersion": "policy/v1",
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "busy-ones"},
    "spec": {
        "maxUnavailable": 0,
        "selector": {"matchLabels": {"app": "web", BUSY: "true"}},
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    },
}


async def evict(api: Api, namespace: str, pod: str) -> int:
    """Ask for an eviction and return the status of the answer."""
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod, "namespace": namespace},
    }
    try:
        await api.create(pod_path(namespace, pod, "eviction"), eviction)
    except ApiError as error:
        return error.status
    return 201


@pytest.fixture
async def two_pods(api: Api, namespace: str, kubelet: Kubelet, pods: SimulatedPods) -> tuple[str, str]:
    await api.create(deployment_path(namespace), make_deployment("web", 2))
    busy, idle = (pod.name for pod in await pods.ready(2))
    await label(api, namespace, busy, BUSY, "true")
    await api.create(path_of("policy/v1", "poddisruptionbudgets", namespace), BUDGET)
    await eventually(lambda: budget_has_seen(api, namespace), what="the budget having seen the busy pod")
    return busy, idle


async def budget_has_seen(api: Api, namespace: str) -> bool:
    budget = await api.get(path_of("policy/v1", "poddisruptionbudgets", namespace, "busy-ones"))
    return bool(budget.get("status", {}).get("currentHealthy") == 1)


async def test_the_eviction_of_a_busy_pod_is_refused(
    api: Api, namespace: str, two_pods: tuple[str, str]
) -> None:
    assert await evict(api, namespace, two_pods[0]) == 429


async def test_the_eviction_of_an_idle_pod_is_allowed(
    api: Api, namespace: str, two_pods: tuple[str, str], pods: SimulatedPods
) -> None:
    assert await evict(api, namespace, two_pods[1]) == 201

    await eventually(lambda: pods.ledger.stopped == [two_pods[1]], what="the idle pod being told to end")
