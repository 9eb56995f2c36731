"""An operator that starts where thousands of pods are already: how soon it knows them, and how big it becomes."""

import asyncio
from contextlib import AsyncExitStack
from typing import Final

from pydantic import BaseModel

from bench.operators.stage import NAMESPACE, Stage, answering
from bench.operators.subjects import Kind, running
from bench.support.waiting import until
from tests.support.cluster.crd import pools_path
from tests.support.cluster.pools import make_pool

MADE_SECONDS: Final = 600.0
SETTLE_SECONDS: Final = 20.0
"""Once it acts: every pod's stream is open, and what was built up at the start is free again."""

LOOK_SECONDS: Final = 20.0


class Restart(BaseModel):
    ready_seconds: float
    ready_cpu_seconds: float
    acting_seconds: float
    peak_rss_mib: float
    rss_mib: float
    pss_mib: float
    cpu_percent: float
    """Of a core, once it has settled."""


async def make_pods(stage: Stage, pools: int, replicas: int) -> None:
    """Have our operator and Kubernetes make so many pools with so many ready pods each."""
    off = {"autoscaling": {"mode": "Off"}, "replicas": replicas, "slots": 1}
    async with answering(stage.pods), running(Kind.OURS, stage):
        for number in range(pools):
            await stage.api.create(pools_path(NAMESPACE), make_pool(f"pool-{number}", **off))

        async def ready() -> bool:
            return len(stage.pods.all) == pools * replicas and await _all_ready(stage)

        await until(ready, within_seconds=MADE_SECONDS, what=f"{pools * replicas} ready pods")


async def _all_ready(stage: Stage) -> bool:
    pools = await stage.api.items(pools_path(NAMESPACE))
    status = [pool.get("status", {}) for pool in pools]
    return all(
        one.get("readyInstances") == pool["spec"]["replicas"] for one, pool in zip(status, pools, strict=True)
    )


async def restart(stage: Stage, kind: Kind, *, pods_answer: bool) -> Restart:
    """Start an operator beside all that is there."""
    pools = len(await stage.api.items(pools_path(NAMESPACE)))
    pods = len(stage.pods.all)
    async with AsyncExitStack() as stack:
        if pods_answer:
            await stack.enter_async_context(answering(stage.pods))
        subject = await stack.enter_async_context(running(kind, stage, pools=pools, pods=pods))
        await asyncio.sleep(SETTLE_SECONDS)
        cpu_percent = await subject.cpu_percent(LOOK_SECONDS)
        rss, pss = subject.memory_mib()
        return Restart(
            ready_seconds=subject.ready_seconds,
            ready_cpu_seconds=subject.ready_cpu_seconds,
            acting_seconds=subject.acting_seconds,
            peak_rss_mib=subject.peak_rss_mib(),
            rss_mib=rss,
            pss_mib=pss,
            cpu_percent=cpu_percent,
        )
