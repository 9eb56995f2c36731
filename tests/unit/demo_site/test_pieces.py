"""Bytes are cut anywhere, and none is lost."""

import pytest

from bridge_demo_site.answer.pieces import cut_into_pieces, without_last_newline
from bridge_demo_site.answer.plan import TimedRecord, plan_answer
from bridge_demo_site.answer.records import encode
from tests.unit.demo_site.questions import chance, make_question

SEEDS = range(30)


def records(seed: int) -> list[TimedRecord]:
    return plan_answer(make_question(tokens=200, lanes="ab"), chance(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_pieces_make_up_the_records(seed: int):
    planned = records(seed)

    pieces = cut_into_pieces(planned, chance(seed))

    assert b"".join(piece.data for piece in pieces) == b"".join(encode(timed.record) for timed in planned)
    assert all(piece.data for piece in pieces)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_piece_its_rest_completes_the_records_begun(seed: int):
    planned = records(seed)

    written = b""
    for piece in cut_into_pieces(planned, chance(seed)):
        written += piece.data
        begun = b"".join(encode(timed.record) for timed in planned[: piece.records_begun])
        assert written + piece.rest == begun


@pytest.mark.parametrize("seed", SEEDS)
def test_pieces_come_in_the_order_of_their_times(seed: int):
    times = [piece.at for piece in cut_into_pieces(records(seed), chance(seed))]

    assert times == sorted(times)


def test_records_and_characters_are_split():
    pieces = [piece.data for seed in SEEDS for piece in cut_into_pieces(records(seed), chance(seed))]

    assert any(not piece.endswith(b"\n") for piece in pieces)
    assert any(not is_text(piece) for piece in pieces)


def is_text(piece: bytes) -> bool:
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_the_last_newline_can_be_left_out():
    pieces = cut_into_pieces(records(1), chance(1))

    whole = b"".join(piece.data for piece in pieces)
    assert b"".join(piece.data for piece in without_last_newline(pieces)) == whole[:-1]
