"""The request: what is accepted, ignored and refused, and where a mistake is."""

from typing import Any

import pytest

from bridge_api.chat import ignored_parameters, parse_request
from bridge_api.errors import BridgeError, ErrorKind

HELLO = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}


def test_text_parts_are_joined() -> None:
    parts = [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]

    request = parse_request({"messages": [{"role": "user", "content": parts}]})

    assert request.messages[0].text == "Hello"


def test_the_newer_name_of_the_token_limit_wins() -> None:
    assert parse_request(HELLO | {"max_tokens": 5, "max_completion_tokens": 7}).token_limit == 7


def test_usage_comes_with_whole_answers_and_with_streams_that_ask_for_it() -> None:
    assert parse_request(HELLO).include_usage
    assert not parse_request(HELLO | {"stream": True}).include_usage
    assert parse_request(HELLO | {"stream": True, "stream_options": {"include_usage": True}}).include_usage


def test_sampling_parameters_are_ignored_and_named() -> None:
    body = HELLO | {"temperature": 0.2, "seed": 1, "top_p": None}

    parse_request(body)

    assert ignored_parameters(body) == ["temperature", "seed"]


@pytest.mark.parametrize(
    ("addition", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
            "messages.0.content.0.type",
        ),
    ],
)
def test_what_would_change_the_answers_shape_is_refused(addition: dict[str, Any], param: str) -> None:
    with pytest.raises(BridgeError) as refused:
        parse_request(HELLO | addition)

    assert (refused.value.kind, refused.value.param) == (ErrorKind.UNSUPPORTED_PARAMETER, param)


@pytest.mark.parametrize("harmless", [{"n": 1}, {"logprobs": False}, {"tools": []}, {"tool_choice": "none"}])
def test_a_refused_parameter_that_asks_for_nothing_is_let_through(harmless: dict[str, Any]) -> None:
    assert parse_request(HELLO | harmless).model == "m"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ([], None),
        ({"model": "m"}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user"}]}, "messages.0.content"),
        (HELLO | {"max_tokens": 0}, "max_tokens"),
    ],
)
def test_a_bad_body_is_refused_with_the_place_of_the_mistake(body: Any, param: str | None) -> None:
    with pytest.raises(BridgeError) as refused:
        parse_request(body)

    assert (refused.value.kind, refused.value.param) == (ErrorKind.BAD_REQUEST, param)
