"""What goes wrong in one slot costs its own context; the instance and the other slots go on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.instance import InstanceStatus, SlotState
from bridge_browser.board import Board
from bridge_browser.changes import Lives
from bridge_browser.chats import Chat, Message
from bridge_browser.health import Condition, Health
from bridge_browser.ladder import TRIES, Step
from bridge_browser.limit import Limit
from bridge_browser.live_pool import LivePool
from bridge_browser.metrics import make_metrics
from bridge_browser.slots import Slot, SlotTools
from bridge_browser.stream import Completed, Limits
from bridge_browser.supervision import Care, keep_living
from bridge_browser.watching import BrowserLost
from tests.fakes.pages import MODEL, AnsweringPage, ChallengedPage, HangingPage, OnePageSite
from tests.support.waiting import eventually


def pool_with(spec: dict[str, Any]) -> BridgeInstancePool:
    site = {"adapter": "arena", "url": "http://127.0.0.1:1"}
    wanted = {"site": site, "health": {"intervalSeconds": 60}, **spec}
    return BridgeInstancePool.model_validate({"metadata": {"name": "demo"}, "spec": wanted})


class Stage:
    def __init__(self, **spec: Any) -> None:
        identity = InstanceStatus(
            instance="demo-0", pool="default/demo", boot="b", version=0, template_hash="h"
        )
        self.board = Board(identity, 1, lambda: None)
        self.metrics = make_metrics(lambda: [slot.state for slot in self.board.slots])
        tools = SlotTools(
            self.board, self.metrics, LivePool(pool_with(spec)), lambda _: None, Limit(), lambda: None
        )
        self.slot = Slot(0, tools)
        self.network = Lives()
        self.health = Health()
        self.others_have_ended = asyncio.Event()
        self.others_have_ended.set()
        self.care = Care(self.metrics, self.health, lambda: 0.0, self._no_chat_runs)

    async def ready(self) -> None:
        await eventually(lambda: self.board.slots[0].state is SlotState.READY, what="a ready slot")

    async def _no_chat_runs(self) -> None:
        await self.others_have_ended.wait()

    def recycles(self, scope: str, reason: str) -> float | None:
        labels = {"scope": scope, "reason": reason}
        return self.metrics.registry.get_sample_value("bridge_browser_recycles_total", labels)

    def crashes(self) -> float | None:
        return self.metrics.registry.get_sample_value("bridge_browser_crashes_total", {"kind": "page"})


@asynccontextmanager
async def living(stage: Stage, site: OnePageSite) -> AsyncIterator[asyncio.Task[None]]:
    life = asyncio.create_task(keep_living(stage.slot, site, stage.network, stage.care))
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
    stage, site = Stage(), OnePageSite(failing_set_ups=TRIES[Step.CONTEXT])
    async with living(stage, site):
        await stage.ready()

    assert site.contexts == TRIES[Step.CONTEXT] + 1


async def test_a_browser_that_gives_no_context_again_and_again_is_lost() -> None:
    stage, site = Stage(), OnePageSite(failing_set_ups=TRIES[Step.CONTEXT] + 1)
    async with living(stage, site) as life:
        with pytest.raises(BrowserLost):
            await life


async def test_one_slots_trouble_ends_the_browser_only_when_no_other_slot_chats() -> None:
    stage, site = Stage(), OnePageSite(failing_set_ups=TRIES[Step.CONTEXT] + 1)
    stage.others_have_ended.clear()
    async with living(stage, site) as life:
        await eventually(lambda: site.contexts == TRIES[Step.CONTEXT] + 1, what="the last context")
        await asyncio.wait([life], timeout=0.1)
        assert not life.done()

        stage.others_have_ended.set()

        with pytest.raises(BrowserLost):
            await life


async def test_a_page_that_dies_is_replaced_in_its_context_until_a_fresh_context_is_tried() -> None:
    stage, site = Stage(), OnePageSite()
    contexts = []
    async with living(stage, site):
        for number in range(1, TRIES[Step.PAGE] + 3):
            if site.pages:
                site.pages[-1].lose()
            await site.has_pages(number)
            await stage.ready()
            contexts.append(site.contexts)

    assert contexts == [1] * (TRIES[Step.PAGE] + 1) + [2]
    assert stage.recycles("page", "PageLost") == TRIES[Step.PAGE]
    assert stage.recycles("context", "PageLost") == 1


async def test_without_its_cookies_a_slot_gets_a_fresh_context_and_its_chat_fails() -> None:
    stage, site = Stage(), OnePageSite(answers=HangingPage)
    chat = Chat(Message(MODEL, "canary text", Limits(), 100), max_held_bytes=1000)
    async with living(stage, site):
        await stage.ready()
        stage.board.acquire(None, 0.0)
        stage.slot.take(chat)
        await eventually(lambda: site.pages[-1].sending, what="a chat on the page")
        stage.network.begin_next()

        assert await chat.take() == []
        await stage.ready()

    assert isinstance(chat.end, BridgeError)
    assert chat.end.kind is ErrorKind.SITE_ERROR
    assert site.contexts == 2
    assert stage.recycles("context", "NetworkLost") == 1


async def test_a_slot_gets_a_fresh_context_after_so_many_chats() -> None:
    stage, site = Stage(sessions={"maxRequests": 2}), OnePageSite(answers=AnsweringPage)
    states = []
    async with living(stage, site):
        for _ in range(3):
            await stage.ready()
            stage.board.acquire(None, 0.0)
            states.append(site.contexts)
            chat = Chat(Message(MODEL, "text", Limits(), 100), max_held_bytes=1000)
            stage.slot.take(chat)
            while await chat.take():
                pass
            assert isinstance(chat.end, Completed)
        await stage.ready()

    assert states == [1, 1, 2]
    assert stage.recycles("context", "MaxRequests") == 1
    assert stage.health.judge(1, [0.0]).condition is Condition.HEALTHY


async def test_a_page_that_waits_for_a_person_keeps_its_context_however_old_it_is() -> None:
    stage, site = Stage(sessions={"maxRequests": 1}), OnePageSite(answers=ChallengedPage)
    chat = Chat(Message(MODEL, "text", Limits(), 100), max_held_bytes=1000)
    async with living(stage, site):
        await stage.ready()
        stage.board.acquire(None, 0.0)
        stage.slot.take(chat)

        await eventually(
            lambda: stage.board.slots[0].state is SlotState.NEEDS_HUMAN, what="a wait for a person"
        )
        await stage.slot.check()
        await stage.slot.check()

    assert site.contexts == 1
