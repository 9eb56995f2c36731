"""Where operators are measured: a real control plane of its own, with pods that the benchmark plays."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hack.ensure_kubernetes import WHAT_TO_DO, find_binaries, missing_binaries

from bench.support.systems import Failed
from bridge_runtime.serving import serve
from tests.support.cluster.api import Api, open_api, path_of
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.crd import install_crd
from tests.support.cluster.kubelet import pod_addresses, running_kubelet
from tests.support.cluster.simulated_http import make_app
from tests.support.cluster.simulated_pods import EVERY_ADDRESS, POD_PORT, SimulatedPods

NAMESPACE: Final = "bench"


@dataclass(frozen=True, slots=True)
class Stage:
    plane: ControlPlane
    api: Api
    folder: Path
    pods: SimulatedPods
    addresses: Iterator[str]


@asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    """Run a control plane in the network namespace that we are in; its pods do not listen until `answering`.

    Raises:
        Failed: The Kubernetes binaries are not there.
    """
    if missing := missing_binaries(os.environ):
        raise Failed(f"missing: {', '.join(missing)}\n{WHAT_TO_DO}")
    with TemporaryDirectory(prefix="bridge-bench-") as folder:
        plane = ControlPlane(find_binaries(os.environ), Path(folder))
        try:
            plane.start()
            async with open_api(plane.access()) as api:
                await install_crd(api)
                await api.create(path_of("v1", "namespaces"), {"metadata": {"name": NAMESPACE}})
                stage = Stage(plane, api, Path(folder), SimulatedPods(), pod_addresses())
                async with running_kubelet(api, NAMESPACE, stage.pods, stage.addresses):
                    yield stage
        finally:
            plane.kill()


@asynccontextmanager
async def answering(pods: SimulatedPods) -> AsyncIterator[None]:
    """Let the pods answer on their port, all from one server; outside of this they refuse connections."""
    async with serve(make_app(pods), host=EVERY_ADDRESS, port=POD_PORT, shutdown_seconds=0.01):
        yield
