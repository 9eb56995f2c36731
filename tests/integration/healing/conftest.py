"""One demo site and one pod with short deadlines for all that is done to its processes."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.browser_pod.stage import DemoSite, Pod, running_pod, running_site


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DemoSite]:
    async with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def shared_pod(tmp_path_factory: pytest.TempPathFactory, site: DemoSite) -> AsyncIterator[Pod]:
    timeouts = {"firstTokenSeconds": 20, "idleSeconds": 20, "totalSeconds": 60}
    health = {"intervalSeconds": 1, "failureThreshold": 100}
    folder = tmp_path_factory.mktemp("pod")
    async with running_pod(folder, site, timeouts=timeouts, health=health) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="package")
async def pod(shared_pod: Pod) -> Pod:
    """A pod whose slots are all ready."""
    await shared_pod.restore()
    return shared_pod
