"""Scaling on a real API server: the load moves the number, and no chat ends because of it."""

from tests.support.cluster.api import Api
from tests.support.cluster.operators import OperatorProcess
from tests.support.cluster.pools import QUICK, create_pool
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.simulated_router import SimulatedRouter
from tests.support.waiting import eventually


async def test_load_adds_pods_and_its_end_takes_idle_ones_only(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods, router: SimulatedRouter
) -> None:
    await create_pool(api, namespace, slots=1, autoscaling={"minInstances": 1, "maxInstances": 4, **QUICK})
    (first,) = await pods.ready(1)
    chat = pods.begin_chat(first.name)
    router.pending[f"{namespace}/demo"] = 3
    await pods.ready(4)

    router.pending[f"{namespace}/demo"] = 0
    await eventually(lambda: len(pods.all) == 2, what="two idle pods having gone")
    assert first.name in {pod.name for pod in pods.all}

    pods.end_chat(chat)
    await pods.ready(1)
    assert pods.ledger.killed_busy == []
    assert pods.ledger.cut == []
