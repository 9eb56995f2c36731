"""The page's own call must carry what was typed, and is judged whatever it has become."""

import json

import pytest

from bridge_api.wire.instance import SiteModel
from bridge_browser.cdp import RequestSent
from bridge_browser.sites.arena.answer import Wanted, check_request
from bridge_browser.sites.base import CatalogModel, Signal, SiteFailed

MODEL = CatalogModel("m1", "Lumen", SiteModel(id="lumen", organization="Lumen Labs"))


CREATE, FOLLOW_UP = "/create", "/follow-up/c1"
NEW = Wanted(CREATE, MODEL, "text")
FURTHER = Wanted(FOLLOW_UP, MODEL, "text", "c1")


def _call(
    content: object = "text", model: str = "m1", *, path: str = CREATE, conversation: str = "c1"
) -> RequestSent:
    body = {"id": conversation, "modelAId": model, "userMessage": {"content": content}}
    return RequestSent(path, json.dumps(body))


def test_a_call_with_the_typed_text_passes_whatever_its_line_ends() -> None:
    assert check_request(_call("one\r\ntwo"), NEW._replace(text="one\ntwo\n")) == "c1"


def test_a_further_message_in_its_conversation_passes() -> None:
    assert check_request(_call(path=FOLLOW_UP), FURTHER) == "c1"


@pytest.mark.parametrize(
    "call",
    [
        _call("another text"),
        _call("text", model="m2"),
        _call([{"type": "text", "text": "text"}]),
        _call(None),
        RequestSent(CREATE, "[]"),
        RequestSent(CREATE, "no JSON"),
        RequestSent(CREATE, '{"modelAId": "m1", "userMessage": "text"}'),
        pytest.param(_call(path=FOLLOW_UP), id="a new chat in the page of an old one"),
    ],
)
def test_any_other_call_is_not_as_asked(call: RequestSent) -> None:
    with pytest.raises(SiteFailed) as failed:
        check_request(call, NEW)

    assert failed.value.failure.signal is Signal.NOT_AS_ASKED


@pytest.mark.parametrize(
    ("call", "signal"),
    [
        pytest.param(_call(), Signal.CONVERSATION_GONE, id="a new chat"),
        pytest.param(_call(path="/follow-up/c2"), Signal.CONVERSATION_GONE, id="another address"),
        pytest.param(
            _call(path=FOLLOW_UP, conversation="c2"), Signal.CONVERSATION_GONE, id="another conversation"
        ),
        pytest.param(_call(path=FOLLOW_UP, model="m2"), Signal.CONVERSATION_GONE, id="another model"),
        pytest.param(_call("other", path=FOLLOW_UP), Signal.NOT_AS_ASKED, id="another text"),
    ],
)
def test_a_further_message_that_went_elsewhere_can_be_sent_with_its_history(
    call: RequestSent, signal: Signal
) -> None:
    with pytest.raises(SiteFailed) as failed:
        check_request(call, FURTHER)

    assert failed.value.failure.signal is signal
