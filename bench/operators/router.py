"""A router that the benchmark plays: it tells the load of every pool, once a second and at once when requests begin to wait."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from aiohttp import web

from bench.operators.stage import NAMESPACE, Stage
from bridge_api.wire.instance import InstanceStatus
from bridge_api.wire.load import LoadReport, PoolLoad
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.simulated_router import SimulatedRouter, running_router

LONGEST_SILENCE_SECONDS: Final = 1.0
"""A real router's."""


class Router(SimulatedRouter):
    def __init__(self, pods: SimulatedPods) -> None:
        super().__init__(pods, [])
        self._all = pods
        self._news = asyncio.Event()
        self._reports = 0

    def let_wait(self, pool: str, requests: int) -> None:
        self.pending[f"{NAMESPACE}/{pool}"] = requests
        self._news.set()

    def report(self) -> LoadReport:
        by_pool: dict[str, list[InstanceStatus]] = defaultdict(list)
        for pod in self._all.all:
            by_pool[pod.pool].append(pod.status())
        self._reports += 1
        loads = [self._told(pool, statuses) for pool, statuses in by_pool.items()]
        return LoadReport(router="router-1", boot="bench", sequence=self._reports, pools=loads)

    async def load_stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            self._news.clear()
            await response.write(self.report().model_dump_json(by_alias=True).encode() + b"\n")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LONGEST_SILENCE_SECONDS)

    def _told(self, pool: str, statuses: list[InstanceStatus]) -> PoolLoad:
        ready = [status for status in statuses if status.ready]
        return PoolLoad(
            pool=pool,
            slots=sum(len(status.slots) for status in ready),
            busy=0,
            pending=self.pending[pool],
            in_flight=0,
            ready_instances=len(ready),
            idle_seconds=asyncio.get_running_loop().time(),
        )


@asynccontextmanager
async def reporting(stage: Stage) -> AsyncIterator[Router]:
    """Run a router that knows every pod at once."""
    router = Router(stage.pods)
    async with running_router(stage.api, NAMESPACE, router, next(stage.addresses)):
        yield router
