"""Events survive any cutting of the byte stream."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from bridge_api.sse import DONE, PING, EventSplitter, data_of, encode

EVENTS = [encode({"text": "Grüße 👋\n"}), PING, encode({"n": 1}), DONE]


def split(pieces: list[bytes]) -> list[bytes]:
    splitter = EventSplitter()
    return [event for piece in pieces for event in splitter.feed(piece)]


@given(st.lists(st.integers(0, len(b"".join(EVENTS))), max_size=12))
def test_events_come_out_whole_however_the_bytes_are_cut(cuts: list[int]) -> None:
    stream = b"".join(EVENTS)
    edges = [0, *sorted(cuts), len(stream)]

    assert split([stream[a:b] for a, b in itertools.pairwise(edges)]) == EVENTS


def test_an_event_that_has_not_ended_is_kept_back() -> None:
    splitter = EventSplitter()

    assert list(splitter.feed(b"data: half")) == []
    assert splitter.rest == b"data: half"


def test_carriage_returns_are_accepted() -> None:
    assert [data_of(event) for event in split([b"data: a\r\n\r\ndata: b\r\n\r\n"])] == [b"a", b"b"]


def test_a_comment_has_no_data() -> None:
    assert data_of(PING) is None
