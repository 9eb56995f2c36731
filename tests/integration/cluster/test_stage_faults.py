"""The stage itself: the proxy before the API server fails as it is told to, and lets everything else pass."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.support.cluster.api import Api, ApiError, open_api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.faults import FaultProxy, watches, writes
from tests.support.cluster.workloads import deployment_path, make_deployment, pod_path
from tests.support.waiting import eventually


@pytest.fixture
async def proxy(control_plane: ControlPlane) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(control_plane).running() as proxy:
        yield proxy


@pytest.fixture
async def through(proxy: FaultProxy) -> AsyncIterator[Api]:
    """The API, as one has it through the proxy."""
    async with open_api(proxy.access()) as api:
        yield api


async def test_everything_passes_at_first(through: Api, namespace: str) -> None:
    path = deployment_path(namespace, "web")
    await through.apply(path, make_deployment("web", 0), "tests")

    assert (await through.get(path))["spec"]["replicas"] == 0


@pytest.mark.parametrize("status", [409, 410, 429, 500])
async def test_the_next_requests_that_match_fail_and_no_others(
    through: Api, namespace: str, proxy: FaultProxy, status: int
) -> None:
    proxy.fail(status, times=2, matches=writes)
    path = deployment_path(namespace, "web")

    for _ in range(2):
        await through.items(deployment_path(namespace))
        with pytest.raises(ApiError) as refused:
            await through.apply(path, make_deployment("web", 0), "tests")
        assert refused.value.status == status
    await through.apply(path, make_deployment("web", 0), "tests")


async def test_a_watch_is_cut_in_the_middle(through: Api, namespace: str, proxy: FaultProxy) -> None:
    await through.apply(deployment_path(namespace, "web"), make_deployment("web", 0), "tests")
    events = through.watch(deployment_path(namespace), "")
    await anext(events)

    assert proxy.cut(watches) == 1

    async with asyncio.timeout(10):
        with pytest.raises(aiohttp.ClientError):
            async for _ in events:
                pass


async def test_a_stall_lasts_until_it_is_released(
    api: Api, through: Api, namespace: str, proxy: FaultProxy
) -> None:
    proxy.stall()
    asking = asyncio.create_task(through.items(pod_path(namespace)))
    await eventually(lambda: proxy.seen, what="the request being there")
    for _ in range(10):
        await api.items(pod_path(namespace))  # past the proxy everything is answered meanwhile
    assert not asking.done()

    proxy.release()

    assert await asking == []


async def test_a_write_that_is_stalled_is_not_done_before_the_release(
    api: Api, through: Api, namespace: str, proxy: FaultProxy
) -> None:
    proxy.stall()
    writing = asyncio.create_task(through.create(deployment_path(namespace), make_deployment("web", 0)))
    await eventually(lambda: proxy.seen, what="the request being there")
    for _ in range(10):
        assert await api.items(deployment_path(namespace)) == []

    proxy.release()

    await writing
    assert len(await api.items(deployment_path(namespace))) == 1
