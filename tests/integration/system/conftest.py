"""The whole system on this machine: a demo site, and `bridge up` with a pool for it."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
import pytest_asyncio
import yaml
from openai import AsyncOpenAI

from tests.support.processes import Part, free_port
from tests.support.waiting import eventually

Json = dict[str, Any]

BRIDGE_UP = ("bridge_cli", "up")
"""The command that starts a system; another one may stand in for it, with the same options."""


@dataclass
class DemoSite:
    url: str
    part: Part
    http: aiohttp.ClientSession

    async def fail(self, fault: str, **options: Any) -> None:
        async with self.http.put(f"{self.url}/_demo/faults", json={"fault": fault, **options}) as answer:
            assert answer.ok, await answer.text()

    async def lift(self) -> None:
        async with self.http.delete(f"{self.url}/_demo/faults") as answer:
            assert answer.ok, await answer.text()

    async def forget(self) -> None:
        """Empty the journal."""
        async with self.http.delete(f"{self.url}/_demo/journal") as answer:
            assert answer.ok, await answer.text()

    async def journal(self, kind: str | None = None) -> list[Json]:
        async with self.http.get(f"{self.url}/_demo/journal") as answer:
            entries: list[Json] = (await answer.json())["entries"]
        return [entry for entry in entries if kind is None or entry["kind"] == kind]


@dataclass
class System:
    url: str
    site: DemoSite
    part: Part
    pool_file: Path
    http: aiohttp.ClientSession
    clients: list[AsyncOpenAI] = field(default_factory=list)

    def client(self, *, api_key: str = "any") -> AsyncOpenAI:
        """Make an SDK client that lives as long as the system."""
        client = AsyncOpenAI(base_url=f"{self.url}/v1", api_key=api_key, max_retries=0, timeout=60)
        self.clients.append(client)
        return client

    async def instances(self) -> list[Json]:
        async with self.http.get(f"{self.url}/api/v1/instances") as answer:
            instances: list[Json] = (await answer.json())["instances"]
            return instances

    async def pool(self) -> Json:
        """Return what the router says of the one pool."""
        async with self.http.get(f"{self.url}/api/v1/pools") as answer:
            (pool,) = (await answer.json())["pools"]
            return dict(pool)

    async def slots(self) -> list[Json]:
        return [slot for instance in await self.instances() for slot in instance["slots"]]

    async def pending(self) -> int:
        """Count the requests that wait for a slot."""
        async with self.http.get(f"{self.url}/api/v1/pools") as answer:
            return sum(pool["pending"] for pool in (await answer.json())["pools"])

    async def ready(self, count: int) -> bool:
        try:
            return sum(instance["ready"] for instance in await self.instances()) >= count
        except aiohttp.ClientError:
            return False

    async def idle(self) -> bool:
        slots = await self.slots()
        return bool(slots) and all(slot["state"] == "Ready" for slot in slots)

    def edit(self, **spec: Any) -> None:
        """Change the pool's spec in its file, field by field at the top."""
        pool = yaml.safe_load(self.pool_file.read_text())
        pool["spec"].update(spec)
        self.pool_file.write_text(yaml.safe_dump(pool))

    def instance_pids(self) -> dict[str, int]:
        """Return the process id of each instance by its name."""
        found = {}
        for process in self.part.tree():
            with suppress(psutil.NoSuchProcess):  # a zombie, too, has no command any more
                command = process.cmdline()
                if "bridge_browser" in command and "--instance" in command:
                    found[command[command.index("--instance") + 1]] = process.pid
        return found


def make_pool(site_url: str, **spec: Any) -> Json:
    browser = {"sandbox": "Disabled"} if os.geteuid() == 0 else {}
    return {
        "apiVersion": "lmarenabridge.dev/v1alpha1",
        "kind": "BridgeInstancePool",
        "metadata": {"name": "demo"},
        "spec": {
            "site": {"adapter": "arena", "url": site_url, "settings": {"acceptTerms": True}},
            "slots": 2,
            "autoscaling": {"minInstances": 2, "maxInstances": 2},
            "health": {"intervalSeconds": 1},
            "browser": browser,
            **spec,
        },
    }


@asynccontextmanager
async def running_system(
    folder: Path,
    site: DemoSite,
    *,
    command: Sequence[str] = BRIDGE_UP,
    ready: int | None = None,
    **spec: Any,
) -> AsyncIterator[System]:
    """Start `bridge up` with one pool, wait until its minimum or so many instances are ready, and end it."""
    pool = make_pool(site.url, **spec)
    pool_file = folder / "pool.yaml"
    pool_file.write_text(yaml.safe_dump(pool))
    port = free_port()
    part = await Part.start([*command, "--file", str(pool_file), "--port", str(port)], folder / "up.log")
    system = System(f"http://127.0.0.1:{port}", site, part, pool_file, site.http)
    try:
        count = pool["spec"]["autoscaling"]["minInstances"] if ready is None else ready
        await eventually(lambda: system.ready(count), within_seconds=60, what="a ready pool")
        yield system
    finally:
        for client in system.clients:
            await client.close()
        await part.stop()


@asynccontextmanager
async def running_site(folder: Path, *options: str) -> AsyncIterator[DemoSite]:
    """Start a demo site with short answers, and end it."""
    port = free_port()
    short = ("--tokens", "20", "--pace-ms", "10")
    part = await Part.start(["bridge_demo_site", "--port", str(port), *short, *options], folder / "site.log")
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http:
        demo = DemoSite(f"http://127.0.0.1:{port}", part, http)

        async def answers() -> bool:
            try:
                async with http.get(f"{demo.url}/_demo/journal") as answer:
                    return answer.ok
            except aiohttp.ClientError:
                return False

        try:
            await eventually(answers, what="the demo site")
            yield demo
        finally:
            await part.stop()


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DemoSite]:
    async with running_site(tmp_path) as demo:
        yield demo


@pytest.fixture
async def system(tmp_path: Path, site: DemoSite) -> AsyncIterator[System]:
    """A system of the test's own, which it may break."""
    async with running_system(tmp_path, site) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """A system for all tests of a module, which leave it as they found it."""
    folder = tmp_path_factory.mktemp("system")
    async with running_site(folder) as demo, running_system(folder, demo) as running:
        yield running
