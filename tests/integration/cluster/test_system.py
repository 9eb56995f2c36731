"""Operator and router together, as they are in a cluster: a request brings the first instance, and gets its answer."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bridge_runtime.tokens import pool_token
from tests.support.cluster.api import Api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.namespaces import grant
from tests.support.cluster.operators import MASTER_TOKEN, OperatorProcess
from tests.support.cluster.pools import QUICK, create_pool
from tests.support.cluster.routers import ROUTER_RULES, RouterProcess, running_router_process
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.simulated_router import announced
from tests.support.waiting import eventually


@pytest.fixture
async def router(
    api: Api, control_plane: ControlPlane, namespace: str, addresses: Iterator[str], tmp_path: Path
) -> AsyncIterator[RouterProcess]:
    """A router that the operator finds, at an address of the pods' network."""
    await grant(api, "router", namespace, ROUTER_RULES)
    host = next(addresses)
    async with running_router_process(
        tmp_path, control_plane.access("router"), namespace, host=host
    ) as router:
        port = urlsplit(router.listening.url).port
        assert port is not None
        async with announced(api, namespace, host, port):
            yield router


async def test_a_request_to_a_pool_at_zero_waits_for_the_instance_that_it_brings(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods, router: RouterProcess
) -> None:
    pods.chats_wait = False
    made = await create_pool(api, namespace, autoscaling={"minInstances": 0, **QUICK})
    pods.tokens[f"{namespace}/demo"] = pool_token(MASTER_TOKEN, made["metadata"]["uid"])
    await eventually(router.pools, what="the router knowing the pool")

    status, headers, _ = await router.post()

    assert status == 200
    assert headers["x-bridge-instance"] == pods.all[0].name
    assert float(headers["x-bridge-queue-seconds"]) > 0
