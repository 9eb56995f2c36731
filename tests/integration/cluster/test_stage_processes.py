"""The stage itself: real browser pods as processes behind the fake kubelet, with what Kubernetes would mount and do."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
import yaml

from tests.integration.browser_pod.stage import TOKEN, make_pool, running_site
from tests.support.cluster.api import Api, Object, path_of
from tests.support.cluster.kubelet import running_kubelet
from tests.support.cluster.process_pods import ProcessPod, ProcessPods, running_process_pods
from tests.support.cluster.workloads import (
    deployment_path,
    make_deployment,
    pod_path,
    pods_by_readiness,
    scale,
)
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser

CONTAINER: Object = {
    "name": "browser",
    "image": "image:1",
    "args": ["python", "-m", "bridge_browser"],
    "env": [
        {"name": "BRIDGE_INSTANCE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "BRIDGE_POOL_FILE", "value": "/etc/bridge/pool/pool.yaml"},
        {"name": "BRIDGE_TOKEN_FILE", "value": "/etc/bridge/token/token"},
    ],
    "volumeMounts": [
        {"name": "pool", "mountPath": "/etc/bridge/pool"},
        {"name": "token", "mountPath": "/etc/bridge/token"},
    ],
}
VOLUMES = [
    {"name": "pool", "configMap": {"name": "pool"}},
    {"name": "token", "secret": {"secretName": "token"}},
]


@pytest.fixture
async def processes(
    api: Api, namespace: str, addresses: Iterator[str], tmp_path: Path
) -> AsyncIterator[ProcessPods]:
    async with (
        running_process_pods(api, tmp_path) as processes,
        running_kubelet(api, namespace, processes, addresses),
    ):
        yield processes


@pytest.fixture
async def pod(api: Api, namespace: str, processes: ProcessPods, tmp_path: Path) -> AsyncIterator[ProcessPod]:
    """One Ready browser pod; its Secret comes later than the pod itself."""
    async with running_site(tmp_path) as site:
        await write_pool(api, namespace, make_pool(site.url))
        deployment = make_deployment("web", 1)
        deployment["spec"]["template"]["spec"] = {"containers": [CONTAINER], "volumes": VOLUMES}
        await api.create(deployment_path(namespace), deployment)
        await eventually(lambda: says(api, namespace, "token"), what="the missing Secret being named")
        token: Object = {"metadata": {"name": "token"}, "stringData": {"token": TOKEN}}
        await api.create(path_of("v1", "secrets", namespace), token)
        await eventually(lambda: all_ready(api, namespace), within_seconds=40, what="a Ready pod")
        (pod,) = processes.all
        yield pod


async def write_pool(api: Api, namespace: str, pool: Object) -> None:
    data = {"pool.yaml": yaml.safe_dump(pool)}
    config: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "pool"}, "data": data}
    await api.apply(path_of("v1", "configmaps", namespace, "pool"), config, "tests")


async def says(api: Api, namespace: str, word: str) -> bool:
    return word in str([container["state"] for container in await containers(api, namespace)])


async def containers(api: Api, namespace: str) -> list[Object]:
    pods = await api.items(pod_path(namespace))
    return [one for pod in pods for one in pod["status"].get("containerStatuses") or []]


async def all_ready(api: Api, namespace: str) -> bool:
    return list((await pods_by_readiness(api, namespace)).values()) == [True]


async def status_of(pod: ProcessPod) -> Any:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"http://{pod.pod.ip}:8080/status") as answer,
    ):
        return await answer.json()


async def test_a_real_pod_starts_takes_edits_comes_back_after_a_crash_and_ends_with_all_that_it_started(
    api: Api, namespace: str, pod: ProcessPod
) -> None:
    assert (await status_of(pod))["instance"] == pod.pod.name

    assert pod.part is not None
    pool = yaml.safe_load((pod.part.log.parent / "pool" / "pool.yaml").read_text())
    pool["spec"]["timeouts"]["idleSeconds"] = 7
    await write_pool(api, namespace, pool)
    await eventually(lambda: "the pool has changed" in pod.log, what="the edit reaching the process")

    boot = (await status_of(pod))["boot"]
    pod.part.process.kill()
    await eventually(lambda: restarted(api, namespace), within_seconds=40, what="the container being back")
    await eventually(lambda: all_ready(api, namespace), within_seconds=40, what="the pod being Ready again")
    assert (await status_of(pod))["boot"] != boot

    tree = pod.part.tree()
    assert len(tree) > 3
    await scale(api, namespace, "web", 0)
    await eventually(lambda: not any(map(runs, tree)), within_seconds=40, what="the end of all processes")
    assert '"ended"' in pod.log


async def restarted(api: Api, namespace: str) -> bool:
    (container,) = await containers(api, namespace)
    return bool(container["restartCount"] == 1 and container["lastState"]["terminated"]["exitCode"] == 137)


def runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
