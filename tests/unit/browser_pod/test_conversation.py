"""Which slot a chat gets, which one is opened anew, and when a page may be gone on with."""

import pytest

from bridge_api.conversation import Parties, Turn
from bridge_api.wire.instance import InstanceStatus, SiteModel, SlotState
from bridge_browser.board import Board
from bridge_browser.chats import Chat, Message, name_to_keep
from bridge_browser.conversation import FreeSlot, Thread, choose_slot, slot_to_open_anew
from bridge_browser.sites.arena.conversation import PageConversation
from bridge_browser.sites.base import CatalogModel, FinishReason, TokenCount
from bridge_browser.stream import Completed, Delta, DeltaKind, Limits, Usage

PARTIES = Parties("laptop", "atlas")


def free(*conversations: str | None) -> list[FreeSlot]:
    """Free slots, each Ready since later than the one before."""
    return [FreeSlot(slot, conversation, since=slot) for slot, conversation in enumerate(conversations)]


@pytest.mark.parametrize(
    ("slots", "continues", "chosen"),
    [
        pytest.param(free("x", None, "y"), "y", 2, id="the one that holds it, before a new chat"),
        pytest.param(free("x", None, "y"), None, 1, id="a new chat before one that is held"),
        pytest.param(free("x", None, "y"), "z", 1, id="a new chat where none holds it"),
        pytest.param(free("x", "y"), None, 0, id="of those held the one that was left for longest"),
        pytest.param(list(reversed(free("x", "y"))), "z", 0, id="whatever its number"),
        pytest.param(free(None, None), None, 0, id="of new chats the oldest"),
        pytest.param([], "x", None, id="none"),
    ],
)
def test_the_slot_that_a_chat_gets(slots: list[FreeSlot], continues: str | None, chosen: int | None) -> None:
    assert choose_slot(slots, continues) == chosen


@pytest.mark.parametrize(
    ("slots", "given_up"),
    [
        pytest.param(free("x"), None, id="a lone free slot keeps its page"),
        pytest.param(free("x", "y"), 0, id="of several the one that was left for longest"),
        pytest.param(free("x", None, "y"), None, id="none where a new chat is open"),
        pytest.param([], None, id="none where none is free"),
    ],
)
def test_one_new_chat_is_kept_open(slots: list[FreeSlot], given_up: int | None) -> None:
    assert slot_to_open_anew(slots) == given_up


def make_board(slots: int) -> Board:
    board = Board(InstanceStatus(instance="i", pool="p", boot="b", version=0), slots, lambda: None)
    board.set_all(SlotState.READY)
    return board


def shown(board: Board) -> list[str | None]:
    return [slot.conversation for slot in board.status(0).slots]


def test_a_name_is_shown_while_the_slot_is_free_and_not_while_it_is_in_use() -> None:
    board = make_board(2)
    board.keep(1, "x")
    assert shown(board) == [None, "x"]
    assert board.holds("x")

    assert board.acquire("lease", 0, "x").slot == 1

    assert shown(board) == [None, None]
    assert not board.holds("x")
    assert board.status(0).slots[1].lease == "lease"


def test_nothing_that_befalls_a_slot_leaves_its_name_in_the_status() -> None:
    for state in set(SlotState) - {SlotState.READY}:
        board = make_board(1)
        board.keep(0, "x")
        board.set(0, state)
        board.set(0, SlotState.READY)
        assert shown(board) == [None]


def test_no_request_goes_on_with_a_slot_that_holds_nothing() -> None:
    board = make_board(2)
    board.keep(1, "x")

    assert not board.holds(None)
    assert board.acquire(None, 0, None).slot == 0


def test_the_page_that_was_left_for_longest_is_given_up_first() -> None:
    board = make_board(2)
    board.keep(1, "x")
    board.keep(0, "y")
    assert board.slot_to_open_anew() == 1

    assert board.acquire(None, 0).slot == 1


def answered_chat(*pieces: Delta, turns: tuple[Turn, ...] = (Turn("user", "Hello"),)) -> Chat:
    thread = Thread(b"secret", PARTIES, turns)
    model = CatalogModel("1", "atlas", SiteModel(id="atlas"))
    chat = Chat(Message(model, "Hello", Limits(), 100, thread=thread), max_held_bytes=1000)
    chat.put(pieces, 0.0)
    return chat


def completed(reason: FinishReason = FinishReason.STOP, *, cut: bool = False) -> Completed:
    return Completed(reason, Usage(TokenCount(1, 1), estimated=True), cut=cut)


HI = (Delta(DeltaKind.REASONING, "Hm"), Delta(DeltaKind.CONTENT, "H"), Delta(DeltaKind.CONTENT, "i"))


def test_the_name_is_of_what_the_client_got_as_content() -> None:
    asks_next = (Turn("user", "Hello"), Turn("assistant", "Hi"), Turn("user", "And?"))

    assert name_to_keep(answered_chat(*HI), completed()) == Thread(b"secret", PARTIES, asks_next).continues


@pytest.mark.parametrize(
    ("chat", "end"),
    [
        pytest.param(answered_chat(*HI), completed(cut=True), id="cut by stop or max_tokens"),
        pytest.param(
            answered_chat(*HI), completed(FinishReason.CONTENT_FILTER), id="cut by the site's filter"
        ),
        pytest.param(answered_chat(*HI, turns=()), completed(), id="a history with more than text"),
    ],
)
def test_no_page_is_kept_after(chat: Chat, end: Completed) -> None:
    assert name_to_keep(chat, end) is None


@pytest.mark.parametrize(
    ("url", "stays"),
    [
        ("https://site/c/abc", True),
        ("https://site/c/abc?tab=1", True),
        ("https://site/text/direct", False),
        ("https://site/c/abcdef", False),
        ("https://site/?from=abc", False),
    ],
)
def test_a_page_is_in_its_conversation_until_it_goes_elsewhere(url: str, stays: bool) -> None:
    page = PageConversation()
    page.enter("abc")

    assert page.moved_to(url) is not stays
    assert (page.id == "abc") is stays
    assert not page.moved_to(url)
