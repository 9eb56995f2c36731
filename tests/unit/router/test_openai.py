"""What the router reads of requests and answers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_api.errors import BridgeError, ErrorKind
from bridge_router.core.openai import (
    MAX_EVENT_BYTES,
    AnswerWatch,
    ChatRequest,
    EventTooLong,
    parse_chat_request,
    parse_error,
)


def event(**chunk: object) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def delta(**of: object) -> bytes:
    return event(choices=[{"index": 0, "delta": of}])


ROLE = delta(role="assistant", content="")
DONE = b"data: [DONE]\n\n"
ERROR = event(error={"message": "broken", "code": "site_error"})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"model":"m","stream":true}', ChatRequest("m", stream=True)),
        (b'{"model":"m"}', ChatRequest("m", stream=False)),
        (b'{"model":null,"stream":null}', ChatRequest(None, stream=False)),
        (b'{"model":""}', ChatRequest(None, stream=False)),
        (b'{"messages":[{"model":"inner","stream":true}]}', ChatRequest(None, stream=False)),
    ],
)
def test_model_and_stream_are_read(body: bytes, expected: ChatRequest) -> None:
    assert parse_chat_request(body) == expected


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"", None),
        (b"{", None),
        (b"\xff\xfe\x00", None),
        (b"[" * 100_000, None),
        (b"[]", None),
        (b'{"model":1}', "model"),
        (b'{"stream":"yes"}', "stream"),
    ],
)
def test_a_body_that_is_no_request_is_refused(body: bytes, param: str | None) -> None:
    with pytest.raises(BridgeError) as refused:
        parse_chat_request(body)

    assert (refused.value.kind, refused.value.param) == (ErrorKind.BAD_REQUEST, param)


@pytest.mark.parametrize(
    ("events", "has_content"),
    [
        (ROLE, False),
        (b": ping\n\n", False),
        (delta(content=""), False),
        (event(choices=[]), False),
        (event(choices=None), False),
        (b"data: not json\n\n", False),
        (DONE, False),
        (delta(content="x"), True),
        (delta(reasoning_content="hm"), True),
        (delta(tool_calls=[{"index": 0}]), True),
        (ROLE + delta(content="x"), True),
    ],
)
def test_the_first_content_is_the_first_delta_that_says_something(events: bytes, has_content: bool) -> None:
    watch = AnswerWatch()

    watch.feed(events)

    assert watch.has_content is has_content


@pytest.mark.parametrize(
    ("events", "ended"),
    [
        (ROLE + delta(content="x"), False),
        (delta(content="x") + DONE, True),
        (delta(content="x") + ERROR, True),
        (ERROR, True),
        (delta(content="data: [DONE]"), False),
        (delta(content='data: {"error"'), False),
    ],
)
def test_an_answer_has_ended_properly_with_done_or_an_error(events: bytes, ended: bool) -> None:
    watch = AnswerWatch()

    watch.feed(events)

    assert watch.has_ended_properly is ended


def test_half_an_event_is_held_until_the_rest_comes() -> None:
    watch = AnswerWatch()
    whole = delta(content="x")

    assert watch.feed(ROLE + whole[:9]) == ROLE
    assert watch.feed(whole[9:]) == whole


@given(st.data())
def test_however_bytes_are_cut_every_event_passes_unchanged(data: st.DataObject) -> None:
    answer = ROLE + delta(content="Grüße 👋") + delta(content="x") + DONE
    cuts = sorted(data.draw(st.sets(st.integers(1, len(answer) - 1))))
    watch = AnswerWatch()

    passed = [watch.feed(answer[a:b]) for a, b in zip([0, *cuts], [*cuts, len(answer)], strict=True)]

    assert b"".join(passed) == answer
    assert watch.has_content
    assert watch.is_done


def test_an_event_that_never_ends_is_not_held_for_ever() -> None:
    watch = AnswerWatch()

    with pytest.raises(EventTooLong):
        watch.feed(b"data: " + b"x" * MAX_EVENT_BYTES)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"error":"text"}'])
def test_what_is_no_error_object_is_none(body: bytes) -> None:
    assert parse_error(body) is None
