"""A slot: one chat at a time on a page of its own. Everything done to the page is done by one task, one thing after another."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.wire.instance import SlotState
from bridge_browser.answering import relay
from bridge_browser.board import Board
from bridge_browser.chats import Chat, name_to_keep
from bridge_browser.failures import error_of, limit_seconds, slot_state_after, slot_state_when_opening
from bridge_browser.limit import Limit
from bridge_browser.live_pool import LivePool
from bridge_browser.metrics import Metrics
from bridge_browser.page_record import PageRecord
from bridge_browser.recovery import Patience
from bridge_browser.sessions import Session
from bridge_browser.sites.base import CatalogModel, ChatPage, Signal, SiteFailed, SiteFailure
from bridge_browser.stream import Completed
from bridge_runtime.logs import get_logger

log = get_logger("slot")


@dataclass(frozen=True, slots=True)
class SlotTools:
    """What the slots of one instance share."""

    board: Board
    metrics: Metrics
    pool: LivePool
    learn_models: Callable[[Sequence[CatalogModel]], None]
    limit: Limit
    on_kept: Callable[[], None]
    """Called when a slot has become Ready whose page holds a conversation."""

    @property
    def look_every_seconds(self) -> float:
        return self.pool.spec.health.interval_seconds


class Slot:
    def __init__(self, number: int, tools: SlotTools) -> None:
        self.number = number
        self._tools = tools
        self._board = tools.board
        self._chat: Chat | None = None
        self._record = PageRecord()
        self._checks: list[asyncio.Future[None]] = []
        self._wake = asyncio.Event()
        self._opening = Patience(tools.look_every_seconds, random.random)
        self._chatting = Patience(tools.look_every_seconds, random.random)
        self._session = Session(0.0)
        self.proved_at = float("-inf")
        """When a chat was last answered, or the page last looked at and found well."""

        self.answered_at = float("-inf")

        tools.limit.listen(self._note_limit)

    def take(self, chat: Chat) -> None:
        """Have a chat answered; the slot has been acquired for it."""
        self._chat = chat
        self._session.chats += 1
        self._wake.set()

    def open_anew(self) -> None:
        """Forget the conversation and open a new chat; a chat that comes meanwhile waits for that."""
        self._forget()
        self._wake.set()

    def check(self) -> asyncio.Future[None]:
        """Have the page looked at as soon as it is not in use; done when that has shown in the status."""
        done = asyncio.get_running_loop().create_future()
        if self._board.slots[self.number].state in {SlotState.BUSY, SlotState.RATE_LIMITED}:
            done.set_result(None)
        else:
            self._checks.append(done)
            self._wake.set()
        return done

    async def use(self, page: ChatPage, session: Session) -> str | None:
        """Use a page until it is lost, or until a fresh context is due: then the reason is returned."""
        self._session = session
        page.when_lost(lambda: self._note_loss(page))
        over = None
        try:
            while not page.lost and over is None:
                await self._one_round(page)
                over = self._may_recycle()
        finally:
            if over is None:
                self._give_up("The page died before it could answer.")
            else:
                self._show(SlotState.RECYCLING)
        return over

    def _note_loss(self, page: ChatPage) -> None:
        """Take no chat from now on where the page is lost, whatever is being done to it."""
        if page.lost and self._board.slots[self.number].state is SlotState.READY:
            self._show(SlotState.STARTING)
        self._wake.set()

    def _session_over(self) -> str | None:
        return self._session.over(self._tools.pool.spec.sessions, _now())

    def _may_recycle(self) -> str | None:
        """Say why a fresh context is due; not while a chat waits, and a page that waits for a person or for time is left alone."""
        idle = self._board.slots[self.number].state in {SlotState.READY, SlotState.BUSY}
        return self._session_over() if idle and self._chat is None else None

    async def _one_round(self, page: ChatPage) -> None:
        """From a new chat on the page to the need for the next one."""
        self._forget()
        if self._chat is None and self._tools.limit.holding(_now()):
            await self._limited()  # the site is not asked for a page either
        failure = await page.open()
        if failure is None:
            self._record.opened()
        if page.models:
            self._tools.learn_models(page.models)
        if self._chat is None and self._tools.limit.holding(_now()):
            await self._limited()
        elif failure is None:
            await self._ready(page)
        else:
            await self._blocked(page, failure, self._opening)

    async def _ready(self, page: ChatPage) -> None:
        """Wait for a chat that the page is right for, and have it answered; look at the page meanwhile."""
        self._opening.reset()
        if self._chat is None:
            self._show(SlotState.READY)
        while self._record.usable(page):
            if self._chat is None:
                await self._wait(self._tools.look_every_seconds)
            if not self._record.usable(page):
                return
            if self._chat is not None:
                if not self._record.suits(self._chat):
                    return
                await self._answer(page, self._chat)
            elif self._tools.limit.holding(_now()) or self._session_over():
                return
            elif failure := await page.look():
                await self._blocked(page, failure, self._opening)
                return
            else:
                self.proved_at = _now()
                self._checked()

    def _forget(self) -> None:
        """Say that the page holds nothing any more."""
        self._record.forget()
        if self._board.slots[self.number].conversation is not None:
            self._board.set(self.number, SlotState.READY)

    async def _answer(self, page: ChatPage, chat: Chat) -> None:
        further = self._record.goes_on(chat)
        self._record.forget()
        try:
            await self._send(page, chat, further=further)
        except SiteFailed as failed:
            if failed.failure.signal is Signal.CONVERSATION_GONE and further:
                log.info("conversation gone", slot=self.number, message=failed.failure.message)
            elif slot_state_after(failed.failure) is SlotState.READY:
                self._fail_chat(error_of(failed.failure))
                await page.stop()
            else:
                await self._blocked(page, failed.failure, self._chatting)
        else:
            self._chatting.reset()
            if isinstance(chat.end, Completed):
                self.answered_at = self.proved_at = _now()
            if self._chat is chat:
                self._chat = None

    async def _send(self, page: ChatPage, chat: Chat, *, further: bool) -> None:
        if chat.abandoned:
            return
        message = chat.message
        chat.affinity = message.affinity(further=further)
        try:
            text = message.text_to_type(further=further)
        except BridgeError as too_long:
            chat.finish(too_long)
            return
        async with page.send(message.model, text, further=further) as answer:
            chat.when_abandoned(answer.wake)
            try:
                end = await relay(answer, chat, self._tools.pool.spec.timeouts)
            except BridgeError as error:
                chat.finish(error)
            else:
                self._finish(chat, end)
            if chat.must_be_stopped:
                await page.stop()

    def _finish(self, chat: Chat, end: Completed | None) -> None:
        """Tell the client, after the status shows that the page can be gone on with: the next message may come at once."""
        if end is None:
            return
        name = name_to_keep(chat, end)
        if name is not None and not self._tools.limit.holding(_now()) and not self._session_over():
            self._chat = None
            self._record.holds(name)
            self._board.keep(self.number, name)
            self._tools.on_kept()
        chat.finish(end)

    async def _blocked(self, page: ChatPage, failure: SiteFailure, patience: Patience) -> None:
        """Keep the slot out of use until it is time to open a new chat; a page that is lost is not waited for."""
        if page.lost:
            return
        state = slot_state_when_opening(failure)
        if state is SlotState.RATE_LIMITED:
            self._tools.limit.begin(failure, _now() + limit_seconds(failure))
            self._show_limit()
        else:
            self._show(state, failure)
        self._fail_chat(error_of(failure))
        if state is SlotState.RATE_LIMITED:
            await self._limited()
        elif state is SlotState.NEEDS_HUMAN:
            await self._waiting_for_a_person(page, patience.reload.next_delay())
        else:
            await self._wait(patience.broken.next_delay())

    def _note_limit(self) -> None:
        """Take no chat from now on; one that runs goes on to its end."""
        if self._board.slots[self.number].state is SlotState.READY:
            self._show_limit()
            self._wake.set()

    def _show_limit(self) -> None:
        limit = self._tools.limit
        self._show(SlotState.RATE_LIMITED, limit.failure, until=limit.until)

    async def _limited(self) -> None:
        self._show_limit()
        while self._tools.limit.holding(_now()):
            await self._wait(self._tools.limit.until - _now())

    async def _waiting_for_a_person(self, page: ChatPage, reload_after: float) -> None:
        """Look now and then whether a person has helped; in the end the page is loaded anew."""
        reload_at = _now() + reload_after
        shows = await page.look() is not None
        while not page.lost and not self._checks and _now() < reload_at:
            await self._wait(min(self._tools.look_every_seconds, max(0.0, reload_at - _now())))
            if shows and await page.look() is None:
                return

    async def _wait(self, seconds: float) -> None:
        """Wait for a chat or a check, or until the time is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    def _show(
        self, state: SlotState, failure: SiteFailure | None = None, *, until: float | None = None
    ) -> None:
        old = self._board.slots[self.number].state
        reason, message = (failure.signal.value, failure.message) if failure else ("", "")
        self._board.set(self.number, state, reason, message, until=until)
        if old is not state and state is SlotState.NEEDS_HUMAN:
            self._tools.metrics.challenges.labels(reason).inc()
        if old is not state and (old is not SlotState.BUSY or failure is not None):
            tell = log.warning if state in {SlotState.NEEDS_HUMAN, SlotState.BROKEN} else log.info
            tell("slot changed", slot=self.number, state=state.value, reason=reason, message=message)
        self._checked()

    def _checked(self) -> None:
        for done in self._checks:
            if not done.done():
                done.set_result(None)
        self._checks.clear()

    def _give_up(self, why: str) -> None:
        """The page is gone, and the chat with it."""
        self._show(SlotState.STARTING)
        self._fail_chat(BridgeError(ErrorKind.SITE_ERROR, why))

    def _fail_chat(self, error: BridgeError) -> None:
        """Say it to the client, after the status shows what became of the slot."""
        if self._chat is not None:
            self._chat.finish(error)
            self._chat = None


def _now() -> float:
    return asyncio.get_running_loop().time()
