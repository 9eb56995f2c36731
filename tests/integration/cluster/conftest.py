"""A real Kubernetes API for the tests of this folder: one control plane for all, a namespace and a kubelet for each."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hack.ensure_kubernetes import WHAT_TO_DO, find_binaries, missing_binaries

from tests.support.cluster.api import Api, open_api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.crd import install_crd
from tests.support.cluster.kubectl import Kubectl
from tests.support.cluster.kubelet import Kubelet, pod_addresses, running_kubelet
from tests.support.cluster.namespaces import own_namespace
from tests.support.cluster.network import private_network
from tests.support.cluster.operators import OperatorProcess, running_operator
from tests.support.cluster.simulated_pods import SimulatedPods, running_simulated_pods
from tests.support.cluster.simulated_router import SimulatedRouter, running_router

USERS = ("operator", "router", "first-operator", "second-operator")
LEFT_OUT = "BRIDGE_SKIP_KUBERNETES=1: the tests against a real Kubernetes API were left out"

numbers = itertools.count(1)


def left_out() -> bool:
    return os.environ.get("BRIDGE_SKIP_KUBERNETES") == "1"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if left_out():
        terminalreporter.write_line(LEFT_OUT, yellow=True, bold=True)


@pytest.fixture(scope="package")
def binaries() -> dict[str, Path]:
    if left_out():
        pytest.skip(LEFT_OUT)
    if missing := missing_binaries(os.environ):
        pytest.fail(f"missing: {', '.join(missing)}\n{WHAT_TO_DO}", pytrace=False)
    return find_binaries(os.environ)


@pytest.fixture(scope="package")
def control_plane(
    binaries: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlPlane]:
    """One for all tests of this folder, with the CRD, in a network namespace that they run in too."""
    with private_network():
        plane = ControlPlane(binaries, tmp_path_factory.mktemp("control-plane"), USERS)
        try:
            plane.start()
            asyncio.run(_install_crd(plane))
            yield plane
        finally:
            plane.kill()


async def _install_crd(plane: ControlPlane) -> None:
    async with open_api(plane.access()) as api:
        await install_crd(api)


@pytest.fixture(scope="package")
def addresses() -> Iterator[str]:
    """The pods' addresses: none is used twice, so that no test meets another one's pods."""
    return pod_addresses()


@pytest.fixture
async def api(control_plane: ControlPlane) -> AsyncIterator[Api]:
    async with open_api(control_plane.access()) as api:
        yield api


@pytest.fixture
async def namespace(api: Api) -> AsyncIterator[str]:
    async with own_namespace(api, f"test-{next(numbers)}") as name:
        yield name


@pytest.fixture
def kubectl(
    binaries: dict[str, Path], control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> Kubectl:
    """kubectl as admin, in the test's namespace."""
    kubeconfig = control_plane.access().write_kubeconfig(tmp_path / "admin.kubeconfig", namespace=namespace)
    return Kubectl(binaries["kubectl"], kubeconfig)


@pytest.fixture
async def pods(control_plane: ControlPlane) -> AsyncIterator[SimulatedPods]:
    async with running_simulated_pods() as pods:
        yield pods


@pytest.fixture
async def kubelet(
    api: Api, namespace: str, pods: SimulatedPods, addresses: Iterator[str]
) -> AsyncIterator[Kubelet]:
    """Runs the pods of the test's namespace as simulated ones."""
    async with running_kubelet(api, namespace, pods, addresses) as kubelet:
        yield kubelet


@pytest.fixture
async def operator(
    control_plane: ControlPlane, namespace: str, kubelet: Kubelet, tmp_path: Path
) -> AsyncIterator[OperatorProcess]:
    async with running_operator(control_plane, tmp_path, namespace) as operator:
        yield operator


@pytest.fixture
async def router(
    api: Api, namespace: str, pods: SimulatedPods, addresses: Iterator[str]
) -> AsyncIterator[SimulatedRouter]:
    router = SimulatedRouter(pods, [f"{namespace}/demo"])
    async with running_router(api, namespace, router, next(addresses)):
        yield router
