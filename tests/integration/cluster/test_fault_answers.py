"""The API server answers with errors, or cuts what it was saying: the operator goes on by itself, and no chat notices."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge_api.names import BUSY_LABEL
from tests.support.cluster.api import Api
from tests.support.cluster.audit import AuditLog
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.faults import FaultProxy, everything, watches, writes
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.operators import OperatorProcess, running_operator
from tests.support.cluster.pools import create_pool, edit_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.steps import (
    APPLY_CONFIG_MAP,
    APPLY_DEPLOYMENT,
    CREATE_DEPLOYMENT,
    LOWER_SCALE,
    MARK_POD,
)
from tests.support.cluster.workloads import pod_path
from tests.support.waiting import eventually

RETRY_AFTER_SECONDS = 2


@pytest.fixture
async def proxy(control_plane: ControlPlane) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(control_plane).running() as proxy:
        yield proxy


@dataclass
class Behind:
    """An operator behind a proxy."""

    proxy: FaultProxy
    operator: OperatorProcess
    audit: AuditLog


@pytest.fixture
async def behind(
    control_plane: ControlPlane, proxy: FaultProxy, namespace: str, kubelet: Kubelet, tmp_path: Path
) -> AsyncIterator[Behind]:
    async with running_operator(control_plane, tmp_path, namespace, port=proxy.port) as operator:
        yield Behind(proxy, operator, AuditLog(control_plane.audit_log))


async def test_a_cut_watch_is_taken_up_again_and_nothing_is_written_because_of_it(
    api: Api, namespace: str, behind: Behind, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace)
    await pods.ready(1)
    await reason_of(api, namespace, "Progressing", "AsWanted")
    behind.audit.forget()

    before = len(behind.proxy.seen)
    cut = behind.proxy.cut(watches)
    assert cut >= 10  # one for each kind
    await eventually(
        lambda: sum("GET" in seen for seen in behind.proxy.seen[before:]) >= cut,
        what="the watches being back",
    )
    await edit_pool(api, namespace, autoscaling={"minInstances": 2})
    await pods.ready(2, within_seconds=5)

    assert {one.resource for one in behind.audit.writes(namespace)} <= {
        "configmaps",  # pods read the edited pool there
        "deployments/scale",
        "bridgeinstancepools/status",
        "events",
    }


async def test_versions_that_are_too_old_are_listed_anew(
    api: Api, namespace: str, behind: Behind, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace)
    await pods.ready(1)
    behind.proxy.fail(410, times=20, matches=watches)
    behind.proxy.cut(watches)

    await edit_pool(api, namespace, autoscaling={"minInstances": 2})

    await pods.ready(2, within_seconds=10)
    assert (await behind.operator.answers("/healthz"))[0] == 200


@pytest.mark.parametrize("status", [409, 429, 500])
async def test_a_refused_step_of_a_scale_down_is_tried_again_and_cuts_nothing(
    status: int, api: Api, namespace: str, behind: Behind, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace, autoscaling={"mode": "Off"}, replicas=2)
    busy = (await pods.ready(2))[0].name
    chat = pods.begin_chat(busy)

    async def marked() -> bool:
        return bool(await api.items(pod_path(namespace), labelSelector=BUSY_LABEL))

    await eventually(marked, what="the mark of the busy pod")
    for step in (MARK_POD, LOWER_SCALE):
        behind.proxy.fail(status, matches=step)
    await edit_pool(api, namespace, replicas=1)

    assert [pod.name for pod in await pods.ready(1)] == [busy]
    assert behind.proxy.answered_with_fault == 2
    pods.end_chat(chat)
    assert pods.ledger.killed_busy == []


async def test_the_pool_is_there_in_the_end_whatever_the_api_server_says_at_first(
    api: Api, namespace: str, behind: Behind, pods: SimulatedPods
) -> None:
    for status, step in (
        (500, everything),
        (409, APPLY_CONFIG_MAP),
        (503, writes),
        (500, APPLY_DEPLOYMENT),
        (409, CREATE_DEPLOYMENT),
    ):
        behind.proxy.fail(status, matches=step)

    await create_pool(api, namespace, autoscaling={"minInstances": 2})

    await pods.ready(2)
    await reason_of(api, namespace, "Progressing", "AsWanted")
    assert (await behind.operator.answers("/healthz"))[0] == 200


async def test_a_server_that_asks_for_a_pause_gets_it(
    api: Api, namespace: str, behind: Behind, pods: SimulatedPods
) -> None:
    clock = asyncio.get_running_loop().time
    behind.proxy.fail(429, matches=APPLY_CONFIG_MAP, retry_after_seconds=RETRY_AFTER_SECONDS)

    await create_pool(api, namespace)
    await eventually(lambda: behind.proxy.answered_with_fault == 1, what="the refusal")
    refused_at = clock()
    await pods.ready(1)

    assert clock() - refused_at >= RETRY_AFTER_SECONDS - 0.1
