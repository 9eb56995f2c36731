"""What the records of an answer mean, and when the answer is none."""

import pytest

from bridge_api.sites.arena import ArenaMarkers
from bridge_browser.sites.arena.reading import MAX_GARBAGE_BYTES, AnswerReader
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

CHALLENGE_PAGE = b"<!doctype html>\n<html><head><title>Just a moment...</title></head>\n<script>window._cf_chl_opt={}</script>"


def read(data: bytes) -> list[SiteEvent]:
    reader = AnswerReader(ArenaMarkers())
    return reader.feed(data) + reader.finish()


def signals(data: bytes) -> list[Signal]:
    return [event.signal for event in read(data) if isinstance(event, SiteFailure)]


@pytest.mark.parametrize(
    ("record", "event"),
    [
        (b'a0:"Hello"', TextDelta("Hello")),
        (b'ag:"hm"', ReasoningDelta("hm")),
        (b'ag:{"text":"hm"}', ReasoningDelta("hm")),
        (b'a2:[{"type":"heartbeat"}]', Heartbeat()),
        (b'a2:[{"type":"image","image":"https://x/1.png"}]', Image("https://x/1.png")),
        (
            b'ac:{"toolCallId":"citation-source","argsTextDelta":"{\\"source\\":{\\"url\\":\\"https://x\\",\\"title\\":\\"X\\"}}"}',
            Citation("https://x", "X"),
        ),
        (b'ac:{"toolCallId":"other","argsTextDelta":"{"}', Heartbeat()),
        (b'af:{"messageId":"1"}', Heartbeat()),
    ],
)
def test_each_record_has_its_meaning(record: bytes, event: SiteEvent) -> None:
    assert read(record + b"\n")[0] == event


@pytest.mark.parametrize(
    ("record", "finish"),
    [
        (
            b'ad:{"finishReason":"stop","usage":{"promptTokens":12,"completionTokens":34}}',
            Finish(FinishReason.STOP, TokenCount(12, 34)),
        ),
        (b'ad:{"finishReason":"unknown"}', Finish(FinishReason.STOP)),
        (b'ad:{"finishReason":"length","usage":{"promptTokens":null}}', Finish(FinishReason.LENGTH)),
        (b'ad:{"finishReason":"content-filter"}', Finish(FinishReason.CONTENT_FILTER)),
    ],
)
def test_the_last_record_says_how_it_ended(record: bytes, finish: Finish) -> None:
    assert read(record) == [finish]


def test_nothing_counts_after_the_end() -> None:
    assert read(b'a0:"x"\nad:{"finishReason":"stop"}\na0:"y"\ngarbage\n') == [
        TextDelta("x"),
        Finish(FinishReason.STOP),
    ]


def test_the_other_lane_is_not_mixed_in() -> None:
    assert read(b'b0:"other"\na0:"mine"\nbd:{"finishReason":"stop"}\nad:{"finishReason":"stop"}\n') == [
        TextDelta("mine"),
        Finish(FinishReason.STOP),
    ]


def test_unknown_codes_are_ignored_whatever_they_carry() -> None:
    assert read(b'a8:not json\nak:[1]\na0:"x"\nad:{"finishReason":"stop"}\n')[0] == TextDelta("x")


@pytest.mark.parametrize(
    ("data", "signal"),
    [
        (b'a0:"hasArenaError"\n', Signal.MODEL_FAILED),
        (b'a3:"An error occurred"\n', Signal.MODEL_FAILED),
        (b'ad:{"finishReason":"error"}\n', Signal.MODEL_FAILED),
        (b'a0:"x"\n', Signal.UNFINISHED_ANSWER),
        (b"", Signal.UNFINISHED_ANSWER),
        (b"a0:broken\n", Signal.NOT_AN_ANSWER),
        (b"ad:[]\n", Signal.NOT_AN_ANSWER),
        (b'a0:"x"\nno record\n', Signal.NOT_AN_ANSWER),
        (b"<html>Welcome</html>", Signal.NOT_AN_ANSWER),
        (b"x" * (MAX_GARBAGE_BYTES + 1) + b"\n", Signal.NOT_AN_ANSWER),
        (b"a0:" + b"x" * 1_100_000, Signal.NOT_AN_ANSWER),
        (CHALLENGE_PAGE, Signal.CHALLENGE),
    ],
)
def test_what_is_no_answer_is_a_failure(data: bytes, signal: Signal) -> None:
    assert signals(data) == [signal]


def test_words_of_a_challenge_in_the_models_text_are_text() -> None:
    text = b'a0:"<title>Just a moment...</title> window._cf_chl_opt recaptcha validation failed"\n'

    assert signals(text + b'ad:{"finishReason":"stop"}\n') == []
