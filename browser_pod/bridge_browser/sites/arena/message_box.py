"""Put a text into the page's message box, as a person types or drops one."""

from typing import Final

from playwright.async_api import CDPSession, Locator, Page

from bridge_browser.sites.arena import signals
from bridge_browser.sites.arena.gestures import Gestures
from bridge_browser.sites.base import SiteFailed, SiteFailure

MANY_LINES: Final = 100
"""Above, a text is dropped into the box: Chromium inserts line by line, in time that grows with the square (6,000: 63 s)."""


class MessageBox:
    def __init__(self, page: Page, session: CDPSession, gestures: Gestures, selector: str) -> None:
        self._page = page
        self._session = session
        self._gestures = gestures
        self._selector = selector

    async def fill(self, text: str) -> None:
        """Click into the box and put the text there.

        Raises:
            SiteFailed: There is no box.
        """
        box = self._gestures.visible(self._selector)
        missing = signals.control_missing("messageBox", self._selector, "There is no message box")
        await self._gestures.make(box.click(), missing)
        if text.count("\n") <= MANY_LINES:
            await self._gestures.make(self._page.keyboard.insert_text(text), missing)
        else:
            await self._drop(text, box, missing)

    async def _drop(self, text: str, box: Locator, missing: SiteFailure) -> None:
        """Put a long text in as one that was dragged there: one event, where insertion makes two of each line."""
        place = await self._gestures.make(box.bounding_box(), missing)
        if place is None:
            raise SiteFailed(missing)
        data = {"items": [{"mimeType": "text/plain", "data": text}], "dragOperationsMask": 1}
        where = {"x": place["x"] + place["width"] / 2, "y": place["y"] + place["height"] / 2, "data": data}
        for step in ("dragEnter", "dragOver", "drop"):
            event = {"type": step, **where}
            await self._gestures.make(self._session.send("Input.dispatchDragEvent", event), missing)
