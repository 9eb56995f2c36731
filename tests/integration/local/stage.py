"""A local run on a stage: the real backend with stand-in children, and what a test can see and do."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import psutil

from bridge_api.wire.local import EndpointRecord, Listening, Registry
from bridge_runtime.child import Child, started

STAND_INS = Path(__file__).parent / "stand_ins"
POD, ROUTER = STAND_INS / "pod", STAND_INS / "router"
ROOT = Path(__file__).parents[3]
DEADLINE_SECONDS = 20.0

Found = TypeVar("Found")


async def eventually(look: Callable[[], Found], what: str, *, seconds: float = DEADLINE_SECONDS) -> Found:
    """Poll until something is found, or fail saying what was looked for."""
    try:
        async with asyncio.timeout(seconds):
            while not (found := look()):  # noqa: ASYNC110 - other processes have no event to wait for
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"not within {seconds:g} s: {what}") from None
    return found


def pool_text(*, name: str = "demo", instances: int = 2, slots: int = 1, extra: str = "") -> str:
    return f"""\
apiVersion: lmarenabridge.dev/v1alpha1
kind: BridgeInstancePool
metadata:
  name: {name}
spec:
  site:
    adapter: arena
    url: http://127.0.0.1:1/
  slots: {slots}
  autoscaling:
    minInstances: {instances}
{extra}"""


class Stage:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pool_file = folder / "pool.yaml"
        self.run_dir = folder / "run"
        self.log: list[str] = []

    def environment(self, *stand_ins: Path) -> dict[str, str]:
        """Let these stand in for the real packages."""
        path = os.pathsep.join(map(str, [*stand_ins, ROOT]))
        return {**os.environ, "STAND_IN_STAGE": str(self.folder), "PYTHONPATH": path}

    def command(self, *extra: str) -> list[str]:
        return [
            *(sys.executable, "-m", "bridge_operator", "--local", "--lifeline", "--log-format", "console"),
            *("--file", str(self.pool_file), "--run-dir", str(self.run_dir), "--metrics-port", "0", *extra),
        ]

    @asynccontextmanager
    async def backend(self, *extra: str) -> AsyncIterator[Child]:
        command = self.command("--port", "0", *extra)
        async with started(
            "backend", command, say=self.hear, environment=self.environment(POD, ROUTER)
        ) as child:
            yield child

    @asynccontextmanager
    async def running(self, *, instances: int = 2) -> AsyncIterator[tuple[Child, Listening]]:
        async with self.backend() as child:
            listening = await child.listening(DEADLINE_SECONDS)
            await self.endpoints(instances)
            yield child, listening

    async def ready_instances(self, listening: Listening, count: int) -> None:
        """Wait until the backend counts so many ready instances."""
        wanted = f'bridge_operator_ready_instances{{namespace="default",pool="demo"}} {count:.1f}'
        async with aiohttp.ClientSession() as session, asyncio.timeout(DEADLINE_SECONDS):
            while True:
                async with session.get(f"{listening.metrics_url}/metrics") as response:
                    if wanted in await response.text():
                        return
                await asyncio.sleep(0.02)

    def hear(self, _: str, line: str) -> None:
        self.log.append(line)

    def said(self, words: str) -> bool:
        return any(words in line for line in self.log)

    def journal(self, *kinds: str) -> list[dict[str, Any]]:
        """Return what the stand-ins have noted of these kinds, in the order in which it happened."""
        try:
            lines = (self.folder / "journal").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [entry for line in lines if (entry := json.loads(line))["kind"] in kinds]

    def pid_of(self, name: str) -> int:
        return next(int(entry["pid"]) for entry in reversed(self.journal("listens")) if entry["name"] == name)

    def registry(self) -> Registry:
        return Registry.model_validate_json((self.run_dir / "registry.json").read_text())

    async def endpoints(self, count: int) -> list[EndpointRecord]:
        """Wait until exactly so many instances are in the registry and none of them is on its way out."""

        def look() -> list[EndpointRecord] | None:
            found = self.registry().endpoints if (self.run_dir / "registry.json").exists() else []
            return found if len(found) == count and not any(one.terminating for one in found) else None

        if count == 0:
            await eventually(lambda: not self.registry().endpoints, "no endpoint is left")
            return []
        found = await eventually(look, f"{count} endpoints; the log: {self.log}")
        assert found is not None
        return found

    def survivors(self) -> list[int]:
        """List the stand-ins that are still there."""
        return [entry["pid"] for entry in self.journal("listens") if _alive(entry["pid"])]


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
