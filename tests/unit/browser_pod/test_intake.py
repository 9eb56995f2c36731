"""What a request asks of an instance: the model and the text, or why it cannot be."""

from typing import Any

import pytest

from bridge_api.chat import parse_request
from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.instance import SiteModel
from bridge_browser.chats import Message
from bridge_browser.intake import Intake
from bridge_browser.live_pool import LivePool
from bridge_browser.sites.base import CatalogModel

MODELS = {
    name: CatalogModel(f"id-{name}", name, SiteModel(id=name)) for name in ("atlas", "atlas-mini", "quill")
}


def take(model: str | None, text: str = "Hello", **models: Any) -> Message:
    spec = {"site": {"adapter": "arena", "url": "http://site"}, "models": models}
    pool = BridgeInstancePool.model_validate({"metadata": {"name": "demo"}, "spec": spec})
    body = {"model": model, "messages": [{"role": "user", "content": text}], "max_tokens": 5, "stop": "x"}
    return Intake(LivePool(pool), 100).message(parse_request(body), list(MODELS), MODELS.get)


@pytest.mark.parametrize(
    ("asked", "models", "picked"),
    [
        ("atlas", {}, "atlas"),
        ("demo/atlas", {}, "atlas"),
        ("fast", {"aliases": {"fast": "atlas-mini"}}, "atlas-mini"),
        ("demo/fast", {"aliases": {"fast": "atlas-mini"}}, "atlas-mini"),
        (None, {"default": "quill"}, "quill"),
        (None, {"default": "fast", "aliases": {"fast": "atlas"}}, "atlas"),
    ],
)
def test_the_wanted_model_is_found(asked: str | None, models: dict[str, Any], picked: str) -> None:
    assert take(asked, **models).model.name == picked


@pytest.mark.parametrize(
    ("asked", "models", "kind"),
    [
        ("nothing", {}, ErrorKind.MODEL_NOT_FOUND),
        ("quill", {"include": ["atlas*"]}, ErrorKind.MODEL_NOT_FOUND),
        ("fast", {"aliases": {"fast": "gone"}}, ErrorKind.MODEL_NOT_FOUND),
        ("fast", {"aliases": {"fast": "quill"}, "include": ["atlas*"]}, ErrorKind.MODEL_NOT_FOUND),
        (None, {}, ErrorKind.BAD_REQUEST),
    ],
)
def test_no_other_model_answers_in_its_place(
    asked: str | None, models: dict[str, Any], kind: ErrorKind
) -> None:
    with pytest.raises(BridgeError) as refused:
        take(asked, **models)

    assert refused.value.kind is kind


@pytest.mark.parametrize(
    ("text", "kind"), [("x" * 101, ErrorKind.CONTEXT_LENGTH_EXCEEDED), (" \n", ErrorKind.BAD_REQUEST)]
)
def test_what_the_site_would_not_take_is_not_typed(text: str, kind: ErrorKind) -> None:
    with pytest.raises(BridgeError) as refused:
        take("atlas", text)

    assert refused.value.kind is kind


def test_the_clients_limits_come_along() -> None:
    limits = take("atlas").limits

    assert (limits.stop_sequences, limits.max_tokens) == (("x",), 5)
