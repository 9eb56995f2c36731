"""Several routers on the same pods, and one router on several namespaces."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cluster.api import Api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.kubelet import Kubelet, running_kubelet
from tests.support.cluster.namespaces import grant, own_namespace
from tests.support.cluster.routers import ROUTER_RULES, RouterProcess, running_router_process
from tests.support.cluster.served_pools import serve_pool
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.waiting import eventually

CHATS = 60


@pytest.fixture
async def two_routers(
    api: Api, control_plane: ControlPlane, namespace: str, kubelet: Kubelet, tmp_path: Path
) -> AsyncIterator[tuple[RouterProcess, RouterProcess]]:
    await grant(api, "router", namespace, ROUTER_RULES)
    access = control_plane.access("router")
    async with (
        running_router_process(tmp_path, access, namespace, name="router-a") as first,
        running_router_process(tmp_path, access, namespace, name="router-b") as second,
    ):
        yield first, second


async def test_two_routers_on_the_same_pods_answer_everything_at_the_first_counted_try(
    api: Api, namespace: str, pods: SimulatedPods, two_routers: tuple[RouterProcess, RouterProcess]
) -> None:
    await serve_pool(api, namespace, instances=2)
    for router in two_routers:
        await router.hears(2)

    asked = asyncio.gather(*(two_routers[n % 2].post() for n in range(CHATS)))
    await eventually(lambda: _end_chats(pods, asked), within_seconds=60, what="every answer")

    answers = asked.result()
    assert [status for status, _, _ in answers] == [200] * CHATS
    assert {headers["x-bridge-attempts"] for _, headers, _ in answers} == {"1"}
    outcomes = [await one.samples("bridge_router_attempts_total", "outcome") for one in two_routers]
    assert sum(one["ok"] for one in outcomes) == CHATS
    assert {name for one in outcomes for name in one} <= {"ok", "slots_full"}
    assert sum(one.get("slots_full", 0) for one in outcomes) > 0, "they never met: the test shows nothing"


def _end_chats(pods: SimulatedPods, asked: "asyncio.Future[Any]") -> bool:
    """End the chats that run now: each has held its slot for a while, as chats do."""
    for pod in pods.all:
        for chat in list(pod.chats.values()):
            pods.end_chat(chat)
    return asked.done()


async def test_a_slot_that_one_router_frees_goes_to_who_waits_at_the_other(
    api: Api, namespace: str, pods: SimulatedPods, two_routers: tuple[RouterProcess, RouterProcess]
) -> None:
    await serve_pool(api, namespace)
    for router in two_routers:
        await router.hears(1)
    first = asyncio.create_task(two_routers[0].ask())
    (pod,) = await eventually(lambda: [one for one in pods.all if one.chats], what="the chat")
    second = asyncio.create_task(two_routers[1].ask())
    await eventually(two_routers[1].pending, what="a request that waits")

    pods.chats_wait = False
    for chat in list(pod.chats.values()):
        pods.end_chat(chat)

    assert (await first, await second) == ("Hello", "Hello")


@pytest.fixture
async def other_namespace(
    api: Api, namespace: str, pods: SimulatedPods, addresses: Iterator[str]
) -> AsyncIterator[str]:
    async with own_namespace(api, f"{namespace}-b") as other, running_kubelet(api, other, pods, addresses):
        yield other


@pytest.fixture
async def both(namespace: str, other_namespace: str, kubelet: Kubelet) -> tuple[str, str]:
    """Two namespaces, and a kubelet for each."""
    return namespace, other_namespace


async def test_pools_of_one_name_in_two_namespaces_are_told_apart(
    api: Api, control_plane: ControlPlane, both: tuple[str, str], pods: SimulatedPods, tmp_path: Path
) -> None:
    pods.chats_wait = False
    for one in both:
        await grant(api, "router", one, ROUTER_RULES)
        await serve_pool(api, one)
    async with running_router_process(tmp_path, control_plane.access("router"), *both) as router:
        await router.hears(2)
        at = {pod.name: pod.pod.namespace for pod in pods.all}

        for one in both:
            status, headers, _ = await router.post(f"{one}/demo/model-a")
            assert (status, at[headers["x-bridge-instance"]]) == (200, one)
        assert (await router.post("demo/model-a"))[0] == 200
        assert (await router.post("elsewhere/demo/model-a"))[0] == 404


async def test_a_namespace_that_is_not_followed_is_nobody_s_business(
    api: Api, control_plane: ControlPlane, both: tuple[str, str], tmp_path: Path
) -> None:
    for one in both:
        await grant(api, "router", one, ROUTER_RULES)
        await serve_pool(api, one)
    async with running_router_process(tmp_path, control_plane.access("router"), both[0]) as router:
        await router.hears(1)

        assert await router.pools() == [f"{both[0]}/demo"]


async def test_a_star_follows_all_namespaces(
    api: Api, namespace: str, control_plane: ControlPlane, kubelet: Kubelet, tmp_path: Path
) -> None:
    async with running_router_process(tmp_path, control_plane.access("admin"), "*") as router:
        await serve_pool(api, namespace)

        await eventually(lambda: _knows(router, f"{namespace}/demo"), what="the pool")


async def _knows(router: RouterProcess, pool: str) -> bool:
    return pool in {one.pool for one in await router.instances() if one.connected}
