"""Busy pods say so to those who empty nodes, whatever else is wrong with their pool."""

import pytest

from bridge_api.names import BUSY_LABEL, SAFE_TO_EVICT
from tests.support.cluster.api import Api
from tests.support.cluster.operators import OperatorProcess
from tests.support.cluster.pools import create_pool, edit_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import pod_path
from tests.support.waiting import eventually


async def busy_annotation(api: Api, namespace: str) -> str:
    """Return what the busy pod says to an autoscaler of nodes; empty: none is labelled."""
    pods = await api.items(pod_path(namespace), labelSelector=f"{BUSY_LABEL}=true")
    return str(pods[0]["metadata"]["annotations"][SAFE_TO_EVICT]) if pods else ""


async def test_the_chats_of_a_pool_that_is_refused_are_protected_all_the_same(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace)
    (pod,) = await pods.ready(1)
    await edit_pool(api, namespace, template={"env": OWN})
    await reason_of(api, namespace, "Degraded", "InvalidSettings")

    pods.begin_chat(pod.name)

    assert await eventually(lambda: busy_annotation(api, namespace), what="the busy label") == "false"


OWN = [{"name": "BRIDGE_PORT", "value": "1"}]
"""It belongs to the operator."""


@pytest.mark.parametrize("disruption", ["WhenIdle", "Always"])
async def test_a_pod_may_be_evicted_until_it_chats_and_then_as_the_pool_says(
    disruption: str, api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace, drain={"disruption": disruption})
    (pod,) = await pods.ready(1)
    (made,) = await api.items(pod_path(namespace))
    assert made["metadata"]["annotations"][SAFE_TO_EVICT] == "true"

    pods.begin_chat(pod.name)

    assert (
        await eventually(lambda: busy_annotation(api, namespace), what="the busy label") == SAYS[disruption]
    )


SAYS = {"WhenIdle": "false", "Always": "true"}
