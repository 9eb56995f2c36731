"""The page's own call must carry what was typed, and is judged whatever it has become."""

import json

import pytest

from bridge_api.wire.instance import SiteModel
from bridge_browser.cdp import RequestSent
from bridge_browser.sites.arena.answer import check_request
from bridge_browser.sites.base import CatalogModel, Signal, SiteFailed

MODEL = CatalogModel("m1", "Lumen", SiteModel(id="lumen", organization="Lumen Labs"))


def _call(content: object, model: str = "m1") -> RequestSent:
    return RequestSent(json.dumps({"modelAId": model, "userMessage": {"content": content}}))


def test_a_call_with_the_typed_text_passes_whatever_its_line_ends() -> None:
    check_request(_call("one\r\ntwo"), MODEL, "one\ntwo\n")


@pytest.mark.parametrize(
    "call",
    [
        _call("another text"),
        _call("text", model="m2"),
        _call([{"type": "text", "text": "text"}]),
        _call(None),
        RequestSent("[]"),
        RequestSent("no JSON"),
        RequestSent('{"modelAId": "m1", "userMessage": "text"}'),
    ],
)
def test_any_other_call_is_not_as_asked(call: RequestSent) -> None:
    with pytest.raises(SiteFailed) as failed:
        check_request(call, MODEL, "text")

    assert failed.value.failure.signal is Signal.NOT_AS_ASKED
