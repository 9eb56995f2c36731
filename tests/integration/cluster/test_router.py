"""A router process in a cluster: it finds pods through EndpointSlices that Kubernetes makes of Services, with no more rights than it needs."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import openai
import pytest

from bridge_api.wire.instance import SlotState
from bridge_runtime.tokens import pool_token
from tests.support.cluster.api import Api, ApiError
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.crd import newer_crd, pools_path
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.namespaces import grant
from tests.support.cluster.operators import MASTER_TOKEN
from tests.support.cluster.pools import create_pool
from tests.support.cluster.rights import AuditLog, rights_of
from tests.support.cluster.routers import ROUTER_RULES, RouterProcess, running_router_process
from tests.support.cluster.served_pools import serve_pool, set_instances
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import pod_path
from tests.support.waiting import eventually


@pytest.fixture
async def router(
    api: Api, control_plane: ControlPlane, namespace: str, kubelet: Kubelet, tmp_path: Path
) -> AsyncIterator[RouterProcess]:
    await grant(api, "router", namespace, ROUTER_RULES)
    async with running_router_process(tmp_path, control_plane.access("router"), namespace) as router:
        yield router


async def test_a_chat_is_answered_by_a_pod_that_an_endpoint_slice_has_shown(
    api: Api, namespace: str, pods: SimulatedPods, router: RouterProcess
) -> None:
    await router.says("/readyz", 200)
    pods.chats_wait = False
    pool = await serve_pool(api, namespace)
    pods.tokens[pool.key] = pool_token(MASTER_TOKEN, pool.metadata.uid)
    (instance,) = await router.hears(1)

    assert await router.ask() == "Hello"

    (pod,) = pods.all
    assert (instance.instance, instance.pool) == (pod.name, f"{namespace}/demo")
    assert instance.url == f"http://{pod.pod.ip}:8080"


async def test_it_uses_every_right_that_the_chart_gives_it_and_is_refused_none(
    api: Api, namespace: str, control_plane: ControlPlane, router: RouterProcess
) -> None:
    await serve_pool(api, namespace)
    await router.hears(1)

    log = AuditLog(control_plane.audit_log)
    given = rights_of(ROUTER_RULES)
    await eventually(lambda: log.rights_used("router", namespace) == given, what="every right being used")
    assert log.refused("router", namespace) == []


async def test_instances_come_and_go_with_the_deployment(
    api: Api, namespace: str, pods: SimulatedPods, router: RouterProcess
) -> None:
    pool = await serve_pool(api, namespace, instances=3)
    before = {one.instance for one in await router.hears(3)}

    await set_instances(api, pool, 1)

    after = {one.instance for one in await router.hears(1)}
    assert after < before


async def test_a_terminating_pod_gets_no_new_chat_and_ends_the_one_it_has(
    api: Api, namespace: str, pods: SimulatedPods, router: RouterProcess
) -> None:
    await serve_pool(api, namespace, instances=1)
    await router.hears(1)
    running = asyncio.create_task(router.ask())
    (leaving,) = await eventually(lambda: [pod for pod in pods.all if pod.chats], what="the chat")

    await api.delete(pod_path(namespace, leaving.name))  # its ReplicaSet makes another one
    await eventually(lambda: _draining(router, leaving.name), what="the router knowing that the pod is to go")
    pods.chats_wait = False
    assert await router.ask() == "Hello"

    assert not running.done()
    for chat in list(leaving.chats.values()):
        pods.end_chat(chat)
    assert await running == "Hello"
    assert pods.ledger.cut == []
    (left,) = await router.hears(1)
    assert left.instance != leaving.name


async def _draining(router: RouterProcess, name: str) -> bool:
    return any(one.draining for one in await router.instances() if one.instance == name)


async def test_a_pod_that_waits_for_a_person_is_asked_though_it_is_not_ready(
    api: Api, namespace: str, pods: SimulatedPods, router: RouterProcess
) -> None:
    await serve_pool(api, namespace)
    (instance,) = await router.hears(1)
    pods.set_slots(instance.instance, SlotState.NEEDS_HUMAN, "Challenge", "Solve it.")
    await eventually(lambda: _not_ready(api, namespace), what="the pod being NotReady")

    with pytest.raises(openai.APIStatusError) as refused:
        await router.ask()

    assert refused.value.code == "needs_human"
    assert "Solve it." in refused.value.message


async def _not_ready(api: Api, namespace: str) -> bool:
    slices = await api.items(f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices")
    return [one["conditions"]["ready"] for found in slices for one in found["endpoints"]] == [False]


async def test_a_deleted_pool_turns_away_those_who_wait_and_ends_no_running_chat(
    api: Api, namespace: str, pods: SimulatedPods, router: RouterProcess
) -> None:
    await serve_pool(api, namespace)
    await router.hears(1)
    running = asyncio.create_task(router.ask())
    await eventually(lambda: [pod for pod in pods.all if pod.chats], what="the chat")
    waiting = asyncio.create_task(router.post())
    await eventually(router.pending, what="a request that waits")

    await api.delete(pools_path(namespace, "demo"))

    status, headers, body = await waiting
    assert (status, body["error"]["code"]) == (503, "no_instance")
    assert "has been removed" in body["error"]["message"]
    assert "Retry-After" in headers
    (pod,) = pods.all
    for chat in list(pod.chats.values()):
        pods.end_chat(chat)
    assert await running == "Hello"


async def test_a_pool_made_anew_under_its_name_is_served_with_its_new_token(
    api: Api, namespace: str, pods: SimulatedPods, router: RouterProcess
) -> None:
    pods.chats_wait = False
    pool = await serve_pool(api, namespace)
    pods.tokens[pool.key] = pool_token(MASTER_TOKEN, pool.metadata.uid)
    (old,) = await router.hears(1)
    await api.delete(pools_path(namespace, "demo"))
    pool = await serve_pool(api, namespace)
    pods.tokens[pool.key] = pool_token(MASTER_TOKEN, pool.metadata.uid)

    await eventually(lambda: _hears_another(router, old.instance), what="the new pool's instance")
    assert await router.ask() == "Hello"


async def _hears_another(router: RouterProcess, than: str) -> bool:
    return [one.connected for one in await router.instances() if one.instance != than] == [True]


async def test_a_pool_that_is_not_understood_is_left_out_and_said_once(
    api: Api, namespace: str, pods: SimulatedPods, router: RouterProcess
) -> None:
    pods.chats_wait = False
    await serve_pool(api, namespace)
    async with newer_crd(api, "trio"):
        await eventually(lambda: _is_taken(api, namespace, mode="trio"), what="the newer CRD")
    await router.hears(1)
    await router.logs("pool not understood")

    assert await router.ask() == "Hello"
    assert await router.pools() == [f"{namespace}/demo"]
    assert router.log.read_text().count("pool not understood") == 1


async def _is_taken(api: Api, namespace: str, **site: str) -> bool:
    try:
        await create_pool(
            api, namespace, "newer", site={"adapter": "arena", "url": "http://site.example", **site}
        )
    except ApiError:
        return False
    return True
