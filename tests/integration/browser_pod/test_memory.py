"""A page that has many chats, one after another, does not grow with them."""

import gc
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from bridge_api.sites.arena import ArenaSettings
from bridge_api.spec import BrowserSpec
from bridge_browser.driver_environment import DRIVER_ENVIRONMENT
from bridge_browser.launching import find_chromium
from bridge_browser.sites.arena.page import ArenaPage
from tests.integration.browser_pod.stage import DemoSite, Pod

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]


class Opened:
    """An arena page in this very process, whose insides can be counted."""

    def __init__(self, arena: ArenaPage) -> None:
        self._arena = arena

    async def open(self, times: int) -> None:
        for _ in range(times):
            assert await self._arena.open() is None

    async def documents(self) -> int:
        counters = await self._arena._session.send("Memory.getDOMCounters")
        return int(counters["documents"])


@pytest_asyncio.fixture(loop_scope="package")
async def opened(site: DemoSite) -> AsyncIterator[Opened]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(BrowserSpec(), None))
        context = await browser.new_context()
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        arena = ArenaPage(page, session, site.url, ArenaSettings(accept_terms=True))
        await arena.start()
        yield Opened(arena)
        await browser.close()


def known_requests() -> int:
    """Count Playwright's own objects; the class is private to it."""
    gc.collect()
    return sum(type(known).__name__ == "Request" for known in gc.get_objects())


async def test_once_the_list_is_known_no_record_is_kept_of_what_a_page_loads(opened: Opened) -> None:
    await opened.open(1)
    before = known_requests()

    await opened.open(4)

    assert known_requests() - before <= 4  # the page itself, each time


async def test_the_driver_is_started_with_what_keeps_it_small(pod: Pod) -> None:
    assert DRIVER_ENVIRONMENT.items() <= pod.driver().environ().items()


async def test_old_pages_are_let_go_of(opened: Opened) -> None:
    await opened.open(1)
    first = await opened.documents()

    await opened.open(8)

    assert await opened.documents() <= first
