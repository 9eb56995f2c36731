"""A browser of its own for each chat, started as Playwright does by default: `python -m bench.peers.browser_per_chat`.

Python and the driver are shared by all, which favours this peer. The gestures are the bridge's own.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from playwright.async_api import Playwright, async_playwright

from bench.support.systems import browser_spec
from bridge_api.sites.arena import ArenaSettings
from bridge_api.spec.browser import BrowserMode
from bridge_browser.launching import find_chromium
from bridge_browser.sites.arena.page import ArenaPage
from bridge_browser.sites.base import Finish, SiteFailed
from bridge_runtime.lifeline import watch_for_ending

ALL_ANSWERED: Final = "all answered"
ANSWER_SECONDS: Final = 30.0


async def main(mode: BrowserMode, chats: int, site_url: str) -> None:
    ending = watch_for_ending(lifeline=True)
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        for _ in range(chats):
            page = await stack.enter_async_context(_page(playwright, mode, site_url))
            await _chat(page)
        print(ALL_ANSWERED, flush=True)
        await ending.drain.wait()


@asynccontextmanager
async def _page(playwright: Playwright, mode: BrowserMode, site_url: str) -> AsyncIterator[ArenaPage]:
    browser = await playwright.chromium.launch(
        executable_path=find_chromium(browser_spec(mode), None), headless=mode is not BrowserMode.HEADED
    )
    try:
        context = await browser.new_context()
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        arena = ArenaPage(page, session, site_url, ArenaSettings(accept_terms=True))
        await arena.start()
        yield arena
    finally:
        await browser.close()


async def _chat(page: ArenaPage) -> None:
    if failure := await page.open():
        raise SiteFailed(failure)
    async with page.send(page.models[0], "Hello") as answer:
        while not any(isinstance(event, Finish) for event in await answer.next(ANSWER_SECONDS)):
            pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", type=BrowserMode, choices=list(BrowserMode), required=True)
    parser.add_argument("--chats", type=int, required=True)
    parser.add_argument("--site", required=True)
    asked = parser.parse_args()
    asyncio.run(main(asked.mode, asked.chats, asked.site))
