"""The gestures on the arena page, as a person makes them: look, open, pick, type, send, stop."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

from playwright.async_api import CDPSession, Frame, Locator, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from bridge_api.sites.arena import ArenaSettings
from bridge_browser.cdp import Exchange, RequestSent, Tap
from bridge_browser.driver_calls import DEADLINE_SECONDS, within
from bridge_browser.sites.arena import signals
from bridge_browser.sites.arena.answer import ArenaAnswer, Wanted, check_request
from bridge_browser.sites.arena.conversation import PageConversation
from bridge_browser.sites.arena.gestures import PAGE_LOST, Gestures
from bridge_browser.sites.arena.message_box import MessageBox
from bridge_browser.sites.arena.model_list import ModelList
from bridge_browser.sites.base import CatalogModel, Signal, SiteFailed, SiteFailure

PRESS_MS: Final = 2000.0
"""After a press that was not taken for so long, something may lie over the page: it is looked at."""

STOP_SHOWS_MS: Final = 1000.0
"""Longest wait for the stop control of an answer that is on its way."""

PRESSES: Final = 4
BYTES_PER_CHARACTER: Final = 6
"""Longest JSON form of one character (an escape) in the page's call."""


class ArenaPage:
    """One page of the site."""

    def __init__(self, page: Page, session: CDPSession, url: str, settings: ArenaSettings) -> None:
        self._page = page
        self._session = session
        self._url = url.rstrip("/")
        self._settings = settings
        self._selectors = settings.selectors
        self._tap = Tap(session)
        self._gestures = Gestures(page, session, self._on_lost)
        self._list = ModelList(page, self._gestures, settings)
        self._box = MessageBox(page, session, self._gestures, settings.selectors.message_box)
        self._conversation = PageConversation()
        self._tell_lost: Callable[[], None] | None = None
        self._proxy_refuses = False

    @property
    def models(self) -> Sequence[CatalogModel]:
        return self._list.models

    @property
    def lost(self) -> bool:
        return self._gestures.lost

    @property
    def in_conversation(self) -> bool:
        return self._conversation.id is not None and not self.lost

    def when_lost(self, tell: Callable[[], None]) -> None:
        self._tell_lost = tell

    async def start(self) -> None:
        """Begin to listen to the page."""
        self._page.on("domcontentloaded", self._on_loaded)
        self._page.on("framenavigated", self._on_navigated)
        self._session.on("Network.responseReceived", self._note_refusal)
        longest = self._settings.max_message_characters * BYTES_PER_CHARACTER + 65536
        await self._tap.start(max_request_bytes=longest)

    async def open(self) -> SiteFailure | None:
        """Open a new chat and make it ready for a message; return what is in the way."""
        try:
            await self._open()
        except SiteFailed as failed:
            if failed.failure.signal is Signal.PAGE_LOST:
                self._gestures.lose("the page could not be opened")
            return failed.failure
        return None

    async def _open(self) -> None:
        try:
            await self._go_to_new_chat()
        except SiteFailed as failed:
            if failed.failure.signal is Signal.SITE_UNREACHABLE:
                # A page that hangs loads nothing either, and that is not the site's fault.
                await self._gestures.beat()
            raise
        await self._wait_for_controls()
        await self._clear_the_way()
        await self._list.learn()
        await self._let_go_of_old_pages()

    async def look(self) -> SiteFailure | None:
        """Look at the page as it is, without touching it; return what is in the way."""
        try:
            return await self._look()
        except SiteFailed as failed:
            return failed.failure

    @asynccontextmanager
    async def send(
        self, model: CatalogModel, text: str, *, further: bool = False
    ) -> AsyncIterator[ArenaAnswer]:
        """Type the text and send it, to a model in a new chat or as a `further` message; the answer is there for the block.

        Raises:
            SiteFailed: The page did not do it; `ConversationGone` where it is not where the further message belongs.
        """
        await self._clear_the_way()
        if not further:
            await self._list.pick(model)
        await self._box.fill(text)
        wanted = self._wanted(model, text, further=further)
        exchange = self._tap.expect(self._is_chat_call)
        try:
            await self._press_send()
            conversation = check_request(await self._request(exchange), wanted)
            answer = ArenaAnswer(exchange, self._settings.markers, further=further)
            yield answer
            await answer.settle()
            if answer.whole:
                self._conversation.enter(conversation)
        finally:
            await exchange.close()

    def _wanted(self, model: CatalogModel, text: str, *, further: bool) -> Wanted:
        """Say what the page has to send; until the answer's end it is in no conversation."""
        conversation = self._conversation.leave()
        if not further:
            return Wanted(self._settings.paths.create, model, text)
        if conversation is None:
            raise SiteFailed(SiteFailure(Signal.CONVERSATION_GONE, "The page has left its conversation."))
        return Wanted(self._settings.paths.follow_up + conversation, model, text, conversation)

    def _is_chat_call(self, path: str) -> bool:
        paths = self._settings.paths
        return path == paths.create or path.startswith(paths.follow_up)

    async def stop(self) -> None:
        """Press the site's stop control, where it is shown, and let the page act on it."""
        control = self._gestures.visible(self._selectors.stop)
        try:
            if await self._shows(control):
                await within(DEADLINE_SECONDS, control.click(timeout=PRESS_MS))
                await within(DEADLINE_SECONDS, control.wait_for(state="hidden", timeout=PRESS_MS))
        except PlaywrightError:
            return  # the page is left for a new chat in any case
        except TimeoutError:
            self._gestures.lose("the page hangs")

    async def _shows(self, stop: Locator) -> bool:
        """Look for the stop control; a page that has just sent takes a moment to show it."""
        if self._tap.answering:
            await within(DEADLINE_SECONDS, stop.wait_for(state="visible", timeout=STOP_SHOWS_MS))
        return await within(DEADLINE_SECONDS, stop.is_visible())

    async def _let_go_of_old_pages(self) -> None:
        """Have the renderer collect its garbage, in 10 to 40 ms: by itself it keeps a hundred old pages, at 1 to 3 MB each."""
        await self._gestures.make(self._session.send("HeapProfiler.collectGarbage"), PAGE_LOST)

    async def _go_to_new_chat(self) -> None:
        self._conversation.leave()
        self._list.expect()
        self._proxy_refuses = False
        url = self._url + self._settings.paths.direct
        timeout = self._settings.page_timeout_seconds
        try:
            loading = self._page.goto(url, wait_until="domcontentloaded", timeout=timeout * 1000)
            response = await within(timeout + DEADLINE_SECONDS, loading)
            body = await within(DEADLINE_SECONDS, response.body()) if response and not response.ok else b""
        except PlaywrightTimeoutError:
            raise SiteFailed(self._not_opened(url, f"no page in {timeout} s")) from None
        except PlaywrightError as error:
            raise SiteFailed(self._not_opened(url, signals.chromium_error(error.message))) from None
        except TimeoutError:
            self._gestures.lose("the page hangs")
            raise SiteFailed(self._not_opened(url, "the page hangs")) from None
        failure = response and signals.of_response(
            response.status,
            response.headers,
            body.decode(errors="replace"),
            self._settings.markers,
            now=time.time(),
        )
        if failure:
            raise SiteFailed(failure)

    def _not_opened(self, url: str, why: str) -> SiteFailure:
        return signals.REFUSED_BY_PROXY if self._proxy_refuses else signals.not_opened(url, why)

    def _note_refusal(self, event: dict[str, Any]) -> None:
        """Remember what a proxy has answered in place of a tunnel: the page just never comes."""
        if event["response"]["status"] == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            self._proxy_refuses = True

    async def _wait_for_controls(self) -> None:
        """Wait for the message box, or for what a person would have to deal with first."""
        if await self._look() is not None:
            return
        selectors = self._selectors
        box = self._gestures.visible(selectors.message_box)
        anything = box.or_(self._gestures.visible(selectors.terms_dialog)).or_(
            self._gestures.visible(selectors.login_wall)
        )
        anything = anything.or_(self._gestures.visible(selectors.challenge)).first
        timeout = self._settings.page_timeout_seconds
        missing = signals.control_missing(
            "messageBox", selectors.message_box, f"The message box did not appear in {timeout} s"
        )
        waiting = anything.wait_for(state="visible", timeout=timeout * 1000)
        await self._gestures.make(waiting, missing, seconds=timeout + DEADLINE_SECONDS)

    async def _clear_the_way(self) -> None:
        """Dismiss the cookie banner, and the terms where somebody has accepted them in the settings."""
        await self._dismiss("cookieAccept", self._selectors.cookie_accept)
        failure = await self._look()
        if failure is signals.TERMS_NOT_ACCEPTED and self._settings.accept_terms:
            await self._dismiss("termsAccept", self._selectors.terms_accept)
            failure = await self._look()
        if failure is not None:
            raise SiteFailed(failure)

    async def _dismiss(self, setting: str, selector: str) -> None:
        control = self._gestures.visible(selector)
        missing = signals.control_missing(setting, selector, "What lies over the page did not go away")
        if await self._gestures.make(control.is_visible(), missing):
            await self._gestures.make(control.click(), missing)
            await self._gestures.make(control.wait_for(state="hidden"), missing)

    async def _press_send(self) -> None:
        missing = signals.control_missing("send", self._selectors.send, "Send took no click")
        for _ in range(PRESSES):
            press = self._gestures.visible(self._selectors.send).click(timeout=PRESS_MS)
            try:
                await self._gestures.make(press, missing)
            except SiteFailed as failed:
                if failed.failure is not missing:
                    raise
                await self._clear_the_way()
            else:
                return
        raise SiteFailed(missing)

    async def _request(self, exchange: Exchange) -> RequestSent:
        try:
            events = await exchange.take(DEADLINE_SECONDS)
        except TimeoutError:
            events = []
        if events and isinstance(events[0], RequestSent):
            exchange.give_back(events[1:])
            return events[0]
        raise SiteFailed(
            await self._look()
            or SiteFailure(
                Signal.CONTROL_MISSING,
                "The page made no call after send was pressed. If the site has moved it, set site.settings.paths.create.",
            )
        )

    async def _look(self) -> SiteFailure | None:
        await self._gestures.beat()
        seen = [
            await self._gestures.make(self._gestures.visible(selector).is_visible(), PAGE_LOST)
            for selector in (
                self._selectors.challenge,
                self._selectors.login_wall,
                self._selectors.terms_dialog,
            )
        ]
        title = await self._gestures.make(self._page.title(), PAGE_LOST)
        return signals.of_look(self._settings, title=title, challenge=seen[0], login=seen[1], terms=seen[2])

    def _on_loaded(self, _: Page) -> None:
        self._tap.fail("the page was loaded anew")
        if self._conversation.leave() is not None:
            self._tell()

    def _on_navigated(self, frame: Frame) -> None:
        if frame == self._page.main_frame and self._conversation.moved_to(frame.url):
            self._tell()

    def _on_lost(self, why: str) -> None:
        self._tap.fail(why)
        self._tell()

    def _tell(self) -> None:
        if self._tell_lost is not None:
            self._tell_lost()
