"""What is wrong with a pool is a condition with that reason, seconds after Kubernetes or a pod says so."""

import asyncio
from typing import Any

import pytest

from bridge_api.wire.instance import SlotState
from tests.support.cluster.api import Api, path_of
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.operators import OperatorProcess
from tests.support.cluster.pods import Trouble
from tests.support.cluster.pools import condition, create_pool, edit_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import deployment_path, pod_path
from tests.support.waiting import eventually

WITHIN_SECONDS = 5


async def soon(api: Api, namespace: str, kind: str, reason: str) -> str:
    """Wait until a condition has a reason, no longer than promised, and return its message."""
    async with asyncio.timeout(WITHIN_SECONDS):
        found = await reason_of(api, namespace, kind, reason)
    return str(found["message"])


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        pytest.param(
            {"site": {"adapter": "arena", "url": "http://site.example", "settings": {"colour": "blue"}}},
            "spec.site.settings.colour",
            id="adapter settings",
        ),
        pytest.param({"browser": {"mode": "headed"}}, "spec.browser.mode", id="headed"),
        pytest.param(
            {"template": {"labels": {"lmarenabridge.dev/pool": "mine"}}}, "spec.template.labels", id="labels"
        ),
    ],
)
async def test_a_pool_that_cannot_be_carried_out_says_so_and_gets_nothing(
    spec: dict[str, Any], told: str, api: Api, namespace: str, operator: OperatorProcess
) -> None:
    await create_pool(api, namespace, **spec)

    message = await soon(api, namespace, "Ready", "InvalidSettings")

    assert told in message
    assert (await condition(api, namespace, "Degraded"))["status"] == "True"
    assert await api.items(deployment_path(namespace)) == []


async def test_an_edit_that_cannot_be_carried_out_leaves_what_runs(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace)
    await pods.ready(1)
    await edit_pool(api, namespace, browser={"mode": "headed"})
    await soon(api, namespace, "Degraded", "InvalidSettings")

    await edit_pool(api, namespace, browser={"mode": "shell"})

    await soon(api, namespace, "Degraded", "AsExpected")
    assert pods.ledger.stopped == []


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (SlotState.BROKEN, "SecretMissing"),
        (SlotState.BROKEN, "SiteUnreachable"),
        (SlotState.BROKEN, "SandboxUnavailable"),
        (SlotState.NEEDS_HUMAN, "Challenge"),
    ],
)
async def test_what_a_pod_says_is_wrong_is_said_of_the_pool(
    state: SlotState, reason: str, api: Api, namespace: str, one_pod: SimulatedPods
) -> None:
    name = one_pod.all[0].name

    one_pod.set_slots(name, state, reason, "as the pod says")

    assert "as the pod says" in await soon(api, namespace, "Degraded", reason)
    if state is SlotState.NEEDS_HUMAN:
        assert name in await soon(api, namespace, "NeedsHuman", reason)


@pytest.fixture
async def one_pod(api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods) -> SimulatedPods:
    await create_pool(api, namespace)
    await pods.ready(1)
    return pods


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (Trouble("ImagePullBackOff", "no such image"), "ImagePullFailed"),
        (Trouble("Unschedulable", "0/1 nodes are available"), "Unschedulable"),
        (Trouble("CreateContainerConfigError", 'secret "proxy" not found'), "SecretMissing"),
        (Trouble("CreateContainerError", "cannot load seccomp profile"), "SandboxUnavailable"),
    ],
)
async def test_what_keeps_a_pod_from_running_is_said_of_the_pool(
    trouble: Trouble, reason: str, api: Api, operator: OperatorProcess, kubelet: Kubelet
) -> None:
    namespace = kubelet.namespace
    kubelet.trouble = lambda _: trouble
    await create_pool(api, namespace)

    async def pod_is_there() -> bool:
        return bool(await api.items(pod_path(namespace)))

    await eventually(pod_is_there, what="the pod")
    assert trouble.message in await soon(api, namespace, "Ready", reason)

    kubelet.trouble = lambda _: None
    kubelet.look_again()
    await soon(api, namespace, "Ready", "InstancesReady")


async def test_a_pod_that_crashes_again_and_again_is_said_of_the_pool(
    api: Api, namespace: str, one_pod: SimulatedPods
) -> None:
    one_pod.crash(one_pod.all[0].name)

    await soon(api, namespace, "Degraded", "CrashLooping")

    one_pod.restart(one_pod.all[0].name)
    await soon(api, namespace, "Degraded", "AsExpected")


async def test_a_quota_that_is_used_up_is_said_of_the_pool(
    api: Api, namespace: str, operator: OperatorProcess
) -> None:
    quotas = path_of("v1", "resourcequotas", namespace)
    quota = {"metadata": {"name": "none"}, "spec": {"hard": {"pods": "0"}}}
    await api.create(quotas, quota)
    await api.patch(f"{quotas}/none/status", {"status": {"hard": {"pods": "0"}, "used": {"pods": "0"}}})
    await create_pool(api, namespace)

    assert "exceeded quota" in await soon(api, namespace, "Ready", "QuotaExceeded")
