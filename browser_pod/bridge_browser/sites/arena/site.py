"""The arena site in one browser: contexts, and the pages in them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import BrowserContext

from bridge_api.sites.arena import ArenaSettings
from bridge_api.spec import SiteSpec
from bridge_browser.browser import Browser
from bridge_browser.sites.arena.page import ArenaPage


class ArenaSite:
    def __init__(self, browser: Browser, spec: SiteSpec) -> None:
        self._browser = browser
        self._url = spec.url
        self._settings = ArenaSettings.model_validate(spec.settings)

    @asynccontextmanager
    async def context(self) -> AsyncIterator["ArenaContext"]:
        async with self._browser.context() as context:
            yield ArenaContext(self._browser, context, self._url, self._settings)


class ArenaContext:
    def __init__(self, browser: Browser, context: BrowserContext, url: str, settings: ArenaSettings) -> None:
        self._browser = browser
        self._context = context
        self._url = url
        self._settings = settings

    @asynccontextmanager
    async def page(self) -> AsyncIterator[ArenaPage]:
        async with self._browser.page(self._context) as (page, session):
            arena = ArenaPage(page, session, self._url, self._settings)
            await arena.start()
            yield arena
