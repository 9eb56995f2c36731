"""A router over real sockets, with fake pods behind it and the OpenAI SDK in front."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import openai

from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.local import EndpointRecord, Registry
from bridge_router.app import make_app, running_router
from bridge_router.core.access import AccessPolicy
from bridge_router.core.pool import Pool
from bridge_router.router import Router
from bridge_router.settings import RouterSettings
from bridge_router.tokens import Tokens
from bridge_runtime.serving import serve
from tests.fakes.pod import FakePod


async def eventually(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not become true"
        await asyncio.sleep(0.005)


def make_pool(name: str = "demo", **spec: object) -> BridgeInstancePool:
    return BridgeInstancePool.model_validate(
        {
            "metadata": {"name": name},
            "spec": {"site": {"adapter": "arena", "url": "http://site.example"}, **spec},
        }
    )


class Bench:
    """A running router, its pods and its clients."""

    def __init__(self, router: Router, url: str, registry_file: Path, stack: AsyncExitStack) -> None:
        self.router = router
        self.url = url
        self.sdk = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0)
        self.http = aiohttp.ClientSession(base_url=url)
        self._registry_file = registry_file
        self._stack = stack

    async def pod(self, instance: str = "pod-a", **options: Any) -> FakePod:
        """Start a pod; it is in nobody's registry yet."""
        pod = FakePod(instance, **options)
        await pod.start()
        self._stack.push_async_callback(pod.stop)
        return pod

    def write_registry(self, pools: list[BridgeInstancePool], pods: list[FakePod]) -> None:
        self.write_registry_of(pools, [pod.record() for pod in pods])

    def write_registry_of(self, pools: list[BridgeInstancePool], records: list[EndpointRecord]) -> None:
        registry = Registry(pools=pools, endpoints=records)
        draft = self._registry_file.with_suffix(".tmp")
        draft.write_text(registry.model_dump_json(by_alias=True))
        draft.replace(self._registry_file)

    async def serve_pods(self, *pods: FakePod, **spec: object) -> None:
        """Let the pool `demo` have these pods, and wait until the router hears from them."""
        self.write_registry([make_pool("demo", **spec)], list(pods))
        wanted = {pod.instance for pod in pods}
        await eventually(
            lambda: "default/demo" in self.router.dispatcher.pools and self.connected() == wanted
        )

    def connected(self) -> set[str]:
        pools = self.router.dispatcher.pools.values()
        return {e.instance for pool in pools for e in pool.endpoints.values() if e.connected}

    @property
    def demo(self) -> Pool:
        return self.router.dispatcher.pools["default/demo"]

    async def stream(self, text: str = "hi") -> str:
        """Ask for a stream and read it whole."""
        stream = await self.sdk.chat.completions.create(
            model="model-a", messages=[{"role": "user", "content": text}], stream=True
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    async def post(self, **body: object) -> aiohttp.ClientResponse:
        """Ask without the SDK."""
        body = {"model": "model-a", "messages": [{"role": "user", "content": "hi"}]} | body
        return await self.http.post("/v1/chat/completions", json=body)


@asynccontextmanager
async def running_bench(
    folder: Path, *, policy: AccessPolicy | None = None, master: str | None = None, **settings: object
) -> AsyncIterator[Bench]:
    registry_file = folder / "registry.json"
    wanted = RouterSettings.model_validate({"registry_file": registry_file, "port": 0, **settings})
    async with (
        AsyncExitStack() as stack,
        running_router(wanted, policy or AccessPolicy(), Tokens(master)) as router,
        serve(make_app(router), host="127.0.0.1", port=0, shutdown_seconds=0.2) as port,
    ):
        bench = Bench(router, f"http://127.0.0.1:{port}", registry_file, stack)
        try:
            yield bench
        finally:
            await bench.sdk.close()
            await bench.http.close()
            router.running.cancel_all()
            router.running.feeds_end.set()
            router.dispatcher.changes.note()
