"""Slots, leases, cordons: what an instance says of itself, and when it refuses."""

import pytest

from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.wire.instance import CordonRequest, InstanceStatus, SiteModel, SlotState
from bridge_browser.board import MAX_CORDON_OWNERS, Board


def make_board(*states: SlotState) -> Board:
    board = Board(InstanceStatus(instance="i", pool="p", boot="b", version=0), len(states), lambda: None)
    for slot, state in enumerate(states):
        board.set(slot, state, state.value, "why", until=30.0 if state is SlotState.RATE_LIMITED else None)
    return board


def refusal(board: Board, now: float = 0.0) -> BridgeError:
    with pytest.raises(BridgeError) as refused:
        board.acquire(None, now)
    return refused.value


READY, BUSY, STARTING = SlotState.READY, SlotState.BUSY, SlotState.STARTING
NEEDS_HUMAN, RATE_LIMITED, BROKEN = SlotState.NEEDS_HUMAN, SlotState.RATE_LIMITED, SlotState.BROKEN


def test_a_lease_stands_in_the_status_from_its_version_until_the_slot_is_clean() -> None:
    board = make_board(BUSY, READY)

    acquired = board.acquire("lease-1", now=0)

    status = board.status(0)
    assert (acquired.slot, acquired.version) == (1, status.version)
    assert (status.slots[1].state, status.slots[1].lease) == (BUSY, "lease-1")
    board.set(1, READY)
    assert board.status(0).slots[1].lease is None


def test_the_version_grows_with_every_change_and_with_nothing_else() -> None:
    announced: list[int] = []
    board = Board(
        InstanceStatus(instance="i", pool="p", boot="b", version=0),
        1,
        lambda: announced.append(board.version),
    )

    board.set(0, READY)
    board.set(0, READY)
    board.learn_models([SiteModel(id="atlas")])
    board.learn_models([SiteModel(id="atlas")])
    board.drain()
    board.drain()

    assert announced == [1, 2, 3]


@pytest.mark.parametrize(
    ("states", "kind"),
    [
        ((BUSY, BUSY), ErrorKind.SLOTS_FULL),
        ((BUSY, NEEDS_HUMAN), ErrorKind.SLOTS_FULL),
        ((STARTING, NEEDS_HUMAN), ErrorKind.NO_INSTANCE),
        ((NEEDS_HUMAN, BROKEN), ErrorKind.NEEDS_HUMAN),
        ((RATE_LIMITED, NEEDS_HUMAN), ErrorKind.NEEDS_HUMAN),
        ((RATE_LIMITED, BROKEN), ErrorKind.SITE_RATE_LIMITED),
        ((BROKEN, BROKEN), ErrorKind.NO_INSTANCE),
    ],
)
def test_a_refusal_says_what_is_to_come(states: tuple[SlotState, ...], kind: ErrorKind) -> None:
    assert refusal(make_board(*states)).kind is kind


def test_a_limited_instance_says_how_long_the_shortest_limit_still_lasts() -> None:
    board = make_board(RATE_LIMITED, RATE_LIMITED)
    board.set(1, RATE_LIMITED, until=20.0)

    assert refusal(board, now=5.0).retry_after_seconds == 15.0
    assert [slot.remaining_seconds for slot in board.status(5.0).slots] == [25.0, 15.0]


def test_reasons_are_listed_once() -> None:
    assert refusal(make_board(NEEDS_HUMAN, NEEDS_HUMAN)).message.count("NeedsHuman: why") == 1


def test_a_draining_or_cordoned_instance_takes_no_chat_though_a_slot_is_ready() -> None:
    board = make_board(READY)
    board.cordon(CordonRequest(owner="me", ttl_seconds=10), now=0)
    assert refusal(board).kind is ErrorKind.CORDONED
    assert board.status(0).ready

    board.drain()
    assert refusal(board).kind is ErrorKind.DRAINING
    assert not board.status(0).ready


def test_a_cordon_runs_out() -> None:
    board = make_board(READY)
    board.cordon(CordonRequest(owner="me", ttl_seconds=10), now=0)
    before = board.version

    assert board.next_expiry() == 10
    assert board.status(9.9).cordons[0].ttl_seconds == pytest.approx(0.1)
    assert board.status(10).cordons == []
    assert board.version == before + 1
    assert board.acquire(None, now=10).slot == 0


def test_only_the_owner_lifts_a_cordon() -> None:
    board = make_board(READY)
    board.cordon(CordonRequest(owner="person", ttl_seconds=60), now=0)

    board.uncordon(CordonRequest(owner="operator", epoch=7), now=1)
    assert [cordon.owner for cordon in board.status(1).cordons] == ["person"]

    board.uncordon(CordonRequest(owner="person"), now=1)
    assert board.status(1).cordons == []


def test_a_request_of_an_epoch_that_is_over_is_refused() -> None:
    board = make_board(READY)
    board.cordon(CordonRequest(owner="operator", epoch=3, ttl_seconds=60), now=0)

    for late in (board.cordon, board.uncordon):
        with pytest.raises(BridgeError, match="Epoch 2"):
            late(CordonRequest(owner="operator", epoch=2), 1)


def test_so_many_owners_and_no_more() -> None:
    board = make_board(READY)
    for number in range(MAX_CORDON_OWNERS):
        board.cordon(CordonRequest(owner=f"owner-{number}"), now=0)

    with pytest.raises(BridgeError):
        board.cordon(CordonRequest(owner="one more"), now=0)
    board.cordon(CordonRequest(owner="owner-0"), now=0)


def test_it_has_started_once_every_slot_has_been_somewhere() -> None:
    board = make_board(READY, STARTING)
    assert not board.status(0).started

    board.set(1, BROKEN)
    board.set_all(STARTING)

    assert board.status(0).started
