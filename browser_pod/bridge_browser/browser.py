"""One Chromium as the slots use it: contexts of their own, and pages in them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import BrowserContext, CDPSession, Page

from bridge_api.spec import BrowserSpec
from bridge_browser.driver_calls import close, needed
from bridge_browser.watching import Watch


class Browser:
    """One Chromium, shared by the slots; each has its own context in it."""

    def __init__(self, browser: PlaywrightBrowser, spec: BrowserSpec, watch: Watch) -> None:
        self._browser = browser
        self._spec = spec
        self.watch = watch

    @asynccontextmanager
    async def context(self) -> AsyncIterator[BrowserContext]:
        """Give an isolated context for the block."""
        viewport = self._spec.viewport
        context = await needed(
            self._browser.new_context(
                viewport={"width": viewport.width, "height": viewport.height},
                locale=self._spec.locale,
                timezone_id=self._spec.timezone,
                service_workers="block",
                accept_downloads=False,
            )
        )
        try:
            yield context
        finally:
            await close(context.close())

    @asynccontextmanager
    async def page(self, context: BrowserContext) -> AsyncIterator[tuple[Page, CDPSession]]:
        """Give a page and a debugging session of it for the block."""
        page = await needed(context.new_page())
        try:
            session = await needed(context.new_cdp_session(page))
            if self._spec.block_urls:
                await needed(session.send("Network.enable"))
                blocked = {"urls": list(self._spec.block_urls)}
                await needed(session.send("Network.setBlockedURLs", blocked))
            yield page, session
        finally:
            await close(page.close())
