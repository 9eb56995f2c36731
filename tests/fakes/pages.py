"""Pages and a site without a browser: each kind of page does one thing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from bridge_api.wire.instance import SiteModel
from bridge_browser.driver_calls import SetUpFailed
from bridge_browser.sites.base import (
    Answer,
    CatalogModel,
    Finish,
    FinishReason,
    Signal,
    SiteEvent,
    SiteFailed,
    SiteFailure,
    TextDelta,
)
from tests.support.waiting import eventually

MODEL = CatalogModel("m1", "Lumen", SiteModel(id="lumen", organization="Lumen Labs"))
CHALLENGE = SiteFailure(Signal.CHALLENGE, "The page shows a challenge.")


class DefectivePage:
    """A page that opens, and meets something nobody has foreseen when it is to send."""

    models: Sequence[CatalogModel] = (MODEL,)
    in_conversation = False

    def __init__(self) -> None:
        self.lost = False
        self.sending = False
        self._tell: Callable[[], None] = lambda: None

    def when_lost(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def lose(self) -> None:
        self.lost = True
        self._tell()

    async def open(self) -> SiteFailure | None:
        return None

    async def look(self) -> SiteFailure | None:
        return None

    def send(
        self, model: CatalogModel, text: str, *, further: bool = False
    ) -> AbstractAsyncContextManager[Answer]:
        del model, further
        raise AttributeError(text)

    async def stop(self) -> None:
        return


class HangingPage(DefectivePage):
    """A page whose gestures are never answered."""

    @asynccontextmanager
    async def send(self, model: CatalogModel, text: str, *, further: bool = False) -> AsyncIterator[Answer]:
        del model, text, further
        self.sending = True
        await asyncio.Event().wait()
        yield WholeAnswer()


class ChallengedPage(DefectivePage):
    """A page that shows a challenge in place of an answer."""

    async def look(self) -> SiteFailure | None:
        return CHALLENGE if self.sending else None

    async def open(self) -> SiteFailure | None:
        return await self.look()

    def send(
        self, model: CatalogModel, text: str, *, further: bool = False
    ) -> AbstractAsyncContextManager[Answer]:
        del model, text, further
        self.sending = True
        raise SiteFailed(CHALLENGE)


class WholeAnswer:
    async def next(self, timeout_seconds: float) -> Sequence[SiteEvent]:
        del timeout_seconds
        return [TextDelta("Hello"), Finish(FinishReason.STOP)]

    def wake(self) -> None:
        return


class AnsweringPage(DefectivePage):
    @asynccontextmanager
    async def send(self, model: CatalogModel, text: str, *, further: bool = False) -> AsyncIterator[Answer]:
        del model, text, further
        yield WholeAnswer()


class OnePageSite:
    """A site whose contexts all give the same kind of page, after a number that could not be had."""

    def __init__(self, failing_set_ups: int = 0, answers: type[DefectivePage] = DefectivePage) -> None:
        self.contexts = 0
        self.pages: list[DefectivePage] = []
        self._failing = failing_set_ups
        self._kind = answers

    @asynccontextmanager
    async def context(self) -> AsyncIterator["OnePageSite"]:
        self.contexts += 1
        if self.contexts <= self._failing:
            raise SetUpFailed
        yield self

    async def has_pages(self, count: int) -> None:
        await eventually(lambda: len(self.pages) == count, what=f"page {count}")

    def page(self) -> AbstractAsyncContextManager[DefectivePage]:
        self.pages.append(self._kind())
        return _given(self.pages[-1])


@asynccontextmanager
async def _given(page: DefectivePage) -> AsyncIterator[DefectivePage]:
    yield page
