"""Everything at once: the pool of examples/, operator and router with the chart's rights, and real browsers as pods."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from bridge_api.wire.instance import SlotState
from tests.integration.browser_pod.stage import DemoSite, running_site
from tests.support.cluster.api import Api, Object
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.kubectl import Kubectl
from tests.support.cluster.kubelet import running_kubelet
from tests.support.cluster.namespaces import grant
from tests.support.cluster.operators import OperatorProcess, running_operator
from tests.support.cluster.pools import edit_pool, reason_of
from tests.support.cluster.process_pods import ProcessPods, running_process_pods
from tests.support.cluster.rights import AuditLog, rules_of
from tests.support.cluster.routers import RouterProcess, running_router_process
from tests.support.cluster.simulated_router import announced
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

EXAMPLE = Path(__file__).parents[3] / "examples" / "kubernetes" / "pool.yaml"
START_SECONDS = 60.0


@pytest.fixture
async def site(control_plane: ControlPlane, tmp_path: Path) -> AsyncIterator[DemoSite]:
    async with running_site(tmp_path) as site:
        yield site


@pytest.fixture
async def browsers(
    api: Api, namespace: str, addresses: Iterator[str], tmp_path: Path
) -> AsyncIterator[ProcessPods]:
    folder = tmp_path / "pods"
    folder.mkdir()
    async with (
        running_process_pods(api, folder) as browsers,
        running_kubelet(api, namespace, browsers, addresses),
    ):
        yield browsers


@pytest.fixture
async def router(
    api: Api, control_plane: ControlPlane, namespace: str, addresses: Iterator[str], tmp_path: Path
) -> AsyncIterator[RouterProcess]:
    await grant(api, "router", namespace, rules_of("router"))
    host, access = next(addresses), control_plane.access("router")
    async with running_router_process(tmp_path, access, namespace, host=host) as router:
        port = urlsplit(router.listening.url).port
        assert port is not None
        async with announced(api, namespace, host, port):
            yield router


@dataclass
class Cluster:
    api: Api
    namespace: str
    browsers: ProcessPods
    router: RouterProcess
    begun: "list[asyncio.Task[str]]" = field(default_factory=list)
    """Chats that run beside the test."""

    async def edit(self, **spec: Any) -> None:
        await edit_pool(self.api, self.namespace, **spec)

    async def chat(self, question: str, *, tokens: int = 20, pace_ms: int = 10) -> str:
        """Ask with the OpenAI SDK, and return the answer as it was streamed, whole or not."""
        content = f"[[demo tokens={tokens} pace_ms={pace_ms}]] {question}"
        stream = await self.router.sdk.chat.completions.create(
            model="atlas-3-large", messages=[{"role": "user", "content": content}], stream=True
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])

    async def begin_chats(self, *questions: str) -> "list[asyncio.Task[str]]":
        """Begin chats that take some seconds, and return once all of them run."""
        chats = [asyncio.create_task(self.chat(one, tokens=100, pace_ms=80)) for one in questions]
        self.begun += chats

        async def run() -> bool:
            slots = [slot for one in await self.router.instances() for slot in one.slots]
            return sum(slot.state is SlotState.BUSY for slot in slots) == len(questions)

        await eventually(run, what=f"{len(questions)} chats running")
        return chats

    async def ready(self, count: int) -> list[str]:
        """Wait until so many instances are ready and no others are there, and name them."""

        async def settled() -> list[str]:
            found = await self.router.instances()
            names = sorted(one.instance for one in found if one.ready)
            there = sorted(pod.pod.name for pod in self.browsers.all)
            return names if names == there and len(names) == count else []

        return await eventually(settled, within_seconds=START_SECONDS, what=f"{count} ready instances")

    async def none_left(self) -> None:
        await eventually(
            lambda: not self.browsers.all, within_seconds=START_SECONDS, what="the end of the last pod"
        )


@pytest.fixture
async def operator(
    api: Api, control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> AsyncIterator[OperatorProcess]:
    rules = rules_of("operator") + rules_of("operator-own-namespace")
    await grant(api, "operator", namespace, rules)
    log = AuditLog(control_plane.audit_log, from_now=True)
    async with running_operator(control_plane, tmp_path, namespace, user="operator") as operator:
        yield operator
    assert (log.refused("operator", namespace), log.refused("router", namespace)) == ([], [])


@pytest.fixture
async def cluster(
    api: Api, namespace: str, browsers: ProcessPods, router: RouterProcess, operator: OperatorProcess
) -> AsyncIterator[Cluster]:
    cluster = Cluster(api, namespace, browsers, router)
    yield cluster
    for chat in cluster.begun:
        chat.cancel()
    await asyncio.gather(*cluster.begun, return_exceptions=True)


def example(site: DemoSite, **scaling: object) -> str:
    """Read the example, for a site and a user that are here."""
    pool: Object = yaml.safe_load(EXAMPLE.read_text())
    pool["spec"]["site"]["url"] = site.url
    pool["spec"]["autoscaling"] |= scaling
    if os.geteuid() == 0:
        pool["spec"]["browser"] = {"sandbox": "Disabled"}
    return yaml.safe_dump(pool)


async def test_real_browsers_answer_and_lose_no_chat_to_scaling_edits_and_rollouts(
    cluster: Cluster, site: DemoSite, kubectl: Kubectl
) -> None:
    await kubectl.succeeds("apply", "-f", "-", stdin=example(site, mode="External"))
    await cluster.ready(1)
    assert 'You said: "Hello"' in await cluster.chat("Hello")

    await kubectl.succeeds("scale", "bip/demo", "--replicas=2")
    await cluster.ready(2)
    chats = await cluster.begin_chats("one", "two")
    await kubectl.succeeds("scale", "bip/demo", "--replicas=1")
    await reason_of(cluster.api, cluster.namespace, "Draining", "InstancesDraining")
    assert ['You said: "one"' in await chats[0], 'You said: "two"' in await chats[1]] == [True, True]
    (left,) = await cluster.ready(1)

    await cluster.edit(timeouts={"idleSeconds": 33})
    await eventually(
        lambda: "the pool has changed" in cluster.browsers[left].log, what="the edit reaching the browser"
    )
    assert await cluster.ready(1) == [left]

    (chat,) = await cluster.begin_chats("three")
    await cluster.edit(slots=3)
    await reason_of(cluster.api, cluster.namespace, "Progressing", "RollingOut")
    assert 'You said: "three"' in await chat
    await reason_of(cluster.api, cluster.namespace, "Progressing", "AsWanted")
    (new,) = await cluster.ready(1)
    assert new != left
    assert 'You said: "Hello again"' in await cluster.chat("Hello again")


async def test_a_pool_at_zero_starts_a_browser_for_a_request_and_ends_it_when_idle(
    cluster: Cluster, site: DemoSite, kubectl: Kubectl
) -> None:
    quick = {"minInstances": 0, "idleSecondsToZero": 2, "stableWindowSeconds": 1}
    await kubectl.succeeds("apply", "-f", "-", stdin=example(site, **quick))
    await reason_of(cluster.api, cluster.namespace, "Ready", "ScaledToZero")
    assert cluster.browsers.all == []

    assert 'You said: "Anybody there?"' in await cluster.chat("Anybody there?")
    await cluster.none_left()
    await reason_of(cluster.api, cluster.namespace, "Ready", "ScaledToZero")
