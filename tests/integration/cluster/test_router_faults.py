"""A router in a cluster whose API server is away, cuts its watches, forgets, or refuses: chats go on, and it learns the rest later."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.cluster.api import Api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.faults import FaultProxy, watches
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.namespaces import grant, withdraw
from tests.support.cluster.routers import ROUTER_RULES, RouterProcess, running_router_process
from tests.support.cluster.served_pools import serve_pool, set_instances
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.waiting import eventually

BACK_SECONDS = 10.0
"""The longest pause of an informer, and time for everything else."""

UNTIL_MENDED = 10_000


@pytest.fixture
async def proxy(control_plane: ControlPlane) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(control_plane).running() as proxy:
        yield proxy


@pytest.fixture
async def router(
    api: Api, namespace: str, kubelet: Kubelet, proxy: FaultProxy, tmp_path: Path
) -> AsyncIterator[RouterProcess]:
    """A router that sees the API server through the proxy."""
    await grant(api, "router", namespace, ROUTER_RULES)
    async with running_router_process(tmp_path, proxy.access("router"), namespace) as router:
        yield router


async def test_while_the_api_server_is_dead_chats_begin_and_end_as_before(
    api: Api, namespace: str, control_plane: ControlPlane, pods: SimulatedPods, router: RouterProcess
) -> None:
    pool = await serve_pool(api, namespace, instances=2)
    await router.hears(2)
    running = asyncio.create_task(router.ask())
    (busy,) = await eventually(lambda: [pod for pod in pods.all if pod.chats], what="the chat")

    control_plane.api_server.kill()
    try:
        await router.logs("not heard from the API server")
        pods.chats_wait = False
        assert await router.ask() == "Hello"
        assert (await router.probe("/healthz"))[0] == (await router.probe("/readyz"))[0] == 200
        before = await router.samples("bridge_router_watch_staleness_seconds", "resource")
        await eventually(lambda: _older(router, before), what="the staleness growing")
    finally:
        control_plane.api_server.start()
        control_plane.wait_until_ready()

    assert not running.done()
    await set_instances(api, pool, 3)
    await router.hears(3, within_seconds=BACK_SECONDS + 20)
    for chat in list(busy.chats.values()):
        pods.end_chat(chat)
    assert await running == "Hello"


async def _older(router: RouterProcess, before: dict[str, float]) -> bool:
    now = await router.samples("bridge_router_watch_staleness_seconds", "resource")
    return now.keys() == {"bridgeinstancepools", "endpointslices"} and all(
        now[resource] > age + 0.5 for resource, age in before.items()
    )


async def test_what_happened_while_it_could_not_see_is_learnt_afterwards(
    api: Api, namespace: str, pods: SimulatedPods, router: RouterProcess, proxy: FaultProxy
) -> None:
    pods.chats_wait = False
    pool = await serve_pool(api, namespace)
    (first,) = await router.hears(1)
    proxy.fail(503, times=UNTIL_MENDED)
    proxy.cut()
    await router.logs("not heard from the API server")

    await set_instances(api, pool, 3)
    await pods.ready(3)
    await serve_pool(api, namespace, "other", instances=0)
    assert [one.instance for one in await router.instances()] == [first.instance]
    assert await router.ask() == "Hello"

    proxy.mend()

    await router.hears(3, within_seconds=BACK_SECONDS)
    assert sorted(await router.pools()) == [f"{namespace}/demo", f"{namespace}/other"]
    await router.logs("heard from the API server again")


@pytest.mark.parametrize("status", [410, 429, 500])
async def test_a_watch_that_is_cut_and_refused_is_begun_again(
    api: Api, namespace: str, router: RouterProcess, proxy: FaultProxy, status: int
) -> None:
    pool = await serve_pool(api, namespace)
    await router.hears(1)

    proxy.fail(status, times=2, matches=watches)
    assert proxy.cut(watches) == 2
    await set_instances(api, pool, 2)

    await router.hears(2, within_seconds=BACK_SECONDS)
    assert proxy.answered_with_fault == 2


async def test_a_start_without_the_api_server_is_a_router_that_is_not_ready_yet(
    api: Api, namespace: str, kubelet: Kubelet, proxy: FaultProxy, tmp_path: Path
) -> None:
    await grant(api, "router", namespace, ROUTER_RULES)
    await serve_pool(api, namespace)
    proxy.fail(503, times=UNTIL_MENDED)
    async with running_router_process(tmp_path, proxy.access("router"), namespace) as router:
        await router.logs("not heard from the API server")
        why = await router.says("/readyz", 503)
        assert f"endpointslices of {namespace}" in why
        assert (await router.probe("/healthz"))[0] == 200

        proxy.mend()

        await router.says("/readyz", 200, within_seconds=BACK_SECONDS)
        await router.hears(1)


async def test_rights_that_are_withdrawn_leave_it_with_what_it_knows_until_they_are_back(
    api: Api, namespace: str, pods: SimulatedPods, router: RouterProcess, proxy: FaultProxy
) -> None:
    pods.chats_wait = False
    pool = await serve_pool(api, namespace)
    await router.hears(1)

    await withdraw(api, "router", namespace)
    proxy.cut(watches)
    await router.logs("forbidden")
    await set_instances(api, pool, 2)
    assert await router.ask() == "Hello"

    await grant(api, "router", namespace, ROUTER_RULES)

    await router.hears(2, within_seconds=BACK_SECONDS + 10)
