"""The Playwright driver and its Chromium: started, watched, and closed without a process left behind."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar

import psutil
from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import (
    BrowserContext,
    CDPSession,
    Page,
    Playwright,
    ProxySettings,
    async_playwright,
)
from playwright.async_api import Error as PlaywrightError

from bridge_api.proxy import Proxy
from bridge_api.spec import BrowserSpec, Sandbox
from bridge_browser.chromium import launch_options, places_to_look, playwright_channel
from bridge_browser.processes import ProcessTree, children
from bridge_runtime.family import is_alive

DEADLINE_SECONDS: Final = 15.0
"""For every call to the driver that should take milliseconds: a hung renderer or driver answers never."""

CLOSE_SECONDS: Final = 5.0
LAUNCH_SECONDS: Final = 30.0
WATCH_SECONDS: Final = 0.5
"""How often the processes are looked at: the driver's death shows itself nowhere else."""

TREE_EVERY: Final = 10
"""Looks at the whole process tree are rarer: each reads every process of the machine."""

T = TypeVar("T")


class CannotLaunch(Exception):
    """There is no browser; `reason` is one word, the message says what to do."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class SetUpFailed(Exception):
    """A context or a page could not be had; whether the browser is dead is for its processes to show."""


class BrowserLost(Exception):
    """The browser or its driver has died."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the {kind} has died")
        self.kind = kind


async def within(seconds: float, call: Awaitable[T]) -> T:
    """Wait for a call to the driver, but not for ever.

    Raises:
        TimeoutError: It took too long.
    """
    async with asyncio.timeout(seconds):
        return await call


class Browser:
    """One Chromium, shared by the slots; each has its own context in it."""

    def __init__(
        self, browser: PlaywrightBrowser, spec: BrowserSpec, driver: psutil.Process, chromium: psutil.Process
    ) -> None:
        self._browser = browser
        self._spec = spec
        self._driver = driver
        self._chromium = chromium

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
            await _close(context.close())

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
            await _close(page.close())

    async def watch(self, tree: ProcessTree) -> None:
        """Look after the processes for as long as they live.

        Raises:
            BrowserLost: One has died.
        """
        looks = 0
        while True:
            if not is_alive(self._driver):
                raise BrowserLost("driver")
            if not is_alive(self._chromium) or not self._browser.is_connected():
                raise BrowserLost("browser")
            if looks % TREE_EVERY == 0:
                tree.note()
            looks += 1
            await asyncio.sleep(WATCH_SECONDS)


@asynccontextmanager
async def running_browser(
    spec: BrowserSpec, named: Path | None, tree: ProcessTree, proxy: Proxy | None = None
) -> AsyncIterator[Browser]:
    """Start a driver and a Chromium, and end both with the block.

    Raises:
        CannotLaunch: There is no Chromium, or it does not start.
    """
    sandbox = _sandbox(spec)
    executable = find_chromium(spec, named)
    before = children()
    try:
        playwright = await _start_driver()
        try:
            driver = _driver_process(children() - before)
            browser = await _launch(playwright, spec, executable, sandbox=sandbox, proxy=proxy)
            try:
                yield Browser(browser, spec, driver, await _chromium_process(browser))
            finally:
                tree.note()
                await _close(browser.close())
        finally:
            await _close(playwright.stop())
    finally:
        await tree.end(grace_seconds=1.0)


def _sandbox(spec: BrowserSpec) -> bool:
    if spec.sandbox is Sandbox.DISABLED:
        return False
    if os.geteuid() == 0:
        raise CannotLaunch(
            "SandboxUnavailable",
            "Chromium's sandbox does not work for root. Run as another user, or set browser.sandbox: Disabled.",
        )
    return True


def find_chromium(spec: BrowserSpec, named: Path | None) -> str | None:
    """Find the browser on this machine; None: Playwright's own, if it has one."""
    if named is not None:
        return str(named)
    found = (shutil.which(name) for name in places_to_look(spec.mode))
    return next((path for path in found if path is not None), None)


async def _launch(
    playwright: Playwright, spec: BrowserSpec, executable: str | None, *, sandbox: bool, proxy: Proxy | None
) -> PlaywrightBrowser:
    options = launch_options(spec, sandbox=sandbox)
    try:
        return await within(
            LAUNCH_SECONDS,
            playwright.chromium.launch(
                executable_path=executable,
                channel=None if executable else playwright_channel(spec.mode),
                headless=options.headless,
                args=options.args,
                chromium_sandbox=options.sandbox,
                proxy=_proxy_settings(proxy),
                handle_sigint=False,  # a drain is ours to order
                handle_sigterm=False,
                handle_sighup=False,
            ),
        )
    except TimeoutError:
        raise CannotLaunch("BrowserHangs", f"Chromium did not start in {LAUNCH_SECONDS:.0f} s.") from None
    except PlaywrightError as failed:
        raise _explained(failed.message, executable) from None


def _proxy_settings(proxy: Proxy | None) -> ProxySettings | None:
    """Pass the proxy on; Playwright gives credentials to a proxy's question alone, and puts them on no command line."""
    if proxy is None:
        return None
    settings = ProxySettings(server=proxy.server)
    if proxy.username is not None:
        settings["username"] = proxy.username
        settings["password"] = proxy.password or ""
    return settings


def _explained(message: str, executable: str | None) -> CannotLaunch:
    if re.search("sandbox", message, re.IGNORECASE):
        return CannotLaunch(
            "SandboxUnavailable",
            "Chromium's sandbox does not start: user namespaces are not to be had. Allow them, or set browser.sandbox: Disabled.",
        )
    if executable is None or not Path(executable).exists():
        missing = f"There is no {executable or 'Chromium'}."
        return CannotLaunch(
            "BrowserMissing",
            f"{missing} Install Debian's chromium-headless-shell, or name another in BRIDGE_CHROMIUM.",
        )
    return CannotLaunch("BrowserBroken", f"{executable} does not start: {message.splitlines()[0]}")


async def _start_driver() -> Playwright:
    try:
        return await within(LAUNCH_SECONDS, async_playwright().start())
    except Exception as failed:  # Playwright raises a bare Exception where its driver ends at once
        raise _start_failed("Playwright's driver did not start", failed) from failed


def _driver_process(started: set[psutil.Process]) -> psutil.Process:
    if len(started) != 1:
        raise CannotLaunch("BrowserFailed", f"Playwright's driver was sought in {len(started)} processes.")
    return started.pop()


async def _chromium_process(browser: PlaywrightBrowser) -> psutil.Process:
    try:
        session = await within(DEADLINE_SECONDS, browser.new_browser_cdp_session())
        answer = await within(DEADLINE_SECONDS, session.send("SystemInfo.getProcessInfo"))
        await within(DEADLINE_SECONDS, session.detach())
        number = next(process["id"] for process in answer["processInfo"] if process["type"] == "browser")
        return psutil.Process(number)
    except (PlaywrightError, TimeoutError, StopIteration, psutil.NoSuchProcess) as failed:
        raise _start_failed("Chromium started but did not name its process", failed) from failed


def _start_failed(what: str, failed: Exception) -> CannotLaunch:
    return CannotLaunch("BrowserFailed", f"{what} ({type(failed).__name__}). It is tried again.")


async def needed(call: Awaitable[T]) -> T:
    """Make a call without which there is no page.

    Raises:
        SetUpFailed: It failed, or was not answered.
    """
    try:
        return await within(DEADLINE_SECONDS, call)
    except (PlaywrightError, TimeoutError) as failed:
        raise SetUpFailed from failed


async def _close(closing: Awaitable[None]) -> None:
    """Close what may be dead already: its processes are killed afterwards in any case."""
    try:
        await within(CLOSE_SECONDS, closing)
    except (PlaywrightError, TimeoutError):
        return
