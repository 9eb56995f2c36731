"""The API server gone for a while: no pod is touched meanwhile, and soon after all is as wanted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.cluster.api import Api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.operators import OperatorProcess, running_operator
from tests.support.cluster.pools import QUICK, create_pool, edit_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.simulated_router import SimulatedRouter
from tests.support.waiting import eventually

CONVERGED_SECONDS = 20


class ApiServer:
    """The API server, to be taken from an operator and given back."""

    def __init__(self, plane: ControlPlane, operator: OperatorProcess) -> None:
        self.operator = operator
        self._plane = plane

    def kill(self) -> None:
        self._plane.api_server.kill()

    async def come_back(self) -> None:
        """Start it again, where it is away, with Kubernetes' own controllers: those pause for half a minute otherwise."""
        if self._plane.api_server.running:
            return
        self._plane.controllers.kill()
        self._plane.api_server.start()
        await asyncio.to_thread(self._plane.wait_until_ready)
        self._plane.controllers.start()


@pytest.fixture
async def operator(
    control_plane: ControlPlane, kubelet: Kubelet, tmp_path: Path
) -> AsyncIterator[OperatorProcess]:
    """One that holds its Lease for longer than an API server takes to start on a busy machine."""
    async with running_operator(control_plane, tmp_path, kubelet.namespace, "--lease-seconds=60") as operator:
        yield operator


@pytest.fixture
async def api_server(control_plane: ControlPlane, operator: OperatorProcess) -> AsyncIterator[ApiServer]:
    server = ApiServer(control_plane, operator)
    yield server
    await server.come_back()


async def test_no_pod_is_touched_while_the_api_server_is_away_and_then_all_is_as_wanted(
    api: Api, namespace: str, pods: SimulatedPods, router: SimulatedRouter, api_server: ApiServer
) -> None:
    scaling = {**QUICK, "minInstances": 1, "maxInstances": 3}
    await create_pool(api, namespace, slots=1, autoscaling=scaling)
    (first,) = await pods.ready(1)
    chat = pods.begin_chat(first.name)
    router.pending[f"{namespace}/demo"] = 2
    there = {pod.name for pod in await pods.ready(3)}

    api_server.kill()
    router.pending[f"{namespace}/demo"] = 0  # one of three is too many from now on

    async def wants_fewer() -> bool:
        _, metrics = await api_server.operator.answers("/metrics")
        desired = f'bridge_operator_desired_instances{{namespace="{namespace}",pool="demo"}} 2.0'
        return desired in metrics

    await eventually(wants_fewer, what="the operator wanting fewer")
    assert (await api_server.operator.answers("/healthz"))[0] == 200
    assert {pod.name for pod in pods.all} == there
    assert not any(pod.status().cordons for pod in pods.all)

    await api_server.come_back()
    left = {pod.name for pod in await pods.ready(2, within_seconds=CONVERGED_SECONDS)}
    assert first.name in left
    assert left < there
    pods.end_chat(chat)
    assert pods.ledger.killed_busy == []


async def test_what_was_wanted_meanwhile_is_there_soon_after(
    api: Api, namespace: str, pods: SimulatedPods, api_server: ApiServer
) -> None:
    await create_pool(api, namespace)
    await pods.ready(1)

    api_server.kill()
    await eventually(
        lambda: "not heard from the API server" in api_server.operator.part.text, what="noticing it"
    )
    assert (await api_server.operator.answers("/healthz"))[0] == 200
    await api_server.come_back()
    await edit_pool(api, namespace, autoscaling={"minInstances": 3})

    await pods.ready(3, within_seconds=CONVERGED_SECONDS)
    await reason_of(api, namespace, "Progressing", "AsWanted")
    assert api_server.operator.part.process.returncode is None
