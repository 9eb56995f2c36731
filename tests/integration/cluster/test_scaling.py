"""Scaling on a real API server: the load moves the number, and no chat ends because of it."""

import signal

from bridge_api.wire.instance import CordonRequest
from bridge_runtime.tokens import load_token
from tests.support.cluster.api import Api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.operators import MASTER_TOKEN, OperatorProcess
from tests.support.cluster.pools import QUICK, create_pool, edit_pool, reason_of
from tests.support.cluster.simulated_pod import now
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.simulated_router import SimulatedRouter
from tests.support.cluster.workloads import deployment_path
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
    assert router.tokens_seen == {f"Bearer {load_token(MASTER_TOKEN)}"}, "the master token stays at home"


async def test_a_pod_that_has_been_let_go_takes_no_chats_however_long_kubernetes_takes_to_end_it(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods, control_plane: ControlPlane
) -> None:
    await create_pool(api, namespace, autoscaling={"mode": "Off"}, replicas=2)
    await pods.ready(2)
    await reason_of(api, namespace, "Progressing", "AsWanted")
    control_plane.controllers.send(signal.SIGSTOP)
    try:
        await edit_pool(api, namespace, replicas=1)
        await eventually(lambda: is_lowered(api, namespace), what="one replica being asked for")
        (gone,) = [pod for pod in pods.all if pod.status().cordons]
        for cordon in gone.status().cordons:  # as if its time were over
            gone.board.uncordon(CordonRequest(owner=cordon.owner, epoch=cordon.epoch, ttl_seconds=1), now())
        assert not gone.status().cordons

        await eventually(lambda: gone.status().cordons, within_seconds=5, what="it being cordoned again")
    finally:
        control_plane.controllers.send(signal.SIGCONT)
    assert gone not in await pods.ready(1)


async def is_lowered(api: Api, namespace: str) -> bool:
    (deployment,) = await api.items(deployment_path(namespace))
    return bool(deployment["spec"]["replicas"] == 1)
