"""What goes wrong in one slot costs its own context; the instance and the other slots go on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import pytest

from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.instance import InstanceStatus, SiteModel, SlotState
from bridge_browser.board import Board
from bridge_browser.browser import BrowserLost, SetUpFailed
from bridge_browser.chats import Chat, Message
from bridge_browser.limit import Limit
from bridge_browser.live_pool import LivePool
from bridge_browser.metrics import make_metrics
from bridge_browser.recovery import BackOff
from bridge_browser.sites.base import Answer, CatalogModel, SiteFailure
from bridge_browser.slots import Slot, SlotTools
from bridge_browser.stream import Limits
from bridge_browser.supervision import SET_UPS, keep_living
from tests.support.waiting import eventually

POOL = BridgeInstancePool.model_validate(
    {
        "metadata": {"name": "demo"},
        "spec": {
            "site": {"adapter": "arena", "url": "http://127.0.0.1:1"},
            "health": {"intervalSeconds": 60},
        },
    }
)
MODEL = CatalogModel("m1", "Lumen", SiteModel(id="lumen", organization="Lumen Labs"))


class DefectivePage:
    """A page that opens, and meets something nobody has foreseen when it is to send."""

    models: Sequence[CatalogModel] = (MODEL,)
    lost = False
    in_conversation = False

    def when_lost(self, tell: Callable[[], None]) -> None:
        del tell

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


class OnePageSite:
    """A site whose contexts all give the same page, after a number that could not be had."""

    def __init__(self, failing_set_ups: int = 0) -> None:
        self.contexts = 0
        self._failing = failing_set_ups

    @asynccontextmanager
    async def context(self) -> AsyncIterator["OnePageSite"]:
        self.contexts += 1
        if self.contexts <= self._failing:
            raise SetUpFailed
        yield self

    def page(self) -> AbstractAsyncContextManager[DefectivePage]:
        return _given(DefectivePage())


@asynccontextmanager
async def _given(page: DefectivePage) -> AsyncIterator[DefectivePage]:
    yield page


class Stage:
    def __init__(self) -> None:
        identity = InstanceStatus(
            instance="demo-0", pool="default/demo", boot="b", version=0, template_hash="h"
        )
        self.board = Board(identity, 1, lambda: None)
        self.metrics = make_metrics(lambda: [slot.state for slot in self.board.slots])
        tools = SlotTools(self.board, self.metrics, LivePool(POOL), lambda _: None, Limit(), lambda: None)
        self.slot = Slot(0, tools)

    async def ready(self) -> None:
        await eventually(lambda: self.board.slots[0].state is SlotState.READY, what="a ready slot")

    def crashes(self) -> float | None:
        return self.metrics.registry.get_sample_value("bridge_browser_crashes_total", {"kind": "page"})


@asynccontextmanager
async def living(stage: Stage, site: OnePageSite) -> AsyncIterator[asyncio.Task[None]]:
    life = asyncio.create_task(keep_living(stage.slot, site, stage.metrics, BackOff(0.01, 0.01)))
    try:
        yield life
    finally:
        life.cancel()
        with suppress(asyncio.CancelledError, BrowserLost):
            await life


async def test_an_unforeseen_error_fails_its_chat_and_the_slot_goes_on_in_a_new_context(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage, site = Stage(), OnePageSite()
    chat = Chat(Message(MODEL, "canary text", Limits(), 100), max_held_bytes=1000)
    async with living(stage, site) as life:
        await stage.ready()
        stage.board.acquire(None, 0.0)
        stage.slot.take(chat)

        assert await chat.take() == []
        await stage.ready()

        assert not life.done()
    assert isinstance(chat.end, BridgeError)
    assert chat.end.kind is ErrorKind.SITE_ERROR
    assert (site.contexts, stage.crashes()) == (2, 1.0)
    assert "canary text" not in caplog.text


async def test_a_context_that_could_not_be_had_is_tried_again() -> None:
    stage, site = Stage(), OnePageSite(failing_set_ups=SET_UPS - 1)
    async with living(stage, site):
        await stage.ready()

    assert site.contexts == SET_UPS


async def test_a_browser_that_gives_no_context_again_and_again_is_lost() -> None:
    stage, site = Stage(), OnePageSite(failing_set_ups=SET_UPS)
    async with living(stage, site) as life:
        with pytest.raises(BrowserLost):
            await life
