"""The operator's time of day is set, by hours, either way: it decides nothing because of it, and goes on leading."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from bridge_operator.cluster.elector import Elector
from bridge_operator.cluster.metrics import Metrics
from bridge_operator.cluster.operator import Operator, World
from bridge_operator.resources.settings import ClusterSettings
from bridge_runtime.kube import Key
from bridge_runtime.kube.client import connected
from tests.support.cluster.api import Api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.crd import pools_path
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.leases import NAME, read_lease
from tests.support.cluster.operators import MASTER_TOKEN
from tests.support.cluster.pools import QUICK, create_pool, edit_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.simulated_router import SERVICE, SimulatedRouter
from tests.support.waiting import eventually

HOURS = 36_000.0


class WallClock:
    """The time of day, which somebody sets."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
async def wall_clock(
    control_plane: ControlPlane, kubelet: Kubelet, tmp_path: Path
) -> AsyncIterator[WallClock]:
    """The clock of an operator that runs in this process, without kopf."""
    clock = WallClock()
    kubeconfig = control_plane.access().write_kubeconfig(tmp_path / "operator.kubeconfig")
    async with connected(kubeconfig, user_agent="tests") as kube, aiohttp.ClientSession() as session:
        lease = Key(kubelet.namespace, NAME)
        elector = Elector(
            api=kube,
            lease=lease,
            identity="in-process",
            lease_seconds=3,
            clock=time.monotonic,
            wall_clock=clock,
            random=random.random,
        )
        operator = Operator(
            World(
                api=kube,
                session=session,
                elector=elector,
                metrics=Metrics(),
                master_token=MASTER_TOKEN,
                namespace=kubelet.namespace,
                namespaces=(kubelet.namespace,),
                router_service=SERVICE,
                cluster=ClusterSettings(image="demo:1"),
                clock=time.monotonic,
                wall_clock=clock,
                random=random.random,
            )
        )
        tasks = [asyncio.create_task(operator.watch()), asyncio.create_task(elector.run(operator.lead))]
        try:
            yield clock
        finally:
            for task in reversed(tasks):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await operator.close()


async def renewed(api: Api, namespace: str, times: int) -> None:
    """Wait until the Lease has been renewed so often, and see that nobody else has got it."""
    seen: set[str] = set()

    async def often_enough() -> bool:
        lease = await read_lease(api, namespace)
        assert lease["leaseTransitions"] == 0
        seen.add(lease["renewTime"])
        return len(seen) > times

    await eventually(often_enough, what=f"{times} renewals")


@pytest.mark.parametrize("ahead", [HOURS, -HOURS])
async def test_a_clock_that_is_set_moves_no_pod(
    ahead: float, wall_clock: WallClock, router: SimulatedRouter, api: Api, pods: SimulatedPods
) -> None:
    namespace = router.pools[0].partition("/")[0]
    scaling = {**QUICK, "stableWindowSeconds": 600, "minInstances": 1, "maxInstances": 3}
    await create_pool(api, namespace, slots=1, autoscaling=scaling, rollout={"progressDeadlineSeconds": 60})
    await pods.ready(1)
    router.pending[f"{namespace}/demo"] = 2
    await pods.ready(3)
    router.pending[f"{namespace}/demo"] = 0
    pods.starting_lasts = True
    await edit_pool(api, namespace, image="slow:2")
    await reason_of(api, namespace, "Progressing", "RollingOut")
    there = {pod.name for pod in pods.all}

    wall_clock.ahead = ahead
    await renewed(api, namespace, 10)

    assert {pod.name for pod in pods.all} >= there
    assert pods.ledger.stopped == []
    pool = await api.get(pools_path(namespace, "demo"))
    assert pool["status"]["desiredInstances"] == 3
    await reason_of(api, namespace, "Progressing", "RollingOut")
