"""The ways by which chunks leave a page: each starts the page's reading, and hands over what comes of it."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Any, Final

import aiohttp
from playwright.async_api import CDPSession, Page

from bench.chunks.arrivals import Arrivals
from bench.chunks.source import PATH
from bridge_browser.cdp import Body, Tap

LONGEST_SILENCE_SECONDS: Final = 10.0


class Way(StrEnum):
    DIRECT = "direct"
    """No browser: our Python reads the site itself, which is what the machine adds to every way."""

    NONE = "none"
    """The page reads, nothing leaves it: what the page itself costs."""

    TAP = "tap"
    """The bridge's: the browser's network events (`Network.streamResourceContent`)."""

    BINDING = "binding"
    """A script of ours in the page calls a raw binding (`Runtime.addBinding`)."""

    EXPOSE_BINDING = "expose_binding"
    """The same with Playwright's `expose_binding`, which answers every call."""


async def _start(page: Page, slot: int, forward: str = "null") -> None:
    await page.evaluate(f"void readAll({slot}, {forward})")


async def through_nothing(page: Page, _: CDPSession, slot: int, arrivals: Arrivals) -> None:
    await page.evaluate(f"readAll({slot}, null)")
    arrivals.numbers.extend(range(arrivals.expected))


async def through_tap(page: Page, session: CDPSession, slot: int, arrivals: Arrivals) -> None:
    tap = Tap(session)
    await tap.start(max_request_bytes=65536)
    exchange = tap.expect(lambda path: path == PATH)
    await _start(page, slot)
    while not (exchange.over and arrivals.complete):
        events = await exchange.take(LONGEST_SILENCE_SECONDS)
        now = time.monotonic()
        for event in events:
            if isinstance(event, Body):
                arrivals.take(event.data.decode(), now)
    await exchange.close()


async def through_binding(page: Page, session: CDPSession, slot: int, arrivals: Arrivals) -> None:
    name, complete = f"b{secrets.token_hex(4)}", asyncio.Event()

    def called(event: Mapping[str, Any]) -> None:
        if event["name"] == name:
            _take(arrivals, str(event["payload"]), complete)

    session.on("Runtime.bindingCalled", called)
    await session.send("Runtime.enable")
    await session.send("Runtime.addBinding", {"name": name})
    await _start(page, slot, f"(text) => window.{name}(text)")
    await complete.wait()


async def through_expose_binding(page: Page, _: CDPSession, slot: int, arrivals: Arrivals) -> None:
    name, complete = f"b{secrets.token_hex(4)}", asyncio.Event()

    def called(_source: object, text: str) -> None:
        _take(arrivals, text, complete)

    await page.expose_binding(name, called)
    await _start(page, slot, f"(text) => window.{name}(text)")
    await complete.wait()


def _take(arrivals: Arrivals, text: str, complete: asyncio.Event) -> None:
    arrivals.take(text, time.monotonic())
    if arrivals.complete:
        complete.set()


async def without_page(url: str, slot: int, arrivals: Arrivals) -> None:
    async with aiohttp.ClientSession() as http, http.post(f"{url}{PATH}?slot={slot}") as response:
        async for received in response.content.iter_any():
            arrivals.take(received.decode(), time.monotonic())


WAYS: Final[Mapping[Way, Callable[[Page, CDPSession, int, Arrivals], Awaitable[None]]]] = {
    Way.NONE: through_nothing,
    Way.TAP: through_tap,
    Way.BINDING: through_binding,
    Way.EXPOSE_BINDING: through_expose_binding,
}
