"""A site of one page without a browser: it answers every message with one word, and does as a test says."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from bridge_api.wire.instance import SiteModel
from bridge_browser.sites.base import (
    CatalogModel,
    Finish,
    FinishReason,
    SiteEvent,
    SiteFailed,
    SiteFailure,
    TextDelta,
)

MODEL = CatalogModel("1", "atlas", SiteModel(id="atlas"))


class OneWord:
    """The whole answer at once."""

    def __init__(self, text: str) -> None:
        self._events: list[SiteEvent] = [TextDelta(text), Finish(FinishReason.STOP)]

    async def next(self, timeout_seconds: float) -> Sequence[SiteEvent]:
        del timeout_seconds
        events, self._events = self._events, []
        return events

    def wake(self) -> None:
        return


class FakePage:
    """A page, and the context that it is in."""

    models: Sequence[CatalogModel] = (MODEL,)

    def __init__(self) -> None:
        self.lost = False
        self.in_conversation = False
        self.sent: list[tuple[str, bool]] = []
        """Each text, and whether it was a further message."""

        self.opened = 0
        self.may_open = asyncio.Event()
        self.may_open.set()
        self.may_settle = asyncio.Event()
        self.may_settle.set()
        self.stays = True
        """Whether an answer leaves it in its conversation."""

        self.failures: list[SiteFailure] = []
        """What the next messages meet."""

        self._tell: Callable[[], None] | None = None

    def page(self) -> AbstractAsyncContextManager["FakePage"]:
        return _given(self)

    def when_lost(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def leave(self) -> None:
        """Go somewhere else, as a page does that somebody has clicked in."""
        self.in_conversation = False
        assert self._tell is not None
        self._tell()

    async def open(self) -> SiteFailure | None:
        self.in_conversation = False
        await self.may_open.wait()
        self.opened += 1
        return None

    async def look(self) -> SiteFailure | None:
        return None

    @asynccontextmanager
    async def send(self, model: CatalogModel, text: str, *, further: bool = False) -> AsyncIterator[OneWord]:
        del model
        self.sent.append((text, further))
        if self.failures:
            raise SiteFailed(self.failures.pop(0))
        self.in_conversation = False
        yield OneWord("Hi")
        await self.may_settle.wait()
        self.in_conversation = self.stays

    async def stop(self) -> None:
        return


@asynccontextmanager
async def _given(page: FakePage) -> AsyncIterator[FakePage]:
    yield page
