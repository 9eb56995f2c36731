"""Systems to measure, each in processes of its own that end with the block; everything listens on loopback."""

import asyncio
import os
import re
import secrets
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml

from bridge_api.spec import BrowserSpec, Sandbox
from bridge_api.spec.browser import BrowserMode
from bridge_runtime.child import Child, started

LISTENING_SECONDS: Final = 60.0
LOG_LINES: Final = 40
_METRICS = re.compile(r"Metrics\s+(http://\S+)")

Json = dict[str, Any]


class Failed(Exception):
    """A part did not do what it was started for."""


def browser_spec(mode: BrowserMode) -> BrowserSpec:
    """Make what a pool says of its browser; Chromium's sandbox does not work for root."""
    sandbox = Sandbox.DISABLED if os.geteuid() == 0 else Sandbox.REQUIRED
    return BrowserSpec(mode=mode, sandbox=sandbox)


def pool_of(site_url: str, *, mode: BrowserMode = BrowserMode.SHELL, **spec: Any) -> Json:
    """Make a pool's file; `spec` adds to it and replaces."""
    return {
        "apiVersion": "lmarenabridge.dev/v1alpha1",
        "kind": "BridgeInstancePool",
        "metadata": {"name": "bench"},
        "spec": {
            "site": {"adapter": "arena", "url": site_url, "settings": {"acceptTerms": True}},
            "health": {"intervalSeconds": 1},
            "browser": browser_spec(mode).model_dump(by_alias=True, mode="json", exclude_defaults=True),
            **spec,
        },
    }


@dataclass(slots=True)
class Log:
    """The last of what the parts have written, for the case that something fails."""

    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LOG_LINES))
    metrics_url: str = ""
    """Where the operator's metrics are, once it has said so."""

    def hear(self, _: str, line: str) -> None:
        self.lines.append(line)
        if found := _METRICS.search(line):
            self.metrics_url = found[1]


@dataclass(frozen=True, slots=True)
class Part:
    """A running part: where it listens, and its process."""

    url: str
    child: Child
    log: Log
    token: str = ""

    @property
    def pid(self) -> int:
        return self.child.pid


@asynccontextmanager
async def part(*module: str, log: Log | None = None) -> AsyncIterator[Part]:
    """Run `python -m …` that says where it listens."""
    log = log or Log()
    async with started(module[0], [sys.executable, "-m", *module], say=log.hear) as child:
        listening = await child.listening(LISTENING_SECONDS)
        yield Part(listening.url, child, log)


@asynccontextmanager
async def demo_site(*flags: str) -> AsyncIterator[Part]:
    """Run a demo site; answers are short where the message says nothing."""
    short = ("--tokens", "20", "--pace-ms", "10", "--log-level", "warning")
    async with part("bridge_demo_site", "--port", "0", "--lifeline", *short, *flags) as site:
        yield site


@asynccontextmanager
async def pod(pool: Json) -> AsyncIterator[Part]:
    """Run one instance by itself; its slots may still be starting."""
    with TemporaryDirectory(prefix="bridge-bench-") as folder:
        token, token_file = secrets.token_hex(16), Path(folder) / "token"
        token_file.write_text(token)
        files = ("--pool-file", _write(folder, pool), "--token-file", str(token_file))
        ports = ("--port", "0", "--metrics-port", "0", "--lifeline", "--instance", "bench-0")
        async with part("bridge_browser", *files, *ports) as running:
            yield Part(running.url, running.child, running.log, token)


@asynccontextmanager
async def bridge(pool: Json, *flags: str) -> AsyncIterator[Part]:
    """Run `bridge up`; it need not listen yet."""
    with TemporaryDirectory(prefix="bridge-bench-") as folder:
        port, log = free_port(), Log()
        command: Sequence[str] = (
            "bridge_cli",
            "up",
            "-f",
            _write(folder, pool),
            "--port",
            str(port),
            "--lifeline",
        )
        async with started("bridge up", [sys.executable, "-m", *command, *flags], say=log.hear) as child:
            yield Part(f"http://127.0.0.1:{port}", child, log)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write(folder: str, pool: Json) -> str:
    path = Path(folder) / "pool.yaml"
    path.write_text(yaml.safe_dump(pool))
    return str(path)


async def ask(*module: str, within_seconds: float) -> str:
    """Run `python -m …` to its end, and return the JSON that it prints.

    Raises:
        Failed: It did not print any in time; its last lines are in the message.
    """
    log = Log()
    async with started(module[0], [sys.executable, "-m", *module], say=log.hear) as child:
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                await child.wait()
    said = next((line for line in reversed(log.lines) if line.startswith("{")), None)
    if said is None:
        raise Failed(f"{' '.join(module)} gave no result: {' | '.join(log.lines)}")
    return said
