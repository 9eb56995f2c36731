"""A router that the test process plays: it tells the load of simulated pods, and of requests that the test says wait."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from aiohttp import web

from bridge_api.wire.instance import SlotState
from bridge_api.wire.load import LoadReport, PoolLoad
from bridge_browser.changes import Changes
from bridge_runtime.serving import serve
from tests.support.cluster.api import Api, path_of
from tests.support.cluster.simulated_pods import SimulatedPods

SERVICE = "router"
EVERY_ADDRESS = "0.0.0.0"
REPORT_SECONDS = 0.2


class SimulatedRouter:
    def __init__(self, pods: SimulatedPods, pools: list[str], *, name: str = "router-1") -> None:
        self.pools = pools
        """`namespace/name` of each that it tells of."""

        self.pending: dict[str, int] = defaultdict(int)
        self.idle_seconds: dict[str, float] = defaultdict(float)
        self.silent = False
        """Whether it says nothing more, though it is there."""

        self.busy_is_hidden = False
        self.tokens_seen: set[str] = set()
        self.told = Changes()
        """Announces each report that an operator gets."""

        self._pods = pods
        self._name = name
        self._boot = uuid4().hex
        self._sequence = 0

    def report(self) -> LoadReport:
        self._sequence += 1
        return LoadReport(
            router=self._name,
            boot=self._boot,
            sequence=self._sequence,
            pools=[self._load(pool) for pool in self.pools],
        )

    def _load(self, pool: str) -> PoolLoad:
        statuses = [pod.status() for pod in self._pods.of_pool(pool) if pod.alive]
        ready = [status for status in statuses if status.ready]
        busy = sum(status.count(SlotState.BUSY) for status in statuses)
        waiting = self.pending[pool]
        return PoolLoad(
            pool=pool,
            slots=sum(len(status.slots) for status in ready),
            busy=busy,
            blocked=sum(status.count(SlotState.RATE_LIMITED, SlotState.NEEDS_HUMAN) for status in statuses),
            pending=waiting,
            in_flight=busy,
            ready_instances=len(ready),
            idle_seconds=0.0 if busy or waiting else self.idle_seconds[pool],
        )

    async def load_stream(self, request: web.Request) -> web.StreamResponse:
        self.tokens_seen.add(request.headers.get("Authorization", ""))
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            if not self.silent:
                await response.write(self.report().model_dump_json(by_alias=True).encode() + b"\n")
                self.told.announce()
            await asyncio.sleep(REPORT_SECONDS)


@asynccontextmanager
async def running_router(
    api: Api, namespace: str, router: SimulatedRouter, address: str
) -> AsyncIterator[SimulatedRouter]:
    """Let a router be found under an address of the pods' network."""
    app = web.Application()
    app.router.add_get("/load/stream", router.load_stream)
    async with (
        serve(app, host=EVERY_ADDRESS, port=0, shutdown_seconds=0.01) as port,
        announced(api, namespace, address, port),
    ):
        yield router


@asynccontextmanager
async def announced(api: Api, namespace: str, address: str, port: int) -> AsyncIterator[None]:
    """Let operators find a router that listens there."""
    path = path_of("discovery.k8s.io/v1", "endpointslices", namespace)
    name = f"{SERVICE}-{port}"
    await api.create(path, _endpoint_slice(name, address, port))
    try:
        yield
    finally:
        await api.delete(f"{path}/{name}")


def _endpoint_slice(name: str, address: str, port: int) -> dict[str, object]:
    return {
        "metadata": {"name": name, "labels": {"kubernetes.io/service-name": SERVICE}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True, "serving": True}}],
        "ports": [{"name": "http", "port": port, "protocol": "TCP"}],
    }
