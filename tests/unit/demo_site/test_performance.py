"""A failure lets an answer come as far as it says, and no further."""

from typing import Any

import pytest

from bridge_demo_site.answer.performance import Ending, Performance, perform
from bridge_demo_site.state.faults import Fault, FaultName
from tests.unit.demo_site.questions import chance, make_question, read_records, text


def failing(fault: str, **options: Any) -> Performance:
    return perform(
        make_question(),
        Fault(fault=FaultName(fault), **options),
        "<title>Just a moment...</title>",
        chance(1),
    )


def stream(performance: Performance) -> bytes:
    return b"".join(piece.data for piece in performance.pieces)


def test_without_a_failure_the_answer_is_whole():
    performance = perform(make_question(), None, "", chance(1))

    assert performance.ending is Ending.CLEAN
    assert read_records(stream(performance))[-1][1] == "d"


def test_now_and_then_the_last_newline_is_missing():
    endings = {stream(perform(make_question(), None, "", chance(seed)))[-1:] for seed in range(30)}

    assert endings == {b"\n", b"}"}


@pytest.mark.parametrize(("fault", "ending"), [("emptyBody", Ending.CLEAN), ("silence", Ending.HOLD)])
def test_nothing_comes(fault: str, ending: Ending):
    performance = failing(fault)

    assert (stream(performance), performance.ending) == (b"", ending)


def test_heartbeats_alone_are_no_answer():
    records = read_records(stream(failing("heartbeatsOnly")))

    assert {record[2][0]["type"] for record in records} == {"heartbeat"}


@pytest.mark.parametrize("after", [1, 3])
def test_a_stall_comes_after_so_many_texts(after: int):
    performance = failing("stall", after=after)

    texts = [record for record in read_records(stream(performance)) if record[1] == "0"]
    assert (len(texts), performance.ending) == (after, Ending.HOLD)


def test_a_stall_longer_than_the_answer_holds_its_end():
    assert failing("stall", after=999).ending is Ending.HOLD


def test_a_cut_ends_within_a_record():
    performance = failing("cut", after=3)

    *lines, half = stream(performance).split(b"\n")
    assert len(lines) == 4 + 1 + 3
    assert half
    assert performance.ending is Ending.CUT


def test_an_answer_without_finish_has_all_its_text():
    records = read_records(stream(failing("noFinish")))

    assert text(records) == text(read_records(stream(perform(make_question(), None, "", chance(1)))))
    assert not {"d", "e"} & {record[1] for record in records}


@pytest.mark.parametrize("after", [0, 2])
def test_an_error_record_comes_after_so_many_texts(after: int):
    records = read_records(stream(failing("errorFrame", after=after)))

    assert records[-1] == ("a", "3", "An error occurred")
    assert len([record for record in records if record[1] == "0"]) == after


def test_a_failed_model_says_so_in_a_text_record():
    records = read_records(stream(failing("arenaError")))

    assert text(records) == "hasArenaError"


def test_a_challenge_can_come_in_place_of_a_stream():
    performance = failing("challengeInStream")

    assert b"Just a moment..." in stream(performance)
    assert performance.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("fault", ["reload", "navigate"])
def test_the_page_is_told_to_misbehave_while_the_answer_goes_on(fault: str):
    performance = failing(fault, after=4)

    assert performance.headers["x-demo-page-action"] == f"{fault} 4 /text/direct"
    assert read_records(stream(performance))[-1][1] == "d"
