"""A real pod process against a real demo site process, and what tests ask of both."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import yaml
from yarl import URL

from tests.support.processes import Part
from tests.support.waiting import eventually

Json = dict[str, Any]

TOKEN = "canary-token-7d1f"
HELLO = "Hello [[demo tokens=10 pace_ms=5]]"
ANSWER_TO_HELLO = 'You said: "Hello". This is turn 1 of our conversation.'


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
            assert answer.ok

    async def forget(self) -> None:
        async with self.http.delete(f"{self.url}/_demo/journal") as answer:
            assert answer.ok

    async def journal(self, kind: str | None = None) -> list[Json]:
        async with self.http.get(f"{self.url}/_demo/journal") as answer:
            entries: list[Json] = (await answer.json())["entries"]
        return [entry for entry in entries if kind in (None, entry["kind"])]

    async def wait_for(self, kind: str) -> Json:
        """Return the first entry of a kind, once it is there."""
        found: list[Json] = await eventually(lambda: self.journal(kind), what=f"{kind} in the journal")
        return found[0]


@dataclass
class Pod:
    url: str
    metrics_url: str
    part: Part
    site: DemoSite
    http: aiohttp.ClientSession

    def chat(
        self, content: str = HELLO, *, stream: bool = False, lease: str = "", key: str = "", **body: Any
    ) -> Any:
        """Send a chat as the router would for an API key; the response is there for the block."""
        messages = body.pop("messages", [{"role": "user", "content": content}])
        asked = {"model": "lumen-pro", "messages": messages, "stream": stream, **body}
        given = {"x-bridge-lease": lease, "x-bridge-key-id": key}
        headers = {name: value for name, value in given.items() if value}
        return self.http.post(f"{self.url}/v1/chat/completions", json=asked, headers=headers)

    async def refusal(self, content: str = HELLO, **body: Any) -> "Refusal":
        """Send a chat that is to fail, and return how it did."""
        async with self.chat(content, **body) as answer:
            return Refusal(answer.status, answer.headers, (await answer.json())["error"])

    async def answer(self, content: str = HELLO, **body: Any) -> Json:
        async with self.chat(content, **body) as answer:
            whole: Json = await answer.json()
            assert answer.status == 200, whole
            return whole

    async def text(self, content: str = HELLO, **body: Any) -> str:
        text: str = (await self.answer(content, **body))["choices"][0]["message"]["content"]
        return text

    async def status(self) -> Json:
        async with self.http.get(f"{self.url}/status") as answer:
            status: Json = await answer.json()
            return status

    async def conversations(self) -> list[str]:
        """Name the conversations that the free slots hold."""
        return [slot["conversation"] for slot in (await self.status())["slots"] if slot["conversation"]]

    async def states(self) -> list[str]:
        return [slot["state"] for slot in (await self.status())["slots"]]

    async def post(self, path: str, body: Json | None = None) -> Json:
        async with self.http.post(f"{self.url}{path}", json=body or {}) as answer:
            whole: Json = await answer.json()
            return whole

    async def wait_until(self, *states: str, within_seconds: float = 20.0) -> None:
        """Wait until the slots, in any order, are in these states."""

        async def reached() -> bool:
            return sorted(await self.states()) == sorted(states)

        await eventually(reached, within_seconds=within_seconds, what=f"slots {states}")

    async def restore(self) -> None:
        """Lift every failure, and wait until every slot is ready again."""
        await self.site.lift()

        async def all_ready() -> bool:
            status = await self.post("/check")
            return all(slot["state"] == "Ready" for slot in status["slots"])

        await eventually(all_ready, within_seconds=30, what="every slot ready")
        await self.site.forget()

    def chromium(self) -> psutil.Process:
        """Return the browser's main process."""
        tree = self.part.tree()
        return next(process for process in tree if _is_browser(process))

    def driver(self) -> psutil.Process:
        return psutil.Process(self.part.process.pid).children()[0]


@dataclass
class Refusal:
    status: int
    headers: Mapping[str, str]
    error: Json

    @property
    def kind(self) -> tuple[int, str]:
        return self.status, self.error["code"]


def _is_browser(process: psutil.Process) -> bool:
    command = process.cmdline()
    return bool(command) and "chromium" in process.name() and not any("--type=" in word for word in command)


async def events_of(response: aiohttp.ClientResponse) -> AsyncIterator[Any]:
    """Yield the data of each event of a streamed answer: JSON, or "[DONE]"."""
    async for line in response.content:
        if line.startswith(b"data: "):
            data = line.removeprefix(b"data: ").strip()
            yield "[DONE]" if data == b"[DONE]" else json.loads(data)


def make_pool(site_url: str, **spec: Any) -> Json:
    settings = {"acceptTerms": True, "pageTimeoutSeconds": 3, **spec.pop("settings", {})}
    site = {"adapter": "arena", "url": site_url, "settings": settings, **spec.pop("site", {})}
    return {
        "apiVersion": "lmarenabridge.dev/v1alpha1",
        "kind": "BridgeInstancePool",
        "metadata": {"name": "demo"},
        "spec": {
            "site": site,
            "slots": 2,
            "timeouts": {"firstTokenSeconds": 2, "idleSeconds": 1, "totalSeconds": 20},
            "health": {
                "intervalSeconds": 1,
                "failureThreshold": 100,
            },  # what tests do to one pod would be too much
            "browser": {"sandbox": "Disabled"} if os.geteuid() == 0 else {},
            **spec,
        },
    }


async def start_pod(folder: Path, pool: Json, *flags: str) -> Part:
    """Start the process of a pod; it may refuse to."""
    pool_file, token_file = folder / "pool.yaml", folder / "token"
    pool_file.write_text(yaml.safe_dump(pool))
    token_file.write_text(TOKEN + "\n")
    arguments = ["--pool-file", str(pool_file), "--instance", "demo-0", "--token-file", str(token_file)]
    ports = ["--port", "0", "--metrics-port", "0", "--lifeline"]
    return await Part.start(["bridge_browser", *arguments, *ports, *flags], folder / "pod.log")


@asynccontextmanager
async def running_pod(folder: Path, demo: DemoSite, *flags: str, **spec: Any) -> AsyncIterator[Pod]:
    """Start a pod and end it; it need not be ready yet."""
    part = await start_pod(folder, make_pool(demo.url, **spec), *flags)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as http:
        try:
            listening = await listening_line(part)
            yield Pod(listening["url"], listening["metricsUrl"], part, demo, http)
        finally:
            await part.stop()


@asynccontextmanager
async def running_site(folder: Path, *flags: str) -> AsyncIterator[DemoSite]:
    arguments = ["--port", "0", "--metrics-port", "0", "--tokens", "20", "--pace-ms", "5", *flags]
    part = await Part.start(["bridge_demo_site", *arguments], folder / "site.log")
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http:
        try:
            yield DemoSite((await listening_line(part))["url"], part, http)
        finally:
            await part.stop()


@asynccontextmanager
async def slow_chat(url: str, content: str, model: str) -> AsyncIterator[Callable[[], Awaitable[bytes]]]:
    """Send a chat over a connection that takes almost nothing; calling what is given reads it all."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.setblocking(False)
    target = URL(url)
    await asyncio.get_running_loop().sock_connect(narrow, (target.host, target.port))
    reader, writer = await asyncio.open_connection(sock=narrow, limit=1024)
    body = json.dumps({"model": model, "stream": True, "messages": [{"role": "user", "content": content}]})
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {target.authority}\r\nAuthorization: Bearer {TOKEN}\r\n"
    )
    writer.write(f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    async def read() -> bytes:
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024 * 1024)
        return await reader.read()

    try:
        yield read
    finally:
        writer.close()


async def listening_line(part: Part) -> Mapping[str, str]:
    """Return what a part has printed once it listened."""

    def said() -> Mapping[str, str] | None:
        lines = [line for line in part.text.splitlines() if line.startswith('{"url":')]
        return json.loads(lines[0]) if lines else None

    line = await eventually(said, what="the line that a part prints")
    assert line is not None
    return line


async def together(*calls: Any) -> list[Any]:
    return list(await asyncio.gather(*calls))
