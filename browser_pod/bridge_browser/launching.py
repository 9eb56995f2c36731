"""Start Playwright's driver and a Chromium, and end both without a process left behind."""

import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Playwright, ProxySettings, async_playwright

from bridge_api.proxy import Proxy
from bridge_api.spec import BrowserSpec, Sandbox
from bridge_browser.browser import Browser
from bridge_browser.chromium import launch_options, places_to_look, playwright_channel
from bridge_browser.driver_calls import DEADLINE_SECONDS, close, within
from bridge_browser.processes import ProcessTree, children
from bridge_browser.watching import Watch

LAUNCH_SECONDS: Final = 30.0


class CannotLaunch(Exception):
    """There is no browser; `reason` is one word, the message says what to do."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Driver:
    playwright: Playwright
    process: psutil.Process


@dataclass(frozen=True, slots=True)
class LaunchPlan:
    """Which browser is to be started, and how."""

    spec: BrowserSpec
    named: Path | None
    """The program; None: it is sought."""

    proxy: Proxy | None


@asynccontextmanager
async def running_driver(tree: ProcessTree) -> AsyncIterator[Driver]:
    """Start a driver and end it with the block; then nothing of the tree is left.

    Raises:
        CannotLaunch: It does not start.
    """
    before = children()
    try:
        playwright = await _start_driver()
        try:
            yield Driver(playwright, _driver_process(children() - before))
        finally:
            tree.note()
            await close(playwright.stop())
    finally:
        await tree.end(grace_seconds=1.0)


@asynccontextmanager
async def running_browser(
    driver: Driver, plan: LaunchPlan, crashed: Callable[[str], None]
) -> AsyncIterator[Browser]:
    """Start a Chromium, and end it with the block; `crashed` is told the kind of each process that dies or hangs.

    Raises:
        CannotLaunch: There is no Chromium, or it does not start.
    """
    tree = ProcessTree(driver.process)
    try:
        browser = await _launch(driver.playwright, plan)
        try:
            yield Browser(browser, plan.spec, await _watch(browser, driver, tree, crashed))
        finally:
            tree.note()
            await close(browser.close())
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


async def _launch(playwright: Playwright, plan: LaunchPlan) -> PlaywrightBrowser:
    sandbox = _sandbox(plan.spec)
    executable = find_chromium(plan.spec, plan.named)
    options = launch_options(plan.spec, sandbox=sandbox)
    try:
        return await within(
            LAUNCH_SECONDS,
            playwright.chromium.launch(
                executable_path=executable,
                channel=None if executable else playwright_channel(plan.spec.mode),
                headless=options.headless,
                args=options.args,
                chromium_sandbox=options.sandbox,
                proxy=_proxy_settings(plan.proxy),
                handle_sigint=False,  # a drain is ours to order
                handle_sigterm=False,
                handle_sighup=False,
            ),
        )
    except TimeoutError:
        raise CannotLaunch("BrowserHangs", f"Chromium did not start in {LAUNCH_SECONDS:.0f} s.") from None
    except PlaywrightError as failed:
        raise _explained(failed.message, executable, sandbox=sandbox) from None


def _proxy_settings(proxy: Proxy | None) -> ProxySettings | None:
    """Pass the proxy on; Playwright gives credentials to a proxy's question alone, and puts them on no command line."""
    if proxy is None:
        return None
    settings = ProxySettings(server=proxy.server)
    if proxy.username is not None:
        settings["username"] = proxy.username
        settings["password"] = proxy.password or ""
    return settings


def _explained(message: str, executable: str | None, *, sandbox: bool) -> CannotLaunch:
    if sandbox and re.search("(?<!-)sandbox", message, re.IGNORECASE):  # the message names the switches too
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


async def _watch(
    browser: PlaywrightBrowser, driver: Driver, tree: ProcessTree, crashed: Callable[[str], None]
) -> Watch:
    try:
        session = await within(DEADLINE_SECONDS, browser.new_browser_cdp_session())
        watch = Watch(browser, session, driver.process, tree, crashed)
        await watch.begin()
    except (PlaywrightError, TimeoutError, ValueError, psutil.NoSuchProcess) as failed:
        raise _start_failed("Chromium started but did not name its process", failed) from failed
    return watch


def _start_failed(what: str, failed: Exception) -> CannotLaunch:
    return CannotLaunch("BrowserFailed", f"{what} ({type(failed).__name__}). It is tried again.")
