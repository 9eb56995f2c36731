"""Single gestures on a page: each with a deadline, each made to its end, each with a name for what is missing."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from bridge_browser.browser import DEADLINE_SECONDS, within
from bridge_browser.sites.base import Signal, SiteFailed, SiteFailure

GESTURE_MS: Final = 8000.0
"""Longest wait for a control to be there and to take a click; below the deadline of every call to the driver."""

PAGE_LOST: Final = SiteFailure(Signal.PAGE_LOST, "The page crashed, hung or went elsewhere.")

T = TypeVar("T")


class Gestures:
    """Makes gestures on one page, and knows when it can take no more."""

    def __init__(self, page: Page, tell_lost: Callable[[str], None]) -> None:
        self._page = page
        self._tell_lost = tell_lost
        self.lost = False
        page.set_default_timeout(GESTURE_MS)
        page.on("crash", lambda _: self.lose("the page crashed"))
        page.on("close", lambda _: self.lose("the page was closed"))

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

    def lose(self, why: str) -> None:
        """Give the page up."""
        self.lost = True
        self._tell_lost(why)
