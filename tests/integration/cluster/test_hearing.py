"""Who hears the pods and routers: a pod that moves is followed, and what cannot be heard is told."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bridge_api.wire.instance import SiteModel
from bridge_operator.cluster.instances import Instances
from bridge_runtime.kube import Key
from tests.support.cluster.api import Api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.operators import OperatorProcess
from tests.support.cluster.pods import RunningPod
from tests.support.cluster.pools import create_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.waiting import eventually

POOL = Key("team", "demo")


@pytest.fixture
async def heard(control_plane: ControlPlane) -> AsyncIterator[Instances]:
    async with hearing() as instances:
        yield instances


@asynccontextmanager
async def hearing() -> AsyncIterator[Instances]:
    async with aiohttp.ClientSession() as session:
        instances = Instances(
            session=session,
            epoch=lambda: 1,
            clock=time.monotonic,
            random=lambda: 0.0,
            changed=lambda _: None,
        )
        try:
            yield instances
        finally:
            await instances.close()


async def a_pod(pods: SimulatedPods, name: str, ip: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "team", "uid": f"uid-of-{name}", "labels": {}}
    await pods.start(RunningPod({"metadata": metadata}, ip), lambda _: None)
    return {"metadata": metadata, "status": {"phase": "Running", "podIP": ip}}


def follow(instances: Instances, pod: dict[str, Any]) -> str:
    uid: str = pod["metadata"]["uid"]
    instances.follow(uid, POOL, pod, lambda: "token")
    return uid


async def test_a_pod_that_gets_another_address_is_heard_there_and_nobody_at_the_old_one(
    heard: Instances, pods: SimulatedPods, addresses: Iterator[str]
) -> None:
    first, second = next(addresses), next(addresses)
    pod = await a_pod(pods, "a", first)
    uid = follow(heard, pod)
    first_word = await eventually(lambda: heard.heard(uid), what="the first word")
    assert first_word is not None

    await a_pod(pods, "another", first)
    pod = await a_pod(pods, "a", second)
    assert await heard.cordon(uid) is None, "who is at the old address has done as asked"
    follow(heard, pod)

    assert heard.heard(uid) is not None, "what it said last is forgotten"
    await eventually(
        lambda: (one := heard.heard(uid)) and one.boot != first_word.boot, what="a word from the new one"
    )
    said = await heard.cordon(uid)
    assert said is not None
    assert said.cordon_until is not None
    assert [one.owner for one in pods["a"].status().cordons] == ["operator"]


async def test_a_pool_offers_what_any_of_its_instances_does(
    heard: Instances, pods: SimulatedPods, addresses: Iterator[str]
) -> None:
    for name, model in (("a", "model-a"), ("b", "model-b")):
        follow(heard, await a_pod(pods, name, next(addresses)))
        pods[name].board.learn_models([SiteModel(id=model)])
    await eventually(lambda: heard.offered.of(POOL) == ("model-a", "model-b"), what="both lists")

    heard.follow("uid-of-a", POOL, None, lambda: "token")
    assert heard.offered.of(POOL) == ("model-b",)


async def test_a_pod_that_does_not_let_the_operator_listen_is_told_of(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    pods.tokens[f"{namespace}/demo"] = "of another master"
    await create_pool(api, namespace)
    await pods.ready(1)

    told = await asyncio.wait_for(reason_of_long(api, namespace), 40)
    assert "HTTP status 401" in told["message"]

    del pods.tokens[f"{namespace}/demo"]
    await reason_of(api, namespace, "Degraded", "AsExpected")


async def reason_of_long(api: Api, namespace: str) -> dict[str, Any]:
    """Wait for what is told only once it has lasted."""
    while True:
        try:
            return await reason_of(api, namespace, "Degraded", "InstanceUnreachable")
        except AssertionError:
            continue
