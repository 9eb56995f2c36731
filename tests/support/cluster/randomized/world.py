"""The cluster of a randomized run: pools of several kinds, their pods and chats, routers, operators, and an API server that fails on demand."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.support.cluster.api import Api, Object
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.crd import pools_path
from tests.support.cluster.faults import FaultProxy
from tests.support.cluster.kubelet import Kubelet, running_kubelet
from tests.support.cluster.operators import OperatorProcess, start_operator
from tests.support.cluster.pods import Trouble
from tests.support.cluster.pools import QUICK, create_pool, edit_pool
from tests.support.cluster.randomized.deeds import Deeds
from tests.support.cluster.randomized.lives import OperatorLives
from tests.support.cluster.randomized.traffic import Traffic
from tests.support.cluster.simulated_pods import SimulatedPods, running_simulated_pods
from tests.support.cluster.simulated_router import SimulatedRouter, running_router

SLOTS = 2
MOST_INSTANCES = 5
LONG_IDLE_SECONDS = 2.0
"""A pool that has nothing to do has had nothing for longer than `idleSecondsToZero`."""

BROKEN = "browser:broken"
FIRST_IMAGE = "browser:0"
LOAD = {"maxInstances": MOST_INSTANCES, **QUICK}
POOLS: dict[str, Object] = {
    "steady": {"autoscaling": {"minInstances": 1, **LOAD}},
    "asleep": {"autoscaling": {"minInstances": 0, **LOAD, "idleSecondsToZero": 1}},
    "outside": {"autoscaling": {"mode": "External", "maxInstances": MOST_INSTANCES}, "replicas": 1},
    "profiled": {
        "autoscaling": {"minInstances": 1, **LOAD, "maxInstances": 4},
        "profiles": [{"name": "one", "maxInstances": 2}, {"name": "two", "maxInstances": 3}],
    },
}
"""By name: how many there are to be is decided in another way for each."""


@dataclass
class World:
    api: Api
    namespace: str
    rng: Random
    pods: SimulatedPods
    kubelet: Kubelet
    router: SimulatedRouter
    traffic: Traffic
    deeds: Deeds
    operators: OperatorLives
    proxy: FaultProxy
    paused: set[str] = field(default_factory=set)
    """Names of the pools that are left alone."""

    edits: int = 0

    def some_pool(self) -> str:
        return self.rng.choice(list(POOLS))

    def key(self, pool: str) -> str:
        return f"{self.namespace}/{pool}"

    async def edit(self, pool: str, **spec: object) -> None:
        self.edits += 1
        await edit_pool(self.api, self.namespace, pool, **spec)

    async def pools(self) -> dict[str, Object]:
        return {pool["metadata"]["name"]: pool for pool in await self.api.items(pools_path(self.namespace))}


@asynccontextmanager
async def running_world(
    plane: ControlPlane,
    api: Api,
    namespace: str,
    folder: Path,
    *,
    addresses: Iterator[str],
    seed: int,
    program: str = "bridge_operator",
) -> AsyncIterator[World]:
    """Have the pools and two operators, of which one leads; `program` is the module that is the operator."""
    proxy, rng = FaultProxy(plane), Random(seed)  # noqa: S311 - nothing secret

    async def start() -> OperatorProcess:
        return await start_operator(plane, folder, namespace, port=proxy.port, program=program)

    async with (
        proxy.running(),
        running_simulated_pods(slots=SLOTS) as pods,
        running_kubelet(api, namespace, pods, addresses) as kubelet,
    ):
        kubelet.trouble = _trouble
        router = SimulatedRouter(pods, [f"{namespace}/{name}" for name in POOLS])
        router.idle_seconds.update(dict.fromkeys(router.pools, LONG_IDLE_SECONDS))
        operators = OperatorLives(api, namespace, start)
        traffic = Traffic(pods, router, rng)
        deeds = Deeds(api, namespace, pods, traffic)
        world = World(
            api=api,
            namespace=namespace,
            rng=rng,
            pods=pods,
            kubelet=kubelet,
            router=router,
            traffic=traffic,
            deeds=deeds,
            operators=operators,
            proxy=proxy,
        )
        async with running_router(api, namespace, router, next(addresses)):
            try:
                await _begin(world)
                yield world
            finally:
                await operators.close()


async def _begin(world: World) -> None:
    rollout = {"progressDeadlineSeconds": 3}
    await asyncio.gather(
        *(
            create_pool(
                world.api, world.namespace, name, image=FIRST_IMAGE, slots=SLOTS, rollout=rollout, **spec
            )
            for name, spec in POOLS.items()
        )
    )
    await world.operators.begin()


def _trouble(pod: Object) -> Trouble | None:
    (container,) = pod["spec"]["containers"]
    return Trouble("ImagePullBackOff", "no such image") if container["image"] == BROKEN else None
