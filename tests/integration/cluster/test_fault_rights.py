"""The operator's rights taken away and given back: it says that it is blind, and goes on by itself."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.cluster.api import Api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.faults import FaultProxy, watches
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.leases import EVERYTHING
from tests.support.cluster.namespaces import grant, withdraw
from tests.support.cluster.operators import OperatorProcess, running_operator
from tests.support.cluster.pools import create_pool, edit_pool
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.waiting import eventually

USER = "first-operator"


@pytest.fixture
async def proxy(control_plane: ControlPlane) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(control_plane).running() as proxy:
        yield proxy


@pytest.fixture
async def operator(
    control_plane: ControlPlane, api: Api, proxy: FaultProxy, kubelet: Kubelet, tmp_path: Path
) -> AsyncIterator[OperatorProcess]:
    namespace = kubelet.namespace
    await grant(api, USER, namespace, EVERYTHING)
    async with running_operator(
        control_plane, tmp_path, namespace, "--lease-seconds=60", user=USER, port=proxy.port
    ) as operator:
        yield operator


async def refusals(operator: OperatorProcess, verb: str) -> float:
    """Count how often the operator was told 403."""
    _, metrics = await operator.answers("/metrics")
    found = re.search(rf'api_requests_total{{code="403",verb="{verb}"}} (\S+)', metrics)
    return float(found[1]) if found else 0.0


async def staleness(operator: OperatorProcess) -> float:
    """Return for how long it has heard nothing of what it hears least of."""
    _, metrics = await operator.answers("/metrics")
    return max(float(age) for age in re.findall(r"watch_staleness_seconds{[^}]*} (\S+)", metrics))


async def test_an_operator_without_rights_says_so_and_goes_on_when_it_has_them_back(
    api: Api, namespace: str, operator: OperatorProcess, proxy: FaultProxy, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace)
    await pods.ready(1)

    await withdraw(api, USER, namespace)
    proxy.cut(watches)  # the API server lets those that run go on

    async def is_refused() -> bool:
        return await refusals(operator, "watch") >= 10

    async def is_stale() -> bool:
        return await staleness(operator) > 3

    await eventually(is_refused, what="watches being refused")
    await eventually(is_stale, what="the metric saying that it hears nothing")
    await edit_pool(api, namespace, autoscaling={"minInstances": 2})
    assert (await operator.answers("/healthz"))[0] == 200
    assert len(pods.all) == 1

    await grant(api, USER, namespace, EVERYTHING)
    await pods.ready(2)

    async def hears() -> bool:
        return await staleness(operator) < 60

    await eventually(hears, what="hearing again")
    assert operator.part.process.returncode is None
