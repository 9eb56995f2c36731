"""What a slot does with a page that holds a conversation, step by step."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from bridge_api.conversation import Parties, Turn
from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.instance import InstanceStatus, SlotState
from bridge_browser.board import Board
from bridge_browser.chats import Chat, Message
from bridge_browser.conversation import Thread
from bridge_browser.limit import Limit
from bridge_browser.live_pool import LivePool
from bridge_browser.metrics import make_metrics
from bridge_browser.sessions import Session
from bridge_browser.sites.base import Signal, SiteFailure
from bridge_browser.slots import Slot, SlotTools
from bridge_browser.stream import Completed, Limits
from tests.fakes.chat_page import MODEL, FakePage
from tests.support.waiting import eventually

POOL = BridgeInstancePool.model_validate(
    {
        "metadata": {"name": "demo"},
        "spec": {"site": {"adapter": "arena", "url": "http://site"}, "health": {"intervalSeconds": 60}},
    }
)
HELLO = (Turn("user", "Hello"),)
AND = (*HELLO, Turn("assistant", "Hi"), Turn("user", "And?"))
OTHER = (Turn("user", "Hullo"), Turn("assistant", "Hi"), Turn("user", "And?"))
GONE = SiteFailure(Signal.CONVERSATION_GONE, "gone")


def make_chat(turns: tuple[Turn, ...], *, key: str = "laptop", max_characters: int = 1000) -> Chat:
    thread = Thread(b"secret", Parties(key, "atlas"), turns)
    message = Message(
        MODEL,
        "whole: " + turns[-1].text,
        Limits(),
        max_characters,
        new_text=turns[-1].text,
        has_history=len(turns) > 1,
        thread=thread,
    )
    return Chat(message, max_held_bytes=1000)


class Stage:
    """One living slot on one page."""

    def __init__(self) -> None:
        self.page = FakePage()
        self.limit = Limit()
        self.shown: list[tuple[SlotState, bool]] = []
        """Each status so far: the slot's state, and whether its page holds a conversation."""

        identity = InstanceStatus(instance="i", pool="p", boot="b", version=0)
        self.board = Board(identity, 1, self._note)
        metrics = make_metrics(lambda: [slot.state for slot in self.board.slots])
        tools = SlotTools(self.board, metrics, LivePool(POOL), lambda _: None, self.limit, lambda: None)
        self.slot = Slot(0, tools)

    def _note(self) -> None:
        self.shown.append((self.board.slots[0].state, self.held is not None))

    @property
    def held(self) -> str | None:
        return self.board.slots[0].conversation

    async def live(self) -> None:
        await self.slot.use(self.page, Session(asyncio.get_running_loop().time()))

    async def ready(self) -> None:
        await eventually(lambda: self.board.slots[0].state is SlotState.READY, what="a ready slot")

    async def ask(self, chat: Chat) -> Chat:
        """Have a chat answered, whether or not it belongs here."""
        await self.ready()
        self.board.acquire(None, 0.0)
        self.slot.take(chat)
        while await chat.take():
            pass
        return chat


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    life = asyncio.create_task(stage.live())
    yield stage
    life.cancel()
    with suppress(asyncio.CancelledError):
        await life


async def test_a_further_message_is_typed_alone_and_the_page_is_not_opened_again(stage: Stage) -> None:
    first = await stage.ask(make_chat(HELLO))
    assert stage.held == make_chat(AND).message.thread.continues  # type: ignore[union-attr]

    second = await stage.ask(make_chat(AND))

    assert stage.page.sent == [("whole: Hello", False), ("And?", True)]
    assert stage.page.opened == 1
    assert (first.affinity.value, second.affinity.value) == ("none", "hit")


async def test_the_status_shows_the_page_before_the_client_is_told_the_end(stage: Stage) -> None:
    chat = make_chat(HELLO)
    seen: list[tuple[SlotState, bool]] = []
    chat.when_ended(lambda: seen.append((stage.board.slots[0].state, stage.held is not None)))

    await stage.ask(chat)

    assert seen == [(SlotState.READY, True)]


async def test_a_chat_that_comes_before_the_page_has_settled_is_answered_when_it_has(stage: Stage) -> None:
    stage.page.may_settle.clear()
    await stage.ask(make_chat(HELLO))
    asking = asyncio.create_task(stage.ask(make_chat(AND)))
    await eventually(lambda: stage.board.slots[0].state is SlotState.BUSY, what="a chat that waits")
    assert len(stage.page.sent) == 1
    stage.page.may_settle.set()

    assert (await asking).affinity.value == "hit"


@pytest.mark.parametrize(
    "chat",
    [make_chat(OTHER), make_chat(AND, key="desktop"), make_chat(HELLO)],
    ids=["history", "key", "first"],
)
async def test_whoever_sent_it_a_chat_that_does_not_belong_to_the_page_gets_a_new_one(
    stage: Stage, chat: Chat
) -> None:
    await stage.ask(make_chat(HELLO))

    await stage.ask(chat)

    assert stage.page.sent[1] == (chat.message.text, False)
    assert stage.page.opened == 2
    assert chat.affinity.value != "hit"


async def test_a_page_that_leaves_its_conversation_is_forgotten_and_opened_anew(stage: Stage) -> None:
    await stage.ask(make_chat(HELLO))
    await eventually(lambda: stage.page.in_conversation, what="a settled page")

    stage.page.may_open.clear()
    stage.page.leave()

    await eventually(lambda: stage.held is None, what="a status without the conversation")
    stage.page.may_open.set()
    await eventually(lambda: stage.page.opened == 2, what="a new chat")
    assert (await stage.ask(make_chat(AND))).affinity.value == "miss"


async def test_a_page_that_does_not_see_the_end_of_its_answer_is_not_gone_on_with(stage: Stage) -> None:
    stage.page.stays = False
    await stage.ask(make_chat(HELLO))

    await eventually(lambda: stage.page.opened == 2, what="a new chat")
    assert stage.held is None


async def test_a_conversation_that_is_gone_is_typed_whole_once(stage: Stage) -> None:
    await stage.ask(make_chat(HELLO))
    stage.page.failures = [GONE]

    chat = await stage.ask(make_chat(AND))

    assert stage.page.sent[1:] == [("And?", True), ("whole: And?", False)]
    assert isinstance(chat.end, Completed)
    assert chat.affinity.value == "miss"


async def test_a_history_that_is_too_long_for_a_new_chat_is_refused_when_its_page_is_gone(
    stage: Stage,
) -> None:
    await stage.ask(make_chat(HELLO))
    stage.page.failures = [GONE]

    chat = await stage.ask(make_chat(AND, max_characters=5))

    assert isinstance(chat.end, BridgeError)
    assert chat.end.kind is ErrorKind.CONTEXT_LENGTH_EXCEEDED
    assert stage.page.sent[1:] == [("And?", True)]


async def test_any_other_failure_of_a_further_message_is_told(stage: Stage) -> None:
    await stage.ask(make_chat(HELLO))
    stage.page.failures = [SiteFailure(Signal.SITE_FAILED, "500")]

    chat = await stage.ask(make_chat(AND))

    assert isinstance(chat.end, BridgeError)
    await stage.ready()
    assert stage.held is None


async def test_a_page_that_is_given_up_stays_in_service_and_makes_a_chat_wait_for_the_new_one(
    stage: Stage,
) -> None:
    await stage.ask(make_chat(HELLO))
    stage.page.may_open.clear()
    stage.slot.open_anew()
    assert (stage.board.slots[0].state, stage.held) == (SlotState.READY, None)

    asking = asyncio.create_task(stage.ask(make_chat(HELLO)))
    await eventually(lambda: stage.board.slots[0].state is SlotState.BUSY, what="a chat that waits")
    assert len(stage.page.sent) == 1
    stage.shown.clear()
    stage.page.may_open.set()

    assert isinstance((await asking).end, Completed)
    assert stage.page.opened == 2
    assert stage.shown == [(SlotState.READY, True)]


async def test_a_page_is_not_kept_while_the_site_limits_the_instance(stage: Stage) -> None:
    await stage.ready()
    stage.board.acquire(None, 0.0)
    until = asyncio.get_running_loop().time() + 60
    stage.limit.begin(SiteFailure(Signal.RATE_LIMITED, "limited"), until)
    chat = make_chat(HELLO)
    stage.slot.take(chat)

    await eventually(lambda: stage.board.slots[0].state is SlotState.RATE_LIMITED, what="a limited slot")

    assert isinstance(chat.end, Completed)
    assert stage.held is None
