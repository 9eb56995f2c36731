"""One demo site and one pod for a module; every test finds all slots ready and no failure on demand."""

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
    async with running_pod(tmp_path_factory.mktemp("pod"), site) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="package")
async def pod(shared_pod: Pod) -> Pod:
    """A pod whose slots are all ready."""
    await shared_pod.restore()
    return shared_pod
