"""Three hundred pools at once: each becomes ready, in a bounded time and with bounded memory."""

import asyncio

import psutil

from tests.support.cluster.api import Api
from tests.support.cluster.crd import pools_path
from tests.support.cluster.operators import OperatorProcess
from tests.support.cluster.pools import create_pool
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.waiting import eventually

POOLS = 300
WITHIN_SECONDS = 90
"""The operator takes ten of them on a quiet machine (`make bench`); Kubernetes' own controllers and the pods the rest."""

MOST_BYTES = 250 * 2**20


async def test_three_hundred_pools_become_ready(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    async with asyncio.TaskGroup() as making:
        for number in range(POOLS):
            making.create_task(create_pool(api, namespace, f"pool-{number}"))

    async def ready() -> int:
        pools = await api.items(pools_path(namespace))
        return sum(pool.get("status", {}).get("readyInstances", 0) == 1 for pool in pools) == POOLS

    await pods.ready(POOLS, within_seconds=WITHIN_SECONDS)
    await eventually(ready, within_seconds=WITHIN_SECONDS, what="every pool having its instance")
    assert psutil.Process(operator.part.process.pid).memory_info().rss <= MOST_BYTES
