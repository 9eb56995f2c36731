"""A demo site in this process, and visitors with and without a browser."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bridge_demo_site.app import make_app, make_site
from bridge_demo_site.settings import DemoSiteSettings
from bridge_demo_site.site import DemoSite
from bridge_runtime.serving import serve
from tests.integration.demo_site.visitor import Visitor

expect.set_options(timeout=15_000)  # the machine may be busy with other tests

NewVisitor = Callable[[], Awaitable[Visitor]]


@pytest.fixture
def settings() -> DemoSiteSettings:
    """Short answers, so that tests are fast."""
    return DemoSiteSettings(tokens=20, pace_ms=1)


@pytest.fixture
def site(settings: DemoSiteSettings) -> DemoSite:
    return make_site(settings)


@pytest.fixture
async def site_url(site: DemoSite) -> AsyncIterator[str]:
    async with serve(make_app(site), host="127.0.0.1", port=0, shutdown_seconds=0.1) as port:
        yield f"http://127.0.0.1:{port}"
        site.close_answers()


@pytest.fixture
async def new_visitor(site_url: str) -> AsyncIterator[NewVisitor]:
    """Make visitors, each with cookies of its own."""
    async with AsyncExitStack() as open_sessions:

        async def make() -> Visitor:
            jar = aiohttp.CookieJar(unsafe=True)  # aiohttp keeps no cookies of IP addresses otherwise
            timeout = aiohttp.ClientTimeout(total=20)
            http = aiohttp.ClientSession(site_url, cookie_jar=jar, timeout=timeout)
            return Visitor(await open_sessions.enter_async_context(http))

        yield make


@pytest.fixture
async def visitor(new_visitor: NewVisitor) -> Visitor:
    return await new_visitor()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=sandbox)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser, site_url: str) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=site_url)
    context.set_default_timeout(15_000)
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    await context.close()
    assert problems == []
