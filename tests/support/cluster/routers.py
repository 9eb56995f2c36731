"""Real routers as processes, beside the API server of the tests, with the rights that a test gives them."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import openai
from prometheus_client.parser import text_string_to_metric_families

from bridge_api.wire.admin import InstanceList, InstanceView, PoolList
from bridge_api.wire.local import Listening
from tests.support.cluster.api import Object
from tests.support.cluster.kubeconfig import Access
from tests.support.cluster.operators import MASTER_TOKEN
from tests.support.cluster.rights import rules_of
from tests.support.waiting import eventually

ROUTER_RULES = rules_of("router")
START_SECONDS = 15.0
API_KEY = "key-of-the-tests"


@dataclass
class RouterProcess:
    """A router process."""

    process: asyncio.subprocess.Process
    listening: Listening
    log: Path
    sdk: openai.AsyncOpenAI
    http: aiohttp.ClientSession

    async def ask(self, model: str = "model-a") -> str:
        """Ask for a stream and read it whole."""
        stream = await self.sdk.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "hi"}], stream=True
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    async def post(self, model: str = "model-a") -> tuple[int, dict[str, str], Object]:
        """Ask without a stream, and return status, headers and body."""
        body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
        url = f"{self.listening.url}/v1/chat/completions"
        async with self.http.post(url, json=body) as response:
            return response.status, dict(response.headers), await response.json()

    async def probe(self, path: str) -> tuple[int, str]:
        async with self.http.get(self.listening.metrics_url + path) as response:
            return response.status, await response.text()

    async def instances(self) -> list[InstanceView]:
        async with self.http.get(f"{self.listening.url}/api/v1/instances") as response:
            return InstanceList.model_validate_json(await response.read()).instances

    async def pools(self) -> list[str]:
        async with self.http.get(f"{self.listening.url}/api/v1/pools") as response:
            listed = PoolList.model_validate_json(await response.read()).pools
        return [f"{pool.namespace}/{pool.name}" for pool in listed]

    async def pending(self) -> int:
        async with self.http.get(f"{self.listening.url}/api/v1/pools") as response:
            return sum(one.pending for one in PoolList.model_validate_json(await response.read()).pools)

    async def samples(self, name: str, label: str) -> dict[str, float]:
        """Read a metric by one of its labels."""
        _, text = await self.probe("/metrics")
        families = text_string_to_metric_families(text)
        samples = (sample for family in families for sample in family.samples if sample.name == name)
        return {sample.labels[label]: sample.value for sample in samples}

    async def hears(self, count: int, *, within_seconds: float = 20.0) -> list[InstanceView]:
        """Wait until it hears from exactly so many instances, and knows no others."""

        async def settled() -> list[InstanceView]:
            known = await self.instances()
            return known if len(known) == count and all(one.connected for one in known) else []

        return await eventually(settled, within_seconds=within_seconds, what=f"{count} instances")

    async def says(self, path: str, status: int, *, within_seconds: float = 20.0) -> str:
        """Wait for the status of a probe, and return what it says."""

        async def said() -> str:
            answered, text = await self.probe(path)
            return text if answered == status else ""

        return await eventually(said, within_seconds=within_seconds, what=f"{path} being {status}")

    async def logs(self, text: str, *, within_seconds: float = 20.0) -> None:
        await eventually(
            lambda: text in self.log.read_text(),
            within_seconds=within_seconds,
            what=f"the log saying {text!r}",
        )


@asynccontextmanager
async def running_router_process(
    folder: Path, access: Access, *namespaces: str, name: str = "router", host: str = "127.0.0.1"
) -> AsyncIterator[RouterProcess]:
    """Run `python -m bridge_router` with the rights of `access`."""
    master = folder / "master"
    master.write_text(MASTER_TOKEN)
    keys = folder / "keys"
    keys.write_text(f"tests {hashlib.sha256(API_KEY.encode()).hexdigest()}\n")
    kubeconfig = access.write_kubeconfig(folder / f"{name}.kubeconfig")
    log = folder / f"{name}.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bridge_router", "--kubernetes", "--kubeconfig", str(kubeconfig)),
            *("--namespaces", ",".join(namespaces), "--master-token-file", str(master)),
            *("--api-keys-file", str(keys), "--host", host),
            *("--router-name", name, "--port", "0", "--metrics-port", "0"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
        headers = {"Authorization": f"Bearer {API_KEY}"}
        listening = Listening.model_validate_json(line)
        async with (
            openai.AsyncOpenAI(base_url=f"{listening.url}/v1", api_key=API_KEY, max_retries=0) as sdk,
            aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=60)) as http,
        ):
            yield RouterProcess(process, listening, log, sdk, http)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
