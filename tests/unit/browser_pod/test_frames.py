"""The answer's bytes: whatever pieces they come in, the same frames come out, and none is lost."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_browser.sites.arena.frames import Frame, FrameParser, Garbage, RecordTooLong

frames = st.lists(
    st.builds(
        lambda lane, code, value: Frame(lane, code, json.dumps(value, ensure_ascii=False)),
        st.sampled_from("ab"),
        st.sampled_from("0123456789abcdefghijk"),
        st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.integers()),
    )
)


def encoded(records: list[Frame]) -> bytes:
    return b"".join(f"{record.lane}{record.code}:{record.payload}\n".encode() for record in records)


def read(pieces: list[bytes]) -> list[Frame | Garbage]:
    parser = FrameParser()
    return [frame for piece in pieces for frame in parser.feed(piece)] + list(parser.finish())


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@given(frames, st.lists(st.integers(min_value=0), max_size=40))
def test_any_split_of_the_bytes_gives_the_same_frames(records: list[Frame], places: list[int]) -> None:
    assert read(cut(encoded(records), places)) == records


@given(frames)
def test_bytes_that_come_one_by_one_give_the_same_frames(records: list[Frame]) -> None:
    data = encoded(records)

    assert read([data[i : i + 1] for i in range(len(data))]) == records


@given(frames.filter(bool))
def test_a_last_record_without_its_newline_counts(records: list[Frame]) -> None:
    assert read([encoded(records).removesuffix(b"\n")]) == records


@given(st.binary(max_size=300), st.lists(st.integers(min_value=0), max_size=10))
def test_any_bytes_are_read_without_an_accident_and_alike(data: bytes, places: list[int]) -> None:
    assert read(cut(data, places)) == read([data])


def test_frames_before_a_text_frame_are_not_dropped() -> None:
    data = b'a2:[{"type":"heartbeat"}]\nag:"hm"\na0:"Hello"\n'

    assert [frame.code for frame in read([data]) if isinstance(frame, Frame)] == ["2", "g", "0"]


def test_blank_lines_between_records_are_skipped() -> None:
    assert read([b'\n\na0:"x"\n\n\r\na0:"y"\n']) == [Frame("a", "0", '"x"'), Frame("a", "0", '"y"')]


def test_lines_that_are_no_records_are_kept_apart() -> None:
    assert read([b'<html>\r\na0:"x"\r\n\n']) == [Garbage(b"<html>"), Frame("a", "0", '"x"')]


@pytest.mark.parametrize("pieces", [[b"a0:" + b"x" * 40 + b"\n"], [b"a0:" + b"x" * 20, b"x" * 20]])
def test_an_endless_record_is_refused_before_it_fills_the_memory(pieces: list[bytes]) -> None:
    parser = FrameParser(max_record_bytes=32)

    *first, last = pieces
    for piece in first:
        assert list(parser.feed(piece)) == []
    with pytest.raises(RecordTooLong):
        list(parser.feed(last))
