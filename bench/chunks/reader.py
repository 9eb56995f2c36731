"""One round of one way, in a process of its own whose whole tree is measured: `python -m bench.chunks.reader`."""

import argparse
import asyncio
import os
from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack, suppress

import psutil
import uvloop
from playwright.async_api import CDPSession, Page
from pydantic import BaseModel

from bench.chunks.arrivals import Arrivals
from bench.chunks.ways import WAYS, Way, without_page
from bench.support.statistics import percentile
from bench.support.systems import browser_spec
from bench.support.trees import Role, cpu_seconds, tree
from bridge_api.spec.browser import BrowserMode
from bridge_browser.browser import Browser
from bridge_browser.driver_environment import set_driver_environment
from bridge_browser.launching import LaunchPlan, running_browser, running_driver
from bridge_browser.processes import ProcessTree

SETTLE_SECONDS = 1.5
"""What loading the pages leaves to do is not the chunks' cost."""

LONGEST_SECONDS = 60.0
PERCENTS = (50, 95, 99, 99.9)


class Round(BaseModel):
    chunks: int
    messages: int
    exact: bool
    latency_ms: dict[str, float]
    """By percentile; empty where nothing leaves the page."""

    cpu_seconds_per_10000: dict[Role, float]


async def measure(way: Way, mode: BrowserMode, url: str, slots: int, chunks: int) -> Round:
    arrivals = [Arrivals(chunks) for _ in range(slots)]
    async with AsyncExitStack() as stack:
        reads: Sequence[Awaitable[None]]
        if way is Way.DIRECT:
            reads = [without_page(url, slot, one) for slot, one in enumerate(arrivals)]
        else:
            reads = await _reads_of_pages(stack, way, mode, url, arrivals)
        processes = tree(os.getpid())
        before = cpu_seconds(processes)
        await _read_all(reads)
        after = cpu_seconds(processes)
    used = {role: (after[role] - before[role]) * 10_000 / (slots * chunks) for role in Role}
    return _round(arrivals, used)


async def _reads_of_pages(
    stack: AsyncExitStack, way: Way, mode: BrowserMode, url: str, arrivals: list[Arrivals]
) -> Sequence[Awaitable[None]]:
    """Open a page for each slot, and return what is to be waited for."""
    driver = await stack.enter_async_context(running_driver(ProcessTree(psutil.Process())))
    launch = LaunchPlan(browser_spec(mode), None, None)
    browser = await stack.enter_async_context(running_browser(driver, launch, lambda _: None))
    pages = [await _open(stack, browser, url) for _ in arrivals]
    await asyncio.sleep(SETTLE_SECONDS)
    return [WAYS[way](page, session, slot, arrivals[slot]) for slot, (page, session) in enumerate(pages)]


async def _read_all(reads: Sequence[Awaitable[None]]) -> None:
    """Read every stream to its end; what does not come in time is missing."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_SECONDS):
            await asyncio.gather(*reads)


async def _open(stack: AsyncExitStack, browser: Browser, url: str) -> tuple[Page, CDPSession]:
    context = await stack.enter_async_context(browser.context())
    page, session = await stack.enter_async_context(browser.page(context))
    await page.goto(url)
    return page, session


def _round(arrivals: list[Arrivals], used: dict[Role, float]) -> Round:
    latencies = [seconds * 1000 for one in arrivals for seconds in one.latencies]
    return Round(
        chunks=sum(len(one.numbers) for one in arrivals),
        messages=sum(one.messages for one in arrivals),
        exact=all(one.exact for one in arrivals),
        latency_ms={f"p{percent:g}": percentile(latencies, percent) for percent in PERCENTS if latencies},
        cpu_seconds_per_10000=used,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--way", type=Way, choices=list(Way), required=True)
    parser.add_argument("--mode", type=BrowserMode, choices=list(BrowserMode), required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--slots", type=int, required=True)
    parser.add_argument("--chunks", type=int, required=True)
    asked = parser.parse_args()
    set_driver_environment()  # the driver as the bridge starts it, for every way
    print(uvloop.run(measure(asked.way, asked.mode, asked.url, asked.slots, asked.chunks)).model_dump_json())
