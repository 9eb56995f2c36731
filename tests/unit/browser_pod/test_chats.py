"""A chat between its slot and its client: what is held, what is too much, and who is told of the end."""

import asyncio

import pytest

from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.wire.instance import SiteModel
from bridge_browser.chats import OVERHEAD_BYTES, Chat, Message
from bridge_browser.sites.base import CatalogModel, FinishReason, TokenCount
from bridge_browser.stream import Completed, Delta, DeltaKind, Limits, Usage

MESSAGE = Message(CatalogModel("1", "atlas", SiteModel(id="atlas")), "Hello", Limits(), 100)
HELLO = Delta(DeltaKind.CONTENT, "Hello")


def completed(*, cut: bool = False) -> Completed:
    return Completed(FinishReason.STOP, Usage(TokenCount(1, 1), estimated=True), cut=cut)


async def test_pieces_come_out_in_order_and_nothing_after_the_end() -> None:
    chat = Chat(MESSAGE, max_held_bytes=1000)
    waiting = asyncio.create_task(chat.take())

    chat.put([HELLO], 1.0)
    chat.put([HELLO], 2.0)
    chat.finish(completed())

    assert await waiting == [(HELLO, 1.0), (HELLO, 2.0)]
    assert await chat.take() == []


async def test_no_more_is_held_than_may_be_for_a_client_that_does_not_take_it() -> None:
    chat = Chat(MESSAGE, max_held_bytes=2 * (OVERHEAD_BYTES + 5))
    chat.put([HELLO, HELLO], 0.0)
    await chat.take()
    chat.put([HELLO, HELLO], 0.0)

    with pytest.raises(BridgeError) as refused:
        chat.put([HELLO], 0.0)

    assert refused.value.kind is ErrorKind.CLIENT_TOO_SLOW


def test_the_first_word_on_how_it_ended_counts() -> None:
    chat = Chat(MESSAGE, max_held_bytes=1000)
    told: list[str] = []
    chat.when_ended(lambda: told.append("ended"))

    chat.finish(BridgeError(ErrorKind.IDLE_TIMEOUT, "still"))
    chat.finish(completed())

    assert isinstance(chat.end, BridgeError)
    assert told == ["ended"]


def test_a_chat_is_abandoned_once_and_only_while_it_runs() -> None:
    told: list[str] = []
    chat = Chat(MESSAGE, max_held_bytes=1000)
    chat.when_abandoned(lambda: told.append("abandoned"))
    chat.abandon()
    chat.abandon()
    ended = Chat(MESSAGE, max_held_bytes=1000)
    ended.finish(completed())
    ended.abandon()

    assert told == ["abandoned"]
    assert not ended.abandoned


@pytest.mark.parametrize(
    ("end", "stopped"),
    [
        (completed(), False),
        (completed(cut=True), True),
        (BridgeError(ErrorKind.IDLE_TIMEOUT, ""), True),
        (None, True),
    ],
)
def test_the_site_is_stopped_unless_the_answer_is_whole(
    end: Completed | BridgeError | None, stopped: bool
) -> None:
    chat = Chat(MESSAGE, max_held_bytes=1000)
    if end is not None:
        chat.finish(end)

    assert chat.must_be_stopped is stopped
