"""Single gestures on a page: each with a deadline, each made to its end, each with a name for what is missing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from playwright.async_api import CDPSession, Locator, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from bridge_browser.driver_calls import DEADLINE_SECONDS, within
from bridge_browser.sites.base import Signal, SiteFailed, SiteFailure

GESTURE_MS: Final = 8000.0
"""Longest wait for a control to be there and to take a click; below the deadline of every call to the driver."""

BEAT_SECONDS: Final = 5.0
"""A page that works answers in milliseconds, and on a machine with much to do within this."""

FRAME: Final = "new Promise(drawn => requestAnimationFrame(() => drawn(1)))"
"""What no page can do whose renderer hangs, and none whose frames are drawn no more: such a page takes no click."""

PAGE_LOST: Final = SiteFailure(Signal.PAGE_LOST, "The page crashed, hung or went elsewhere.")

T = TypeVar("T")


class Gestures:
    """Makes gestures on one page, and knows when it can take no more."""

    def __init__(self, page: Page, session: CDPSession, tell_lost: Callable[[str], None]) -> None:
        self._page = page
        self._session = session
        self._tell_lost = tell_lost
        self._lost = asyncio.Event()
        page.set_default_timeout(GESTURE_MS)
        page.on("crash", lambda _: self.lose("the page crashed"))
        page.on("close", lambda _: self.lose("the page was closed"))

    @property
    def lost(self) -> bool:
        return self._lost.is_set()

    def visible(self, selector: str) -> Locator:
        """Name the first visible element of a selector."""
        return self._page.locator(f"{selector} >> visible=true").first

    async def make(
        self, gesture: Awaitable[T], missing: SiteFailure, *, seconds: float = DEADLINE_SECONDS
    ) -> T:
        """Make one gesture to its end: the driver would carry out later what is cancelled halfway.

        Raises:
            SiteFailed: `missing` where the control did not take it, PAGE_LOST where the page is not there.
        """
        try:
            return await within(seconds, gesture)
        except PlaywrightTimeoutError:
            raise SiteFailed(missing) from None
        except PlaywrightError:
            raise SiteFailed(PAGE_LOST) from None
        except TimeoutError:
            self.lose("the page hangs")
            raise SiteFailed(PAGE_LOST) from None

    async def beat(self) -> None:
        """See that the page lives and draws.

        Raises:
            SiteFailed: PAGE_LOST, it does not.
        """
        frame = asyncio.ensure_future(
            self._session.send("Runtime.evaluate", {"expression": FRAME, "awaitPromise": True})
        )
        lost = asyncio.ensure_future(
            self._lost.wait()
        )  # a raw call is not answered any more when its page crashes
        try:
            done, _ = await asyncio.wait(
                [frame, lost], timeout=BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            frame.cancel()
            lost.cancel()
        if not done:
            self.lose("the page hangs")
        if frame in done:
            frame.exception()  # an error is an answer too: it went elsewhere, which only a page does that lives
        if self.lost:
            raise SiteFailed(PAGE_LOST)

    def lose(self, why: str) -> None:
        """Give the page up."""
        self._lost.set()
        self._tell_lost(why)
