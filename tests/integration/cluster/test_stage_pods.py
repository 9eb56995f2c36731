"""The stage itself: simulated pods live, answer and end as real ones do, and the ledger tells what was cut."""

import aiohttp
import pytest

from bridge_api.errors import BridgeError
from bridge_api.wire.instance import CordonRequest, InstanceStatus, SlotState
from tests.support.cluster.api import Api, Object, path_of
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.simulated_pod import SimulatedPod
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import (
    deployment_path,
    make_deployment,
    pod_path,
    pods_by_readiness,
    scale,
)
from tests.support.waiting import eventually

CHAT = {"model": "model-a", "messages": [{"role": "user", "content": "Hello"}], "stream": True}


@pytest.fixture
async def pod(api: Api, namespace: str, kubelet: Kubelet, pods: SimulatedPods) -> SimulatedPod:
    await api.create(deployment_path(namespace), make_deployment("web", 1))
    (pod,) = await pods.ready(1)
    return pod


def url(pod: SimulatedPod, path: str) -> str:
    return f"http://{pod.pod.ip}:8080{path}"


async def ready_endpoints(api: Api, namespace: str) -> list[Object]:
    slices = await api.items(path_of("discovery.k8s.io/v1", "endpointslices", namespace))
    endpoints = [endpoint for one in slices for endpoint in one["endpoints"] or []]
    return [endpoint for endpoint in endpoints if endpoint["conditions"]["ready"]]


async def test_each_pod_answers_at_its_own_address(
    api: Api, namespace: str, kubelet: Kubelet, pods: SimulatedPods
) -> None:
    await api.create(deployment_path(namespace), make_deployment("web", 3))
    three = await pods.ready(3)

    async with aiohttp.ClientSession() as session:
        for pod in three:
            async with session.get(url(pod, "/status")) as response:
                assert InstanceStatus.model_validate_json(await response.read()).instance == pod.name


async def test_endpoint_slices_follow_the_readiness_of_pods(
    api: Api, namespace: str, pod: SimulatedPod, pods: SimulatedPods
) -> None:
    spec = {"clusterIP": "None", "selector": {"app": "web"}, "ports": [{"name": "http", "port": 8080}]}
    await api.create(path_of("v1", "services", namespace), {"metadata": {"name": "web"}, "spec": spec})

    (endpoint,) = await eventually(lambda: ready_endpoints(api, namespace), what="a ready endpoint")
    assert endpoint["addresses"] == [pod.pod.ip]

    pods.set_slots(pod.name, SlotState.BROKEN)

    async def none_left() -> bool:
        return not await ready_endpoints(api, namespace)

    await eventually(none_left, what="no ready endpoint")


async def test_the_status_stream_shows_a_change_at_once(pod: SimulatedPod) -> None:
    async with aiohttp.ClientSession() as session, session.get(url(pod, "/status/stream")) as stream:
        first = InstanceStatus.model_validate_json(await stream.content.readline())
        pod.begin_chat()
        second = InstanceStatus.model_validate_json(await stream.content.readline())

    assert (first.boot, first.slots[0].state) == (second.boot, SlotState.READY)
    assert second.version > first.version
    assert second.slots[0].state is SlotState.BUSY


async def test_a_cordoned_pod_refuses_chats_and_stays_ready(
    api: Api, namespace: str, pod: SimulatedPod
) -> None:
    cordon = CordonRequest(owner="operator", epoch=2, ttl_seconds=60)
    async with aiohttp.ClientSession() as session:
        async with session.post(url(pod, "/cordon"), data=cordon.model_dump_json(by_alias=True)) as response:
            assert response.status == 200
        async with session.post(url(pod, "/v1/chat/completions"), json=CHAT) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (503, "cordoned")
        old = cordon.model_copy(update={"epoch": 1})
        async with session.post(url(pod, "/uncordon"), data=old.model_dump_json(by_alias=True)) as response:
            assert response.status == 400

    assert await pods_by_readiness(api, namespace) == {pod.name: True}


async def test_a_pod_asks_for_the_token_of_its_pool(pod: SimulatedPod, pods: SimulatedPods) -> None:
    pods.tokens[pod.pool] = "secret-of-the-pool"
    async with aiohttp.ClientSession() as session:
        async with session.get(url(pod, "/status")) as refused:
            assert refused.status == 401
        headers = {"Authorization": "Bearer secret-of-the-pool"}
        async with session.get(url(pod, "/status"), headers=headers) as taken:
            assert taken.status == 200


async def test_a_chat_by_http_has_its_slot_until_the_test_ends_it(
    pod: SimulatedPod, pods: SimulatedPods
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url(pod, "/v1/chat/completions"), json=CHAT) as answer,
    ):
        await answer.content.readline()
        with pytest.raises(BridgeError):
            pod.begin_chat()

        pods.end_chat(pod.chats[0])

        assert (await answer.content.read()).endswith(b"data: [DONE]\n\n")
    assert pod.status().slots[0].state is SlotState.READY
    assert pods.ledger.cut == []


async def test_a_chat_that_ends_within_the_grace_is_not_cut_but_its_pod_was_killed_busy(
    api: Api, namespace: str, pod: SimulatedPod, pods: SimulatedPods
) -> None:
    chat = pods.begin_chat(pod.name)
    await scale(api, namespace, "web", 0)
    await eventually(lambda: pods.ledger.stopped == [pod.name], what="the pod being told to end")
    assert pod.status().draining

    pods.end_chat(chat)

    await eventually(lambda: gone(api, namespace, pod.name), what="the end of the pod")
    assert pods.ledger.cut == []
    assert pods.ledger.killed_busy == [pod.name]


async def gone(api: Api, namespace: str, pod: str) -> bool:
    return pod not in {one["metadata"]["name"] for one in await api.items(pod_path(namespace))}


async def test_a_chat_that_outlasts_the_grace_is_cut(
    api: Api, namespace: str, pod: SimulatedPod, pods: SimulatedPods
) -> None:
    chat = pods.begin_chat(pod.name)

    await api.delete(pod_path(namespace, pod.name), gracePeriodSeconds="1")

    await eventually(lambda: pods.ledger.cut == [chat.entry], what="the chat being cut")
    await eventually(lambda: gone(api, namespace, pod.name), what="the end of the pod")


async def test_a_pod_that_crashes_cuts_its_chats_and_comes_back_as_another_boot(
    api: Api, namespace: str, pod: SimulatedPod, pods: SimulatedPods
) -> None:
    boot = pod.status().boot
    chat = pods.begin_chat(pod.name)

    pods.crash(pod.name)

    assert pods.ledger.cut == [chat.entry]
    await eventually(lambda: waiting_reason(api, namespace, pod.name), what="the container being down")
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(url(pod, "/status"))

    pods.restart(pod.name)
    await eventually(lambda: is_ready(api, namespace, pod.name), what="the pod being Ready again")
    assert pod.status().boot != boot


async def waiting_reason(api: Api, namespace: str, pod: str) -> bool:
    (container,) = (await api.get(pod_path(namespace, pod)))["status"]["containerStatuses"]
    return bool(container["state"].get("waiting", {}).get("reason") == "CrashLoopBackOff")


async def is_ready(api: Api, namespace: str, pod: str) -> bool:
    return (await pods_by_readiness(api, namespace))[pod]
