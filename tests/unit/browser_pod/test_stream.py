"""From the site's events to deltas: stop sequences, limits, usage, and the ends of an answer."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_browser.sites.base import (
    Citation,
    Finish,
    FinishReason,
    Heartbeat,
    Image,
    ReasoningDelta,
    Signal,
    SiteEvent,
    SiteFailure,
    TextDelta,
    TokenCount,
)
from bridge_browser.stream import AnswerStream, Completed, Delta, DeltaKind, End, Limits, Piece, Source

STOP = Finish(FinishReason.STOP)


@dataclass
class Played:
    """What came out of a stream, and how it ended."""

    pieces: list[Piece]
    end: End | None

    def text(self, kind: DeltaKind = DeltaKind.CONTENT) -> str:
        return "".join(piece.text for piece in self.pieces if isinstance(piece, Delta) and piece.kind is kind)


def play(*events: SiteEvent | str, stop: tuple[str, ...] = (), max_tokens: int | None = None) -> Played:
    stream = AnswerStream(Limits(stop, max_tokens), "12345678")
    site_events = [TextDelta(event) if isinstance(event, str) else event for event in events]
    pieces = [piece for event in site_events for piece in stream.feed(event)]
    return Played(pieces, stream.end)


@pytest.mark.parametrize(
    ("pieces", "stop", "sent"),
    [
        (["Hello wor", "ld"], ("wor",), "Hello "),
        (["Hello w", "o", "rld"], ("wor",), "Hello "),
        (["ab", "ab", "abc", "d"], ("abc",), "abab"),
        (["stop here"], ("stop",), ""),
        (["one two three"], ("three", "two"), "one "),
        (["aaaaba"], ("b", "aba"), "aaaa"),
        (["aaaab", "a"], ("b", "aba"), "aaaa"),
        (["no such thing"], ("xyz",), "no such thing"),
        (["almost sto"], ("stop",), "almost sto"),
    ],
)
def test_a_stop_sequence_ends_the_answer_wherever_the_deltas_are_cut(
    pieces: list[str], stop: tuple[str, ...], sent: str
) -> None:
    stream = play(*pieces, STOP, stop=stop)

    assert stream.text() == sent
    assert isinstance(stream.end, Completed)
    assert stream.end.finish_reason is FinishReason.STOP
    assert stream.end.cut == (sent != "".join(pieces))


@given(st.text("ab", max_size=30), st.lists(st.text("ab", min_size=1, max_size=4), max_size=3), st.data())
def test_held_back_text_is_never_lost_and_never_too_much(
    whole: str, stops: list[str], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    complete = [(whole.find(stop) + len(stop), whole.find(stop)) for stop in stops if stop in whole]
    ends_at = min(complete)[1] if complete else len(whole)

    stream = play(*[piece for piece in pieces if piece], STOP, stop=tuple(stops))

    assert stream.text() == whole[:ends_at]


def test_a_token_limit_cuts_the_text_and_says_so() -> None:
    stream = play("12345", "6789", STOP, max_tokens=2)

    assert stream.text() == "12345678"
    assert isinstance(stream.end, Completed)
    assert (stream.end.finish_reason, stream.end.cut) == (FinishReason.LENGTH, True)
    assert stream.end.usage.tokens == TokenCount(2, 2)
    assert stream.end.usage.estimated


def test_an_answer_of_just_the_limit_is_whole() -> None:
    stream = play("12345678", STOP, max_tokens=2)

    assert isinstance(stream.end, Completed)
    assert not stream.end.cut


def test_reasoning_counts_toward_the_limit() -> None:
    stream = play(ReasoningDelta("12345678"), "x", STOP, max_tokens=2)

    assert stream.text(DeltaKind.REASONING) == "12345678"
    assert stream.text() == ""
    assert isinstance(stream.end, Completed)


def test_the_sites_own_count_is_used_where_the_answer_is_whole() -> None:
    stream = play("Hello", Finish(FinishReason.STOP, TokenCount(12, 34)))

    assert isinstance(stream.end, Completed)
    assert (stream.end.usage.tokens, stream.end.usage.estimated) == (TokenCount(12, 34), False)


def test_images_stand_beside_the_text_and_sources_at_their_place() -> None:
    stream = play("Look", Citation("https://x", "X"), Image("https://x/1.png"), STOP)

    assert stream.text() == "Look\n\n![image](https://x/1.png)\n\n"
    assert Source("https://x", "X", 4) in stream.pieces


@pytest.mark.parametrize(
    ("events", "signal"),
    [
        ([STOP], Signal.EMPTY_ANSWER),
        ([Heartbeat(), Heartbeat(), STOP], Signal.EMPTY_ANSWER),
        ([SiteFailure(Signal.UNFINISHED_ANSWER, "")], Signal.EMPTY_ANSWER),
        ([Heartbeat(), SiteFailure(Signal.UNFINISHED_ANSWER, "")], Signal.EMPTY_ANSWER),
        (["x", SiteFailure(Signal.UNFINISHED_ANSWER, "")], Signal.UNFINISHED_ANSWER),
        ([ReasoningDelta("hm"), STOP], Signal.EMPTY_ANSWER),
        ([Finish(FinishReason.CONTENT_FILTER)], Signal.CONTENT_REFUSED),
        (["x", SiteFailure(Signal.MODEL_FAILED, "")], Signal.MODEL_FAILED),
    ],
)
def test_what_has_no_content_or_no_end_is_no_answer(events: list[SiteEvent | str], signal: Signal) -> None:
    stream = play(*events)

    assert isinstance(stream.end, SiteFailure)
    assert stream.end.signal is signal


def test_a_failure_lets_go_of_what_was_held_back() -> None:
    stream = play("almost sto", SiteFailure(Signal.ANSWER_CUT, ""), stop=("stop",))

    assert stream.text() == "almost sto"


def test_nothing_comes_after_the_end() -> None:
    assert play("stop", "more", STOP, stop=("stop",)).text() == ""
