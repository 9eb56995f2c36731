"""The site refuses bodies that make no sense."""

import json
from typing import Any

import pytest

from bridge_demo_site.state.chat_body import (
    ChatBody,
    Refusal,
    parse_body,
    refusal_of_content,
    refusal_of_models,
)

SELECTABLE = ["one", "two"]


def body(**fields: Any) -> dict[str, Any]:
    return {
        "id": "session",
        "mode": "direct",
        "modelAId": "one",
        "userMessageId": "u",
        "modelAMessageId": "a",
        "userMessage": {"content": "Hi", "experimental_attachments": [], "metadata": {}},
        "modality": "chat",
        "recaptchaV3Token": "x",
    } | fields


def refusal(**fields: Any) -> Refusal | None:
    parsed = parse_body(json.dumps(body(**fields)).encode())
    if isinstance(parsed, Refusal):
        return parsed
    return refusal_of_content(parsed) or refusal_of_models(parsed, SELECTABLE)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"mode": "battle", "modelAId": None, "modelBMessageId": "b"},
        {"mode": "side-by-side", "modelBId": "two", "modelBMessageId": "b"},
        {"userMessage": {"content": "", "experimental_attachments": [{"name": "x.png"}]}},
    ],
)
def test_a_sensible_body_is_taken(fields: dict[str, Any]):
    assert refusal(**fields) is None


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"userMessage": {"content": "  "}}, "empty"),
        ({"mode": "battle", "modelBMessageId": "b"}, "Cannot pass model for battle mode"),
        ({"mode": "battle", "modelAId": None}, "modelBMessageId"),
        ({"modelAId": None}, "modelAId"),
        ({"modelBId": "two"}, "modelBId"),
        ({"mode": "side-by-side", "modelBMessageId": "b"}, "Missing model"),
        ({"modelAId": "secret"}, "cannot be selected"),
        ({"modelAMessageId": "u"}, "Duplicate message id"),
        ({"mode": "choir"}, "mode"),
        ({"userMessageId": ""}, "userMessageId"),
    ],
)
def test_a_senseless_body_is_refused_with_the_reason(fields: dict[str, Any], word: str):
    refused = refusal(**fields)

    assert refused is not None
    assert refused.status == 400
    assert word in refused.error


def test_what_is_no_json_is_refused():
    assert isinstance(parse_body(b"{"), Refusal)
    assert isinstance(parse_body(json.dumps(body()).encode()), ChatBody)
